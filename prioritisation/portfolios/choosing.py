"""The best selection of a model, made unique; and what any selection keeps, breaks and brings."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from prioritisation.portfolios.model import FloatArray, Model, Row, build
from prioritisation.scoring import portfolio, ties
from prioritisation.scoring.flips import flip_bounds
from prioritisation.scoring.highs import Status

SECONDS = 20.0
_DEAREST = 50_000  # costs are compared in at most so many steps, which the solver tells apart for sure


class Choice(NamedTuple):
    """The best selection.

    status    as in `scoring.portfolio`; "optimal" only when proved
    selected  indexes, ascending
    value     in ten-thousandths; None when there is no selection
    bound     no selection is worth more; None when nothing fits
    unique    among selections of this value it is the cheapest and, of those, has the earliest references
    """

    status: Status
    selected: tuple[int, ...]
    value: int | None
    bound: int | None
    unique: bool


class Program(NamedTuple):
    """What the solver reads: rows of one size."""

    rows: FloatArray
    lower: FloatArray
    upper: FloatArray


def program(rows: Iterable[Row], n: int) -> Program:
    every = list(rows)
    scales = np.array([row.scale() for row in every])
    table = np.array([row.weights for row in every]).reshape(len(every), n)
    lower, upper = np.array([row.lower for row in every]), np.array([row.upper for row in every])
    return Program(table / scales[:, None], lower / scales, upper / scales)


def choose(
    model: Model,
    *,
    seconds: float = SECONDS,
    values: FloatArray | None = None,
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
    unique: bool = True,
) -> Choice:
    """The selection of greatest benefit that keeps every rule. With `values` other ones are weighed.

    Only a proved optimum that keeps all rows to the cent is called optimal. With `unique`, it is among the
    optima the cheapest and, of those, the one with the earliest references.
    """
    deadline = time.monotonic() + seconds
    worth = model.values if values is None else values
    task = program(model.rows, len(worth))
    into, out = {*model.locked_in, *locked_in}, {*model.locked_out, *locked_out}
    if into & out:
        return Choice("infeasible", (), None, None, unique=False)
    found = portfolio.solve(worth, *task, seconds, locked_in=into, locked_out=out)
    if found.status == "infeasible" or not math.isfinite(found.objective):
        bound = None if found.status == "infeasible" else math.floor(found.bound + 1e-6)
        return Choice(found.status, (), None, bound, unique=False)
    status = found.status if _kept(model, found.selected) else "feasible"
    best, settled = found.selected, False
    if unique and status == "optimal":
        best, settled = _settle(model, worth, task, found, into, out, deadline)
    value = round(math.fsum(worth[best].tolist()))
    bound = value if status == "optimal" else math.floor(found.bound + 1e-6)
    return Choice(status, tuple(best), value, bound, unique=settled)


def _kept(model: Model, selected: list[int]) -> bool:
    chosen = model.chosen(selected)
    return all(row.broken(chosen) == 0 for row in model.rows)


def _settle(
    model: Model,
    worth: FloatArray,
    task: Program,
    found: portfolio.Portfolio,
    into: set[int],
    out: set[int],
    deadline: float,
) -> tuple[list[int], bool]:
    """Among the best the cheapest, of those the one whose references are the earliest."""
    size = len(worth)
    steps = _cost_steps(model)
    every = ties.at_least(
        found.objective - 0.5, worth, *task, _left(deadline), locked_in=into, locked_out=out
    )
    every = [one for one in every or () if _kept(model, one)]
    if every:
        return min(every, key=lambda one: (float(steps[one].sum()), sum(one), one)), True
    # too many to look at each: two more searches
    best = found.selected
    objective, floor = worth, found.objective - 0.5
    for measure in (-steps, -np.arange(1.0, size + 1)):
        # what cannot move without losing value stays: little is left to search
        bounds = flip_bounds(objective, *task, _left(deadline), locked_in=into, locked_out=out)
        into = into | set(np.flatnonzero(bounds.left_out < floor).tolist())
        out = out | set(np.flatnonzero(bounds.selected < floor).tolist())
        if len(into) + len(out) >= size:
            return best, True
        largest = max(1.0, float(np.abs(objective).max()))
        task = Program(
            np.vstack([task.rows, objective / largest]),
            np.append(task.lower, floor / largest),
            np.append(task.upper, math.inf),
        )
        again = portfolio.solve(measure, *task, _left(deadline), locked_in=into, locked_out=out)
        if again.status != "optimal" or not _kept(model, again.selected):
            return best, False
        best = again.selected
        objective, floor = measure, again.objective - 0.5
    return best, True


def _left(deadline: float) -> float:
    return max(0.05, deadline - time.monotonic())


def _cost_steps(model: Model) -> FloatArray:
    """Costs in whole steps; one that is not stated counts as dearer than any that is."""
    known = model.costs[~np.isnan(model.costs)]
    dearest = float(known.max(initial=0.0))
    step = max(1.0, 10.0 ** math.ceil(math.log10(max(dearest, 1.0) / _DEAREST)))
    return np.round(np.nan_to_num(model.costs, nan=dearest + step) / step)


def evaluate(model: Model, selected: Iterable[int]) -> dict[str, Any]:
    """What a selection brings, costs, and which rows it breaks and by how much, as JSON."""
    places = sorted(set(selected))
    chosen = model.chosen(places)
    costs = model.costs[places]
    known = costs[~np.isnan(costs)]
    broken = {row.key: round(row.broken(chosen), 6) for row in model.rows if row.broken(chosen)}
    for word, locks, wanted in (("in", model.locked_in, True), ("out", model.locked_out, False)):
        broken |= {f"lock:{model.references[i]}": 1.0 for i in locks if (chosen[i] > 0) != wanted and word}
    return {
        "selected": [model.references[index] for index in places],
        "value": round(math.fsum(model.values[places].tolist())),
        "cost": int(math.fsum(known.tolist())),
        "without_cost": int(np.isnan(costs).sum()),
        "used": {row.key: round(row.used(chosen), 6) for row in model.rows},
        "broken": broken,
    }


def answer(inputs: Mapping[str, Any], *, seconds: float = 600.0) -> dict[str, Any]:
    """What an adopted result holds, made from its frozen inputs: the same again on any day.

    With "selection" in the inputs it is staff's own one, and the best stands beside it.
    """
    model = build(inputs)
    choice = choose(model, seconds=seconds)
    best = evaluate(model, choice.selected) if choice.value is not None else None
    own = inputs.get("selection")
    kept = best if own is None else evaluate(model, model.indexes(own))
    return {
        "status": choice.status,
        "unique": choice.unique,
        "own": own is not None,
        "bound": choice.bound,
        "best": best,
        "kept": kept,
        "rows": [
            {
                "key": row.key,
                "kind": row.kind,
                "unit": row.unit,
                "about": dict(row.about),
                "lower": None if math.isinf(row.lower) else row.lower,
                "upper": None if math.isinf(row.upper) else row.upper,
            }
            for row in model.rows
            if row.kind != "no_cost"
        ],
    }
