import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritisation.scoring import agreement

N = math.nan
# Krippendorff 2011: four observers, twelve units
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_published_example(level, alpha):
    assert agreement.krippendorff_alpha(OBSERVERS, level) == pytest.approx(alpha, abs=0.0005)


def test_alpha_of_the_published_two_observers():
    """Krippendorff 2011, two observers and a binary value: alpha = 0.095."""
    ratings = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert agreement.krippendorff_alpha(ratings, "nominal") == pytest.approx(0.095, abs=0.0005)
    # with two values every level sees the same differences
    assert agreement.krippendorff_alpha(ratings) == pytest.approx(0.095, abs=0.0005)


def alpha_by_definition(ratings, level):
    """Pairs within units against pairs in the whole table, straight from the definition."""
    units = [[r for r in column if not math.isnan(r)] for column in np.asarray(ratings, dtype=float).T]
    units = [unit for unit in units if len(unit) > 1]
    pooled = [r for unit in units for r in unit]

    def ordinal(c, k):
        low, high = min(c, k), max(c, k)
        between = sum(low <= r <= high for r in pooled)
        return (between - (pooled.count(c) + pooled.count(k)) / 2) ** 2

    difference = {
        "nominal": lambda c, k: float(c != k),
        "ordinal": ordinal,
        "interval": lambda c, k: (c - k) ** 2,
        "ratio": lambda c, k: ((c - k) / (c + k)) ** 2 if c + k else 0.0,
    }[level]
    n = len(pooled)
    observed = sum(sum(difference(*p) for p in permutations(u, 2)) / (len(u) - 1) for u in units) / n
    expected = sum(difference(*p) for p in permutations(pooled, 2)) / (n * (n - 1))
    return 1 - observed / expected


RATINGS = arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 6)),
    elements=st.one_of(st.just(N), st.integers(0, 5).map(float), st.floats(0, 5).map(lambda x: round(x, 2))),
)


@settings(max_examples=60, deadline=None)
@given(RATINGS, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_agrees_with_its_definition(ratings, level):
    pairable = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    assume(len(np.unique(pairable[~np.isnan(pairable)])) > 1)
    found = agreement.krippendorff_alpha(ratings, level)
    assert found == pytest.approx(alpha_by_definition(ratings, level), abs=1e-9)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_one_for_full_agreement_and_nan_where_it_has_no_meaning(level):
    assert agreement.krippendorff_alpha([[1, 2, 3], [1, 2, 3]], level) == 1
    assert math.isnan(agreement.krippendorff_alpha([[4, 4], [4, 4]], level))  # nothing could disagree
    assert math.isnan(agreement.krippendorff_alpha([[1, 2, 3]], level))  # one assessor
    assert math.isnan(agreement.krippendorff_alpha([[1, N], [N, 2]], level))  # no unit with two
    assert math.isnan(agreement.krippendorff_alpha(np.empty((0, 0)), level))
    assert math.isnan(agreement.krippendorff_alpha([[N, N], [N, N]], level))


def test_a_unit_with_one_rating_does_not_count():
    assert agreement.krippendorff_alpha([[1, 2, 9], [1, 3, N]]) == agreement.krippendorff_alpha(
        [[1, 2], [1, 3]]
    )


def test_interval_alpha_does_not_lose_digits_on_large_scores():
    shifted = np.array(OBSERVERS) + 1e7
    assert agreement.krippendorff_alpha(shifted) == pytest.approx(agreement.krippendorff_alpha(OBSERVERS))


def test_ratio_alpha_in_blocks_is_the_same(monkeypatch):
    whole = agreement.krippendorff_alpha(OBSERVERS, "ratio")
    monkeypatch.setattr(agreement, "_BLOCK", 7)
    assert agreement.krippendorff_alpha(OBSERVERS, "ratio") == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize(
    ("ratings", "level"),
    [([1, 2], "interval"), ([[1, np.inf]], "interval"), ([[1, 2]], "cardinal"), ([[-1, 2], [1, 2]], "ratio")],
)
def test_ratings_that_cannot_be_compared_are_refused(ratings, level):
    with pytest.raises(ValueError, match=r"ratings|level"):
        agreement.krippendorff_alpha(ratings, level)


def test_kendall_w_as_published_without_ties():
    """Siegel 1956: three executives rank six applicants, W = .16."""
    found = agreement.kendall_w([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]])
    assert found.w == pytest.approx(0.16, abs=0.005)
    assert found.w_tied == found.w
    assert found.chi2 == pytest.approx(3 * 5 * 25.5 * 12 / (9 * 210))
    assert found.df == 5


def test_kendall_w_as_published_with_ties():
    """Siegel 1956, three rankings of ten objects with ties: sum of squares 591, W = .828 after correction."""
    found = agreement.kendall_w(
        [
            [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
            [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
            [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
        ]
    )
    assert found.w == pytest.approx(591 * 12 / (9 * 990))
    assert found.w_tied == pytest.approx(0.828, abs=0.0005)
    assert found.chi2 == pytest.approx(27 * found.w_tied)


def test_kendall_w_ranks_the_scores_itself():
    scores = agreement.kendall_w([[0.1, 3, 7, 7], [10, 20, 30, 30]])
    assert scores.w_tied == pytest.approx(1)
    assert scores.w == pytest.approx(0.9)  # by hand: R = 2, 4, 7, 7, S = 18, 12 S / (4 * 60)
    assert agreement.kendall_w([[1, 2, 3], [3, 2, 1]]).w == 0


def test_kendall_w_without_a_meaning():
    tied = agreement.kendall_w([[2, 2, 2], [5, 5, 5]])
    assert tied.w == 0
    assert math.isnan(tied.w_tied)
    assert math.isnan(tied.chi2)
    assert math.isnan(agreement.kendall_w([[1, 2, 3]]).w)
    assert math.isnan(agreement.kendall_w([[1], [2]]).w)
    with pytest.raises(ValueError, match="missing"):
        agreement.kendall_w([[1, N], [1, 2]])


def test_intraclass_correlations_as_published():
    found = agreement.intraclass_correlation(JUDGES)
    assert [round(r, 2) for r in found] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]


def test_intraclass_correlation_leaves_incomplete_rows_out():
    padded = [[1, N, 2, 3], *JUDGES, [N] * 4]
    assert agreement.intraclass_correlation(padded) == agreement.intraclass_correlation(JUDGES)


@pytest.mark.parametrize(
    "ratings", [np.empty((0, 3)), [[1, 2]], [[1], [2]], [[3, 3], [3, 3]], [[1, N], [N, 2]]]
)
def test_intraclass_correlation_without_a_meaning_is_nan(ratings):
    assert all(map(math.isnan, agreement.intraclass_correlation(ratings)))


def test_intraclass_correlation_when_assessors_differ_only_by_severity():
    found = agreement.intraclass_correlation([[0.1, 1.1], [0.2, 1.2], [0.3, 1.3]])
    assert found.icc3 == pytest.approx(1)
    assert found.icc1 < 0  # units explain less than chance would


def test_spearman_brown_links_single_and_mean_reliability():
    found = agreement.intraclass_correlation(JUDGES)
    assert agreement.spearman_brown(found.icc1, 4) == pytest.approx(found.icc1k)
    assert agreement.spearman_brown(0.5, 3) == 0.75
    assert agreement.spearman_brown(0.5, 1) == 0.5
    assert agreement.spearman_brown(1, 7) == 1
    assert math.isnan(agreement.spearman_brown(N, 3))
    assert math.isnan(agreement.spearman_brown(-0.5, 4))


@pytest.mark.parametrize(("icc1", "k"), [(0.5, 0), (0.5, -1), (0.5, N), (0.5, np.inf), (1.5, 2)])
def test_spearman_brown_refuses(icc1, k):
    with pytest.raises(ValueError, match=r"k must|icc1 must"):
        agreement.spearman_brown(icc1, k)
