"""Every selection that is worth at least so much: what a rule for equal ones chooses from (METHOD 5.12)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from . import enumeration
from .highs import maximise
from .problem import locks, read

_LARGEST = 1024.0  # as in portfolio.py: HiGHS tells objectives apart from 1e-6 on


def at_least(
    worth: float,
    values: npt.ArrayLike,
    rows: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    time_limit: float = 60.0,
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
) -> list[list[int]] | None:
    """All selections worth `worth` or more, each as ascending indexes; None where they are too many.

    Arguments as for `portfolio.solve`; ValueError likewise.
    """
    problem = read(values, rows, lower, upper)
    fixed = locks(problem.values.size, locked_in, locked_out)
    largest = float(np.abs(problem.values).max(initial=0.0))
    scale = _LARGEST / largest if largest > 0 else 1.0
    cost = problem.values * scale
    relaxed = maximise(
        cost=cost,
        rows=problem.rows,
        bounds=(problem.lower, problem.upper),
        columns=(np.nan_to_num(fixed, nan=0.0), np.nan_to_num(fixed, nan=1.0)),
        whole=np.zeros(cost.size, dtype=bool),
        seconds=time_limit,
    )
    if relaxed.status == "infeasible":
        return []
    if relaxed.status != "optimal":
        return None
    allowed = enumeration.allowing(problem)
    lost = enumeration.losses(cost, allowed, fixed, relaxed.multipliers)
    near, _work = enumeration.within(lost.ceiling - worth * scale, allowed, lost, enumeration.WORK)
    if near is None:
        return None
    enough = np.flatnonzero(near.worth(problem.values) >= worth)
    return [np.flatnonzero(near.selection(int(place))).tolist() for place in enough]
