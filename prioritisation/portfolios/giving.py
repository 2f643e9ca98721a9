"""When nothing keeps every rule: which rule could give way, and by how little; else several together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from prioritisation.portfolios.model import Model, Row
from prioritisation.scoring import portfolio

SECONDS = 10.0


class Way(NamedTuple):
    """Rows that give way, each by an amount in its own unit (money in cents); together they are enough."""

    steps: tuple[tuple[Row, float], ...]


def ways_out(model: Model, *, seconds: float = SECONDS) -> list[Way]:
    """The single steps that are enough alone, the smallest first; if none is, the smallest set of steps.

    Locks give way like rules. Empty when no amount is enough (relations that contradict one another), or when
    time ran out before anything was proved.
    """
    deadline = time.monotonic() + seconds
    rows = (*model.rows, *_lock_rows(model))
    soft = [place for place, row in enumerate(rows) if row.soft]
    together = _relaxed(rows, model, soft, deadline)
    if together is None:
        return []
    alone = []
    for place in soft:
        if time.monotonic() > deadline:
            break
        way = _relaxed(rows, model, [place], deadline)
        if way is not None and way.steps:
            alone.append(way)
    alone.sort(key=lambda way: _size(way.steps[0]))
    return alone or [together]


def _relaxed(rows: Sequence[Row], model: Model, soft: list[int], deadline: float) -> Way | None:
    """The smallest total of steps of these rows; None when it is not enough, or not proved in time."""
    sizes = np.array([_step(row) for row in rows])
    table = np.array([row.weights for row in rows]).reshape(len(rows), len(model.references))
    lower, upper = np.array([row.lower for row in rows]), np.array([row.upper for row in rows])
    left = max(0.1, deadline - time.monotonic())
    try:
        found = portfolio.relax(
            np.zeros(len(model.references)),
            table / sizes[:, None],
            lower / sizes,
            upper / sizes,
            soft,
            left,
        )
    except TimeoutError:
        return None
    if math.isinf(found.total):
        return None
    steps = [(rows[place], float(found.slack[place] * sizes[place])) for place in soft]
    return Way(tuple((row, _rounded(row, amount)) for row, amount in steps if amount > 1e-6 * _step(row)))


def _step(row: Row) -> float:
    """One step of a row: an initiative, or what an initiative costs on average."""
    if row.unit in ("money", "effort"):
        used = row.weights[row.weights > 0]
        return float(used.mean()) if used.size else 1.0
    return 1.0


def _size(step: tuple[Row, float]) -> tuple[float, str]:
    row, amount = step
    return amount / _step(row), row.key


def _rounded(row: Row, amount: float) -> float:
    """Rounded up to what people can give: whole units of money, whole initiatives."""
    if row.unit == "money":
        return 100.0 * math.ceil(amount / 100 - 1e-6)
    return float(math.ceil(amount - 1e-6))


def _lock_rows(model: Model) -> list[Row]:
    """Locks as rows, so that they can be named when they are what nothing fits with."""
    made = []
    for lock, places in (("in", model.locked_in), ("out", model.locked_out)):
        for index in places:
            weights = np.zeros(len(model.references))
            weights[index] = 1.0
            reference = model.references[index]
            low, high = (1.0, math.inf) if lock == "in" else (-math.inf, 0.0)
            about = {"reference": reference, "lock": lock}
            made.append(Row(f"lock:{reference}", "lock", weights, low, high, about=about))
    return made
