"""What is published of a ranking's figures, so that anyone can work it out again: never a name or a note."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from prioritisation.policies.schema import Policy
from prioritisation.rankings.inputs import Inputs

LEAST_PANEL = 5
"""Assessors from which single scores are published; fewer could be told by what they wrote elsewhere."""

LEAST_SCORES = 3
"""Scores from which a mean is published: one is a single score, and who gave one of two knows the other."""

SUMS = ("mean", "adjusted", "se", "number", "value")

Disclosed = dict[str, Any]


def disclosed(policy: Policy, inputs: Inputs, output: Mapping[str, Any], wanted: str) -> Disclosed:
    """`{"level": "scores" | "sums", "why", "criteria", "weights", "initiatives": [...]}`.

    `why` is "small_panel" or "no_letters" where scores were promised and only sums are given, else "". Each
    initiative: reference, rank, points (of 100), and by criterion `mean`, `adjusted`, `se` and `number`;
    with scores also `scores`: `{letter: [a score or null for each of "assessed"]}`, where enough were given.
    No ids, notes or times, and letters in the order of the alphabet, not that of handing in. What rests on
    too few scores is null, with its number, and so are the points that it went into: scores are levels, and
    few sets of them come to the same points.
    """
    reviews = {one["reference"]: one["reviews"] for one in inputs["initiatives"]}
    letters = {one.get("assessor") for every in reviews.values() for one in every}
    why = ""
    if wanted == "scores" and (None in letters or "" in letters):
        why = "no_letters"
    elif wanted == "scores" and len(letters) < LEAST_PANEL:
        why = "small_panel"
    level = "scores" if wanted == "scores" and not why else "sums"
    assessed = [one.key for one in policy.assessed_criteria()]
    initiatives = []
    for row in sorted(output["rows"], key=lambda one: str(one["reference"])):
        held = withheld(assessed, row["criteria"])
        one: dict[str, Any] = {
            "reference": row["reference"],
            "status": row["status"],
            "rank": row["rank"],
            "utility": None if held else row["utility"],
            "criteria": {key: _sums(figures, key in held) for key, figures in row["criteria"].items()},
        }
        if level == "scores" and not held:
            given = sorted(reviews[row["reference"]], key=lambda review: str(review["assessor"]))
            one["scores"] = {review["assessor"]: review["scores"] for review in given}
        initiatives.append(one)
    return {
        "level": level,
        "why": why,
        "assessed": assessed,
        "criteria": output["criteria"],
        "weights": output["weights"],
        "severity": output.get("severity", {}).get("policy", "off"),
        "initiatives": initiatives,
    }


def withheld(assessed: Collection[str], criteria: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The criteria of one initiative whose means would tell single scores (METHOD 6).

    Where only one rests on too few, it could be worked out as what the others leave of the points: the one
    with the next fewest scores is then held back with it.
    """
    given = sorted((criteria[key]["reviews"], key) for key in assessed if criteria[key]["reviews"])
    few = sum(number < LEAST_SCORES for number, _ in given)
    return {key for _, key in given[: 2 if few == 1 else few]}


def _sums(figures: Mapping[str, Any], held: bool) -> dict[str, Any]:
    shown = {name: None if held else figures.get(name) for name in ("mean", "adjusted", "se", "value")}
    return {**shown, "number": figures["reviews"]}


def lines(figures: Disclosed) -> Iterator[dict[str, Any]]:
    """The published figures as rows of a table: one an initiative and criterion, or one a single score."""
    for one in figures["initiatives"]:
        for key, sums in one["criteria"].items():
            yield {"reference": one["reference"], "criterion": key, "assessor": None, "score": None, **sums}
        for letter, scores in one.get("scores", {}).items():
            for key, score in zip(figures["assessed"], scores, strict=True):
                if score is not None:
                    row = {
                        "reference": one["reference"],
                        "criterion": key,
                        "assessor": letter,
                        "score": score,
                    }
                    yield {**row, **dict.fromkeys(SUMS)}
