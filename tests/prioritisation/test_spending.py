"""Selections, the check before publishing and an amendment's tables count the same money the same way."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import amending, portfolios, services, spending
from prioritisation.models import BudgetLine
from tests import panels
from tests.portfolios import making
from tests.prioritisation.test_deciding_limits import panel, ready, round
from tests.staff_pages import signed_in, words

__all__ = ["panel", "round"]

KINDS = st.sampled_from([spending.CAPITAL, spending.OPERATING])
YEARS = st.sampled_from([None, 2026, 2027])
COSTS = st.lists(st.tuples(KINDS, YEARS, st.integers(0, 900)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(KINDS, YEARS), min_size=1), st.lists(COSTS, min_size=1, max_size=4), st.data())
def test_a_selection_and_an_amendment_count_alike(lines: Any, costs: Any, data: Any) -> None:
    chosen = data.draw(st.sets(st.integers(0, len(costs) - 1)))
    budget = [
        making.line(1000, key=f"{number}", kind=kind, year=year)
        for number, (kind, year) in enumerate(sorted(lines, key=str))
    ]
    rows = [making.initiative(number, costs=[list(one) for one in mine]) for number, mine in enumerate(costs)]
    model = portfolios.build(making.inputs(rows, budget=budget))
    picked = model.chosen(sorted(chosen))
    used = {row.about["key"]: row.used(picked) for row in model.rows if row.unit == "money"}
    entries: Any = [
        {"costs": [{"kind": kind, "year": year, "amount": str(amount)} for kind, year, amount in mine]}
        for mine in costs
    ]
    before = [one for number, one in enumerate(entries) if number not in chosen]
    after = [one for number, one in enumerate(entries) if number in chosen]
    told = amending.money(
        before,
        after,
        [spending.Budget(one["key"], {}, one["kind"], one["year"], Decimal(1000)) for one in budget],
    )
    assert {one.key.replace(spending.TOGETHER, spending.CAPITAL): float(one.after) for one in told} == used


def test_what_publishing_warns_of_an_amendment_shows(panel: panels.Panel, round: Any) -> None:
    for year in (2026, 2027):
        services.save_budget_line(
            programme=panel.programme,
            label={"en": f"Works of {year}"},
            kind=BudgetLine.Kind.CAPITAL,
            year=year,
            amount=Decimal(200_000),
            reserve=10,
            by=panel.manager,
            at=panel.now,
        )
    costs: Any = {"label": {"en": "Shelters"}, "kind": "capital", "funding": "none"}
    panel.initiatives[0].cost_lines.create(amount=Decimal(300_000), year=None, **costs)
    panel.initiatives[1].cost_lines.create(amount=Decimal(100_000), year=2026, **costs)
    ready(panel, round, 0, 1)
    (over,) = services.limits_passed(round).over
    assert (over.label, over.after, over.most) == ({}, Decimal(400_000), Decimal(360_000))
    version = services.publish_round(round=round, by=panel.publisher, at=panel.now, over_reason="A grant.")
    services.start_amendment(plan=version.plan, by=panel.manager, at=panel.now)
    answer = signed_in(panel.manager).get(f"/admin/prioritisation/plan/{version.plan_id}/amendment/")
    (money,) = [one for one in answer.context["tables"] if one["money"]]
    assert [(one["name"], one["line"].after, one["line"].over) for one in money["rows"]] == [
        ("Works of 2026", Decimal(100_000), False),
        ("Works of 2027", Decimal(0), False),
        ("costs, once, of all years together", Decimal(400_000), True),
    ]
    assert "costs, once, of all years together" in words(answer)
