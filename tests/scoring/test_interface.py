"""What other programs rely on: names, order of arguments, fields, any kind of array, and no array changed."""

import inspect

import numpy as np
import pytest

from prioritisation.scoring import (
    agreement,
    assignment,
    gates,
    portfolio,
    ranking,
    robustness,
    severity,
    values,
    voting,
)

NAN = float("nan")
INTERFACE = {
    values.value: "x worst best",
    values.piecewise: "x points",
    values.swing_weights: "points",
    values.rank_order_centroid: "n",
    ranking.weighted_mean: "values weights",
    ranking.competition_rank: "utility digits=9",
    ranking.largest_remainder: "total shares",
    gates.check: "scores minimum total_minimum=None",
    severity.variance_components: "initiative assessor score",
    severity.adjust: "initiative assessor score ridge=None",
    agreement.krippendorff_alpha: "ratings level=interval",
    agreement.kendall_w: "ratings",
    agreement.intraclass_correlation: "ratings",
    agreement.spearman_brown: "icc1 k",
    robustness.sample_weights: "weights draws kind=tolerance tolerance=0.2 groups=None seed=0",
    robustness.acceptability: "values weight_draws k=None",
    robustness.stability_interval: "values weights a b criterion",
    robustness.expected_rank: "mean sd",
    portfolio.solve: "values rows lower upper time_limit=60.0 locked_in=() locked_out=()",
    portfolio.relax: "values rows lower upper soft",
    assignment.assign: "initiatives assessors per_initiative conflicts=() capacity=None seed=0",
    voting.equal_shares: "costs ballots budget utility=cost",
}
FIELDS = {
    ranking.WeightedMean: "utility coverage lower upper",
    severity.Components: "initiative assessor residual",
    severity.Severity: "adjusted assessor_effect grand_mean components",
    agreement.KendallW: "w w_tied chi2 df",
    agreement.ICC: "icc1 icc2 icc3 icc1k icc2k icc3k",
    robustness.Acceptability: "rank_share top_share central_weights",
    portfolio.Portfolio: "status selected objective bound slack",
    portfolio.Relaxation: "slack total",
    voting.EqualShares: "selected leftover",
}


def named(one):
    return getattr(one, "__qualname__", "")


@pytest.mark.parametrize(("function", "stated"), INTERFACE.items(), ids=named)
def test_arguments_have_their_names_order_and_defaults(function, stated):
    """More arguments may follow, if they have a default."""
    given = list(inspect.signature(function).parameters.values())
    written = [
        one.name if one.default is inspect.Parameter.empty else f"{one.name}={one.default}" for one in given
    ]
    assert " ".join(written).startswith(stated)
    extra = given[len(stated.replace("=()", "=x").split()) :]
    assert all(one.default is not inspect.Parameter.empty for one in extra)


@pytest.mark.parametrize(("kind", "stated"), FIELDS.items(), ids=named)
def test_results_have_their_fields(kind, stated):
    assert " ".join(kind._fields) == stated


TABLE = [[3, 1, 4], [1, 5, 2], [2, 2, 5], [4, 4, 1]]
WEIGHTS = [5, 3, 2]
DRAWS = [[5, 3, 2], [1, 1, 1]]
CALLS = {
    "value": (lambda x: values.value(x, 0, 5), TABLE),
    "piecewise": (lambda x: values.piecewise([2, 3], x), [[5, 0], [0, 1]]),
    "swing_weights": (values.swing_weights, WEIGHTS),
    "weighted_mean, values": (lambda x: ranking.weighted_mean(x, WEIGHTS), TABLE),
    "weighted_mean, weights": (lambda x: ranking.weighted_mean(TABLE, x), WEIGHTS),
    "competition_rank": (ranking.competition_rank, [3, 1, 3, 2]),
    "largest_remainder": (lambda x: ranking.largest_remainder(7, x), WEIGHTS),
    "check": (lambda x: gates.check(x, 2, 8), TABLE),
    "adjust": (lambda x: severity.adjust([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 0], x), [3, 1, 4, 1, 5, 2]),
    "variance_components": (
        lambda x: severity.variance_components([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 0], x),
        [3, 1, 4, 1, 5, 2],
    ),
    "krippendorff_alpha": (agreement.krippendorff_alpha, TABLE),
    "kendall_w": (agreement.kendall_w, TABLE),
    "intraclass_correlation": (agreement.intraclass_correlation, TABLE),
    "sample_weights": (lambda x: robustness.sample_weights(x, 5, "order"), WEIGHTS),
    "acceptability, values": (lambda x: robustness.acceptability(x, DRAWS, 2), TABLE),
    "acceptability, draws": (lambda x: robustness.acceptability(TABLE, x, 2), DRAWS),
    "stability_interval": (lambda x: robustness.stability_interval(x, WEIGHTS, 0, 1, 0), TABLE),
    "expected_rank": (lambda x: robustness.expected_rank(x, [1, 2, 1, 0]), [3, 1, 3, 2]),
    "solve": (lambda x: portfolio.solve([3, 1, 4], x, [0] * 4, [6] * 4), TABLE),
    "relax": (lambda x: portfolio.relax([3, 1, 4], x, [20] * 4, [30] * 4, [0, 1, 2, 3]), TABLE),
    "equal_shares": (lambda x: voting.equal_shares(x, [{0, 1}, {2}], 10), [3, 4, 5]),
}


def _plain(result):
    """Numbers of any result, to be compared."""
    if isinstance(result, tuple | list):
        return [_plain(one) for one in result]
    return result.tolist() if isinstance(result, np.ndarray | np.generic) else result


@pytest.mark.parametrize("name", CALLS)
def test_lists_whole_numbers_single_precision_and_read_only_arrays_give_the_same(name):
    call, given = CALLS[name]
    expected = repr(_plain(call(given)))
    for kind in (np.int32, np.int64, np.float32, np.float64):
        array = np.asfortranarray(np.array(given, dtype=kind))
        array.setflags(write=False)
        assert repr(_plain(call(array))) == expected, kind
        strided = np.repeat(np.array(given, dtype=kind), 2, axis=0)[::2]
        before = strided.copy()
        assert repr(_plain(call(strided))) == expected
        assert (strided == before).all()


@pytest.mark.parametrize("bad", [[[1, 2], [3]], [["a", "b"]], [[float("inf"), 1]], 3, None, [[1 + 2j, 1]]])
def test_what_is_no_table_is_refused(bad):
    for call in (
        lambda: ranking.weighted_mean(bad, [1, 1]),
        lambda: agreement.krippendorff_alpha(bad),
        lambda: agreement.kendall_w(bad),
        lambda: agreement.intraclass_correlation(bad),
        lambda: robustness.acceptability(bad, [[1, 1]]),
        lambda: gates.check(bad, 1),
    ):
        with pytest.raises(ValueError, match=r"must"):
            call()
