"""Which weight changes the list first, and from what share on (METHOD 5.6)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from prioritisation.rankings.inputs import DIGITS
from prioritisation.scoring.inputs import FloatArray

NEAR = 100
"""Initiatives looked at on either side of the line: whoever stands further off is not the first to cross."""


def first_change(
    keys: Sequence[str],
    references: Sequence[str],
    valued: FloatArray,
    utility: FloatArray,
    weights: FloatArray,
    places: int,
) -> dict[str, Any] | None:
    """The smallest change of one weight, the others in proportion, that swaps two across the line.

    `valued` (initiatives, criteria) in order of rank, `utility` (initiatives,). None where no line divides
    the list, where two are tied across it, or where no weight can change it. Percentages of the whole:
    `weight` as stated, `at` where it turns, `low` to `high` the range in which the list of this criterion
    holds; `names`: who leaves and who enters.
    """
    size = len(references)
    if not 0 < places < size or round(utility[places - 1], DIGITS) == round(utility[places], DIGITS):
        return None
    filled = np.where(np.isnan(valued), utility[:, None], valued)
    start, end = max(0, places - NEAR), min(size, places + NEAR)
    inside, outside = filled[start:places], filled[places:end]
    best: tuple[float, int, float, int, int] | None = None
    ranges = []
    for column in range(len(keys)):
        turns = _turns(inside, outside, weights, column)
        stated = float(weights[column])
        apart = np.round(np.abs(turns - stated), DIGITS)
        below, above = turns[turns <= stated], turns[turns > stated]
        ranges.append((float(below.max(initial=0.0)), float(above.min(initial=1.0))))
        if not np.isfinite(apart).any():
            continue
        leaves, enters = np.unravel_index(int(np.nanargmin(apart)), apart.shape)
        nearest = float(apart[leaves, enters])
        if best is None or nearest < best[0]:
            best = (nearest, column, float(turns[leaves, enters]), int(leaves) + start, int(enters) + places)
    if best is None:
        return None
    _distance, column, turn, leaves_at, enters_at = best
    low, high = ranges[column]
    return {
        "criterion": keys[column],
        "weight": _percent(weights[column]),
        "at": _percent(turn),
        "low": _percent(low),
        "high": _percent(high),
        "names": [references[leaves_at], references[enters_at]],
    }


def _turns(inside: FloatArray, outside: FloatArray, weights: FloatArray, column: int) -> FloatArray:
    """The weight of one criterion at which each pair (inside, outside) is level; nan where there is none.

    With weight t the lead of the one is D(t) = t * only + (1 - t) * without.
    """
    others = np.delete(weights, column)
    others = others / others.sum() if others.sum() > 0 else np.full(others.size, 1 / max(others.size, 1))
    only = np.subtract.outer(inside[:, column], outside[:, column])
    rest_in = (np.delete(inside, column, axis=1) * others).sum(axis=1)
    rest_out = (np.delete(outside, column, axis=1) * others).sum(axis=1)
    without = np.subtract.outer(rest_in, rest_out) if others.size else only
    only, without = np.round(only, DIGITS), np.round(without, DIGITS)
    gap = without - only
    turns: FloatArray = np.full(only.shape, np.nan)
    np.divide(without, gap, out=turns, where=gap != 0)
    turns[(turns < 0) | (turns > 1)] = np.nan
    return turns


def _percent(share: float) -> float:
    return round(100 * float(share), 7) + 0.0
