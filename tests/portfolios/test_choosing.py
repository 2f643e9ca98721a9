"""The best selection under rules: against brute force, with its tie-break, its prices and its ways out."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prioritisation import portfolios
from prioritisation.portfolios import analysis
from prioritisation.portfolios.model import Model, available, benefit
from prioritisation.scoring import enumeration
from prioritisation.scoring.flips import flip_bounds
from tests.portfolios import making
from tests.portfolios.making import at_most, exactly, initiative, inputs, line, rules

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def small(draw: Any) -> dict[str, Any]:
    """Up to nine initiatives under rules of every kind; often nothing fits."""
    n = draw(st.integers(1, 9))
    rows = [
        initiative(
            number,
            benefit={"good": draw(st.integers(0, 10)) / 10},
            costs=draw(
                st.sampled_from([None, [["capital", 2026, 100_000]], [["capital", None, 250_000]], []])
            ),
            band=draw(st.sampled_from(["short", "medium", "long"])),
            themes=draw(st.sampled_from([[], ["move"], ["live"], ["move", "live"]])),
            quintile=draw(st.sampled_from([None, 1, 5])),
            risk=draw(st.sampled_from([None, 0, 5])),
            owner=draw(st.sampled_from(["works", "parks"])),
            quick_win=draw(st.booleans()),
        )
        for number in range(n)
    ]
    names = [row["reference"] for row in rows]
    pairs = st.tuples(st.sampled_from(["requires", "excludes"]), *(st.sampled_from(names),) * 2)
    locks = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(["in", "out"]), max_size=2))
    asked = rules(
        count=draw(st.sampled_from([None, exactly(min(3, n)), at_most(3)])),
        themes=draw(st.sampled_from([{}, {"move": {"minimum": 1, "maximum": 2}}])),
        deprived=draw(st.sampled_from([None, {"quintile": 4, "minimum": 1}])),
        risk=draw(st.sampled_from([None, {"level": 4, "low": 0, "high": 40}])),
        policy_mix=draw(st.sampled_from([[], ["time_frames"]])),
        locks=[{"reference": ref, "lock": lock, "reason": "said so"} for ref, lock in locks.items()],
    )
    return inputs(
        rows,
        rules=asked,
        budget=draw(st.sampled_from([[], [line(3000)], [line(2000, year=2026, reserve=10)]])),
        capacities=draw(
            st.sampled_from([[], [{"department": "works", "initiatives": 2, "effort": 5, "label": {}}]])
        ),
        relations=[list(pair) for pair in draw(st.lists(pairs, max_size=3)) if pair[1] != pair[2]],
    )


def keeps(model: Model, selected: tuple[int, ...]) -> bool:
    chosen = model.chosen(selected)
    return (
        all(row.broken(chosen) == 0 for row in model.rows)
        and set(model.locked_in) <= set(selected)
        and not set(model.locked_out) & set(selected)
    )


def every_selection(model: Model) -> list[tuple[int, ...]]:
    n = len(model.references)
    return [
        found
        for size in range(n + 1)
        for found in itertools.combinations(range(n), size)
        if keeps(model, found)
    ]


@QUICK
@given(small())
def test_the_best_of_all_and_made_unique(given_inputs: dict[str, Any]) -> None:
    model = portfolios.build(given_inputs)
    found = portfolios.choose(model)
    possible = every_selection(model)
    if not possible:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert keeps(model, found.selected)

    def order(selected: tuple[int, ...]) -> tuple[float, float, int]:
        costs = [3e9 if math.isnan(cost) else cost for cost in model.costs[list(selected)]]
        dear = [model.costs[~_nan(model)].max(initial=0) + 1 if cost == 3e9 else cost for cost in costs]
        return (-model.values[list(selected)].sum(), sum(dear), sum(selected) + len(selected))

    best = min(order(one) for one in possible)
    mine = order(found.selected)
    assert found.value == -best[0] == -mine[0]
    if not _nan(model).any():
        assert mine == best


def _nan(model: Model) -> Any:
    return np.isnan(model.costs)


@QUICK
@given(small())
def test_ways_out_really_lead_out(given_inputs: dict[str, Any]) -> None:
    model = portfolios.build(given_inputs)
    if portfolios.choose(model, unique=False).status != "infeasible":
        return
    ways = portfolios.ways_out(model)
    names = range(len(model.references))
    for way in ways:
        given_way = {row.key: amount for row, amount in way.steps}
        assert all(row.soft for row, _amount in way.steps)

        def fits(selected: tuple[int, ...], given_way: dict[str, float] = given_way) -> bool:
            chosen = model.chosen(selected)
            rows = all(row.broken(chosen) <= given_way.get(row.key, 0) + 1e-6 for row in model.rows)
            into = all(chosen[i] or f"lock:{model.references[i]}" in given_way for i in model.locked_in)
            out = all(not chosen[i] or f"lock:{model.references[i]}" in given_way for i in model.locked_out)
            return rows and into and out

        assert any(fits(one) for size in range(len(names) + 1) for one in itertools.combinations(names, size))


@QUICK
@given(small())
def test_prices_are_what_turning_round_loses(given_inputs: dict[str, Any]) -> None:
    model = portfolios.build(given_inputs)
    best = portfolios.choose(model)
    possible = every_selection(model)
    bounds = analysis.bounds_of_prices(model, best)
    for index, bound in enumerate(bounds):
        found = analysis.price(model, best, index)
        if best.value is None or found["status"] in ("locked",):
            continue
        turned = [one for one in possible if (index in one) != (index in best.selected)]
        if not turned:
            assert found["status"] == "infeasible"
            continue
        exact = best.value - max(model.values[list(one)].sum() for one in turned)
        assert found == {"price": exact, "status": "optimal"}
        assert bound is None or bound <= exact


def test_exact_counts_by_largest_remainder() -> None:
    """Montréal's 26, 38 and 6 of 70, whatever the worth."""
    made = making.city(232)
    made["rules"] = rules(count=exactly(70), policy_mix=["time_frames"], budget=False, capacity=False)
    made["relations"] = []
    found = portfolios.answer(made)
    kept = [one for one in made["initiatives"] if one["reference"] in found["best"]["selected"]]
    assert found["status"] == "optimal"
    assert [sum(one["band"] == key for one in kept) for key in ("short", "medium", "long")] == [26, 38, 6]


def test_equal_value_goes_to_the_cheaper_then_to_the_earlier() -> None:
    rows = [initiative(0, costs=[["capital", None, 300_00]]), *(initiative(number) for number in (1, 2, 3))]
    rows[2] = initiative(2, costs=[["capital", None, 100_00]])
    found = portfolios.answer(inputs(rows, rules=rules(count=exactly(2))))
    assert found["best"]["selected"] == ["I-00000", "I-00002"]
    assert found["unique"]


def test_a_missing_cost_is_never_nothing() -> None:
    rows = [initiative(0, costs=None, benefit={"good": 1.0}), initiative(1)]
    given_inputs = inputs(rows, budget=[line(10_000)])
    model = portfolios.build(given_inputs)
    assert model.no_cost == (0,)
    assert portfolios.choose(model).selected == (1,)
    allowed = rules(without_cost=[{"reference": "I-00000", "reason": "a by-law"}])
    assert portfolios.choose(portfolios.build({**given_inputs, "rules": allowed})).selected == (0, 1)
    locked = rules(locks=[{"reference": "I-00000", "lock": "in", "reason": "promised"}])
    assert portfolios.choose(portfolios.build({**given_inputs, "rules": locked})).selected == (0, 1)
    no_lines = portfolios.build(inputs(rows))
    assert portfolios.choose(no_lines).selected == (0, 1)


def test_what_is_kept_back_of_a_budget_cannot_be_spent() -> None:
    rows = [initiative(0), initiative(1)]
    assert available(line(2000, reserve=10)) == 180_000
    tight = portfolios.build(inputs(rows, budget=[line(2000, reserve=10)]))
    assert portfolios.choose(tight).selected == (0,)
    assert portfolios.choose(portfolios.build(inputs(rows, budget=[line(2000)]))).selected == (0, 1)


def test_an_operating_cost_without_a_year_comes_every_year_and_capital_counts_together() -> None:
    rows = [
        initiative(0, costs=[["operating", None, 500_00], ["capital", None, 900_00]]),
        initiative(1, costs=[["capital", 2026, 400_00]], benefit={"good": 0.1}),
    ]
    lines = [
        line(400, kind="operating", year=2027),
        line(600, key="2", year=2026),
        line(600, key="3", year=2027),
    ]
    model = portfolios.build(inputs(rows, budget=lines))
    chosen = model.chosen([0, 1])
    assert {row.key: row.used(chosen) for row in model.rows} == {
        "budget:1": 500_00,
        "budget:2": 400_00,
        "budget:3": 0,
        "budget_together:capital": 1300_00,
    }
    assert portfolios.choose(model).selected == (1,)


def test_a_circle_of_needs_is_taken_whole_or_not_at_all() -> None:
    rows = [initiative(0), initiative(1), initiative(2)]
    circle = [["requires", "I-00000", "I-00001"], ["requires", "I-00001", "I-00000"]]
    taken = portfolios.answer(inputs(rows, relations=circle, rules=rules(count=at_most(1))))
    assert taken["best"]["selected"] == ["I-00002"]
    two = portfolios.answer(inputs(rows, relations=circle, rules=rules(count=at_most(2))))
    assert two["best"]["selected"] == ["I-00000", "I-00001"]


def test_what_needs_something_that_is_no_candidate_cannot_be_taken() -> None:
    found = portfolios.answer(inputs([initiative(0)], relations=[["requires", "I-00000", "I-99999"]]))
    assert found["best"]["selected"] == []


def test_no_way_out_when_relations_and_locks_contradict() -> None:
    locks = [{"reference": f"I-0000{n}", "lock": "in", "reason": "promised"} for n in (0, 1)]
    model = portfolios.build(
        inputs(
            [initiative(0), initiative(1)],
            relations=[["excludes", "I-00000", "I-00001"]],
            rules=rules(locks=locks),
        )
    )
    assert portfolios.choose(model).status == "infeasible"
    assert [[row.key for row, _amount in way.steps] for way in portfolios.ways_out(model)] == [
        ["lock:I-00000"],
        ["lock:I-00001"],
    ]


def test_the_smallest_amount_of_money_is_named() -> None:
    rows = [initiative(number, costs=[["capital", 2026, 120_000_00]]) for number in range(3)]
    model = portfolios.build(inputs(rows, budget=[line(240_000, year=2026)], rules=rules(count=exactly(3))))
    ways = portfolios.ways_out(model)
    told = {(row.key, amount) for way in ways for row, amount in way.steps}
    assert told == {("budget:1", 120_000_00), ("count", 1)}


def test_alternatives_are_within_a_percent_and_differ() -> None:
    model = portfolios.build(making.city(60))
    best = portfolios.choose(model)
    found = portfolios.alternatives(model, best)
    assert found
    assert best.value is not None
    seen = [{model.references[i] for i in best.selected}]
    for one in found:
        assert one["value"] >= 0.99 * best.value
        assert keeps(model, tuple(model.indexes(one["selected"])))
        assert len(seen[0] ^ set(one["selected"])) == one["differs"] > 0
        assert set(one["selected"]) not in seen
        seen.append(set(one["selected"]))


def test_other_weightings() -> None:
    rows = [
        initiative(0, benefit={"a": 1.0, "b": 1.0}),
        initiative(1, benefit={"a": 0.55, "b": 0.45}),
        initiative(2, benefit={"a": 0.45, "b": 0.55}),
        initiative(3, benefit={"a": 0.0, "b": 0.0}),
    ]
    asked = inputs(rows, weights={"a": 0.5, "b": 0.5}, rules=rules(count=exactly(2)))
    found = portfolios.inclusion(portfolios.build(asked), asked, draws=50)
    assert found["group"] == {
        "I-00000": "core",
        "I-00001": "borderline",
        "I-00002": "borderline",
        "I-00003": "exterior",
    }
    assert sum(found["share"].values()) == pytest.approx(2)
    assert found["proved"] == 50
    again = portfolios.inclusion(portfolios.build(asked), asked, draws=50)
    assert again == found


def test_looking_at_each_selection_and_branching_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick way and the solver's own agree under every weighting, in value, proof and set."""
    asked = making.city(60)
    model = portfolios.build(asked)
    quick = portfolios.choose(model), portfolios.inclusion(model, asked, draws=12)
    monkeypatch.setattr(enumeration, "WORK", 0)
    assert (portfolios.choose(model), portfolios.inclusion(model, asked, draws=12)) == quick
    assert quick[1]["proved"] == 12


def test_an_own_selection_beside_the_best() -> None:
    rows = [initiative(n, benefit={"good": n / 10}) for n in range(4)]
    asked = inputs(rows, budget=[line(2000)], selection=["I-00000", "I-00001", "I-00002", "gone"])
    found = portfolios.answer(asked)
    assert found["best"]["value"] == 5000
    assert found["kept"]["selected"] == ["I-00000", "I-00001", "I-00002"]
    assert found["kept"]["broken"] == {"budget:1": 100_000}
    assert portfolios.answer(asked) == found


def test_nothing_to_choose_from_and_all_equal() -> None:
    nothing = portfolios.answer(inputs([]))
    assert (nothing["status"], nothing["best"]["selected"]) == ("optimal", [])
    worthless = portfolios.answer(
        inputs([initiative(n, benefit={"good": None}) for n in range(3)], rules=rules(count=exactly(1)))
    )
    assert worthless["best"]["selected"] == ["I-00000"]


def test_benefit_leaves_cost_time_and_risk_out() -> None:
    assert benefit({"a": 0.5, "b": 0.25}, {"a": 1.0, "b": 0.0}) == pytest.approx(2 / 3)
    assert benefit({"a": 0.5, "b": 0.25}, {"a": None, "b": 0.4}) == pytest.approx(0.4)
    assert benefit({"a": 0.5}, {"a": None, "other": 1.0}) is None


def test_bounds_are_in_the_unit_of_the_values() -> None:
    found = flip_bounds([5, 4, 1], [[1, 1, 1]], [-math.inf], [1.5])
    assert found.bound == pytest.approx(7)
    assert found.selected[2] == pytest.approx(4)
    assert found.left_out[0] == pytest.approx(6)
