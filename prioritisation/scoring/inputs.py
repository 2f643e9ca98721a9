"""Reading what callers pass in: float arrays of the right shape, or a ValueError that says what is wrong."""

from __future__ import annotations

import operator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

DIGITS = 9  # decimals kept before two figures are compared


def numbers(given: npt.ArrayLike, name: str, *, ndim: int | None = None) -> FloatArray:
    """A float64 array of `ndim` dimensions (any when None); None becomes nan; infinite is refused."""
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers in a regular array") from error
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), not {array.ndim}")
    if np.isinf(array).any():
        raise ValueError(f"{name} must not hold infinite numbers")
    return array


def complete(given: npt.ArrayLike, name: str, *, ndim: int | None = None) -> FloatArray:
    """As `numbers`, but a missing number is refused too."""
    array = numbers(given, name, ndim=ndim)
    if np.isnan(array).any():
        raise ValueError(f"{name} must not have missing numbers")
    return array


def weights_of(given: npt.ArrayLike, criteria: int | None = None, name: str = "weights") -> FloatArray:
    """Weights (c,), scaled to sum 1; ValueError when one is negative or missing, or all are zero."""
    weights = complete(given, name, ndim=1)
    if criteria is not None and weights.size != criteria:
        raise ValueError(f"{name} must be {criteria}, one per criterion, not {weights.size}")
    if (weights < 0).any():
        raise ValueError(f"{name} must not be negative")
    largest = weights.max(initial=0.0)
    if not largest > 0:
        raise ValueError(f"{name} must not all be zero")
    # dividing by the largest first keeps very large and very small weights from overflowing the sum
    weights = weights / largest
    scaled: FloatArray = weights / weights.sum()
    return scaled


def identifiers(given: npt.ArrayLike, name: str) -> IntArray:
    """Whole numbers from 0 (N,), as used for initiatives and assessors in long tables."""
    array = complete(given, name, ndim=1)
    whole = array.astype(np.int64)
    if (whole != array).any() or (whole < 0).any():
        raise ValueError(f"{name} must be whole numbers from 0")
    return whole


def count(given: int, name: str, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    try:
        whole = operator.index(given)
    except TypeError as error:
        raise ValueError(f"{name} must be a whole number") from error
    if whole < least:
        raise ValueError(f"{name} must be at least {least}, not {whole}")
    return whole
