"""How far ranks depend on the weights and on the noise of assessors (METHOD 5.5, 5.6).

A weight is a judgement, so a bare rank says more than anyone knows. Here many sets of weights are drawn, and
each initiative gets the share of draws in which it would be chosen (stochastic multicriteria acceptability
analysis, SMAA-2: Lahdelma and Salminen 2001, Operations Research 49:444).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from . import draws as streams
from .inputs import DIGITS, BoolArray, FloatArray, IntArray, complete, count, numbers, weights_of
from .ranking import weighted_mean

Kind = Literal["tolerance", "order", "free", "groups"]

MOST_RANKED = 500  # initiatives up to which every rank is counted, exactly
_BATCH = 64  # draws at a time: the table of utilities stays in the processor's cache
_COLUMNS = 400  # initiatives per matrix product: small enough that BLAS starts no threads for it

Float32Array = npt.NDArray[np.float32]


class Acceptability(NamedTuple):
    """What the draws say; rows of nan for initiatives of which nothing is known.

    rank_share       (n, n) share of draws in which initiative i has rank j + 1; None above 500 initiatives
    top_share        (n,) share of draws in which the rank is k or better
    central_weights  (n, c) mean of the weights that put the initiative first; nan if none did
    """

    rank_share: FloatArray | None
    top_share: FloatArray
    central_weights: FloatArray


def sample_weights(
    weights: npt.ArrayLike,
    draws: int,
    kind: Kind = "tolerance",
    tolerance: float = 0.2,
    groups: npt.ArrayLike | None = None,
    seed: int = 0,
) -> FloatArray:
    """Random weights (draws, c), each row with sum 1, around the stated `weights` (c,).

    kind "tolerance"  each weight times a uniform number from 1 - tolerance to 1 + tolerance, rescaled;
                      tolerance from 0 to 1
         "order"      any weights in the order of the stated ones; equal ones may fall either way
         "free"       any weights at all
         "groups"     any mixture of the weights of `groups` (g, c), one row per group

    "order", "free" and the mixture are spread evenly over what is allowed (Dirichlet with all parameters
    1). The numbers come from the raw PCG64 stream of `seed`. ValueError for an unknown kind, fewer than one
    draw, a tolerance outside 0..1, weights without a meaning, or groups missing where they are needed.
    METHOD 5.6.
    """
    stated = weights_of(weights)
    rows, criteria = count(draws, "draws", least=1), stated.size
    bits = streams.stream(seed)
    if kind == "tolerance":
        if not 0 <= tolerance <= 1:
            raise ValueError("tolerance must be from 0 to 1")
        drawn = stated * (1.0 + tolerance * (2.0 * streams.uniform(bits, (rows, criteria)) - 1.0))
    elif kind == "order":
        drawn = _in_order(stated, streams.simplex(bits, rows, criteria), bits)
    elif kind == "free":
        drawn = streams.simplex(bits, rows, criteria)
    elif kind == "groups":
        own = _group_weights(groups, criteria)
        drawn = streams.simplex(bits, rows, len(own)) @ own
    else:
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}")
    scaled: FloatArray = drawn / drawn.sum(axis=1, keepdims=True)
    return scaled


def acceptability(values: npt.ArrayLike, weight_draws: npt.ArrayLike, k: int | None = None) -> Acceptability:
    """Share of `weight_draws` (S, c) in which each of the `values` (n, c) gets which rank, and the top k.

    `k` None means 1, the first rank. Ties share the better rank, so shares of the top k may sum to more than
    k. A missing value leaves its weight out of the mean, draw by draw; in a draw that gives all weight to
    what is missing the initiative ranks last. Weights need not sum to 1.

    Up to 500 initiatives utilities are float64, compared after rounding to nine digits. Above, they are
    float32, and those within the error of float32 sums (about 1e-6) count as tied. ValueError for wrong
    shapes, infinite values, weights that are negative or all zero in a draw, no draws, or k < 1. METHOD 5.6.
    """
    table = numbers(values, "values", ndim=2)
    weights = _weight_draws(weight_draws, table.shape[1])
    places = 1 if k is None else count(k, "k", least=1)
    ranked = np.flatnonzero(~np.isnan(table).all(axis=1))
    if table.shape[0] <= MOST_RANKED:
        found = _every_rank(table[ranked], weights, places, size=table.shape[0])
    else:
        found = _top_only(table[ranked], weights, places)
    top_share = np.full(table.shape[0], np.nan)
    top_share[ranked] = found.top_share
    central = np.full(table.shape, np.nan)
    central[ranked] = found.central_weights
    if found.rank_share is None:
        return Acceptability(None, top_share, central)
    rank_share = np.full((table.shape[0], table.shape[0]), np.nan)
    rank_share[ranked] = found.rank_share
    return Acceptability(rank_share, top_share, central)


def stability_interval(
    values: npt.ArrayLike, weights: npt.ArrayLike, a: int, b: int, criterion: int
) -> tuple[float, float] | None:
    """The weights (low, high) of one criterion, of a sum of 1, for which row `a` is at least as good as `b`.

    The other `weights` (c,) keep their proportions; if they are all zero they share equally. A missing value
    in `values` (n, c) is filled with the utility of its row under the stated weights. None when no weight
    puts `a` level with `b`. Differences are rounded to nine digits. ValueError for wrong shapes, unknown
    rows or criteria, weights without a meaning, or a row of which nothing is known. METHOD 5.6.
    """
    table = numbers(values, "values", ndim=2)
    stated = weights_of(weights, table.shape[1])
    first, second = (_index(row, len(table), name) for row, name in ((a, "a"), (b, "b")))
    column = _index(criterion, table.shape[1], "criterion")
    pair = table[[first, second]]
    utility = weighted_mean(pair, stated).utility
    if np.isnan(utility).any():
        raise ValueError("nothing is known of one of the two rows")
    pair = np.where(np.isnan(pair), utility[:, None], pair)
    others = np.delete(stated, column)
    if not others.sum() > 0:
        others = np.ones(others.size)
    lead = pair[0] - pair[1]
    only = round(float(lead[column]), DIGITS)
    without = only if not others.size else float(np.delete(lead, column) @ others / others.sum())
    without = round(without, DIGITS)
    if only >= 0 and without >= 0:
        return (0.0, 1.0)
    if only < 0 and without < 0:
        return None
    turn = without / (without - only)
    return (turn, 1.0) if only >= 0 else (0.0, turn)


def expected_rank(mean: npt.ArrayLike, sd: npt.ArrayLike) -> FloatArray:
    """Expected rank (n,) of independent normal utilities with `mean` (n,) and standard deviation `sd` (n,).

    1 + the sum over the others of the probability to be greater, exactly, in O(n^2) time and O(n) memory.
    Two without spread and with equal means (nine digits) share the better rank. Where the mean or sd is
    missing the result is nan, and the others are ranked without it. ValueError for negative or infinite
    numbers or lengths that differ. METHOD 5.5; Laird and Louis 1989, J. Educational Statistics 14:29.
    """
    centre, spread = numbers(mean, "mean", ndim=1), numbers(sd, "sd", ndim=1)
    if centre.size != spread.size:
        raise ValueError("mean and sd must have the same length")
    if (spread < 0).any():
        raise ValueError("sd must not be negative")
    known = np.flatnonzero(~np.isnan(centre) & ~np.isnan(spread))
    m, variance = np.round(centre[known], DIGITS), spread[known] ** 2
    ahead = np.zeros(known.size)
    for i in range(known.size - 1):
        greater, less = _order_probabilities(m[i + 1 :] - m[i], variance[i + 1 :] + variance[i])
        ahead[i] += greater.sum()
        ahead[i + 1 :] += less
    expected = np.full(centre.size, np.nan)
    expected[known] = 1.0 + ahead
    return expected


def _order_probabilities(lead: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(others greater), P(others less) for normal differences; a step where there is no spread."""
    certain = variance == 0
    scaled = lead / np.sqrt(2.0 * np.where(certain, 1.0, variance))
    greater = 0.5 * np.fromiter(map(math.erfc, (-scaled).tolist()), dtype=np.float64, count=lead.size)
    less = np.where(certain, lead < 0, 1.0 - greater)
    return np.where(certain, lead > 0, greater), less


def _every_rank(table: FloatArray, weights: FloatArray, places: int, size: int) -> Acceptability:
    """All ranks in float64, for few initiatives; `size` is the number of columns of the rank table."""
    n, criteria = table.shape
    counts = np.zeros(n * size)
    central, firsts = np.zeros((n, criteria)), np.zeros(n)
    position = np.arange(n)
    for batch in _batches(weights):
        utility = np.rint(_utilities(table, batch) * 10.0**DIGITS)
        order = np.argsort(-utility, axis=1)
        descending = np.take_along_axis(utility, order, axis=1)
        fresh = np.ones(order.shape, dtype=bool)
        fresh[:, 1:] = descending[:, 1:] != descending[:, :-1]
        rank = np.maximum.accumulate(np.where(fresh, position, 0), axis=1)
        counts += np.bincount((order * size + rank).ravel(), minlength=counts.size)
        draw, place = np.nonzero(rank == 0)
        _add_firsts(central, firsts, order[draw, place], batch[draw])
    rank_share = counts.reshape(n, size) / len(weights)
    top_share = np.minimum(rank_share[:, :places].sum(axis=1), 1.0)
    return Acceptability(rank_share, top_share, _mean_or_nan(central, firsts))


def _top_only(table: FloatArray, weights: FloatArray, places: int) -> Acceptability:
    """Top k and first ranks in float32, for many initiatives: buffers are reused, counters are bytes."""
    n, criteria = table.shape
    central, firsts = np.zeros((n, criteria)), np.zeros(n)
    top = np.zeros(n, dtype=np.int64)
    scale = float(np.nanmax(np.abs(table), initial=0.0))
    error = np.float32((criteria + 2) * np.finfo(np.float32).eps * scale)
    utility, sorted_part = np.empty((2, _BATCH, n), dtype=np.float32)
    chosen = np.empty((_BATCH, n), dtype=bool)
    product = _Product(table)
    for batch in _batches(weights):
        rows = len(batch)
        u, part, hit = utility[:rows], sorted_part[:rows], chosen[:rows]
        product.into(u, batch)
        np.greater_equal(u, u.max(axis=1, keepdims=True, initial=-np.inf) - error, out=hit)
        draw, initiative = np.divmod(np.flatnonzero(hit), n)
        _add_firsts(central, firsts, initiative, batch[draw])
        if 1 < places < n:
            np.copyto(part, u)
            part.partition(n - places, axis=1)
            np.greater_equal(u, part[:, n - places, None] - error, out=hit)
        if places < n:
            top += np.add.reduce(hit.view(np.uint8), axis=0, dtype=np.uint8)  # at most _BATCH < 256
    top_share = top / len(weights) if places < n else np.ones(n)
    return Acceptability(None, top_share, _mean_or_nan(central, firsts))


class _Product:
    """Weights times values in float32, with the rows that miss a value divided by what is known."""

    def __init__(self, table: FloatArray) -> None:
        known = ~np.isnan(table)
        self.values: Float32Array = np.ascontiguousarray(np.where(known, table, 0.0).T, dtype=np.float32)
        self.partial: IntArray = np.flatnonzero(~known.all(axis=1))
        self.known: FloatArray = known[self.partial].T.astype(np.float64)

    def into(self, utility: Float32Array, batch: FloatArray) -> None:
        weights = batch.astype(np.float32)
        for at in range(0, self.values.shape[1], _COLUMNS):
            np.matmul(weights, self.values[:, at : at + _COLUMNS], out=utility[:, at : at + _COLUMNS])
        if self.partial.size:
            utility[:, self.partial] = _divide(utility[:, self.partial], batch @ self.known)


def _utilities(table: FloatArray, batch: FloatArray) -> FloatArray:
    """Weighted means (draws, n) of the known values; -inf where a draw gives them no weight."""
    known: BoolArray = ~np.isnan(table)
    utility: FloatArray = batch @ np.where(known, table, 0.0).T
    if known.all():
        return utility
    return _divide(utility, batch @ known.T.astype(np.float64))


def _divide(total: npt.NDArray[np.floating], coverage: FloatArray) -> FloatArray:
    utility: FloatArray = np.full(total.shape, -np.inf)
    np.divide(total, coverage, out=utility, where=coverage > 0)
    return utility


def _batches(weights: FloatArray) -> Iterator[FloatArray]:
    for at in range(0, len(weights), _BATCH):
        yield weights[at : at + _BATCH]


def _add_firsts(central: FloatArray, firsts: FloatArray, initiative: IntArray, weights: FloatArray) -> None:
    np.add.at(central, initiative, weights)
    np.add.at(firsts, initiative, 1.0)


def _mean_or_nan(total: FloatArray, counts: FloatArray) -> FloatArray:
    mean: FloatArray = np.full(total.shape, np.nan)
    np.divide(total, counts[:, None], out=mean, where=counts[:, None] > 0)
    return mean


def _weight_draws(given: npt.ArrayLike, criteria: int) -> FloatArray:
    drawn = complete(given, "weight_draws", ndim=2)
    if len(drawn) == 0 or drawn.shape[1] != criteria:
        raise ValueError(f"weight_draws must be (draws, {criteria}) with at least one draw")
    if (drawn < 0).any():
        raise ValueError("weight_draws must not be negative")
    sums = drawn.sum(axis=1, keepdims=True)
    if not (sums > 0).all():
        raise ValueError("weight_draws must not all be zero in a draw")
    scaled: FloatArray = drawn / sums
    return scaled


def _in_order(stated: FloatArray, spread: FloatArray, bits: np.random.PCG64) -> FloatArray:
    """Each draw sorted into the order of the stated weights; equal ones are shuffled among themselves."""
    rounded = np.round(stated, DIGITS)
    order = np.argsort(-rounded, kind="stable")
    descending = -np.sort(-spread, axis=1)
    starts = np.flatnonzero(np.diff(rounded[order], prepend=np.inf))
    for start, end in zip(starts, [*starts[1:], stated.size], strict=True):
        if end - start > 1:
            turn = np.argsort(streams.uniform(bits, (len(spread), int(end - start))), axis=1)
            descending[:, start:end] = np.take_along_axis(descending[:, start:end], turn, axis=1)
    drawn = np.empty_like(spread)
    drawn[:, order] = descending
    return drawn


def _group_weights(groups: npt.ArrayLike | None, criteria: int) -> FloatArray:
    if groups is None:
        raise ValueError("groups must be given, one row of weights per group")
    rows = complete(groups, "groups", ndim=2)
    if not len(rows):
        raise ValueError("groups must hold at least one group")
    return np.array([weights_of(row, criteria, name="groups") for row in rows])


def _index(given: int, size: int, name: str) -> int:
    index = count(given, name)
    if index >= size:
        raise ValueError(f"{name} must be below {size}, not {index}")
    return index
