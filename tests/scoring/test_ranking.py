import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritisation.scoring import ranking

CELLS = st.one_of(st.just(math.nan), st.integers(0, 20).map(lambda x: x / 20))
TABLES = st.integers(1, 5).flatmap(
    lambda c: arrays(float, st.tuples(st.integers(1, 9), st.just(c)), elements=CELLS)
)
POINTS = st.lists(st.integers(1, 100), min_size=5, max_size=5)


def test_weighted_mean_by_hand():
    # weights 2:1:1; second row misses the first criterion, third knows nothing
    result = ranking.weighted_mean([[1, 0.5, 0], [np.nan, 0.5, 1], [np.nan] * 3], [50, 25, 25])
    np.testing.assert_allclose(result.utility, [0.625, 0.75, np.nan])
    np.testing.assert_allclose(result.coverage, [1, 0.5, 0])
    np.testing.assert_allclose(result.lower, [0.625, 0.375, 0])
    np.testing.assert_allclose(result.upper, [0.625, 0.875, 1])


def test_missing_is_not_zero():
    missing, zero = ranking.weighted_mean([[0.8, np.nan], [0.8, 0.0]], [1, 1]).utility
    assert (missing, zero) == (0.8, 0.4)


def test_known_only_on_a_criterion_without_weight_is_unknown():
    result = ranking.weighted_mean([[0.8, np.nan]], [0, 1])
    assert math.isnan(result.utility[0])
    assert result.coverage[0] == 0


def test_no_rows_give_empty_results():
    assert [part.shape for part in ranking.weighted_mean(np.empty((0, 2)), [1, 1])] == [(0,)] * 4


@pytest.mark.parametrize("weights", [[], [1], [0, 0], [1, -1], [1, np.nan], [1, np.inf]])
def test_weights_without_a_meaning_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        ranking.weighted_mean([[0.1, 0.2]], weights)


@pytest.mark.parametrize("values", [[0.1, 0.2], [[0.1, np.inf]], 3])
def test_values_of_the_wrong_kind_are_refused(values):
    with pytest.raises(ValueError, match="values"):
        ranking.weighted_mean(values, [1, 1])


@given(TABLES, POINTS, st.data())
def test_other_initiatives_never_change_a_utility(table, points, data):
    """P1: adding or withdrawing initiatives leaves the others as they were, to the last bit."""
    weights = points[: table.shape[1]]
    kept = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, unique=True))
    whole = ranking.weighted_mean(table, weights)
    part = ranking.weighted_mean(table[kept], weights)
    for everyone, few in zip(whole, part, strict=True):
        np.testing.assert_array_equal(everyone[kept], few)


@given(TABLES, POINTS)
def test_missing_values_stay_within_their_bounds(table, points):
    """P6: the utility lies between "missing as 0" and "missing as 1", and equals neither by accident."""
    weights = points[: table.shape[1]]
    result = ranking.weighted_mean(table, weights)
    as_zero = ranking.weighted_mean(np.nan_to_num(table, nan=0.0), weights).utility
    as_one = ranking.weighted_mean(np.nan_to_num(table, nan=1.0), weights).utility
    np.testing.assert_allclose(result.lower, as_zero, atol=1e-12)
    np.testing.assert_allclose(result.upper, as_one, atol=1e-12)
    known = ~np.isnan(result.utility)
    np.testing.assert_array_equal(known, ~np.isnan(table).all(axis=1))
    assert (result.lower[known] <= result.utility[known] + 1e-12).all()
    assert (result.utility[known] <= result.upper[known] + 1e-12).all()


@given(TABLES, POINTS, st.integers(1, 4))
def test_a_criterion_entered_twice_at_half_weight_changes_nothing(table, points, copies):
    """P12: a mean, not a sum: the number of criteria does not matter, only their weight."""
    weights = np.array(points[: table.shape[1]], dtype=float)
    once = ranking.weighted_mean(table, weights)
    often = ranking.weighted_mean(np.tile(table, (1, copies)), np.tile(weights / copies, copies))
    for a, b in zip(once, often, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


@given(TABLES, POINTS, st.floats(1e-6, 1e6))
def test_weights_need_not_sum_to_one(table, points, factor):
    weights = np.array(points[: table.shape[1]], dtype=float)
    scaled = ranking.weighted_mean(table, weights * factor).utility
    np.testing.assert_allclose(scaled, ranking.weighted_mean(table, weights).utility, atol=1e-12)


@given(TABLES, POINTS, st.data())
def test_a_better_score_never_lowers_the_utility_or_the_rank(table, points, data):
    weights = points[: table.shape[1]]
    known = np.argwhere(~np.isnan(table))
    if not len(known):
        return
    row, column = data.draw(st.sampled_from(known.tolist()))
    better = table.copy()
    better[row, column] = min(1.0, better[row, column] + 0.25)
    before = ranking.weighted_mean(table, weights).utility
    after = ranking.weighted_mean(better, weights).utility
    assert after[row] >= before[row]
    assert ranking.competition_rank(after)[row] <= ranking.competition_rank(before)[row]


def test_competition_rank_is_1_2_2_4_and_unknown_comes_last():
    ranks = ranking.competition_rank([0.3, np.nan, 0.9, 0.7, 0.7, np.nan])
    assert ranks.tolist() == [4, 5, 1, 2, 2, 5]
    assert ranks.dtype.kind == "i"


def test_sums_that_differ_only_in_the_last_bit_tie():
    """P15: 0.1 + 0.2 and 0.3 are the same score."""
    assert 0.1 + 0.2 != 0.3
    assert ranking.competition_rank([0.3, 0.1 + 0.2, 0.2]).tolist() == [1, 1, 3]


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), min_size=6, max_size=6), POINTS)
def test_the_order_of_criteria_does_not_split_a_tie(order, fifths, points):
    """P15: the same scores and weights in another order sum to other bits and the same rank."""
    row = np.array(fifths) / 5
    weights = np.array([*points, 37]) / 100
    order = list(order)
    straight = ranking.weighted_mean([row], weights).utility
    turned = ranking.weighted_mean([row[order]], weights[order]).utility
    assert ranking.competition_rank(np.concatenate([straight, turned])).tolist() == [1, 1]


def test_ten_digits_do_not_count_but_the_caller_may_ask_for_fewer():
    assert ranking.competition_rank([0.5, 0.5 + 4e-10]).tolist() == [1, 1]
    assert ranking.competition_rank([0.5, 0.5 + 2e-9]).tolist() == [2, 1]
    assert ranking.competition_rank([0.51, 0.54], digits=1).tolist() == [1, 1]


def test_ranks_of_nothing_one_constant_and_all_missing():
    assert ranking.competition_rank([]).tolist() == []
    assert ranking.competition_rank([0.2]).tolist() == [1]
    assert ranking.competition_rank([0.2] * 3).tolist() == [1, 1, 1]
    assert ranking.competition_rank([np.nan] * 3).tolist() == [1, 1, 1]


@given(st.lists(CELLS, max_size=30))
def test_rank_is_one_plus_the_number_strictly_greater(utility):
    known = [u for u in utility if not math.isnan(u)]
    expected = [1 + (len(known) if math.isnan(u) else sum(v > u for v in known)) for u in utility]
    assert ranking.competition_rank(utility).tolist() == expected


@given(st.lists(CELLS, min_size=1, max_size=20), st.randoms())
def test_rank_does_not_depend_on_the_order_of_rows(utility, random):
    order = list(range(len(utility)))
    random.shuffle(order)
    ranks = ranking.competition_rank(utility)
    assert ranking.competition_rank(np.array(utility)[order]).tolist() == ranks[order].tolist()


def test_infinite_utility_is_refused():
    with pytest.raises(ValueError, match="utility"):
        ranking.competition_rank([1, np.inf])


@pytest.mark.parametrize(
    ("total", "shares", "seats"),
    [
        # the example usual for Hare's quota: 100,000 votes, six parties, 10 seats
        (10, [47000, 16000, 15900, 12000, 6000, 3100], [5, 2, 1, 1, 1, 0]),
        (70, [0.5, 0.3, 0.2], [35, 21, 14]),
        (10, [0.1, 0.2, 0.7], [1, 2, 7]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [1, 2], [0, 0]),
        (5, [0, 3, 0], [0, 5, 0]),
    ],
)
def test_largest_remainder(total, shares, seats):
    assert ranking.largest_remainder(total, shares) == seats


@given(
    st.integers(0, 500), st.lists(st.floats(0, 1e6), min_size=1, max_size=12).filter(lambda s: max(s) > 1e-3)
)
def test_places_always_add_up_and_stay_within_one_of_the_quota(total, shares):
    seats = ranking.largest_remainder(total, shares)
    assert sum(seats) == total
    for seat, share in zip(seats, shares, strict=True):
        assert abs(seat - total * share / sum(shares)) < 1 + 1e-6


@pytest.mark.parametrize(
    ("total", "shares"),
    [(-1, [1]), (1.5, [1]), (3, []), (3, [0, 0]), (3, [1, -1]), (3, [np.nan]), (3, [np.inf])],
)
def test_places_that_cannot_be_divided_are_refused(total, shares):
    with pytest.raises(ValueError, match=r"total|shares"):
        ranking.largest_remainder(total, shares)
