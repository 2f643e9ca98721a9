"""Weighted mean with coverage and bounds, competition ranks, largest remainder (METHOD 5.3, 5.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .inputs import DIGITS, BoolArray, FloatArray, IntArray, count, numbers, weights_of


class WeightedMean(NamedTuple):
    """Four arrays (n,), one number per initiative.

    utility   weighted mean of the known values; nan where nothing is known
    coverage  share of the weight that is known, 0..1
    lower     the weighted mean if every missing value were 0
    upper     the weighted mean if every missing value were 1
    """

    utility: FloatArray
    coverage: FloatArray
    lower: FloatArray
    upper: FloatArray


def weighted_mean(values: npt.ArrayLike, weights: npt.ArrayLike) -> WeightedMean:
    """Utility of each initiative: the mean of its known `values` (n, c), weighted by `weights` (c,).

    Missing values are nan; their weight is left out of the mean and shows in `coverage` and the bounds. A
    criterion of weight 0 adds nothing, so an initiative known only there has utility nan. Each row depends
    on itself alone, to the last bit. ValueError for the wrong shape, infinite values, or weights that are
    negative, missing or all zero. METHOD 5.3.
    """
    table = numbers(values, "values", ndim=2)
    shares = weights_of(weights, table.shape[1])
    columns = np.ascontiguousarray(table.T)
    known = ~np.isnan(columns)
    complete: BoolArray = np.logical_and.reduce(known, axis=1)
    total = np.zeros(len(table))
    coverage = np.zeros(len(table))
    full = 0.0
    # criterion by criterion, not by a matrix product: BLAS may sum a row differently in a longer table
    for criterion, share in enumerate(shares):
        if complete[criterion]:
            total += share * columns[criterion]
            coverage += share
        else:
            total += share * np.where(known[criterion], columns[criterion], 0.0)
            coverage += share * known[criterion]
        full += share
    utility = np.divide(total, coverage, out=np.full(len(table), np.nan), where=coverage > 0)
    coverage /= full
    lower = total / full
    return WeightedMean(utility, coverage, lower, lower + (1.0 - coverage))


def competition_rank(utility: npt.ArrayLike, digits: int = DIGITS) -> IntArray:
    """Ranks (n,) from the highest utility down, as in a competition: 1-2-2-4.

    Utilities (n,) are compared after rounding to `digits` decimals; equal ones share the better rank. All
    nan share the rank after the last known one. Infinite utilities are refused with ValueError. METHOD 5.4.
    """
    rounded = np.round(numbers(utility, "utility", ndim=1), digits)
    known = np.sort(rounded[~np.isnan(rounded)])
    # searchsorted puts nan after every known number, so the count of greater ones needs care there
    greater = known.size - np.searchsorted(known, rounded, side="right")
    ranks: IntArray = np.where(np.isnan(rounded), known.size, greater).astype(np.int64) + 1
    return ranks


def largest_remainder(total: int, shares: Sequence[float] | npt.ArrayLike) -> list[int]:
    """Divide `total` places by `shares` (Hamilton's method): whole numbers that sum to `total`.

    Each share gets the whole part of its quota, the places left over go to the largest remainders, a tie to
    the earlier one. Shares need not sum to 1. They are read as the decimals they print as, so 0.1 is one
    tenth, and quotas are rounded to nine digits. ValueError when `total` is negative or not whole, or when
    shares are negative, missing, infinite or all zero. METHOD 5.12.
    """
    places = count(total, "total")
    given = numbers(shares, "shares", ndim=1)
    if np.isnan(given).any() or (given < 0).any() or not (given > 0).any():
        raise ValueError("shares must be numbers from 0, not all zero")
    exact = [Fraction(repr(float(share))) for share in given]
    whole_sum = sum(exact, Fraction(0))
    quotas = [round(places * share / whole_sum, DIGITS) for share in exact]
    seats = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(seats)), key=lambda i: (seats[i] - quotas[i], i))
    for i in by_remainder[: places - sum(seats)]:
        seats[i] += 1
    return seats
