import numpy as np
import pytest

from prioritisation.scoring import gates


def test_three_of_five_each_and_ten_of_fifteen():
    """The evaluation thresholds of Horizon Europe: 5, 5, 2 is refused although its total is 12."""
    scores = [[5, 5, 2], [3, 3, 3], [4, 3, 3], [1, 2, 3]]
    assert gates.check(scores, [3, 3, 3], 10) == [[2], ["total"], [], [0, 1, "total"]]


def test_a_score_at_the_limit_passes_whatever_its_last_bits():
    """P15 and P13: 3 * 1.1 - 0.3 is a hair under 3.0 or over, and 3.0 all the same."""
    at_limit = 0.1 * 3 + 2.7 - 1e-12
    assert at_limit < 3
    assert gates.check([[at_limit], [2.99]], [3]) == [[], [0]]
    assert gates.check([[0.7 + 0.1, 0.1]], [0, 0], 0.9) == [[]]


def test_missing_never_fails_and_makes_the_total_unknown():
    assert gates.check([[np.nan, 1, 1]], [3, 3, 0], 15) == [[1]]
    assert gates.check([[np.nan, np.nan]], [3, 3], 1) == [[]]


def test_criteria_without_a_minimum():
    assert gates.check([[0, 0]], [None, 1]) == [[1]]
    assert gates.check([[0, 0]], [np.nan, np.nan]) == [[]]
    assert gates.check([[2, 4]], 3) == [[0]]


def test_no_rows():
    assert gates.check(np.empty((0, 2)), [1, 1], 3) == []


@pytest.mark.parametrize(
    ("scores", "minimum", "total"),
    [
        ([1, 2], [1, 1], None),
        ([[1, 2]], [1], None),
        ([[1, np.inf]], [1, 1], None),
        ([[1]], [np.inf], None),
        ([[1]], [1], np.inf),
    ],
)
def test_gates_that_cannot_be_read_are_refused(scores, minimum, total):
    with pytest.raises(ValueError, match=r"scores|minimum"):
        gates.check(scores, minimum, total)


def test_an_infinite_total_is_refused():
    with pytest.raises(ValueError, match="total_minimum"):
        gates.check([[1]], [1], np.inf)


def test_the_keys_are_plain_python():
    ((first, last),) = gates.check([[1.0, 5.0]], [3, 3], 10)
    assert (type(first), last) == (int, "total")
