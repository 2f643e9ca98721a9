"""What a publication would put in the plan, against budget lines and what departments can carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from engagement.services import Refused
from prioritisation import spending
from prioritisation.models import BudgetLine, CostLine, Decision, Initiative, Programme, Round
from prioritisation.policies import schema
from prioritisation.workflow import InitiativeState, Outcome

UNSTATED_EFFORT = 5
"""Points of an effort that nobody stated: the most there is, as selections count it."""


@dataclass(frozen=True)
class Limit:
    """One limit that is passed. `unit` is "money", "initiatives" or "effort"; `label` names whose it is."""

    unit: str
    label: dict[str, str]
    before: Decimal
    after: Decimal
    most: Decimal


@dataclass(frozen=True)
class Limits:
    """`over`: what is passed. `without_cost`: how many that go on state no cost, where there is a budget."""

    over: list[Limit]
    without_cost: int


def budget_lines(programme: Programme) -> list[BudgetLine]:
    """In an order that every database gives: by year, kind, and as they were made."""
    return sorted(programme.budget_lines.all(), key=lambda one: (one.year or 0, one.kind, one.pk))


def budget_of(line: BudgetLine) -> spending.Budget:
    available = spending.after_reserve(line.amount, line.reserve)
    return spending.Budget(str(line.pk), line.label, line.kind, line.year, available)


def limits_passed(round: Round) -> Limits:
    """What the plan would pass with this round's pending decisions; nothing before the last stage.

    What an earlier round put in the plan counts with it. Money counts as it does in selections: operating
    costs without a year come every year, and capital without one against all years together.
    """
    policy = schema.parse(round.policy_version.document)
    if round.stage != [stage.key for stage in policy.stages if stage.unit == "initiatives"][-1]:
        return Limits([], 0)
    programme = round.programme
    going = Decision.objects.pending().filter(round=round, outcome=Outcome.ADVANCE)
    new = set(going.values_list("initiative_id", flat=True))
    there = programme.initiatives.filter(state=InitiativeState.CHOSEN).exclude(pk__in=new)
    old = set(there.values_list("pk", flat=True))
    budget = budget_lines(programme)
    costs = list(CostLine.objects.filter(initiative__in=new | old))
    stated = {one.initiative_id for one in costs}
    limits = [*_money(budget, costs, old), *_carried(round, new, old)]
    without = len(new - stated) if budget else 0
    return Limits([one for one in limits if one.after > one.most], without)


def require_within_limits(round: Round, reason: str) -> Limits:
    """Refuses to go past a limit without a reason."""
    found = limits_passed(round)
    if found.over and not reason.strip():
        raise Refused(
            _("More is in the plan than there is money for, or than departments can carry. Say why."),
            code="over",
            field="over_reason",
        )
    return found


def _money(budget: list[BudgetLine], costs: list[CostLine], old: set[int]) -> Iterable[Limit]:
    for line, counts in spending.against(
        [budget_of(one) for one in budget], [(one.kind, one.year) for one in costs]
    ):
        mine = [one for one in costs if counts(one.kind, one.year)]
        before = sum((one.amount for one in mine if one.initiative_id in old), Decimal(0))
        after = sum((one.amount for one in mine), Decimal(0))
        yield Limit("money", dict(line.label), before, after, line.available)


def _carried(round: Round, new: set[int], old: set[int]) -> Iterable[Limit]:
    rows = list(Initiative.objects.filter(pk__in=new | old).only("pk", "owner_id", "effort"))
    for capacity in round.programme.capacities.select_related("department"):
        mine = [one for one in rows if one.owner_id == capacity.department_id]
        efforts = {one.pk: one.effort or UNSTATED_EFFORT for one in mine}
        both = (
            ("initiatives", capacity.initiatives, dict.fromkeys(efforts, 1)),
            ("effort", capacity.effort, efforts),
        )
        for unit, most, points in both:
            if most is not None:
                before = sum(number for key, number in points.items() if key in old)
                after = Decimal(sum(points.values()))
                yield Limit(unit, capacity.department.name, Decimal(before), after, Decimal(most))
