"""What it would cost at least to turn one initiative round: bounds from one relaxation (METHOD 5.12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .highs import maximise
from .inputs import FloatArray
from .problem import locks, read

_WHOLE = 1e-6
_LARGEST = 1024.0  # as in portfolio.py: HiGHS tells objectives apart from 1e-6 on


class Flips(NamedTuple):
    """bound     no selection is worth more; nan when no fraction of anything keeps the rules
    taken     (n,) share of each initiative in the relaxation, 0 to 1
    selected  (n,) no selection with this initiative is worth more
    left_out  (n,) no selection without it is worth more
    """

    bound: float
    taken: FloatArray
    selected: FloatArray
    left_out: FloatArray


def flip_bounds(
    values: npt.ArrayLike,
    rows: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    time_limit: float = 60.0,
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
) -> Flips:
    """Upper bounds on what is left when one initiative is forced in or out, in the values' own unit.

    Arguments as for `portfolio.solve`. A reduced cost is what the relaxation loses at least when that
    initiative alone is moved. Where the relaxation is not solved, everything is nan and bounds nothing.
    ValueError as for `portfolio.solve`.
    """
    problem = read(values, rows, lower, upper)
    n = problem.values.size
    fixed = locks(n, locked_in, locked_out)
    largest = float(np.abs(problem.values).max(initial=0.0))
    scale = _LARGEST / largest if largest > 0 else 1.0
    answer = maximise(
        cost=problem.values * scale,
        rows=problem.rows,
        bounds=(problem.lower, problem.upper),
        columns=(np.nan_to_num(fixed, nan=0.0), np.nan_to_num(fixed, nan=1.0)),
        whole=np.zeros(n, dtype=bool),
        seconds=time_limit,
    )
    if answer.status != "optimal" or answer.x is None:
        nothing = np.full(n, np.nan)
        return Flips(float("nan"), nothing, nothing, nothing)
    bound = float(problem.values @ answer.x)
    moved = bound - np.abs(answer.reduced_cost) / scale
    selected = np.where(answer.x < _WHOLE, moved, bound)
    left_out = np.where(answer.x > 1 - _WHOLE, moved, bound)
    selected[fixed == 0.0] = np.nan
    left_out[fixed == 1.0] = np.nan
    return Flips(bound, np.clip(answer.x, 0.0, 1.0), selected, left_out)
