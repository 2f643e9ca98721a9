"""Strict and mild assessors: where scores vary, and scores adjusted for it (METHOD 5.5, 5.7).

The model is score = mean + initiative + assessor + rest. It compares an assessor only with colleagues on the
same initiatives, so an assessor who happened to get good initiatives is not taken for a mild one, as
standardising each assessor's scores would do. An assessor who gives everything the same score is no special
case.

All functions take a long table: one row per score, with whole-number ids from 0. Rows without a score (nan)
are left out. The order of rows does not matter, to the last bit. The minimum of scores per assessor and the
decision whether the adjusted scores are used belong to the caller.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .inputs import FloatArray, IntArray, identifiers, numbers

_NEGLIGIBLE = 1e-12  # share of the scores' variance below which a component is rounding noise


class Components(NamedTuple):
    """Variances, in squared points of the scale; nan where the table cannot tell.

    initiative  between initiatives: what assessment is after
    assessor    between strict and mild assessors
    residual    the rest: taste, error, and the pairing of one assessor with one initiative
    """

    initiative: float
    assessor: float
    residual: float


class Severity(NamedTuple):
    """Scores adjusted for who gave them.

    adjusted         (n,) per initiative, on the scale of the scores but not clipped to it; nan without scores
    assessor_effect  (a,) points by which an assessor scores higher than colleagues on the same initiatives,
                     negative for a strict one; they sum to 0 within each connected part; nan without scores
    grand_mean       mean of all scores; nan without any
    components       (n,) label from 0 of the connected part of each initiative, -1 without scores. Between
                     parts no chain of shared assessors exists: adjusted scores of different parts compare
                     only as far as the parts' assessors are alike
    """

    adjusted: FloatArray
    assessor_effect: FloatArray
    grand_mean: float
    components: IntArray


def variance_components(
    initiative: npt.ArrayLike, assessor: npt.ArrayLike, score: npt.ArrayLike
) -> Components:
    """Variance between initiatives, between assessors and of the rest, from a table (N,) of scores.

    Henderson's method 3 for the crossed model without interaction, in closed form; estimates below zero
    become 0. `residual` is nan when no score can be checked against others (N - n - a + parts = 0), and so
    are those that need it; `initiative` is nan when no assessor has two scores, `assessor` when no
    initiative has two. ValueError when lengths differ, ids are not whole numbers from 0, or a score is
    infinite. Source: Henderson 1953, Biometrics 9:226; Searle, Casella and McCulloch 1992, section 5.5.
    """
    return _Scores(initiative, assessor, score).variances()


def adjust(
    initiative: npt.ArrayLike,
    assessor: npt.ArrayLike,
    score: npt.ArrayLike,
    ridge: float | None = None,
) -> Severity:
    """Scores of initiatives with the severity of their assessors taken out, from a table (N,) of scores.

    Least squares on score = initiative + assessor with a penalty `ridge` on assessors only. None takes
    residual / assessor variance, which makes the effects best linear unbiased predictions; when there is no
    assessor variance, or the table cannot tell, the penalty is infinite and the result is the plain mean.
    0 is plain least squares. Cost O(N k + a^3).

    Disconnected parts raise nothing; see `Severity.components`. ValueError as for `variance_components`,
    and when `ridge` is negative or nan. METHOD 5.7; Henderson 1975, Biometrics 31:423.
    """
    if ridge is not None and not ridge >= 0:
        raise ValueError("ridge must be 0 or more")
    scores = _Scores(initiative, assessor, score)
    return scores.adjusted(_penalty(scores.variances()) if ridge is None else float(ridge))


def adjust_and_vary(
    initiative: npt.ArrayLike, assessor: npt.ArrayLike, score: npt.ArrayLike
) -> tuple[Severity, Components]:
    """`adjust` and `variance_components` of one table, of which both need the same."""
    scores = _Scores(initiative, assessor, score)
    variances = scores.variances()
    return scores.adjusted(_penalty(variances)), variances


def _penalty(variances: Components) -> float:
    """The ridge that makes effects best linear unbiased predictions; infinite where nothing can be told."""
    ridge = variances.residual / variances.assessor if variances.assessor > 0 else np.inf
    return float(np.inf if np.isnan(ridge) else ridge)


class _Scores:
    """The long table in a fixed order, with the counts that all formulas need."""

    def __init__(self, initiative: npt.ArrayLike, assessor: npt.ArrayLike, score: npt.ArrayLike) -> None:
        rows = identifiers(initiative, "initiative")
        columns = identifiers(assessor, "assessor")
        y = numbers(score, "score", ndim=1)
        if not rows.size == columns.size == y.size:
            raise ValueError("initiative, assessor and score must have the same length")
        self.initiatives = int(rows.max(initial=-1)) + 1
        self.assessors = int(columns.max(initial=-1)) + 1
        known = ~np.isnan(y)
        rows, columns, y = rows[known], columns[known], y[known]
        order = _canonical_order(rows * self.assessors + columns, y)
        self.initiative, self.assessor, self.y = rows[order], columns[order], y[order]
        self.per_initiative = np.bincount(self.initiative, minlength=self.initiatives)
        self.per_assessor = np.bincount(self.assessor, minlength=self.assessors)
        self.parts, self._part_of_assessor = self._connected_parts()

    def adjusted(self, ridge: float) -> Severity:
        """The means with the effects under this ridge taken out; see `adjust`."""
        effect = self.assessor_effects(ridge)
        return Severity(
            adjusted=_means(self.y - effect[self.assessor], self.initiative, self.per_initiative),
            assessor_effect=np.where(self.per_assessor > 0, effect, np.nan),
            grand_mean=float(self.y.mean()) if self.y.size else float("nan"),
            components=self.parts,
        )

    def variances(self) -> Components:
        """Henderson's method 3; see `variance_components`."""
        rows = int(np.count_nonzero(self.per_initiative))
        columns = int(np.count_nonzero(self.per_assessor))
        parts = int(self.parts.max(initial=-1)) + 1
        total = self.y.size
        if total == 0:
            return Components(float("nan"), float("nan"), float("nan"))
        centred = self.y - self.y.mean()
        noise = _NEGLIGIBLE * float(np.mean(centred**2)) + _NEGLIGIBLE**2 * float(np.mean(self.y**2))
        effect = self.assessor_effects(0.0)
        both = float(np.sum(self._rest(self.y - effect[self.assessor], self.initiative) ** 2))
        only_rows = float(np.sum(self._rest(self.y, self.initiative) ** 2))
        only_columns = float(np.sum(self._rest(self.y, self.assessor) ** 2))
        residual = _ratio(both, total - rows - columns + parts)
        # what initiatives explain beyond assessors, and the other way round, less the residual's part
        between_rows = only_columns - both - (rows - parts) * residual
        between_columns = only_rows - both - (columns - parts) * residual
        cell = self._cell_counts()
        row_weight = total - float(np.sum(cell**2 / self.per_assessor[self._cell_assessor]))
        column_weight = total - float(np.sum(cell**2 / self.per_initiative[self._cell_initiative]))
        estimates = (_ratio(between_rows, row_weight), _ratio(between_columns, column_weight), residual)
        return Components(*(0.0 if estimate < noise else estimate for estimate in estimates))

    def assessor_effects(self, ridge: float) -> FloatArray:
        """The effects b (a,) of ridge least squares, summing to 0 in each connected part; 0 without scores.

        (D_A + ridge I - N' D_I^-1 N) b = N' r_A - N' D_I^-1 r_I with r = y - mean.
        """
        if np.isinf(ridge) or not self.y.size:
            return np.zeros(self.assessors)
        residual = self._rest(self.y - self.y.mean(), self.initiative)
        right = np.bincount(self.assessor, weights=residual, minlength=self.assessors)
        matrix: FloatArray = np.diag(self.per_assessor + ridge) - self._shared
        # The solution sums to 0 in each part, whatever the ridge, so adding ones within a part changes
        # nothing but makes the matrix regular when the ridge is 0.
        part = self._part_of_assessor
        same_part = (part[:, None] == part[None, :]) & (part[:, None] >= 0)
        matrix = matrix + same_part / np.maximum(same_part.sum(axis=1), 1)[:, None]
        matrix[np.diag_indices_from(matrix)] += part < 0  # without scores: nothing to solve
        effect: FloatArray = np.where(self.per_assessor > 0, np.linalg.solve(matrix, right), 0.0)
        return effect

    def _rest(self, y: FloatArray, group: IntArray) -> FloatArray:
        """`y` less the mean of its group."""
        counts = np.bincount(group)
        rest: FloatArray = y - _means(y, group, counts)[group]
        return rest

    @cached_property
    def _shared(self) -> FloatArray:
        """N' D_I^-1 N (a, a), from the pairs of scores of one initiative: O(N k) and never (n, a) in size.

        Rows are sorted by initiative, so the pairs are the rows 0, 1, 2, ... places apart.
        """
        flat: FloatArray = np.zeros(self.assessors**2)
        weight = 1.0 / self.per_initiative[self.initiative]
        np.add.at(flat, self.assessor * (self.assessors + 1), weight)
        for apart in range(1, int(self.per_initiative.max(initial=0))):
            same = np.flatnonzero(self.initiative[apart:] == self.initiative[:-apart])
            one, other = self.assessor[same], self.assessor[same + apart]
            pairs = np.concatenate([one * self.assessors + other, other * self.assessors + one])
            np.add.at(flat, pairs, np.tile(weight[same], 2))
        square: FloatArray = flat.reshape(self.assessors, self.assessors)
        return square

    def _cell_counts(self) -> FloatArray:
        """Number of scores in each filled cell; 1 throughout unless an assessor scored something twice."""
        cells, counts = np.unique(self.initiative * self.assessors + self.assessor, return_counts=True)
        self._cell_initiative, self._cell_assessor = np.divmod(cells, self.assessors)
        cell: FloatArray = counts.astype(np.float64)
        return cell

    def _connected_parts(self) -> tuple[IntArray, IntArray]:
        """Labels of the connected parts for initiatives (n,) and assessors (a,); -1 without scores.

        Each round gives everybody the smallest label among their partners, then follows labels to their
        end, so that long chains close in few rounds.
        """
        label = np.arange(self.initiatives)
        seen = np.full(self.assessors, self.initiatives)
        while True:
            before = label.copy()
            np.minimum.at(seen, self.assessor, label[self.initiative])
            np.minimum.at(label, self.initiative, seen[self.assessor])
            # a label is itself an initiative: whoever it belongs to now can do no worse than we
            np.minimum.at(label, before, label.copy())
            while (label != label[label]).any():
                label = label[label]
            if (label == before).all():
                break
        scored = self.per_initiative > 0
        numbered = np.full(self.initiatives, -1, dtype=np.int64)
        numbered[scored] = np.unique(label[scored], return_inverse=True)[1]
        of_assessor = np.full(self.assessors, -1, dtype=np.int64)
        of_assessor[self.assessor] = numbered[self.initiative]
        return numbered, of_assessor


def _canonical_order(key: IntArray, y: FloatArray) -> IntArray:
    """The order of rows by initiative, assessor and, only where both repeat, score."""
    if (np.diff(key) > 0).all():
        return np.arange(key.size)
    order: IntArray = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():
        order = np.lexsort((y, key))
    return order


def _means(y: FloatArray, group: IntArray, counts: IntArray) -> FloatArray:
    means: FloatArray = np.full(counts.size, np.nan)
    np.divide(np.bincount(group, weights=y, minlength=counts.size), counts, out=means, where=counts > 0)
    return means


def _ratio(above: float, below: float) -> float:
    """A quotient that is nan when nothing is left to divide by."""
    return float(above / below) if below > 1e-9 else float("nan")
