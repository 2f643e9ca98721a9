"""Every selection that can still be the best, looked at one by one (METHOD 5.12).

A relaxation prices the rows: one multiplier per row, what a unit of it is worth. Whatever the multipliers,

    cost @ x = ceiling - what each column loses by standing as it does - what each row's unused room loses

and no loss is negative (Lagrange). A selection that loses at most `gap` in all leaves almost every column
where the relaxation has it: of 232 initiatives about 30 can move, and at most a few thousand partial
selections have to be remembered at a time. To look at them takes a fiftieth of the time that branching takes
for so few, and the proof is one sum per selection. `gap` grows until the best is within it: the expanding
core of Pisinger 1999, Operations Research 47:570. Where too many selections are that close (thousands of
initiatives under several budgets), this gives up early, after work that is counted and not timed, so that
equal inputs go the same way on any machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .inputs import BoolArray, FloatArray, IntArray
from .problem import Problem

WORK = 10_000_000  # numbers held in all before giving up: about a fifth of a second
_FIRST = 8  # columns that may move at first, besides those that lose nothing
_GROWTH = 1.3  # by how much their number grows; the last and largest turn costs most of the time
_ROUNDED = (
    1e-9  # how far a row's sum may be outside its bounds: less than a cent where 5 million are one unit
)
_ROUNDING = 1e-6  # losses are sums of products: how far two equal ones may lie apart, costs being up to 1024


class Rows(NamedTuple):
    """lower <= table @ x <= upper, with what rounding may do to a sum already allowed for."""

    table: FloatArray
    lower: FloatArray
    upper: FloatArray


class Losses(NamedTuple):
    """ceiling  no selection is worth more
    out, into  (n,) what a column loses at least when it is left out, or taken
    room       (m,) what a unit of room loses: under the row's upper bound if above 0, else over its lower one
    """

    ceiling: float
    out: FloatArray
    into: FloatArray
    room: FloatArray


class Near(NamedTuple):
    """k selections near the relaxation: as in `standing` (n,) but for `columns`, which are as in `taken`."""

    standing: FloatArray
    columns: IntArray
    taken: BoolArray

    def worth(self, cost: FloatArray) -> FloatArray:
        return float(cost @ self.standing) + self.taken @ cost[self.columns]

    def selection(self, index: int) -> FloatArray:
        x = self.standing.copy()
        x[self.columns] = self.taken[index]
        return x


def allowing(problem: Problem) -> Rows:
    """The rows of a problem, wider by what their sums may lose to rounding."""
    rounding = _ROUNDED + 4 * np.finfo(np.float64).eps * np.abs(problem.rows).sum(axis=1)
    return Rows(problem.rows, problem.lower - rounding, problem.upper + rounding)


def losses(cost: FloatArray, rows: Rows, fixed: FloatArray, multipliers: FloatArray) -> Losses:
    """What the multipliers of a relaxation prove; they need not be exact, nor of the right sign.

    `fixed` (n,) is 0 or 1 where a column is locked and nan elsewhere.
    """
    # a multiplier without a bound to press against proves nothing
    useless = np.where(multipliers > 0, np.isinf(rows.upper), np.isinf(rows.lower))
    room = np.where(useless, 0.0, multipliers)
    reduced = cost - room @ rows.table
    pressed = np.where(room > 0, rows.upper, rows.lower)
    free = np.isnan(fixed)
    ceiling = float(room[room != 0] @ pressed[room != 0]) + float(np.maximum(reduced, 0.0)[free].sum())
    ceiling += float(reduced[~free] @ fixed[~free])
    out = np.where(free, np.maximum(reduced, 0.0), np.where(fixed == 1.0, np.inf, 0.0))
    into = np.where(free, np.maximum(-reduced, 0.0), np.where(fixed == 0.0, np.inf, 0.0))
    return Losses(ceiling, out, into, room)


def search(cost: FloatArray, rows: Rows, lost: Losses) -> FloatArray | None:
    """The best selection (n,), proved; None when they are too many to look at, or none keeps the rows."""
    work = WORK
    for gap in _gaps(np.maximum(lost.out, lost.into)):
        near, work = within(gap, rows, lost, work)
        if near is None:
            return None
        if len(near.taken):
            # what is better than one of these loses less, so it is one of these
            return near.selection(int(near.worth(cost).argmax()))
    return None


def _gaps(moving: FloatArray) -> list[float]:
    """Losses at which ever more columns may move; at last all of them."""
    steps = np.sort(moving[np.isfinite(moving)])
    wanted = float(np.count_nonzero(steps <= _ROUNDING) + _FIRST)
    gaps = []
    while wanted < steps.size:
        gaps.append(float(steps[int(wanted)]))
        wanted *= _GROWTH
    return [*gaps, np.inf]


def within(gap: float, rows: Rows, lost: Losses, work: int) -> tuple[Near | None, int]:
    """Every selection that keeps the rows and loses at most `gap` (None: too many), and the work left.

    Column after column, the dearest to move first, each partial selection is continued both ways; what has
    lost too much already, or can keep a row no more whatever the columns to come do, is dropped.
    """
    moving = np.maximum(lost.out, lost.into)
    order: IntArray = np.flatnonzero(np.isfinite(moving) & (moving <= gap + _ROUNDING))
    order = order[np.argsort(-moving[order], kind="stable")]
    standing = np.where(lost.out > lost.into, 1.0, 0.0)
    standing[order] = 0.0
    limits, used, coming = _limits(rows, lost, standing, order)
    given, taken = np.zeros(1), np.zeros((1, order.size), dtype=bool)
    for place, column in enumerate(order):
        used, taken = np.vstack([used, used + coming[place]]), np.vstack([taken, taken])
        taken[len(given) :, place] = True
        given = np.concatenate([given + lost.out[column], given + lost.into[column]])
        keep = limits.can_be_kept(used, given, gap, coming[place + 1 :])
        used, taken, given = used[keep], taken[keep], given[keep]
        work -= used.size + taken.size
        if work < 0:
            return None, 0
    # where no column could move, nothing was looked at yet
    return Near(standing, order, taken[limits.can_be_kept(used, given, gap, coming[:0])]), work


class _Limits(NamedTuple):
    """The rows that columns which move can break, and what their room loses."""

    lower: FloatArray
    upper: FloatArray
    room: FloatArray

    def can_be_kept(self, used: FloatArray, given: FloatArray, gap: float, coming: FloatArray) -> BoolArray:
        """Which of k partial selections the columns to come may still bring to an end within `gap`.

        `used` (k, m) of the rows and `given` (k,) lost so far; `coming` (columns, m).
        """
        least = used + np.minimum(coming, 0.0).sum(axis=0)
        most = used + np.maximum(coming, 0.0).sum(axis=0)
        over, under = self.room > 0, self.room < 0
        unused = np.maximum(self.upper[over] - most[:, over], 0.0) @ self.room[over]
        unused += np.maximum(least[:, under] - self.lower[under], 0.0) @ -self.room[under]
        fits = ((least <= self.upper) & (most >= self.lower)).all(axis=1)
        return np.asarray(fits & (given + unused <= gap + _ROUNDING), dtype=np.bool_)


def _limits(
    rows: Rows, lost: Losses, standing: FloatArray, order: IntArray
) -> tuple[_Limits, FloatArray, FloatArray]:
    """The limits that matter; (1, m) of them in use by what stands, (columns, m) by each that moves."""
    used = rows.table @ standing
    coming = rows.table[:, order]
    most = used + np.maximum(coming, 0.0).sum(axis=1)
    least = used + np.minimum(coming, 0.0).sum(axis=1)
    matter = (most > rows.upper) | (least < rows.lower) | (lost.room != 0)
    limits = _Limits(rows.lower[matter], rows.upper[matter], lost.room[matter])
    return limits, used[matter][None, :], coming[matter].T
