import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.scoring import enumeration, portfolio, ties

INF = np.inf


def test_a_budget_by_hand():
    """With 10 to spend, 6 + 4 is worth 9, more than the best single one and than 5 + 5."""
    found = portfolio.solve([7, 2, 4, 4], [[6, 4, 5, 5]], [-INF], [10])
    assert found.status == "optimal"
    assert found.selected == [0, 1]
    assert found.objective == found.bound == 9
    assert found.slack.tolist() == [0]


def test_rules_of_every_kind_by_hand():
    values = [5, 4, 3, 2, 1]
    rows = [
        [10, 10, 10, 10, 10],  # budget of 35
        [1, 1, 1, 1, 1],  # exactly three
        [0, 0, 0, 1, 1],  # at least one of the last two
        [1, -1, 0, 0, 0],  # the first requires the second
        [0, 1, 1, 0, 0],  # at most one of these
    ]
    found = portfolio.solve(values, rows, [-INF, 3, 1, -INF, -INF], [35, 3, INF, 0, 1])
    assert found.selected == [0, 1, 3]
    assert found.slack.tolist() == [5, 0, 0, 0, 0]
    locked = portfolio.solve(
        values, rows, [-INF, 3, 1, -INF, -INF], [35, 3, INF, 0, 1], locked_in=[2], locked_out=[3]
    )
    assert locked.status == "infeasible"  # 2 excludes 1, so 0 is out as well: only 2 and 4 remain
    assert locked.selected == []
    assert math.isnan(locked.objective)
    assert math.isnan(locked.bound)
    assert np.isnan(locked.slack).all()


def test_slack_is_the_room_to_the_nearer_bound():
    found = portfolio.solve([1, 1], [[3, 4], [3, 4], [3, 4]], [-INF, 5, -INF], [20, 20, INF])
    assert found.slack.tolist() == [13, 2, INF]


def test_nothing_worth_selecting_and_nothing_to_select():
    assert portfolio.solve([-1, -2], [[1, 1]], [0], [2])[:4] == ("optimal", [], 0, 0)
    assert portfolio.solve([], np.empty((0, 0)), [], [])[:4] == ("optimal", [], 0, 0)
    assert portfolio.solve([], np.empty((1, 0)), [0], [1]).status == "optimal"
    assert portfolio.solve([], np.empty((1, 0)), [1], [1]).status == "infeasible"
    assert portfolio.solve([1, -1, 2], [], [], [])[:3] == ("optimal", [0, 2], 3)
    assert portfolio.solve([0, 0], [[1, 1]], [1], [1]).status == "optimal"


def test_everything_locked():
    found = portfolio.solve([3, 5], [[1, 1]], [0], [1], locked_in=[0], locked_out=[1])
    assert found[:4] == ("optimal", [0], 3, 3)
    assert portfolio.solve([3, 5], [[1, 1]], [0], [1], locked_in=[0, 1]).status == "infeasible"


def test_a_row_upside_down_is_infeasible():
    assert portfolio.solve([1], [[1]], [2], [1]).status == "infeasible"


def best_by_trying_all(values, rows, lower, upper):
    tries = np.array(list(product([0, 1], repeat=len(values))), dtype=float)
    activity = tries @ rows.T
    kept = ((activity >= lower) & (activity <= upper)).all(axis=1)
    return (tries[kept] @ values).max() if kept.any() else None


@st.composite
def problems(draw, most=9):
    n, m = draw(st.integers(1, most)), draw(st.integers(0, 4))
    values = np.array(draw(st.lists(st.integers(-20, 100), min_size=n, max_size=n))) / 7
    rows, lower, upper = np.zeros((m, n)), np.full(m, -INF), np.full(m, INF)
    for row in range(m):
        unit = draw(st.sampled_from([1, 25_000, 10**8]))
        rows[row] = np.array(draw(st.lists(st.integers(-2, 9), min_size=n, max_size=n))) * unit
        low, span = draw(st.integers(-2, 12)) * unit, draw(st.integers(0, 20)) * unit
        kind = draw(st.sampled_from(["at most", "at least", "between"]))
        lower[row] = -INF if kind == "at most" else low
        upper[row] = INF if kind == "at least" else low + span
    return values, rows, lower, upper


@settings(max_examples=150, deadline=None)
@given(problems(), st.sampled_from([1, 3, 200]), st.sampled_from([0, 100, enumeration.WORK]))
def test_no_selection_is_better(problem, core, work):
    """Against every selection there is, also with a core so small that the proof needs its second step, and
    where looking at each selection is given up at once or half way."""
    expected = best_by_trying_all(*problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portfolio, "CORE", core)
        patch.setattr(enumeration, "WORK", work)
        found = portfolio.solve(*problem)
    values, rows, lower, upper = problem
    if expected is None:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(expected, abs=1e-9)
    assert found.bound == found.objective
    activity = rows[:, found.selected].sum(axis=1)
    assert ((activity >= lower) & (activity <= upper)).all()
    assert found.objective == pytest.approx(values[found.selected].sum(), abs=1e-9)
    assert found.selected == sorted(found.selected)


@settings(max_examples=60, deadline=None)
@given(problems(most=7), st.data())
def test_locks_are_kept_and_cost_what_they_cost(problem, data):
    values, rows, lower, upper = problem
    n = len(values)
    locked = data.draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3))
    inside, outside = locked[::2], locked[1::2]
    fixing = np.zeros((2, n))
    fixing[0, inside], fixing[1, outside] = 1, 1
    expected = best_by_trying_all(
        values,
        np.vstack([rows, fixing]),
        np.concatenate([lower, [len(inside), -INF]]),
        np.concatenate([upper, [INF, 0]]),
    )
    found = portfolio.solve(*problem, locked_in=inside, locked_out=outside)
    assert (found.status == "infeasible") == (expected is None)
    if expected is not None:
        assert found.objective == pytest.approx(expected, abs=1e-9)
        assert set(inside) <= set(found.selected)
        assert not set(outside) & set(found.selected)


def city(n, seed):
    """A round of n initiatives: yearly budgets, an exact count, focus areas, a cap on risk, requirements."""
    rng = np.random.default_rng(seed)
    cost, area, year = rng.lognormal(11, 1, n).round(), rng.integers(0, 5, n), rng.integers(0, 3, n)
    chosen = round(0.3 * n)
    rules = [(np.where(year == y, cost, 0), -INF, 0.22 * cost[year == y].sum()) for y in range(3)]
    rules.append((np.ones(n), chosen, chosen))
    rules += [((area == a) * 1.0, chosen // 8, INF) for a in range(5)]
    rules.append(((rng.random(n) < 0.3) - 0.25, -INF, 0))
    for _ in range(8):
        pair = np.zeros(n)
        pair[rng.choice(n, 2, replace=False)] = 1, -1
        rules.append((pair, -INF, 0))
    rows, lower, upper = (np.array(part, dtype=float) for part in zip(*rules, strict=True))
    return rng.random(n).round(4), rows, lower, upper


@pytest.mark.parametrize("seed", range(3))
def test_the_core_finds_what_the_whole_search_finds(seed, monkeypatch):
    problem = city(400, seed)
    one_by_one = portfolio.solve(*problem)
    monkeypatch.setattr(enumeration, "WORK", 0)
    through_core = portfolio.solve(*problem)
    monkeypatch.setattr(portfolio, "CORE", 10**6)
    whole = portfolio.solve(*problem)
    assert one_by_one.status == through_core.status == whole.status == "optimal"
    assert through_core.objective == pytest.approx(whole.objective, abs=1e-9)
    assert one_by_one.objective == pytest.approx(whole.objective, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(problems(), st.data())
def test_all_selections_of_some_worth_and_no_other(problem, data):
    values, rows, lower, upper = problem
    n = len(values)
    inside = data.draw(st.lists(st.integers(0, n - 1), unique=True, max_size=2))
    best = portfolio.solve(*problem, locked_in=inside)
    below = data.draw(st.integers(0, 40)) / 3 + 1e-6
    worth = (0.0 if best.status == "infeasible" else best.objective) - below
    found = ties.at_least(worth, *problem, locked_in=inside)
    tries = np.array(list(product([0, 1], repeat=n)), dtype=float)
    activity = tries @ rows.T
    kept = ((activity >= lower) & (activity <= upper)).all(axis=1) & tries[:, inside].all(axis=1)
    kept &= tries @ values >= worth
    assert sorted(found) == sorted(np.flatnonzero(one).tolist() for one in tries[kept])


def test_too_many_selections_to_look_at_each_are_told():
    equal = np.ones(60), np.ones((1, 60)), [-INF], [30]
    assert ties.at_least(30, *equal) is None
    found = portfolio.solve(*equal)
    assert (found.status, found.objective) == ("optimal", 30)


@settings(max_examples=60, deadline=None)
@given(problems(), st.lists(st.floats(-50, 50), min_size=4, max_size=4))
def test_any_multipliers_bound_every_selection(problem, multipliers):
    """A proof does not lean on the solver's figures: poor ones only prove less."""
    values, rows, lower, upper = problem
    allowed = enumeration.Rows(rows, lower, upper)
    lost = enumeration.losses(
        values, allowed, np.full(len(values), np.nan), np.array(multipliers[: len(rows)])
    )
    best = best_by_trying_all(*problem)
    found = enumeration.search(values, allowed, lost)
    if best is None:
        assert found is None
        return
    assert lost.ceiling >= best - 1e-6
    assert found @ values == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("seed", range(60))
def test_a_poor_core_is_made_good(seed, monkeypatch):
    """One free column at first: that selection is poor or none, and the next search must open enough."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, 60, (2, 11)).astype(float)
    problem = rng.integers(10, 60, 11).astype(float), rows, [-INF] * 2, rows.sum(axis=1) // 3
    monkeypatch.setattr(portfolio, "CORE", 1)
    monkeypatch.setattr(enumeration, "WORK", 0)
    assert portfolio.solve(*problem).objective == best_by_trying_all(*problem)


def test_the_same_question_has_the_same_answer():
    problem = city(232, 7)
    first, second = portfolio.solve(*problem), portfolio.solve(*problem)
    assert first.selected == second.selected
    assert len(first.selected) == 70


def test_a_tighter_rule_is_never_worth_more():
    values, rows, lower, upper = city(150, 1)
    loose = portfolio.solve(values, rows, lower, upper)
    tight = portfolio.solve(values, rows, lower, np.where(np.arange(len(upper)) < 3, 0.8 * upper, upper))
    assert tight.objective <= loose.objective


@pytest.fixture
def branching(monkeypatch):
    """No selection is looked at by itself: all is left to HiGHS."""
    monkeypatch.setattr(enumeration, "WORK", 0)


class OutOfTime:
    """HiGHS, stopped at a chosen moment: the linear relaxation, or the search with or without a find."""

    def __init__(self, at, find):
        self.at, self.find, self.real = at, find, portfolio._highs

    def __call__(self, **arguments):
        answer = self.real(**arguments)
        if arguments["whole"].any() != (self.at == "search"):
            return answer
        return answer._replace(
            status="time limit", x=answer.x if self.find else None, bound=answer.bound + 512
        )


# fractional at first: 6 of 10 and 5 of 10 do not fill the budget evenly
SPLIT = ([7, 2, 4, 4], [[6, 4, 5, 5]], [-INF], [9])


@pytest.mark.usefixtures("branching")
def test_a_selection_without_proof_is_called_feasible_and_shows_its_gap(monkeypatch):
    monkeypatch.setattr(portfolio, "_highs", OutOfTime("search", find=True))
    found = portfolio.solve(*SPLIT)
    assert found.status == "feasible"
    assert found.selected in ([0], [1, 2], [1, 3])
    assert found.objective == 7
    assert found.objective < found.bound <= 7 + 3 * 4 / 5  # the relaxation's value


@pytest.mark.usefixtures("branching")
@pytest.mark.parametrize(("at", "bound"), [("search", 7 + 3 * 4 / 5), ("relaxation", 17)])
def test_without_a_selection_time_limit_is_the_word(at, bound, monkeypatch):
    monkeypatch.setattr(portfolio, "_highs", OutOfTime(at, find=False))
    found = portfolio.solve(*SPLIT)
    assert found.status == "time limit"
    assert found.selected == []
    assert math.isnan(found.objective)
    assert found.bound == pytest.approx(bound)
    assert np.isnan(found.slack).all()


def test_no_time_at_all_is_never_called_optimal_without_proof():
    problem = city(400, 0)
    found = portfolio.solve(*problem, time_limit=0)
    assert found.status in ("time limit", "feasible")
    best = portfolio.solve(*problem)
    assert found.bound >= best.objective


@pytest.mark.parametrize(
    "change",
    [
        {"values": [1, np.nan]},
        {"values": [1, np.inf]},
        {"values": [[1, 2]]},
        {"rows": [[1, np.nan]]},
        {"rows": [[1, np.inf]]},
        {"rows": [[1, 2, 3]]},
        {"rows": [1, 2]},
        {"lower": [np.nan]},
        {"lower": [0, 0]},
        {"lower": [np.inf]},
        {"upper": [-np.inf]},
        {"upper": 5},
        {"time_limit": -1},
        {"time_limit": np.nan},
        {"locked_in": [2]},
        {"locked_out": [-1]},
        {"locked_in": [0], "locked_out": [0]},
    ],
)
def test_questions_that_cannot_be_put_are_refused(change):
    question = {"values": [1, 2], "rows": [[1, 1]], "lower": [0], "upper": [1]}
    with pytest.raises(ValueError, match=r"must"):
        portfolio.solve(**{**question, **change})


def test_relax_says_how_much_the_budget_lacks():
    """Two must be chosen, the cheapest two cost 9, the budget is 5."""
    rows = [[4, 5, 6], [1, 1, 1]]
    found = portfolio.relax([1, 1, 1], rows, [-INF, 2], [5, 3], soft=[0])
    assert found.slack.tolist() == [4, 0]
    assert found.total == 4
    # or one fewer, if the count may give way too: that is the smaller number
    assert portfolio.relax([1, 1, 1], rows, [-INF, 2], [5, 3], soft=[0, 1]).slack.tolist() == [0, 1]


def test_relax_of_what_needs_nothing_and_of_what_nothing_helps():
    assert portfolio.relax([1, 1], [[1, 1]], [0], [2], soft=[0]) == ([0], 0)
    never = portfolio.relax([1, 1], [[1, 1], [1, 0]], [3, -INF], [INF, 0], soft=[1])
    assert never.total == INF
    assert np.isnan(never.slack).all()
    assert portfolio.relax([1, 1], [[1, 1]], [3], [INF], soft=[]).total == INF
    assert portfolio.relax([1], [[1]], [2], [1], soft=[]).total == INF
    assert portfolio.relax([1], [[1]], [2], [1], soft=[0]).total == 1


@settings(max_examples=80, deadline=None)
@given(problems(most=6), st.data())
def test_no_selection_needs_less_relaxation(problem, data):
    values, rows, lower, upper = problem
    m = len(rows)
    unit = np.abs(rows).max(axis=1, initial=1)[:, None]  # counts and money side by side, as a caller would
    rows, lower, upper = rows / unit, lower / unit[:, 0], upper / unit[:, 0]
    soft = data.draw(st.lists(st.integers(0, m - 1), unique=True)) if m else []
    tries = np.array(list(product([0, 1], repeat=len(values))), dtype=float)
    activity = tries @ rows.T
    over = np.maximum(activity - upper, 0) + np.maximum(lower - activity, 0)
    hard = np.setdiff1d(np.arange(m), soft)
    totals = over[(over[:, hard] <= 1e-9).all(axis=1)].sum(axis=1)
    found = portfolio.relax(values, rows, lower, upper, soft)
    assert found.total == pytest.approx(totals.min(initial=INF), abs=1e-6)
    if found.total < INF:
        assert found.slack.sum() == found.total
        assert not found.slack[hard].any()


@pytest.mark.parametrize("soft", [[1], [-1], [0.5]])
def test_relax_refuses_rows_that_are_not_there(soft):
    with pytest.raises(ValueError, match="soft"):
        portfolio.relax([1], [[1]], [0], [1], soft)
