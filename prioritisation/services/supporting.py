"""What supports of an idea do in the plan that it may go into: the words beside the button."""

from django.utils.translation import gettext as _

from engagement.localized import percent
from engagement.models import Call, Idea
from engagement.services import add_support_rule
from prioritisation.models import PolicyVersion
from prioritisation.policies import schema


def tell(idea: Idea) -> str:
    """Said from the rules in force of the programmes that take up the idea's invitation; "" where none do."""
    newest: dict[int, PolicyVersion] = {}
    versions = PolicyVersion.objects.approved().filter(programme__calls=idea.call)
    for version in versions.order_by("number"):
        newest[version.programme_id] = version
    if not newest:
        return ""
    shares = [_share(version) for version in newest.values()]
    if idea.call.supports == Call.Supports.CONFIRMED and (share := max(shares)) > 0:
        return _(
            "In this plan supports of confirmed addresses are one of the criteria: they count for "
            "%(share)s of the score."
        ) % {"share": percent(100 * share)}
    return _(
        "No number of supports enters a score in the plan that this idea may go into: they tell the city "
        "how many care. It is not a vote."
    )


def _share(version: PolicyVersion) -> float:
    """The part of the points that criteria measured by supports have, from 0 to 1."""
    policy = schema.parse(version.document)
    weights = list(zip(policy.scored_criteria(), policy.weights(), strict=True))
    total = sum(weight for _one, weight in weights)
    counted = sum(weight for one, weight in weights if one.figure == "supports")
    return counted / total if total else 0.0


RULE = add_support_rule(tell)
