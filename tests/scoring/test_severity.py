import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.scoring import severity


def long_table(matrix):
    """(initiative, assessor, score) of a table (initiatives, assessors)."""
    matrix = np.asarray(matrix, dtype=float)
    i, a = np.indices(matrix.shape)
    return i.ravel(), a.ravel(), matrix.ravel()


# Shrout and Fleiss 1979: six targets, four judges
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_balanced_components_are_those_of_the_anova_table():
    """Published mean squares of the table: targets 11.24, judges 32.49, residual 1.02."""
    found = severity.variance_components(*long_table(JUDGES))
    assert found.residual == pytest.approx(1.02, abs=0.005)
    assert found.initiative == pytest.approx((11.24 - 1.02) / 4, abs=0.005)
    assert found.assessor == pytest.approx((32.49 - 1.02) / 6, abs=0.005)


def henderson_by_projection(i, a, y):
    """Henderson's method 3 with full projection matrices: the definition, for small tables."""
    z, w = np.eye(i.max() + 1)[i], np.eye(a.max() + 1)[a]

    def off(x):
        return np.eye(len(y)) - x @ np.linalg.pinv(x)

    both, rows, columns = off(np.hstack([z, w])), off(z), off(w)
    residual = y @ both @ y / np.trace(both)
    between_rows = y @ (columns - both) @ y - residual * np.trace(columns - both)
    between_columns = y @ (rows - both) @ y - residual * np.trace(rows - both)
    return (
        between_rows / np.trace(z.T @ columns @ z),
        between_columns / np.trace(w.T @ rows @ w),
        residual,
    )


@pytest.mark.parametrize("seed", range(5))
def test_unbalanced_components_agree_with_the_definition(seed):
    rng = np.random.default_rng(seed)
    i, a, _ = long_table(np.zeros((9, 5)))
    keep = rng.random(45) < 0.5
    # repeats too: an assessor who scored an initiative twice
    i, a = np.concatenate([i[keep], i[keep][:4]]), np.concatenate([a[keep], a[keep][:4]])
    y = 2.0 * i + 3.0 * a + rng.normal(size=i.size)
    present = np.unique(i, return_inverse=True)[1]
    expected = henderson_by_projection(present, np.unique(a, return_inverse=True)[1], y)
    assert min(expected) > 0
    np.testing.assert_allclose(severity.variance_components(i, a, y), expected, rtol=1e-8)


def test_components_of_two_panels_agree_with_the_definition():
    """P10: two parts, so one degree of freedom less on either side."""
    i = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 3])
    a = np.array([0, 1, 0, 1, 1, 0, 2, 3, 2, 3, 4, 4])
    y = np.array([5, 3, 3, 1, 2, 3, 4, 5, 2, 4, 1, 2.0])
    expected = henderson_by_projection(i, a, y)
    found = severity.variance_components(i, a, y)
    np.testing.assert_allclose(found, np.maximum(expected, 0), rtol=1e-8)
    assert found.initiative > 0
    assert found.assessor > 0


def test_components_recover_what_was_put_in():
    rng = np.random.default_rng(1)
    i = np.repeat(np.arange(2000), 4)
    a = np.concatenate([rng.permutation(80)[:4] for _ in range(2000)])
    y = rng.normal(0, 0.8, 2000)[i] + rng.normal(0, 0.5, 80)[a] + rng.normal(0, 0.7, i.size)
    found = severity.variance_components(i, a, y)
    np.testing.assert_allclose(found, [0.64, 0.25, 0.49], rtol=0.25)


def test_negative_estimates_become_zero():
    found = severity.variance_components(*long_table([[0, 4], [4, 0], [0, 4], [4, 0]]))
    assert found.initiative == 0
    assert found.assessor == 0
    assert found.residual > 0


def test_components_that_the_table_cannot_tell_are_nan():
    one_each = severity.variance_components([0, 1, 2], [0, 1, 2], [1, 2, 3])
    assert all(map(math.isnan, one_each))
    assert all(map(math.isnan, severity.variance_components([], [], [])))
    assert all(map(math.isnan, severity.variance_components([0], [0], [np.nan])))


def test_a_constant_table_has_no_variance_at_all():
    assert severity.variance_components(*long_table(np.full((4, 3), 0.1))) == (0, 0, 0)


def test_severity_by_hand():
    """A scores both, B only the first, C only the second; A and B differ by 2, A and C by 1."""
    found = severity.adjust([0, 0, 1, 1], [0, 1, 0, 2], [4, 2, 5, 4], ridge=0)
    # effects sum to 0: A = 1, B = -1, C = 0
    np.testing.assert_allclose(found.assessor_effect, [1, -1, 0], atol=1e-12)
    np.testing.assert_allclose(found.adjusted, [3, 4], atol=1e-12)
    assert found.grand_mean == 3.75
    assert found.components.tolist() == [0, 0]


def test_ridge_by_hand():
    """One initiative, two assessors: b = +-(y1 - y2) / (2 (1 + ridge)), and the mean stays."""
    found = severity.adjust([0, 0], [0, 1], [5, 1], ridge=3)
    np.testing.assert_allclose(found.assessor_effect, [0.5, -0.5], atol=1e-12)
    np.testing.assert_allclose(found.adjusted, [3], atol=1e-12)


def test_additive_scores_are_taken_apart_exactly():
    merit, mildness = np.array([1.0, 3.0, 2.0, 4.0]), np.array([-0.5, 0.0, 0.5])
    i, a = np.array([0, 0, 1, 1, 2, 2, 3]), np.array([0, 1, 1, 2, 2, 0, 2])
    y = merit[i] + mildness[a]
    found = severity.adjust(i, a, y, ridge=0)
    np.testing.assert_allclose(found.adjusted, merit, atol=1e-10)
    np.testing.assert_allclose(found.assessor_effect, mildness, atol=1e-10)
    # no residual variance: the default penalty is 0 as well
    np.testing.assert_allclose(severity.adjust(i, a, y).adjusted, merit, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ridge", [0.0, 0.3, 5.0])
def test_effects_solve_the_stated_least_squares_problem(seed, ridge):
    """Against numpy's least squares on the full design with the penalty as extra rows."""
    rng = np.random.default_rng(seed)
    i, a = rng.integers(0, 8, 30), rng.integers(0, 5, 30)
    y = rng.normal(3, 1, 30)
    design = np.hstack([np.eye(8)[i], np.eye(5)[a]])
    penalty = np.hstack([np.zeros((5, 8)), np.sqrt(ridge) * np.eye(5)])
    # the mean of effects per part is free without ridge: pin it by a very small penalty
    pin = np.hstack([np.zeros((5, 8)), 1e-4 * np.eye(5)])
    solution = np.linalg.lstsq(
        np.vstack([design, penalty, pin]), np.concatenate([y, np.zeros(10)]), rcond=None
    )[0]
    found = severity.adjust(i, a, y, ridge=ridge)
    np.testing.assert_allclose(found.assessor_effect, solution[8:], atol=1e-6)
    present = np.unique(i)
    np.testing.assert_allclose(found.adjusted[present], solution[:8][present], atol=1e-6)


def test_without_assessor_variance_the_result_is_the_plain_mean():
    i, a, y = long_table([[0, 4], [4, 0], [1, 4], [4, 1]])
    found = severity.adjust(i, a, y)
    assert found.adjusted.tolist() == [2, 2, 2.5, 2.5]
    assert found.assessor_effect.tolist() == [0, 0]
    assert severity.adjust(i, a, y, ridge=np.inf).adjusted.tolist() == [2, 2, 2.5, 2.5]


def test_one_review_each_gives_the_scores_themselves():
    assert severity.adjust([0, 1, 2], [0, 1, 2], [1, 2, 5]).adjusted.tolist() == [1, 2, 5]


def test_a_constant_assessor_is_no_special_case():
    """P11: a z-score divides by this assessor's spread of 0; least squares does not."""
    found = severity.adjust(*long_table([[1, 3, 2], [4, 3, 5], [2, 3, 1], [5, 3, 4]]))
    assert np.isfinite(found.adjusted).all()
    assert np.isfinite(found.assessor_effect).all()


def test_good_initiatives_with_the_same_assessors_keep_their_lead():
    """P11: assessors 0 and 1 see only good initiatives and agree; standardising would level that.

    Initiatives 0-9 are worth 4, 10-19 worth 2; assessor 2 links both groups, and nobody is strict.
    """
    i = np.repeat(np.arange(20), 2)
    a = np.array(
        [[0, 1] if n < 9 else [1, 2] if n == 9 else [2, 3] if n == 10 else [3, 4] for n in range(20)]
    )
    y = np.where(i < 10, 4.0, 2.0) + np.tile([0.1, -0.1], 20)
    found = severity.adjust(i, a.ravel(), y)
    assert found.adjusted[:10].min() > found.adjusted[10:].max() + 1
    raw = np.array([y[a.ravel() == assessor].mean() for assessor in range(5)])
    z_score = y - raw[a.ravel()]
    assert abs(z_score[i < 9].mean() - z_score[i > 10].mean()) < 0.5  # the lead that z-scores lose


def test_disconnected_parts_are_labelled_and_kept_apart():
    """P10: nothing links the panels {0, 1} and {2, 3}, so no effect may flow between them."""
    i, a = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 0, 1, 2, 3, 2, 3])
    y = np.array([5, 4, 4, 3, 2, 1, 1, 0.0])
    found = severity.adjust(i, a, y, ridge=0)
    assert found.components.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.assessor_effect, [0.5, -0.5, 0.5, -0.5], atol=1e-12)
    np.testing.assert_allclose(found.adjusted, [4.5, 3.5, 1.5, 0.5], atol=1e-12)


def parts_by_search(i, a, size):
    label = [-1] * size
    fresh = 0
    for start in sorted(set(i.tolist())):
        if label[start] >= 0:
            continue
        todo = [start]
        while todo:
            here = todo.pop()
            if label[here] < 0:
                label[here] = fresh
                todo += i[np.isin(a, a[i == here])].tolist()
        fresh += 1
    return label


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=24))
def test_parts_are_those_found_by_search(pairs):
    """P10, on random sparse tables."""
    i, a = np.array(pairs).T
    found = severity.adjust(i, a, np.ones(len(pairs)))
    assert found.components.tolist() == parts_by_search(i, a, int(i.max()) + 1)


def test_a_long_chain_is_one_part():
    rng = np.random.default_rng(0)
    i, a = np.arange(2000) // 2, (np.arange(2000) + 1) // 2
    i, a = rng.permutation(1000)[i], rng.permutation(1001)[a]
    assert set(severity.adjust(i, a, np.ones(2000), ridge=np.inf).components.tolist()) == {0}


def test_missing_scores_are_left_out_and_never_zero():
    found = severity.adjust([0, 0, 1, 3, 3], [0, 1, 4, 0, 1], [4, 2, np.nan, 5, 3], ridge=0)
    np.testing.assert_allclose(found.adjusted, [3, np.nan, np.nan, 4], atol=1e-12)
    np.testing.assert_allclose(found.assessor_effect, [1, -1, np.nan, np.nan, np.nan], atol=1e-12)
    assert found.components.tolist() == [0, -1, -1, 0]
    assert found.grand_mean == 3.5


def test_no_scores_at_all():
    found = severity.adjust([], [], [])
    assert found.adjusted.shape == found.assessor_effect.shape == found.components.shape == (0,)
    assert math.isnan(found.grand_mean)
    missing = severity.adjust([1], [0], [np.nan])
    np.testing.assert_array_equal(missing.adjusted, [np.nan, np.nan])


@settings(max_examples=50)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_the_last_bit(random):
    rows = [(random.randrange(7), random.randrange(4), random.randrange(6) / 3) for _ in range(30)]
    turned = random.sample(rows, len(rows))
    for one, other in zip(
        severity.adjust(*zip(*rows, strict=True)), severity.adjust(*zip(*turned, strict=True)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_strict_company_is_made_good():
    """The better initiative met two strict assessors: the plain mean turns the order round."""
    merit, mildness = np.array([3.0, 3.4, 2.0, 4.0]), np.array([1.0, 1.0, -1.0, -1.0])
    i = np.array([0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    a = np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
    y = merit[i] + mildness[a] + np.tile([0.1, -0.1], 6)
    found = severity.adjust(i, a, y)
    raw = severity.adjust(i, a, y, ridge=np.inf)
    assert raw.adjusted[0] > raw.adjusted[1]
    assert found.adjusted[1] > found.adjusted[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ([0], [0, 1], [1, 2]),
        ([0.5], [0], [1]),
        ([-1], [0], [1]),
        ([0], [np.nan], [1]),
        ([0], [0], [np.inf]),
        ([[0]], [0], [1]),
        ([0], [0], [1], -1),
        ([0], [0], [1], np.nan),
    ],
)
def test_tables_that_cannot_be_read_are_refused(arguments):
    with pytest.raises(ValueError, match=r"initiative|assessor|score|ridge"):
        severity.adjust(*arguments)


@pytest.mark.parametrize("seed", range(5))
def test_both_at_once_are_the_same_as_each_alone(seed):
    random = np.random.default_rng(seed)
    initiative, assessor = random.integers(0, 12, 60), random.integers(0, 5, 60)
    score = random.integers(0, 6, 60) + 3.0 * assessor
    found, variances = severity.adjust_and_vary(initiative, assessor, score)
    alone = severity.adjust(initiative, assessor, score)
    assert variances == severity.variance_components(initiative, assessor, score)
    assert found.grand_mean == alone.grand_mean
    for name in ("adjusted", "assessor_effect", "components"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))
    assert np.ptp(found.assessor_effect) > 0  # so that equal is not empty
