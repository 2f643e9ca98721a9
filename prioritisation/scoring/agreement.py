"""How far assessors agree: alpha, W, intraclass correlation (METHOD 5.8).

Ratings come as one table per criterion. Where a figure has no meaning (all scores equal, too few of them) it
is nan, to be shown as "not applicable" and never as zero agreement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from .inputs import DIGITS, FloatArray, IntArray, complete, identifiers, numbers

Level = Literal["nominal", "ordinal", "interval", "ratio"]

_BLOCK = 2_000_000  # pairs of distinct values compared at a time: bounds the memory of the ratio level


class KendallW(NamedTuple):
    """Concordance of rankings: W from 0 to 1, W corrected for ties, its chi square and degrees of freedom."""

    w: float
    w_tied: float
    chi2: float
    df: int


class ICC(NamedTuple):
    """Intraclass correlations of Shrout and Fleiss: (1,1), (2,1), (3,1) for one assessor's score and (1,k),
    (2,k), (3,k) for the mean of k assessors. 1: every unit has other assessors; 2: the same assessors,
    drawn from many; 3: the same assessors, who are all there are."""

    icc1: float
    icc2: float
    icc3: float
    icc1k: float
    icc2k: float
    icc3k: float


def krippendorff_alpha(ratings: npt.ArrayLike, level: Level = "interval") -> float:
    """Krippendorff's alpha of `ratings` (assessors, units) with nan for missing: 1 full agreement, 0 chance.

    Only units with two ratings or more count. nan when there are none, or when all their ratings are equal:
    then no disagreement could have shown. Interval, ordinal and nominal take O(N log N) time; ratio also
    time, but not memory, in the square of the number of distinct values. ValueError for an unknown level, a
    table that is not two-dimensional, infinite ratings, and negative ones at the ratio level. METHOD 5.8;
    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".
    """
    if level not in get_args(Level):
        raise ValueError(f"level must be one of {', '.join(get_args(Level))}")
    table = np.round(numbers(ratings, "ratings", ndim=2), DIGITS)
    known = ~np.isnan(table)
    table = np.where(known & (known.sum(axis=0) >= 2), table, np.nan)
    unit, _ = np.nonzero(~np.isnan(table.T))
    y = table.T[~np.isnan(table.T)]
    if level == "ratio" and (y < 0).any():
        raise ValueError("ratings must not be negative at the ratio level")
    if not y.size or (y == y[0]).all():
        return float("nan")
    distinct, code = np.unique(y, return_inverse=True)
    if level == "nominal":
        return _alpha_nominal(unit, code)
    if level == "ratio":
        return _alpha_ratio(unit, code, distinct)
    if level == "ordinal":
        # the ordinal difference of two values is the distance of their mean ranks
        counts = np.bincount(code)
        y = (np.cumsum(counts) - counts / 2)[code]
    return _alpha_interval(unit, y)


def alpha_of_scores(unit: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Alpha at the interval level from a table (N,) of scores with the whole-number `unit` of each.

    The same figure as `krippendorff_alpha` without the dense table that it takes: O(N) time and memory for
    any number of assessors. Missing scores are left out. ValueError as there, or when lengths differ.
    """
    units, y = identifiers(unit, "unit"), np.round(numbers(score, "score", ndim=1), DIGITS)
    if units.size != y.size:
        raise ValueError("unit and score must have the same length")
    known = ~np.isnan(y)
    units, y = units[known], y[known]
    paired = np.bincount(units)[units] >= 2
    units, y = units[paired], y[paired]
    if not y.size or (y == y[0]).all():
        return float("nan")
    return _alpha_interval(units, y)


def kendall_w(ratings: npt.ArrayLike) -> KendallW:
    """Kendall's coefficient of concordance of `ratings` (assessors, units), all present.

    Each assessor's ratings are ranked here, ties get the mean of their ranks. `w` ignores ties, `w_tied`
    corrects for them, chi2 = assessors * (units - 1) * w_tied. nan with fewer than two assessors or units;
    `w_tied` and `chi2` also when every assessor ties everything. ValueError when a rating is missing or
    infinite or the table is not two-dimensional. Kendall and Babington Smith 1939; Siegel 1956.
    """
    table = np.round(complete(ratings, "ratings", ndim=2), DIGITS)
    assessors, units = table.shape
    if assessors < 2 or units < 2:
        nan = float("nan")
        return KendallW(nan, nan, nan, max(units - 1, 0))
    sums = np.zeros(units)
    ties = 0.0
    for row in table:
        _, code, counts = np.unique(row, return_inverse=True, return_counts=True)
        sums += (np.cumsum(counts) - (counts - 1) / 2)[code]
        ties += float(np.sum(counts.astype(np.float64) ** 3 - counts))
    spread = 12.0 * float(np.sum((sums - sums.mean()) ** 2))
    greatest = float(assessors**2 * (units**3 - units))
    w = spread / greatest
    left = greatest - assessors * ties
    w_tied = spread / left if left > 0 else float("nan")
    return KendallW(w, w_tied, assessors * (units - 1) * w_tied, units - 1)


def intraclass_correlation(ratings: npt.ArrayLike) -> ICC:
    """The six intraclass correlations of `ratings` (units, assessors); rows with a missing one are left out.

    Negative values are kept: they say that assessors agree less than chance would. nan with fewer than two
    complete rows, fewer than two assessors, or no variation at all. ValueError for infinite ratings or a
    table that is not two-dimensional. Shrout and Fleiss 1979, Psychological Bulletin 86:420.
    """
    table = numbers(ratings, "ratings", ndim=2)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2 or (table == table[0, 0]).all():
        return ICC(*[float("nan")] * 6)
    centred = table - table.mean()
    centred /= np.sqrt(np.mean(centred**2))  # no figure below depends on the scale
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    between_rows = k * float(np.sum(rows**2))
    between_columns = n * float(np.sum(columns**2))
    within = float(np.sum((centred - rows[:, None]) ** 2))
    bms, jms, wms = between_rows / (n - 1), between_columns / (k - 1), within / (n * (k - 1))
    ems = float(np.sum((centred - rows[:, None] - columns) ** 2)) / ((n - 1) * (k - 1))
    return ICC(
        icc1=_quotient(bms - wms, bms + (k - 1) * wms),
        icc2=_quotient(bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n),
        icc3=_quotient(bms - ems, bms + (k - 1) * ems),
        icc1k=_quotient(bms - wms, bms),
        icc2k=_quotient(bms - ems, bms + (jms - ems) / n),
        icc3k=_quotient(bms - ems, bms),
    )


def spearman_brown(icc1: float, k: float) -> float:
    """Reliability of the mean of `k` assessors from the reliability `icc1` of one: k r / (1 + (k - 1) r).

    nan when `icc1` is nan or so negative that the formula has no meaning. ValueError when k is not above 0
    or `icc1` is above 1. Spearman 1910, Brown 1910.
    """
    if not k > 0 or np.isinf(k):
        raise ValueError("k must be a number above 0")
    if icc1 > 1:
        raise ValueError("icc1 must not be above 1")
    below = 1.0 + (k - 1.0) * icc1
    return float(k * icc1 / below) if below > 0 else float("nan")


def _alpha_interval(unit: IntArray, y: FloatArray) -> float:
    """Sums of squares instead of pairs: O(N). Centred first, so that large scores lose no digits."""
    y = y - y.mean()
    n = y.size
    m = np.bincount(unit)
    filled = m > 0
    m = m[filled]
    first = np.bincount(unit, weights=y)[filled]
    second = np.bincount(unit, weights=y * y)[filled]
    observed = float(np.sum(2.0 * (m * second - first**2) / (m - 1))) / n
    expected = 2.0 * (n * float(np.sum(y * y)) - float(np.sum(y)) ** 2) / (n * (n - 1))
    return 1.0 - observed / expected


def _alpha_nominal(unit: IntArray, code: IntArray) -> float:
    n = code.size
    m = np.bincount(unit)
    kinds = int(code.max()) + 1
    cells, counts = np.unique(unit * kinds + code, return_counts=True)
    alike = np.bincount(cells // kinds, weights=counts.astype(np.float64) ** 2, minlength=m.size)
    filled = m > 0
    m, alike = m[filled], alike[filled]
    observed = float(np.sum((m**2 - alike) / (m - 1))) / n
    expected = (n**2 - float(np.sum(np.bincount(code).astype(np.float64) ** 2))) / (n * (n - 1))
    return 1.0 - observed / expected


def _alpha_ratio(unit: IntArray, code: IntArray, distinct: FloatArray) -> float:
    def difference(a: FloatArray, b: FloatArray) -> FloatArray:
        total = a + b
        return np.divide(a - b, total, out=np.zeros(total.shape), where=total > 0) ** 2

    n = code.size
    y = distinct[code]
    observed = _pair_sum(unit, y, difference) / n
    counts = np.bincount(code).astype(np.float64)
    rows = max(1, _BLOCK // distinct.size)
    expected = sum(
        float(counts[at : at + rows] @ difference(distinct[at : at + rows, None], distinct[None, :]) @ counts)
        for at in range(0, distinct.size, rows)
    ) / (n * (n - 1))
    return 1.0 - observed / expected


def _pair_sum(
    unit: IntArray, y: FloatArray, difference: Callable[[FloatArray, FloatArray], FloatArray]
) -> float:
    """Sum over units of the differences of ordered pairs / (m - 1); rows are sorted by unit."""
    m = np.bincount(unit)
    total = 0.0
    for apart in range(1, int(m.max())):
        same = np.flatnonzero(unit[apart:] == unit[:-apart])
        total += 2.0 * float(np.sum(difference(y[same], y[same + apart]) / (m[unit[same]] - 1)))
    return total


def _quotient(above: float, below: float) -> float:
    return above / below if abs(below) > 1e-12 else float("nan")
