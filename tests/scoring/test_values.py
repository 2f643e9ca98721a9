import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation.scoring import values


def test_value_is_linear_between_the_anchors_and_clipped_outside():
    assert values.value([0, 1, 2.5, 5, 7, -1], 0, 5).tolist() == [0, 0.2, 0.5, 1, 1, 0]


def test_worst_above_best_means_less_is_better():
    assert values.value([12, 36, 60, 90], worst=60, best=12).tolist() == [1, 0.5, 0, 0]


def test_a_missing_score_stays_missing():
    worth = values.value([[np.nan, 3]], 0, 5)
    assert math.isnan(worth[0, 0])
    assert worth[0, 1] == 0.6


def test_anchors_may_be_given_per_criterion():
    assert values.value([[5, 12], [0, 60]], [0, 60], [5, 12]).tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize(("worst", "best"), [(3, 3), (np.nan, 5), (0, np.inf)])
def test_anchors_that_give_no_scale_are_refused(worst, best):
    with pytest.raises(ValueError, match=r"worst|best"):
        values.value([1], worst, best)


@pytest.mark.parametrize("bad", [[np.inf], [-np.inf], ["high"], [[1], [1, 2]]])
def test_scores_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="x must"):
        values.value(bad, 0, 5)


def test_piecewise_interpolates_holds_its_ends_and_takes_points_in_any_order():
    worth = values.piecewise([0, 6, 9, 12, 24, 100, np.nan], [(24, 0.0), (6, 1.0), (12, 0.5)])
    np.testing.assert_array_equal(worth, [1, 1, 0.75, 0.5, 0, 0, np.nan])


@pytest.mark.parametrize(
    "points", [[], [(1, 1)], [(1, 0), (1, 1)], [(0, np.nan), (1, 1)], [(0, 1, 2), (3, 4, 5)]]
)
def test_a_table_without_a_line_is_refused(points):
    with pytest.raises(ValueError, match="points"):
        values.piecewise([1], points)


def test_swing_weights_are_shares_of_the_points():
    assert values.swing_weights([100, 60, 40]).tolist() == [0.5, 0.3, 0.2]


@pytest.mark.parametrize("points", [[], [0, 0], [10, -1], [10, np.nan], [10, np.inf], [[1, 2]]])
def test_swing_points_without_a_meaning_are_refused(points):
    with pytest.raises(ValueError, match="points"):
        values.swing_weights(points)


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=12).filter(lambda p: max(p) > 1e-300))
def test_swing_weights_sum_to_one_however_large_the_points(points):
    weights = values.swing_weights(points)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights >= 0).all()


def test_rank_order_centroid_of_three_as_published():
    # Barron and Barrett 1996: 11/18, 5/18, 2/18
    np.testing.assert_allclose(values.rank_order_centroid(3), [11 / 18, 5 / 18, 2 / 18], atol=1e-15)
    assert values.rank_order_centroid(1).tolist() == [1]


@pytest.mark.parametrize("n", [0, -2, 1.5])
def test_rank_order_centroid_needs_a_criterion(n):
    with pytest.raises(ValueError, match="n must"):
        values.rank_order_centroid(n)


@given(
    st.floats(-10, 10), st.floats(-10, 10), st.floats(-5, 5), st.floats(-5, 5).filter(lambda b: abs(b) > 0.01)
)
def test_value_never_falls_as_the_score_moves_towards_best(x, y, worst, span):
    nearer, further = (max(x, y), min(x, y)) if span > 0 else (min(x, y), max(x, y))
    assert values.value(nearer, worst, worst + span) >= values.value(further, worst, worst + span)
