"""Reading a portfolio problem: what callers pass in, or a ValueError that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .inputs import FloatArray, complete, count


class Problem(NamedTuple):
    values: FloatArray
    rows: FloatArray
    lower: FloatArray
    upper: FloatArray


def read(values: npt.ArrayLike, rows: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> Problem:
    worth = complete(values, "values", ndim=1)
    table = np.asarray(rows, dtype=np.float64)
    if table.size == 0 and table.ndim < 2:
        table = table.reshape(0, worth.size)
    table = complete(table, "rows", ndim=2)
    if table.shape[1] != worth.size:
        raise ValueError(f"rows must have {worth.size} columns, one per value, not {table.shape[1]}")
    return Problem(worth, table, _bounds(lower, len(table), "lower"), _bounds(upper, len(table), "upper"))


def _bounds(given: npt.ArrayLike, size: int, name: str) -> FloatArray:
    array = np.asarray(given, dtype=np.float64)
    if array.shape != (size,):
        raise ValueError(f"{name} must hold {size} numbers, one per row")
    if np.isnan(array).any():
        raise ValueError(f"{name} must not have missing numbers")
    if (array == (np.inf if name == "lower" else -np.inf)).any():
        raise ValueError(f"{name} must not be infinite on the side that rules everything out")
    return array


def locks(n: int, locked_in: Iterable[int], locked_out: Iterable[int]) -> FloatArray:
    """1 where locked in, 0 where locked out, nan elsewhere."""
    fixed = np.full(n, np.nan)
    for index in locked_in:
        fixed[index_of(index, n, "locked_in")] = 1.0
    for index in locked_out:
        place = index_of(index, n, "locked_out")
        if fixed[place] == 1.0:
            raise ValueError(f"locked_in and locked_out must not both name {place}")
        fixed[place] = 0.0
    return fixed


def index_of(given: int, size: int, name: str) -> int:
    index = count(given, name)
    if index >= size:
        raise ValueError(f"{name} must be below {size}, not {index}")
    return index
