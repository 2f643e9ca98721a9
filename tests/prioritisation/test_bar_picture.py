"""Bars: lengths in proportion, and a missing value is not a bar of nothing."""

import pytest

from prioritisation.bar_picture import share, stacked


@pytest.mark.parametrize(
    ("value", "whole", "expected"),
    [(1, 4, 25.0), (0, 4, 0.0), (9, 4, 100.0), (-1, 4, 0.0), (3, 0, 0.0), (None, 4, None)],
)
def test_share(value: float | None, whole: float, expected: float | None) -> None:
    assert share(value, whole) == expected


def test_pieces_stand_one_after_the_other_with_a_gap() -> None:
    row = stacked("North", ["yes", "no", "unknown"], [3, 0, 1], ["3", "0", "1"])
    assert [(piece.x, piece.tone) for piece in row.pieces] == [(0.0, 1), (75.0, 3)]
    assert row.pieces[0].width == pytest.approx(74.4)
    assert [cell.value for cell in row.cells] == ["3", "0", "1"]


def test_a_row_shorter_than_the_whole_stays_shorter() -> None:
    (piece,) = stacked("North", ["yes"], [1], ["1"], whole=4).pieces
    assert piece.x + piece.width < 25


@pytest.mark.parametrize(
    ("parts", "values", "written"),
    [
        (["a", "b"], [1.0], ["1"]),
        (["a"], [-1.0], ["-1"]),
        (list("abcdef"), [1.0] * 6, ["1"] * 6),
    ],
)
def test_what_cannot_be_drawn_is_refused(parts: list[str], values: list[float], written: list[str]) -> None:
    with pytest.raises(ValueError, match=r"must be as many|negative|told apart"):
        stacked("North", parts, values, written)
