"""What would have changed a decision: the smallest single changes, from the snapshot, in words."""

from prioritisation import rankings
from prioritisation.models import Result
from prioritisation.policies import schema
from prioritisation.services import wording

FAR = 500
"""Ranks beyond the line after which nobody is told: no single small change leads there, and each is tried."""


def what_would_have_changed(result: Result, reference: str, *, most: int = 3) -> list[dict[str, str]]:
    """At most so many texts by language, the smallest change first. Empty for what came to the line.

    It is worked out from the inputs that were frozen, so it says the same whatever was edited since.
    """
    policy = schema.parse(result.policy_version.document)
    row = next((one for one in result.output["rows"] if one["reference"] == reference), None)
    if row is None or (row["rank"] or 0) > (result.output["places"] or 0) + FAR:
        return []
    changes = rankings.nearest_changes(policy, result.inputs, result.output, reference, most)
    return [wording.nearest_text(policy, one) for one in changes]
