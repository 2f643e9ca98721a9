"""The money and people of a programme, and the selections that staff try with them after a round."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from engagement.models import Department, User
from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import BudgetLine, Initiative, Programme, Round, Scenario

Initiatives = list[tuple[Initiative, dict[str, Any]]]
SPREAD_FROM = 300_000
"""Capital from this amount on is paid over the years that the work takes."""
YEARS = 3
"""Years of the budget. What takes longer is paid within them."""


def cost_lines(written: dict[str, Any], *, first_year: int) -> list[dict[str, Any]]:
    """The costs of an initiative with the years of payment; an operating cost comes every year."""
    found = []
    for line in written["costs"]:
        shared = {"label": line["label"], "funding": line["funding"], "kind": line["kind"]}
        if line["kind"] == BudgetLine.Kind.OPERATING:
            found.append({**shared, "amount": Decimal(line["amount"]), "year": None})
            continue
        for year, amount in enumerate(_paid(line["amount"], written["timeframe_months"]), start=first_year):
            found.append({**shared, "amount": Decimal(amount), "year": year})
    return found


def _paid(amount: int, months: int) -> list[int]:
    """An amount over the years of the work, in whole thousands; what does not divide comes in the first."""
    years = min(YEARS, -(-months // 12)) if amount >= SPREAD_FROM else 1
    later = amount // years // 1000 * 1000
    return [amount - later * (years - 1), *[later] * (years - 1)]


def found(
    programme: Programme,
    initiatives: Initiatives,
    written: dict[str, Any],
    *,
    by: User,
    at: datetime,
    first_year: int,
) -> None:
    """Budget lines by year and kind, what departments can carry, and which initiatives need each other."""
    for line in written["budget"]:
        services.save_budget_line(
            programme=programme,
            label=line["label"],
            kind=line["kind"],
            year=first_year + line["year"] - 1,
            amount=Decimal(line["amount"]),
            reserve=line["reserve"],
            by=by,
            at=at,
        )
    departments = {one.code: one for one in Department.objects.all()}
    for one in written["capacities"]:
        services.save_capacity(
            programme=programme,
            department=departments[one["department"]],
            initiatives=one.get("initiatives"),
            effort=one.get("effort"),
            by=by,
            at=at,
        )
    numbered = {one["n"]: initiative for initiative, one in initiatives}
    pairs = [(one["n"], "requires", other) for _, one in initiatives for other in one.get("requires", [])]
    pairs += [(first, "excludes", second) for first, second in written["excludes"]]
    for first, kind, second in pairs:
        services.relate_initiatives(
            initiative=numbered[first], kind=kind, other=numbered[second], by=by, at=at
        )


def try_selections(round: Round, initiatives: Initiatives, *, by: User, clock: Clock, day: int) -> Scenario:
    """The written scenarios with their rules; what was decided so far is ticked as staff's own selection."""
    numbered = {one["n"]: initiative.reference for initiative, one in initiatives}
    decided = round.decisions.filter(outcome="advance").values_list("initiative__reference", flat=True)
    made = []
    for written in content.money()["first"]["scenarios"]:
        scenario = services.start_scenario(round=round, name=written["name"], by=by, at=clock.at(day))
        locks = [
            {"reference": numbered[one["n"]], "lock": one["lock"], "reason": one["reason"]}
            for one in written.get("locks", [])
        ]
        rules = {**scenario.rules, **written["rules"], "locks": locks}
        scenario = services.save_rules(scenario=scenario, rules=rules, by=by, at=clock.at(day, hour=13))
        made.append(
            services.save_selection(scenario=scenario, selection=decided, by=by, at=clock.at(day, hour=14))
        )
    return made[0]


def ask_for_prices(programme: Programme, *, by: User, clock: Clock) -> None:
    """Today the analyst has the worker find what the selection that is still tried would cost otherwise: too
    long for loading the city, it is done a few seconds after the worker starts."""
    scenario = Scenario.objects.filter(round__programme=programme, result__isnull=True).latest("pk")
    services.queue_analysis(scenario=scenario, by=by, at=clock.today)
