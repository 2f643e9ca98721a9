"""HiGHS as the other modules ask it: maximise, one thread, no tolerated gap, an honest status.

Huangfu and Hall 2018, Mathematical Programming Computation 10:119.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import highspy
import numpy as np

from .inputs import BoolArray, FloatArray, IntArray

Status = Literal["optimal", "feasible", "infeasible", "time limit"]

SMALLEST_GAP = 1e-7

_HIGHS_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",  # neither rows nor columns
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",  # every column is bounded
    highspy.HighsModelStatus.kTimeLimit: "time limit",
}


class Answer(NamedTuple):
    """What HiGHS returned, in the scale of the cost it was given."""

    status: Status
    x: FloatArray | None
    bound: float
    reduced_cost: FloatArray  # zeros unless it was a relaxation, like the rows' multipliers
    multipliers: FloatArray


def maximise(
    *,
    cost: FloatArray,
    rows: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    columns: tuple[FloatArray, FloatArray],
    whole: BoolArray,
    seconds: float,
    start: FloatArray | None = None,
    gap: float = SMALLEST_GAP,
) -> Answer:
    """Maximise cost @ x with one thread; "optimal" means that nothing is better by `gap` or more."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in _OPTIONS.items():
        solver.setOptionValue(option, setting)
    solver.setOptionValue("time_limit", float(seconds))
    solver.setOptionValue("mip_abs_gap", float(gap))
    solver.passModel(_model(cost, rows, bounds, columns, whole))
    if start is not None:
        guess = highspy.HighsSolution()
        guess.col_value = start.tolist()
        solver.setSolution(guess)
    solver.run()
    status = _HIGHS_STATUS.get(solver.getModelStatus(), "time limit")
    info = solver.getInfo()
    solution = solver.getSolution()
    integer = bool(whole.any())
    x: FloatArray | None = None
    usable = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if status == "optimal" or (status == "time limit" and integer and usable):
        x = np.array(solution.col_value, dtype=np.float64) if cost.size else np.zeros(0)
    reduced_cost, multipliers = np.zeros(cost.size), np.zeros(len(rows))
    if not integer and status == "optimal" and cost.size:
        reduced_cost = np.array(solution.col_dual, dtype=np.float64)
        multipliers = np.array(solution.row_dual, dtype=np.float64)
    greatest = float(np.maximum(cost, 0.0) @ np.where(np.isinf(columns[1]), 0.0, columns[1]))
    bound = greatest
    if integer and math.isfinite(info.mip_dual_bound):
        bound = min(greatest, info.mip_dual_bound)
    return Answer(status, x, bound, reduced_cost, multipliers)


_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_rel_gap": 0.0,
}


def _model(
    cost: FloatArray,
    rows: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    columns: tuple[FloatArray, FloatArray],
    whole: BoolArray,
) -> highspy.HighsLp:
    m, n = rows.shape
    filled_row, filled_column = np.nonzero(rows)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n, m
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = columns
    model.row_lower_, model.row_upper_ = bounds
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    starts: IntArray = np.concatenate([[0], np.cumsum(np.bincount(filled_row, minlength=m))])
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = filled_column.astype(np.int32)
    model.a_matrix_.value_ = rows[filled_row, filled_column]
    if whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[flag] for flag in whole.tolist()]
    return model
