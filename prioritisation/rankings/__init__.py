"""From frozen inputs to a ranking (METHOD 5.1-5.9, 5.11, 5.14). Pure: no Django.

`inputs` is JSON, and equal inputs give equal outputs, on any database and any day:

    {"format": 2, "policy": sha256, "places": 70, "severity": "off" | "beside" | "used", "seed": 7,
     "changes": {...}, "initiatives": [{"reference", "figures": {"timeframe_months": 14}, "checks":
     {"powers": "fail"}, "reviews": [{"id", "version", "assessor": "C", "scores": [..]}]}]}

`scores` follows `policy.assessed_criteria()`; null is missing, never zero, also where a team is not asked. An
assessor is a letter. `changes` stand in adopted what-ifs only:

    {"weights": {criterion: share}, "dropped_criteria": [key], "dropped_assessors": [letter], "places": n}

Inputs without "format" are of the first one: without letters, severity and draws. They still give what they
gave then.

    rank(policy, inputs)                       the whole ranking, with its random draws
    preview(policy, inputs, changes)           the same list without the draws, in milliseconds
    disagreements(policy, inputs, output)      what the panel should talk about
    nearest_changes(policy, inputs, output, reference)   what would have brought it to the line
"""

from prioritisation.rankings.comparison import compare
from prioritisation.rankings.disagreement import disagreements
from prioritisation.rankings.disclosure import LEAST_SCORES, disclosed, withheld
from prioritisation.rankings.gates import CLEARED
from prioritisation.rankings.inputs import DIGITS, fingerprint, merged
from prioritisation.rankings.nearest import nearest_changes
from prioritisation.rankings.ranking import chosen_medians, costliest, preview, rank

__all__ = [
    "CLEARED",
    "DIGITS",
    "LEAST_SCORES",
    "chosen_medians",
    "compare",
    "costliest",
    "disagreements",
    "disclosed",
    "fingerprint",
    "merged",
    "nearest_changes",
    "preview",
    "rank",
    "withheld",
]
