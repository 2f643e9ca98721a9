"""From scores and figures to values between 0 and 1, and from swing points to weights (METHOD 5.1, 5.2).

The anchors belong to the scoring rules and are never computed from the initiatives at hand. That is what
keeps a ranking free of reversals: a new initiative cannot change the value of another one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .inputs import FloatArray, complete, count, numbers, weights_of


def value(x: npt.ArrayLike, worst: npt.ArrayLike, best: npt.ArrayLike) -> FloatArray:
    """Linear value of scores `x` between two fixed anchors: 0 at `worst`, 1 at `best`, clipped outside.

    `worst` above `best` means "less is better". `x` has any shape; the anchors are single numbers, or one
    per criterion that broadcast over the last axis. Missing stays nan. ValueError when an anchor is missing,
    infinite or equal to the other, or when a score is infinite. METHOD 5.1.
    """
    scores = numbers(x, "x")
    low = complete(worst, "worst")
    high = complete(best, "best")
    if (low == high).any():
        raise ValueError("worst and best must differ")
    worth: FloatArray = np.clip((scores - low) / (high - low), 0.0, 1.0)
    return worth


def piecewise(x: npt.ArrayLike, points: Sequence[tuple[float, float]]) -> FloatArray:
    """Value of measured figures `x` (months, money) on straight lines between `points` (figure, value).

    Outside the table the nearest end holds. Points may come in any order. `x` has any shape; missing stays
    nan. ValueError when there are fewer than two points, when two have the same figure, or when a number
    is infinite or, in the table, missing. METHOD 5.1.
    """
    figures = numbers(x, "x")
    table = complete(points, "points")
    if table.ndim != 2 or table.shape[1] != 2 or len(table) < 2:
        raise ValueError("points must be at least two pairs (figure, value)")
    table = table[np.argsort(table[:, 0], kind="stable")]
    if (np.diff(table[:, 0]) == 0).any():
        raise ValueError("points must not give two values to the same figure")
    worth: FloatArray = np.asarray(np.interp(figures, table[:, 0], table[:, 1]), dtype=np.float64)
    return worth


def swing_weights(points: npt.ArrayLike) -> FloatArray:
    """Weights (c,) that sum to 1 from swing points (c,): 100 for the swing worst to best that matters most.

    ValueError when all points are 0, or any is negative, missing or infinite. METHOD 5.2; von Winterfeldt
    and Edwards 1986.
    """
    return weights_of(points, name="points")


def rank_order_centroid(n: int) -> FloatArray:
    """Weights (n,) for n criteria of which only the order is agreed, most important first; sum 1.

    w_i = (1/n) * sum of 1/k for k = i..n: the centre of all weights in that order (Barron and Barrett
    1996). ValueError when n < 1.
    """
    size = count(n, "n", least=1)
    tail_sums = np.cumsum(1.0 / np.arange(size, 0, -1))[::-1]
    centre: FloatArray = tail_sums / size
    return centre
