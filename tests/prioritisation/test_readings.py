"""How alike a panel reads, and where its dots stand: arithmetic, against properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation import dot_picture, readings

SCORES = st.lists(st.integers(0, 5).map(float), min_size=0, max_size=8)
LEVELS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)


def test_words_go_by_levels_between_two_people() -> None:
    for scores, word, difference in (
        ([3, 3, 3], "agree", 0),
        ([3, 4], "agree", 1),
        ([2, 3, 4], "partly", 4 / 3),
        ([0, 5], "apart", 5),
        ([3], "unknown", None),
        ([], "unknown", None),
    ):
        found = readings.reading({"one": scores}, 5)
        assert found.word == word
        assert found.difference == pytest.approx(difference) if difference is not None else True
    with pytest.raises(ValueError, match="length"):
        readings.reading({}, 0)


def test_agreement_is_krippendorffs_and_not_applicable_where_all_is_equal() -> None:
    assert readings.reading({"a": [3, 3], "b": [3, 3]}, 5).alpha is None
    assert readings.reading({"a": [1, 1], "b": [5, 5]}, 5).alpha == 1


@given(st.dictionaries(st.text(max_size=2), SCORES, max_size=5), st.randoms())
def test_nobodys_place_makes_a_difference(table: dict[str, list[float]], random: object) -> None:
    turned = {key: list(reversed(scores)) for key, scores in table.items()}
    assert readings.reading(table, 5) == readings.reading(turned, 5)


@given(SCORES)
def test_read_apart_is_three_levels_of_five(scores: list[float]) -> None:
    wide = len(scores) > 1 and max(scores) - min(scores) >= 3
    assert readings.read_apart({"one": scores}, 5) == wide


@given(SCORES)
def test_every_score_is_one_dot_and_none_covers_another(scores: list[float]) -> None:
    found = dot_picture.dots([(chr(65 + n), score, n == 0) for n, score in enumerate(scores)], LEVELS)
    assert len(found.dots) == len(scores)
    assert len({(dot.x, dot.y) for dot in found.dots}) == len(scores)
    assert all(0 < dot.x < found.width and 0 < dot.y < found.line for dot in found.dots)
    if scores:
        places = {tick.label: tick.x for tick in found.ticks}
        assert found.start == places[f"{min(scores):g}"]
        assert found.end == places[f"{max(scores):g}"]


def test_a_score_outside_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        dot_picture.dots([("A", 6, False)], LEVELS)
    with pytest.raises(ValueError, match="two levels"):
        dot_picture.dots([], [1.0])
