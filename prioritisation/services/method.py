"""How a round's list was made: the facts that its page tells staff, and a published plan everybody."""

from prioritisation import how_made
from prioritisation.models import Result, Round
from prioritisation.policies import schema


def how_it_was_made(policy: schema.Policy, round: Round, result: Result) -> how_made.HowMade:
    """`policy`: the rules that the result was made by."""
    initiatives = result.inputs["initiatives"]
    return how_made.told(
        policy,
        result.output,
        initiatives=len(initiatives),
        reviews=sum(len(one["reviews"]) for one in initiatives),
        clarified=round.clarifications.order_by("at", "pk"),
        severity_reason=round.severity_reason,
        again=result.reason if result.parent_id else "",
    )
