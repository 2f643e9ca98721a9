"""The best selection under budgets, counts and mix rules, with an honest status (METHOD 5.12).

Maximise the sum of the values of what is selected, subject to lower <= rows @ x <= upper with x 0 or 1. HiGHS
solves the linear relaxation first. Its reduced costs say which initiatives can matter at all. Where
few selections are that close, each is looked at (`enumeration.py`); else a small core is left for HiGHS to
branch on. Either way the answer is proved to be the best of all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import enumeration
from .highs import SMALLEST_GAP, Answer, Status
from .highs import maximise as _highs
from .inputs import DIGITS, BoolArray, FloatArray
from .problem import Problem, index_of, locks, read

CORE = 200  # initiatives with the smallest reduced costs, left free in the first search
_WHOLE = 1e-6  # how far from 0 or 1 a number may be to be read as whole
_BROKEN = 1e-6  # how far outside its bounds, in the caller's units, a row counts as broken
_LARGEST = 1024.0  # values are scaled to this size: HiGHS tells objectives apart from 1e-6 on
_RELAX_SECONDS = 60.0
_EXACT = 1e9  # sums of larger whole values are no longer told apart


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
    problem = read(values, rows, lower, upper)
    if not time_limit >= 0:
        raise ValueError("time_limit must be 0 or more")
    fixed = locks(problem.values.size, locked_in, locked_out)
    return _Search(problem, fixed, deadline=time.monotonic() + time_limit).run()


def relax(
    values: npt.ArrayLike,
    rows: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    soft: Iterable[int],
    time_limit: float = _RELAX_SECONDS,
) -> Relaxation:
    """The smallest total amount by which `soft` rows (indexes) must give way until a selection exists.

    Arguments as for `solve`. Amounts add up in the rows' own units, so that a unit of money weighs as much
    as one initiative more or fewer; scale the rows first if it should not. The total is unique, its
    division among rows need not be. ValueError as for `solve`; TimeoutError when the smallest total is not
    proved within
    `time_limit` seconds.
    """
    problem = read(values, rows, lower, upper)
    m, n = problem.rows.shape
    give = np.array([index_of(row, m, "soft") for row in dict.fromkeys(soft)], dtype=np.int64)
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
        seconds=time_limit,
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


class _Search:
    """Linear relaxation, then the core, then whatever the core's answer leaves open."""

    def __init__(self, problem: Problem, fixed: FloatArray, deadline: float) -> None:
        self.problem, self.deadline = problem, deadline
        self.open: BoolArray = np.isnan(fixed)  # not locked
        self.fixed = fixed
        largest = float(np.abs(problem.values).max(initial=0.0))
        self.scale = _LARGEST / largest if largest > 0 else 1.0
        self.cost: FloatArray = problem.values * self.scale
        # whole values cannot be bettered by less than their common divisor: a smaller gap is no gap
        self.grain = _common(problem.values) * self.scale
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
        if self._look_at_each(relaxed):
            return self._found("optimal", ceiling)
        free = self._core(relaxed)
        proved = self._first_search(relaxed, free)
        return self._finish(relaxed, free, ceiling, proved)

    def _look_at_each(self, relaxed: Answer) -> bool:
        """Look at each selection near the relaxation; True when the best of all is among them."""
        rows = enumeration.allowing(self.problem)
        lost = enumeration.losses(self.cost, rows, self.fixed, relaxed.multipliers)
        found = enumeration.search(self.cost, rows, lost)
        return found is not None and self._keep(found)

    def _core(self, relaxed: Answer) -> BoolArray:
        """The open columns with the smallest reduced costs, and every one the relaxation splits."""
        assert relaxed.x is not None
        weight = np.where(self.open, np.abs(relaxed.reduced_cost), np.inf)
        free = np.zeros(weight.size, dtype=bool)
        free[np.argsort(weight, kind="stable")[:CORE]] = True
        free |= np.abs(relaxed.x - np.round(relaxed.x)) > _WHOLE
        return free & self.open

    def _first_search(self, relaxed: Answer, free: BoolArray) -> bool:
        """Look for a good selection within the core; True when the best one there is proved.

        A quarter of the time at most: the rest is for the proof.
        """
        assert relaxed.x is not None
        if free.sum() == self.open.sum():
            return False  # the core is everything: nothing to do twice
        answer = self._search(np.where(free, np.nan, np.round(relaxed.x)), whole=True, share=0.25)
        kept = answer.x is not None and self._keep(answer.x)
        return kept and answer.status == "optimal"

    def _finish(self, relaxed: Answer, free: BoolArray, ceiling: float, proved: bool) -> Portfolio:
        """Free every column that could still be part of something better, and solve."""
        assert relaxed.x is not None
        needed = self.open
        if self.best is not None:
            # moving one column off its relaxed value costs its reduced cost at least
            gap = ceiling - float(self.cost @ self.best) - self.grain
            if self.grain and gap < -_WHOLE:
                return self._found("optimal", ceiling)
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
    ) -> Answer:
        """HiGHS on the columns where `fixed` is nan; the others are part of the rows' bounds."""
        free = np.isnan(fixed)
        rest = np.where(free, 0.0, fixed)
        if not free.any():  # HiGHS does not look at the rows of a model without columns
            status: Status = "optimal" if self._kept(rest) else "infeasible"
            multipliers = np.zeros(len(self.problem.rows))
            return Answer(status, rest, float(self.cost @ rest), np.zeros(fixed.size), multipliers)
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
            gap=max(SMALLEST_GAP, self.grain * (1 - 1e-3)),
        )
        x = None
        if answer.x is not None:
            x = rest.copy()
            x[free] = answer.x
        reduced_cost = np.zeros(fixed.size)
        reduced_cost[free] = answer.reduced_cost
        return Answer(answer.status, x, answer.bound + base, reduced_cost, answer.multipliers)

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


def _common(values: FloatArray) -> float:
    """The greatest common divisor of whole values; 0 where they are not whole, or too large to tell."""
    if not values.size or np.abs(values).max() > _EXACT or (values != np.floor(values)).any():
        return 0.0
    return float(np.gcd.reduce(np.abs(values).astype(np.int64)))
