import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritisation.scoring import ranking, robustness

S = 20_000


def within_noise(found, exact, draws=S):
    """Within four Monte-Carlo standard errors of a known probability."""
    exact = np.asarray(exact, dtype=float)
    np.testing.assert_array_less(np.abs(found - exact), 4 * np.sqrt(exact * (1 - exact) / draws) + 1e-12)


# A is best on the first criterion, B on the second, C is even. With w uniform on 0..1 A leads above .6, B
# below .4, C between; A is second between .5 and .6.
THREE = np.array([[1, 0], [0, 1], [0.6, 0.6]])
RANKS = [[0.4, 0.1, 0.5], [0.4, 0.1, 0.5], [0.2, 0.8, 0.0]]


def padded(values, size=600):
    """The same initiatives among many that are worth nothing: beyond what is ranked exactly."""
    return np.vstack([np.zeros((size, values.shape[1])), values])


def test_free_weights_on_two_criteria_have_known_areas():
    draws = robustness.sample_weights([1, 1], S, "free")
    found = robustness.acceptability(THREE, draws, k=2)
    within_noise(found.rank_share, RANKS)
    within_noise(found.top_share, [0.5, 0.5, 1.0])
    np.testing.assert_allclose(found.central_weights, [[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]], atol=0.01)


def test_many_initiatives_have_the_same_areas():
    draws = robustness.sample_weights([1, 1], S, "free", seed=9)
    first = robustness.acceptability(padded(THREE), draws)
    assert first.rank_share is None
    within_noise(first.top_share[600:], [0.4, 0.4, 0.2])
    np.testing.assert_allclose(first.central_weights[600:], [[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]], atol=0.01)
    assert np.isnan(first.central_weights[:600]).all()
    assert not first.top_share[:600].any()
    within_noise(robustness.acceptability(padded(THREE), draws, k=2).top_share[600:], [0.5, 0.5, 1.0])


def test_free_weights_on_three_criteria_have_known_areas():
    # w_1 > 1/2 holds on a quarter of the triangle
    values = np.vstack([np.eye(3), [0.5, 0.5, 0.5]])
    draws = robustness.sample_weights([5, 1, 1], S, "free", seed=3)
    within_noise(robustness.acceptability(values, draws).top_share, [0.25, 0.25, 0.25, 0.25])


def test_an_agreed_order_has_known_areas():
    # sorting sends the three quarters with any weight above 1/2 to the first criterion
    values = np.vstack([np.eye(3), [0.5, 0.5, 0.5]])
    draws = robustness.sample_weights([20, 10, 30], S, "order", seed=3)
    assert (draws[:, 2] >= draws[:, 0]).all()
    assert (draws[:, 0] >= draws[:, 1]).all()
    within_noise(robustness.acceptability(values, draws).top_share, [0, 0, 0.75, 0.25])
    # the centre of the ordered weights is the rank order centroid
    np.testing.assert_allclose(draws.mean(axis=0), [5 / 18, 2 / 18, 11 / 18], atol=0.01)


def test_equal_weights_in_an_order_may_fall_either_way():
    draws = robustness.sample_weights([1, 3, 1], S, "order", seed=1)
    assert (draws[:, 1] >= draws.max(axis=1)).all()
    within_noise((draws[:, 0] > draws[:, 2]).mean(), 0.5)


def test_tolerance_has_a_known_area_and_known_limits():
    """P(w_1 > .52) for w_1 = r / (r + s), r and s uniform on .8..1.2: a triangle of the square."""
    draws = robustness.sample_weights([7, 7], S, "tolerance", tolerance=0.2, seed=5)
    q = 0.52 / 0.48
    exact = (1.2 - 0.8 * q) ** 2 / (2 * q) / 0.4**2
    found = robustness.acceptability([[1, 0], [0.52, 0.52]], draws)
    within_noise(found.top_share, [exact, 1 - exact])
    assert draws.min() >= 0.4
    assert draws.max() <= 0.6
    assert draws[:, 0].max() > 0.59


def test_groups_are_mixed_evenly():
    draws = robustness.sample_weights([1, 1], S, "groups", groups=[[3, 1], [0, 5]], seed=2)
    assert draws[:, 0].max() <= 0.75
    within_noise((draws[:, 0] > 0.25).mean(), 2 / 3)
    one = robustness.sample_weights([1, 1], 5, "groups", groups=[[3, 1]])
    np.testing.assert_allclose(one, [[0.75, 0.25]] * 5)


@pytest.mark.parametrize("kind", ["tolerance", "order", "free", "groups"])
def test_draws_are_weights_and_the_seed_decides(kind):
    groups = [[1, 2, 3], [3, 1, 1]]
    draws = robustness.sample_weights([1, 5, 2], 500, kind, groups=groups, seed=11)
    assert draws.shape == (500, 3)
    np.testing.assert_allclose(draws.sum(axis=1), 1)
    assert (draws >= 0).all()
    again = robustness.sample_weights([10, 50, 20], 500, kind, groups=groups, seed=11)
    np.testing.assert_allclose(draws, again, atol=1e-15)
    assert not np.allclose(draws, robustness.sample_weights([1, 5, 2], 500, kind, groups=groups, seed=12))


def test_the_stream_is_the_raw_one_of_pcg64():
    """A published result must be recomputable: first draw of seed 0, from the raw stream by hand."""
    raw = [int(x) >> 11 for x in np.random.PCG64(0).random_raw(2)]
    parts = [-math.log1p(-x * 2.0**-53) for x in raw]
    expected = [part / sum(parts) for part in parts]
    np.testing.assert_allclose(robustness.sample_weights([1, 1], 1, "free", seed=0), [expected], rtol=1e-14)


@pytest.mark.parametrize(
    "arguments",
    [
        {"draws": 0},
        {"draws": 2.5},
        {"kind": "normal"},
        {"tolerance": -0.1},
        {"tolerance": 1.1},
        {"tolerance": np.nan},
        {"kind": "groups"},
        {"kind": "groups", "groups": []},
        {"kind": "groups", "groups": [[1, 2, 3]]},
        {"kind": "groups", "groups": [[0, 0]]},
        {"weights": [0, 0]},
        {"weights": [1, -1]},
        {"seed": -1},
    ],
)
def test_draws_that_cannot_be_made_are_refused(arguments):
    with pytest.raises(ValueError, match=r"must"):
        robustness.sample_weights(**{"weights": [1, 1], "draws": 5, **arguments})


def by_plain_loop(values, draws, k):
    """Rank shares, top shares and central weights from the definitions, one draw at a time."""
    n, c = values.shape
    shares, central, firsts = np.zeros((n, n)), np.zeros((n, c)), np.zeros(n)
    for w in draws:
        ranks = ranking.competition_rank(ranking.weighted_mean(values, w).utility)
        shares[np.arange(n), ranks - 1] += 1
        central[ranks == 1] += w / w.sum()
        firsts += ranks == 1
    with np.errstate(invalid="ignore"):
        return shares / len(draws), shares[:, :k].sum(axis=1) / len(draws), central / firsts[:, None]


GRID = st.integers(0, 4).map(lambda x: x / 4)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 7), st.integers(1, 4))
def test_shares_agree_with_a_plain_loop(data, n, c):
    values = data.draw(arrays(float, (n, c), elements=st.one_of(GRID, st.just(math.nan))))
    values[:, 0] = data.draw(arrays(float, n, elements=GRID))  # something is known of each
    draws = data.draw(
        arrays(float, (data.draw(st.integers(1, 90)), c), elements=st.integers(1, 5).map(float))
    )
    k = data.draw(st.integers(1, n + 1))
    found = robustness.acceptability(values, draws, k)
    for part, expected in zip(found, by_plain_loop(values, draws, k), strict=True):
        np.testing.assert_allclose(part, expected, atol=1e-12)
    # and the same through the fast path for many
    many = robustness._top_only(values, draws / draws.sum(axis=1, keepdims=True), k)
    np.testing.assert_allclose(many.top_share, found.top_share, atol=1e-12)
    np.testing.assert_allclose(many.central_weights, found.central_weights, atol=1e-12)


def test_the_fast_path_is_the_slow_one_on_a_real_size():
    rng = np.random.default_rng(4)
    values = rng.random((700, 6))
    values[rng.random(values.shape) < 0.05] = np.nan
    draws = robustness.sample_weights([3, 2, 2, 1, 1, 1], 200, seed=1)
    found = robustness.acceptability(values, draws, k=60)
    _, top, central = by_plain_loop(values, draws, 60)
    assert np.abs(found.top_share - top).max() <= 1 / 200 + 1e-9
    assert (found.top_share != top).mean() < 0.01
    np.testing.assert_allclose(found.central_weights, central, atol=0.05)


def test_ties_share_the_better_rank():
    draws = robustness.sample_weights([1, 1], 300, "free")
    twins = np.array([[0.3, 0.7], [0.3, 0.7], [0.1, 0.1]])
    found = robustness.acceptability(twins, draws, k=1)
    assert found.rank_share.tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert found.top_share.tolist() == [1, 1, 0]
    many = robustness.acceptability(np.vstack([twins, np.zeros((600, 2))]), draws, k=1)
    assert many.top_share[:3].tolist() == [1, 1, 0]
    # the same by other sums: .1 * .7 + .9 * .3 and .9 * .3 + .1 * .7
    turned = robustness.acceptability(
        np.vstack([[[0.1, 0.9, 0.4], [0.9, 0.1, 0.4]], np.zeros((600, 3))]), [[3, 3, 1]]
    )
    assert turned.top_share[:2].tolist() == [1, 1]
    np.testing.assert_allclose(turned.central_weights[:2], [[3 / 7, 3 / 7, 1 / 7]] * 2)


def test_an_unknown_initiative_is_neither_in_nor_out():
    values = [[np.nan, np.nan], [0.5, 0.5], [0.2, np.nan]]
    found = robustness.acceptability(values, [[1, 1], [1, 3]], k=2)
    assert np.isnan(found.top_share[0])
    assert np.isnan(found.rank_share[0]).all()
    assert found.top_share[1:].tolist() == [1, 1]
    assert found.rank_share[1:].tolist() == [[1, 0, 0], [0, 1, 0]]
    nothing = robustness.acceptability(np.full((2, 2), np.nan), [[1, 1]])
    assert np.isnan(nothing.top_share).all()
    assert robustness.acceptability(np.empty((0, 2)), [[1, 1]]).top_share.shape == (0,)
    assert np.isnan(robustness.acceptability(np.full((600, 2), np.nan), [[1, 1]]).top_share).all()


def test_missing_is_renormalised_and_never_zero():
    """P6: (.5, missing) is worth .5 whatever the weights."""
    draws = robustness.sample_weights([1, 1], 500, "free")
    found = robustness.acceptability([[0.5, np.nan], [0.45, 0.45]], draws)
    assert found.top_share.tolist() == [1, 0]
    # where all weight lies on what is missing it is last
    last = np.array([[0.5, np.nan], [0.1, 0.1]])
    assert robustness.acceptability(last, [[0, 1]]).top_share.tolist() == [0, 1]
    assert robustness.acceptability(last, [[0, 1]]).rank_share.tolist() == [[0, 1], [1, 0]]
    many = robustness.acceptability(padded(last), [[0, 1]])
    assert many.top_share[600:].tolist() == [0, 1]
    assert many.central_weights[601].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("values", "draws", "k"),
    [
        ([1, 2], [[1, 1]], 1),
        ([[1, np.inf]], [[1, 1]], 1),
        ([[1, 1]], [[1]], 1),
        ([[1, 1]], np.empty((0, 2)), 1),
        ([[1, 1]], [[0, 0]], 1),
        ([[1, 1]], [[1, -1]], 1),
        ([[1, 1]], [[1, np.nan]], 1),
        ([[1, 1]], [[1, 1]], 0),
    ],
)
def test_acceptability_of_nonsense_is_refused(values, draws, k):
    with pytest.raises(ValueError, match=r"must"):
        robustness.acceptability(values, draws, k)


def test_stability_interval_by_hand():
    # a leads by .4 on the first criterion and trails by .2 on the others: even at t = 1/3
    values = [[0.8, 0.3, 0.3], [0.4, 0.5, 0.5]]
    low, high = robustness.stability_interval(values, [2, 1, 1], 0, 1, 0)
    assert (low, high) == (pytest.approx(1 / 3), 1.0)
    assert robustness.stability_interval(values, [2, 1, 1], 1, 0, 0) == (0.0, pytest.approx(1 / 3))
    assert robustness.stability_interval(values, [2, 1, 1], 0, 0, 0) == (0, 1)
    assert robustness.stability_interval([[1, 1], [0, 0]], [1, 1], 0, 1, 0) == (0, 1)
    assert robustness.stability_interval([[0, 0], [1, 1]], [1, 1], 0, 1, 0) is None


def test_stability_interval_at_the_edges():
    # level without the criterion: only weight 0 keeps the worse one even
    assert robustness.stability_interval([[0.2, 0.5], [0.7, 0.5]], [1, 1], 0, 1, 0) == (0, 0)
    assert robustness.stability_interval([[0.1 + 0.2, 0.2], [0.3, 0.2]], [1, 1], 1, 0, 0) == (0, 1)  # P15
    # all stated weight on the criterion: the others share equally
    assert robustness.stability_interval([[1, 0, 0.5], [0, 0.5, 0.5]], [1, 0, 0], 0, 1, 0) == (
        pytest.approx(0.2),
        1,
    )
    assert robustness.stability_interval([[1.0], [0.0]], [1], 0, 1, 0) == (0, 1)
    assert robustness.stability_interval([[1.0], [0.0]], [1], 1, 0, 0) is None
    # a missing value counts as the row's own utility
    assert robustness.stability_interval([[0.6, np.nan], [0.4, 0.7]], [1, 1], 0, 1, 0) == (
        pytest.approx(1 / 3),
        1,
    )


@given(
    arrays(float, (2, 3), elements=GRID),
    arrays(float, 3, elements=st.integers(1, 9).map(float)),
    st.integers(0, 2),
    st.floats(0, 1),
)
def test_inside_the_interval_a_leads_and_outside_b_does(values, weights, criterion, t):
    interval = robustness.stability_interval(values, weights, 0, 1, criterion)
    others = np.delete(weights, criterion)
    at_t = np.insert((1 - t) * others / others.sum(), criterion, t)
    a, b = ranking.weighted_mean(values, at_t).utility
    assume(abs(a - b) > 1e-6)
    assert (a > b) == (interval is not None and interval[0] <= t <= interval[1])


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ([[1, 1]], (0, 1, 0)),
        ([[1, 1], [0, 0]], (0, 1, 2)),
        ([[1, 1], [0, 0]], (-1, 1, 0)),
        ([[np.nan, np.nan], [0, 0]], (0, 1, 0)),
    ],
)
def test_stability_of_nothing_is_refused(values, arguments):
    with pytest.raises(ValueError, match=r"must|nothing"):
        robustness.stability_interval(values, [1, 1], *arguments)


def test_expected_rank_of_two_is_a_normal_probability():
    """Means 2 and 1, sd 3 and 4: the difference has sd 5, so P(second ahead) = Phi(-1/5)."""
    behind = NormalDist().cdf(-0.2)
    np.testing.assert_allclose(robustness.expected_rank([2, 1], [3, 4]), [1 + behind, 2 - behind], atol=1e-12)


def test_expected_rank_without_spread_is_the_competition_rank():
    mean = [0.3, 0.1 + 0.2, 0.9, 0.1]
    assert robustness.expected_rank(mean, [0] * 4).tolist() == [2, 2, 1, 4]


def test_expected_rank_agrees_with_draws():
    rng = np.random.default_rng(0)
    mean, sd = rng.random(9), rng.random(9) * 0.3
    drawn = rng.normal(mean, sd, (40_000, 9))
    ranks = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    error = ranks.std(axis=0) / np.sqrt(40_000)
    assert (np.abs(robustness.expected_rank(mean, sd) - ranks.mean(axis=0)) < 4 * error + 1e-9).all()


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=1, max_size=12))
def test_expected_ranks_sum_as_ranks_do(pairs):
    mean, sd = np.array(pairs).T
    n = len(pairs)
    ranks = robustness.expected_rank(mean, sd)
    assert ranks.sum() == pytest.approx(n * (n + 1) / 2)
    turned = robustness.expected_rank(mean[::-1], sd[::-1])[::-1]
    np.testing.assert_allclose(ranks, turned, atol=1e-12)


def test_expected_rank_leaves_the_unknown_out():
    found = robustness.expected_rank([np.nan, 2, 1, 5], [1, 0, 0, np.nan])
    np.testing.assert_array_equal(found, [np.nan, 1, 2, np.nan])
    assert robustness.expected_rank([], []).shape == (0,)


@pytest.mark.parametrize(("mean", "sd"), [([1], [-1]), ([1, 2], [1]), ([np.inf], [1]), ([[1]], [[1]])])
def test_expected_rank_of_nonsense_is_refused(mean, sd):
    with pytest.raises(ValueError, match=r"mean|sd"):
        robustness.expected_rank(mean, sd)
