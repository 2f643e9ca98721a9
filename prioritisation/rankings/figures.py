"""Means, standard errors and values of every criterion, for all initiatives at once (METHOD 5.1, 5.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prioritisation.policies.schema import Criterion
from prioritisation.rankings.inputs import Case
from prioritisation.scoring import values
from prioritisation.scoring.inputs import FloatArray, IntArray


@dataclass(frozen=True)
class Figures:
    """Three tables (initiatives, criteria of the policy in their order): `mean` and `se`, the standard error
    of the mean, are nan where they are not known; `count` is the number of scores or, of a figure, 0 or 1."""

    mean: FloatArray
    se: FloatArray
    count: IntArray


def measure(case: Case) -> Figures:
    """What was given on each criterion; each initiative depends on itself alone."""
    shape = (len(case.initiatives), len(case.policy.criteria))
    mean, se = np.full(shape, np.nan), np.full(shape, np.nan)
    count = np.zeros(shape, dtype=np.int64)
    assessed = [one.key for one in case.policy.assessed_criteria()]
    for column, criterion in enumerate(case.policy.criteria):
        if criterion.source == "assessor":
            own = case.given[:, assessed.index(criterion.key)]
            mean[:, column], se[:, column], count[:, column] = _of_scores(own, case.initiative, shape[0])
        else:
            mean[:, column] = _stated(case, criterion)
            count[:, column] = ~np.isnan(mean[:, column])
    return Figures(mean, se, count)


def _of_scores(
    scores: FloatArray, initiative: IntArray, size: int
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Mean, standard error and number of `scores` by initiative."""
    known = ~np.isnan(scores)
    rows, given = initiative[known], scores[known]
    count = np.bincount(rows, minlength=size)
    mean = means(given, rows, count)
    squares = np.bincount(rows, weights=(given - mean[rows]) ** 2, minlength=size)
    variance: FloatArray = np.full(size, np.nan)
    np.divide(squares, count - 1, out=variance, where=count > 1)
    return mean, np.sqrt(variance) / np.sqrt(np.maximum(count, 1)), count


def means(given: FloatArray, rows: IntArray, count: IntArray) -> FloatArray:
    """Mean of what was `given` in each of `rows`; nan where `count` is 0."""
    mean: FloatArray = np.full(count.size, np.nan)
    np.divide(np.bincount(rows, weights=given, minlength=count.size), count, out=mean, where=count > 0)
    return mean


def _stated(case: Case, criterion: Criterion) -> FloatArray:
    """A figure of staff, or one that was counted; nan where it is not known."""
    figures = (one["figures"].get(criterion.figure) for one in case.initiatives)
    stated = [np.nan if figure is None else float(figure) for figure in figures]
    return np.array(stated, dtype=np.float64)


def worth(criteria: Sequence[Criterion], mean: FloatArray) -> FloatArray:
    """Values from 0 to 1 of the means (initiatives, criteria)."""
    columns = [value_of(one, mean[:, column]) for column, one in enumerate(criteria)]
    return np.column_stack(columns) if columns else np.empty((len(mean), 0))


def value_of(criterion: Criterion, mean: FloatArray) -> FloatArray:
    if criterion.value_points:
        return values.piecewise(mean, criterion.value_points)
    return values.value(mean, criterion.worst, criterion.best)
