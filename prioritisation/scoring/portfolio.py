"""The best selection under budgets, counts and mix rules, with an honest status (METHOD 5.12).

Maximise the sum of the values of what is selected, subject to lower <= rows @ x <= upper with x 0 or 1. HiGHS
solves the linear relaxation first. Its reduced costs say which initiatives can matter at all, so that only a
small core is left to branch on; the answer is still proved to be the best of all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Literal, NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from .inputs import DIGITS, BoolArray, FloatArray, IntArray, complete, count

Status = Literal["optimal", "feasible", "infeasible", "time limit"]

CORE = 200  # initiatives with the smallest reduced costs, left free in the first search
_WHOLE = 1e-6  # how far from 0 or 1 a number may be to be read as whole
_BROKEN = 1e-6  # how far outside its bounds, in the caller's units, a row counts as broken
_LARGEST = 1024.0  # values are scaled to this size: HiGHS tells objectives apart from 1e-6 on
_RELAX_SECONDS = 60.0

_HIGHS_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",  # neither rows nor columns
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",  # every column is bounded
    highspy.HighsModelStatus.kTimeLimit: "time limit",
}


class Portfolio(NamedTuple):
    """A selection and what is known of it.

    status     "optimal": proved, nothing better exists (beyond 1e-9 of the largest value)
               "feasible": keeps every rule, but time ran out before the proof; see `bound`
               "infeasible": proved, no selection keeps every rule
               "time limit": time ran out before any selection was found
    selected   indexes in ascending order; empty when there is none
    objective  sum of the selected values; nan when there is no selection
    bound      no selection is worth more; equals `objective` when optimal, nan when infeasible
    slack      (m,) room left in each row, to the nearer of its two bounds and in its own unit; inf for a
               row without bounds, nan when there is no selection
    """

    status: Status
    selected: list[int]
    objective: float
    bound: float
    slack: FloatArray


class Relaxation(NamedTuple):
    """How far soft rows must give way.

    slack  (m,) amount by which each row's bound must move, in its own unit; 0 for hard rows; all nan when
           the hard rows alone leave nothing to select
    total  the sum of `slack`; inf when no amount is enough
    """

    slack: FloatArray
    total: float


def solve(
    values: npt.ArrayLike,
    rows: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    time_limit: float = 60.0,
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
) -> Portfolio:
    """The selection of greatest total value with lower <= rows @ x <= upper, x 0 or 1.

    `values` (n,), of either sign; `rows` (m, n), one row per rule, in any unit; `lower` and `upper` (m,)
    with -inf and inf for "no bound"; `time_limit` in seconds of wall time; `locked_in` and `locked_out` are
    indexes that must and must not be selected. A row with lower above upper makes the problem infeasible.
    With equal inputs, and time enough to reach the proof, the answer is the same on every run; among
    several best selections it is one of them.

    ValueError for shapes that do not fit, missing or infinite values or rows, missing bounds, unknown
    indexes, an index locked both ways, or a negative time limit. ArithmeticError when rows hold numbers so
    large that the solver cannot tell a broken rule from rounding. METHOD 5.12; core method: Balas and Zemel
    1980, Operations Research 28:1130; solver: Huangfu and Hall 2018, Math. Prog. Computation 10:119.
    """
    problem = _read(values, rows, lower, upper)
    if not time_limit >= 0:
        raise ValueError("time_limit must be 0 or more")
    fixed = _locks(problem.values.size, locked_in, locked_out)
    return _Search(problem, fixed, deadline=time.monotonic() + time_limit).run()


def relax(
    values: npt.ArrayLike,
    rows: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    soft: Iterable[int],
) -> Relaxation:
    """The smallest total amount by which `soft` rows (indexes) must give way until a selection exists.

    Arguments as for `solve`. Amounts add up in the rows' own units, so that a unit of money weighs as much
    as one initiative more or fewer; scale the rows first if it should not. The total is unique, its
    division among rows need not be. ValueError as for `solve`; TimeoutError when the smallest total is not
    proved within a minute.
    """
    problem = _read(values, rows, lower, upper)
    m, n = problem.rows.shape
    give = np.array([_index(row, m, "soft") for row in dict.fromkeys(soft)], dtype=np.int64)
    hard = np.setdiff1d(np.arange(m), give)
    if (problem.lower > problem.upper)[hard].any():
        return Relaxation(np.full(m, np.nan), math.inf)
    # each soft row twice, once per bound, with a column of its own that makes up for what is missing
    extra, own, none = 2 * give.size, np.eye(give.size), np.zeros((give.size, give.size))
    doubled = np.hstack(
        [
            np.vstack([problem.rows[hard], problem.rows[give], problem.rows[give]]),
            np.vstack([np.zeros((hard.size, extra)), np.hstack([-own, none]), np.hstack([none, own])]),
        ]
    )
    free = np.full(give.size, np.inf)
    answer = _highs(
        cost=np.concatenate([np.zeros(n), -np.ones(extra)]),
        rows=doubled,
        bounds=(
            np.concatenate([problem.lower[hard], -free, problem.lower[give]]),
            np.concatenate([problem.upper[hard], problem.upper[give], free]),
        ),
        columns=(np.zeros(n + extra), np.concatenate([np.ones(n), np.full(extra, np.inf)])),
        whole=np.arange(n + extra) < n,
        seconds=_RELAX_SECONDS,
    )
    if answer.status == "infeasible":
        return Relaxation(np.full(m, np.nan), math.inf)
    if answer.status != "optimal" or answer.x is None:
        raise TimeoutError("the smallest relaxation was not proved in time")
    activity = problem.rows @ np.round(answer.x[:n])
    over = np.maximum(activity - problem.upper, 0.0) + np.maximum(problem.lower - activity, 0.0)
    slack = np.zeros(m)
    slack[give] = np.round(over[give], DIGITS)
    return Relaxation(slack, float(slack.sum()))


class _Problem(NamedTuple):
    values: FloatArray
    rows: FloatArray
    lower: FloatArray
    upper: FloatArray


class _Answer(NamedTuple):
    """What HiGHS returned, in the scale of the cost it was given."""

    status: Status
    x: FloatArray | None
    bound: float
    reduced_cost: FloatArray


class _Search:
    """Linear relaxation, then the core, then whatever the core's answer leaves open."""

    def __init__(self, problem: _Problem, fixed: FloatArray, deadline: float) -> None:
        self.problem, self.deadline = problem, deadline
        self.open: BoolArray = np.isnan(fixed)  # not locked
        self.fixed = fixed
        largest = float(np.abs(problem.values).max(initial=0.0))
        self.scale = _LARGEST / largest if largest > 0 else 1.0
        self.cost: FloatArray = problem.values * self.scale
        # what HiGHS tolerates, and what the sum of a row may lose to rounding
        self.tolerance = _BROKEN + 4 * np.finfo(np.float64).eps * np.abs(problem.rows).sum(axis=1)
        self.best: FloatArray | None = None

    def run(self) -> Portfolio:
        if (self.problem.lower > self.problem.upper).any():
            return self._none("infeasible", math.nan)
        relaxed = self._search(self.fixed, whole=False)
        if relaxed.status == "infeasible":
            return self._none("infeasible", math.nan)
        if relaxed.status != "optimal" or relaxed.x is None:
            everything = np.where(
                self.open, np.maximum(self.problem.values, 0.0), self.fixed * self.problem.values
            )
            return self._none("time limit", float(everything.sum()))
        ceiling = float(self.cost @ relaxed.x)
        if np.abs(relaxed.x - np.round(relaxed.x)).max(initial=0.0) <= _WHOLE and self._keep(relaxed.x):
            return self._found("optimal", ceiling)
        free = self._core(relaxed)
        proved = self._first_search(relaxed, free)
        return self._finish(relaxed, free, ceiling, proved)

    def _core(self, relaxed: _Answer) -> BoolArray:
        """The open columns with the smallest reduced costs, and every one the relaxation splits."""
        assert relaxed.x is not None
        weight = np.where(self.open, np.abs(relaxed.reduced_cost), np.inf)
        free = np.zeros(weight.size, dtype=bool)
        free[np.argsort(weight, kind="stable")[:CORE]] = True
        free |= np.abs(relaxed.x - np.round(relaxed.x)) > _WHOLE
        return free & self.open

    def _first_search(self, relaxed: _Answer, free: BoolArray) -> bool:
        """Look for a good selection within the core; True when the best one there is proved.

        A quarter of the time at most: the rest is for the proof.
        """
        assert relaxed.x is not None
        if free.sum() == self.open.sum():
            return False  # the core is everything: nothing to do twice
        answer = self._search(np.where(free, np.nan, np.round(relaxed.x)), whole=True, share=0.25)
        kept = answer.x is not None and self._keep(answer.x)
        return kept and answer.status == "optimal"

    def _finish(self, relaxed: _Answer, free: BoolArray, ceiling: float, proved: bool) -> Portfolio:
        """Free every column that could still be part of something better, and solve."""
        assert relaxed.x is not None
        needed = self.open
        if self.best is not None:
            # moving one column off its relaxed value costs its reduced cost at least
            gap = ceiling - float(self.cost @ self.best)
            needed = self.open & (np.abs(relaxed.reduced_cost) <= gap + _WHOLE)
            if proved and not (needed & ~free).any():
                return self._found("optimal", ceiling)
            needed = needed | free
        fixed = np.where(needed, np.nan, np.where(self.open, np.round(relaxed.x), self.fixed))
        answer = self._search(fixed, whole=True, start=self.best)
        kept = answer.x is not None and self._keep(answer.x)
        if self.best is None:
            if answer.status == "infeasible":
                return self._none("infeasible", math.nan)
            if answer.status == "optimal":
                raise ArithmeticError(
                    "the solver's selection breaks a row: scale the rows to smaller numbers"
                )
            return self._none("time limit", min(answer.bound, ceiling) / self.scale)
        # what was left out is worth less than the best selection, so the bound holds for all
        bound = min(max(answer.bound, float(self.cost @ self.best)), ceiling)
        return self._found("optimal" if kept and answer.status == "optimal" else "feasible", bound)

    def _search(
        self, fixed: FloatArray, *, whole: bool, share: float = 1.0, start: FloatArray | None = None
    ) -> _Answer:
        """HiGHS on the columns where `fixed` is nan; the others are part of the rows' bounds."""
        free = np.isnan(fixed)
        rest = np.where(free, 0.0, fixed)
        if not free.any():  # HiGHS does not look at the rows of a model without columns
            status: Status = "optimal" if self._kept(rest) else "infeasible"
            return _Answer(status, rest, float(self.cost @ rest), np.zeros(fixed.size))
        done = self.problem.rows @ rest
        base = float(self.cost @ rest)
        answer = _highs(
            cost=self.cost[free],
            rows=self.problem.rows[:, free],
            bounds=(self.problem.lower - done, self.problem.upper - done),
            columns=(np.zeros(int(free.sum())), np.ones(int(free.sum()))),
            whole=np.full(int(free.sum()), whole),
            seconds=share * max(0.0, self.deadline - time.monotonic()),
            start=None if start is None else start[free],
        )
        x = None
        if answer.x is not None:
            x = rest.copy()
            x[free] = answer.x
        reduced_cost = np.zeros(fixed.size)
        reduced_cost[free] = answer.reduced_cost
        return _Answer(answer.status, x, answer.bound + base, reduced_cost)

    def _keep(self, x: FloatArray) -> bool:
        """Remember the selection if it keeps every rule and is the best so far; True if it keeps them."""
        rounded = np.round(x)
        if not self._kept(rounded):
            return False
        if self.best is None or self.cost @ rounded > self.cost @ self.best:
            self.best = rounded
        return True

    def _kept(self, x: FloatArray) -> bool:
        activity = self.problem.rows @ x
        above, below = self.problem.upper + self.tolerance, self.problem.lower - self.tolerance
        return bool((activity <= above).all() and (activity >= below).all())

    def _found(self, status: Status, bound: float) -> Portfolio:
        assert self.best is not None
        chosen = np.flatnonzero(self.best > 0.5)
        objective = math.fsum(self.problem.values[chosen].tolist())
        activity = self.problem.rows @ self.best
        slack = np.minimum(self.problem.upper - activity, activity - self.problem.lower)
        best = objective if status == "optimal" else max(objective, bound / self.scale)
        return Portfolio(status, chosen.tolist(), objective, best, np.maximum(slack, 0.0))

    def _none(self, status: Status, bound: float) -> Portfolio:
        return Portfolio(status, [], math.nan, bound, np.full(len(self.problem.rows), np.nan))


def _highs(
    *,
    cost: FloatArray,
    rows: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    columns: tuple[FloatArray, FloatArray],
    whole: BoolArray,
    seconds: float,
    start: FloatArray | None = None,
) -> _Answer:
    """Maximise cost @ x with one thread and no tolerated gap."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in _OPTIONS.items():
        solver.setOptionValue(option, setting)
    solver.setOptionValue("time_limit", float(seconds))
    solver.passModel(_model(cost, rows, bounds, columns, whole))
    if start is not None:
        guess = highspy.HighsSolution()
        guess.col_value = start.tolist()
        solver.setSolution(guess)
    solver.run()
    status = _HIGHS_STATUS.get(solver.getModelStatus(), "time limit")
    info = solver.getInfo()
    solution = solver.getSolution()
    integer = bool(whole.any())
    x: FloatArray | None = None
    usable = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if status == "optimal" or (status == "time limit" and integer and usable):
        x = np.array(solution.col_value, dtype=np.float64) if cost.size else np.zeros(0)
    reduced_cost = np.zeros(cost.size)
    if not integer and status == "optimal" and cost.size:
        reduced_cost = np.array(solution.col_dual, dtype=np.float64)
    greatest = float(np.maximum(cost, 0.0) @ np.where(np.isinf(columns[1]), 0.0, columns[1]))
    bound = greatest
    if integer and math.isfinite(info.mip_dual_bound):
        bound = min(greatest, info.mip_dual_bound)
    return _Answer(status, x, bound, reduced_cost)


_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-7,
}


def _model(
    cost: FloatArray,
    rows: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    columns: tuple[FloatArray, FloatArray],
    whole: BoolArray,
) -> highspy.HighsLp:
    m, n = rows.shape
    filled_row, filled_column = np.nonzero(rows)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n, m
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = columns
    model.row_lower_, model.row_upper_ = bounds
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    starts: IntArray = np.concatenate([[0], np.cumsum(np.bincount(filled_row, minlength=m))])
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = filled_column.astype(np.int32)
    model.a_matrix_.value_ = rows[filled_row, filled_column]
    if whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[flag] for flag in whole.tolist()]
    return model


def _read(values: npt.ArrayLike, rows: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> _Problem:
    worth = complete(values, "values", ndim=1)
    table = np.asarray(rows, dtype=np.float64)
    if table.size == 0 and table.ndim < 2:
        table = table.reshape(0, worth.size)
    table = complete(table, "rows", ndim=2)
    if table.shape[1] != worth.size:
        raise ValueError(f"rows must have {worth.size} columns, one per value, not {table.shape[1]}")
    return _Problem(worth, table, _bounds(lower, len(table), "lower"), _bounds(upper, len(table), "upper"))


def _bounds(given: npt.ArrayLike, size: int, name: str) -> FloatArray:
    array = np.asarray(given, dtype=np.float64)
    if array.shape != (size,):
        raise ValueError(f"{name} must hold {size} numbers, one per row")
    if np.isnan(array).any():
        raise ValueError(f"{name} must not have missing numbers")
    if (array == (np.inf if name == "lower" else -np.inf)).any():
        raise ValueError(f"{name} must not be infinite on the side that rules everything out")
    return array


def _locks(n: int, locked_in: Iterable[int], locked_out: Iterable[int]) -> FloatArray:
    """1 where locked in, 0 where locked out, nan elsewhere."""
    fixed = np.full(n, np.nan)
    for index in locked_in:
        fixed[_index(index, n, "locked_in")] = 1.0
    for index in locked_out:
        place = _index(index, n, "locked_out")
        if fixed[place] == 1.0:
            raise ValueError(f"locked_in and locked_out must not both name {place}")
        fixed[place] = 0.0
    return fixed


def _index(given: int, size: int, name: str) -> int:
    index = count(given, name)
    if index >= size:
        raise ValueError(f"{name} must be below {size}, not {index}")
    return index
