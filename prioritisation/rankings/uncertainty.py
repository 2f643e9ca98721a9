"""How sure a place in the ranking is: what assessors' noise and other weights would make of it (METHOD 5.5,
5.6). All functions take the ranked initiatives only, and give one figure for each."""

from dataclasses import dataclass

import numpy as np

from prioritisation.policies.schema import Criterion
from prioritisation.rankings.assessors import Study
from prioritisation.rankings.figures import value_of, worth
from prioritisation.scoring import draws as streams
from prioritisation.scoring import robustness
from prioritisation.scoring.inputs import DIGITS, FloatArray, IntArray

NOISE_DRAWS = 2_000
WEIGHT_DRAWS = 10_000
TOLERANCE = 0.2
MOST_EXPECTED = 1_000
"""Initiatives up to which the expected rank is worked out; its cost grows with their square."""
BAND = (0.05, 0.95)
_BATCH = 64
_BLOCK = 1_024


@dataclass(frozen=True)
class Noise:
    """What the draws say: the ranks between which 90 % of them lie, the share in which an initiative is among
    the first K, and the share in which it is so without sharing the last place; nan without K."""

    low: IntArray
    high: IntArray
    top: FloatArray
    alone: FloatArray


def likely(
    criteria: tuple[Criterion, ...],
    mean: FloatArray,
    count: IntArray,
    weights: FloatArray,
    studies: dict[str, Study],
) -> tuple[FloatArray, FloatArray, list[str]]:
    """Mean and standard deviation of each utility after what is known of the noise, and the criteria of
    which nothing is known.

    `mean` and `count` (initiatives, scored criteria). A mean of few scores is drawn towards that of all: the
    smaller the share of differences between initiatives, the more. A stated figure has no noise.
    """
    centre, variance = mean.copy(), np.zeros(mean.shape)
    silent = []
    for column, criterion in enumerate(criteria):
        one = studies.get(criterion.key)
        if one is None:
            continue
        between, rest = one.variances.initiative, one.variances.residual
        if not np.isfinite(between + rest):
            silent.append(criterion.key)
            continue
        scores = np.maximum(count[:, column], 1)
        whole = between + rest / scores
        trust = np.divide(between, whole, out=np.zeros(len(mean)), where=whole > 0)
        centre[:, column] = one.grand_mean + trust * (mean[:, column] - one.grand_mean)
        variance[:, column] = between * (1 - trust) * _slope(criterion, centre[:, column]) ** 2
    known = ~np.isnan(mean)
    share = np.where(known, weights, 0.0)
    # a row whose known criteria weigh nothing is not ranked, so the sum is never 0 here
    share = share / np.maximum(share.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    valued = np.where(known, worth(criteria, centre), 0.0)
    spread = np.where(known, variance, 0.0)
    return (share * valued).sum(axis=1), np.sqrt((share**2 * spread).sum(axis=1)), silent


def _slope(criterion: Criterion, at: FloatArray) -> FloatArray:
    """Value gained by one point of the criterion, about `at`."""
    if not criterion.value_points:
        return np.full(at.shape, 1.0 / (criterion.best - criterion.worst))
    step = 1e-4
    slope: FloatArray = (value_of(criterion, at + step) - value_of(criterion, at - step)) / (2 * step)
    return slope


def draw_noise(mean: FloatArray, sd: FloatArray, places: int | None, draws: int, seed: int) -> Noise:
    """Ranks in `draws` rounds of independent normal utilities; ties (nine digits) share the better rank."""
    bits, size = streams.stream(seed), mean.size
    ranks = np.empty((draws, size), dtype=np.uint16 if size < 2**16 else np.uint32)
    top, alone = np.zeros(size), np.zeros(size)
    position = np.arange(size)
    for start in range(0, draws, _BATCH):
        rows = min(_BATCH, draws - start)
        drawn = np.rint((mean + sd * streams.normal(bits, (rows, size))) * 10.0**DIGITS)
        order = np.argsort(-drawn, axis=1)
        sinking = np.take_along_axis(drawn, order, axis=1)
        fresh = np.ones(order.shape, dtype=bool)
        fresh[:, 1:] = sinking[:, 1:] != sinking[:, :-1]
        rank = np.maximum.accumulate(np.where(fresh, position, 0), axis=1) + 1
        np.put_along_axis(ranks[start : start + rows], order, rank.astype(ranks.dtype), axis=1)
        if places is not None:
            top += size * [rows] if places >= size else _hits(drawn, sinking, places)
            alone += (drawn > sinking[:, places, None]).sum(axis=0) if places < size else rows
    low, high = _band(ranks)
    missing = np.full(size, np.nan)
    if places is None:
        return Noise(low, high, missing, missing)
    return Noise(low, high, top / draws, alone / draws)


def _hits(drawn: FloatArray, sinking: FloatArray, places: int) -> IntArray:
    """In how many of the draws each is at least as good as the last that has a place."""
    if places == 0:
        return np.zeros(drawn.shape[1], dtype=np.int64)
    hits: IntArray = (drawn >= sinking[:, places - 1, None]).sum(axis=0)
    return hits


def _band(ranks: np.ndarray) -> tuple[IntArray, IntArray]:
    """The ranks at 5 and 95 % of the draws (draws, initiatives), a block of initiatives at a time."""
    draws, size = ranks.shape
    first, last = int(np.floor(BAND[0] * (draws - 1))), int(np.ceil(BAND[1] * (draws - 1)))
    low, high = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    for start in range(0, size, _BLOCK):
        block = np.ascontiguousarray(ranks[:, start : start + _BLOCK].T)
        block.partition((first, last), axis=1)
        low[start : start + _BLOCK], high[start : start + _BLOCK] = block[:, first], block[:, last]
    return low, high


def draw_weights(
    valued: FloatArray, weights: FloatArray, groups: FloatArray, places: int | None, draws: int, seed: int
) -> FloatArray:
    """Share of `draws` of weights in which each is among the first `places`; nan without places.

    `valued` (initiatives, scored criteria). Weights are any mixture of the stakeholder groups' where there
    are some, else each stated one up to a fifth more or less.
    """
    if places is None:
        return np.full(len(valued), np.nan)
    if places == 0 or not len(valued):
        return np.zeros(len(valued))
    used = weights > 0
    kind: robustness.Kind = "groups" if len(groups) else "tolerance"
    if kind == "groups":
        used = used | (groups > 0).any(axis=0)
    drawn = robustness.sample_weights(
        weights[used],
        draws,
        kind,
        tolerance=TOLERANCE,
        groups=groups[:, used] if len(groups) else None,
        seed=seed,
    )
    return robustness.acceptability(valued[:, used], drawn, places).top_share
