"""Must-haves before ranking: a minimum per criterion and in total (METHOD 5.11).

A gate is never a weight: what fails here is not outweighed by high scores elsewhere. Whether a failed row is
"close" to the limit, waived, or short of information is for the caller to say.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .inputs import DIGITS, numbers

Failed = int | Literal["total"]


def check(
    scores: npt.ArrayLike, minimum: npt.ArrayLike, total_minimum: float | None = None
) -> list[list[Failed]]:
    """The gates that each row fails, in order: criterion indexes, then "total". An empty list: all passed.

    `scores` (n, c) on the assessors' scale; `minimum` (c,) or one number for all, None or nan where a
    criterion has none; `total_minimum` for the sum over all criteria, None for none. A score equal to the
    limit after rounding to nine digits passes. A missing score never fails, and neither does the total of a
    row that misses one: the caller reports those as missing. ValueError for the wrong shape or infinite
    numbers.

    Example, three criteria of 5 points with at least 3 each and 10 in all: 5, 5, 2 fails criterion 2.
    """
    table = np.round(numbers(scores, "scores", ndim=2), DIGITS)
    limits = np.round(numbers(minimum, "minimum"), DIGITS)
    if limits.ndim > 1 or (limits.ndim == 1 and limits.size != table.shape[1]):
        raise ValueError(f"minimum must be one number or {table.shape[1]}, one per criterion")
    # a comparison with nan is False, which is just what "never fails" means
    below = table < limits
    failed: list[list[Failed]] = [[*np.flatnonzero(row).tolist()] for row in below]
    if total_minimum is not None:
        limit = np.round(numbers(total_minimum, "total_minimum", ndim=0), DIGITS)
        short = np.round(table.sum(axis=1), DIGITS) < limit
        for row in np.flatnonzero(short):
            failed[row].append("total")
    return failed
