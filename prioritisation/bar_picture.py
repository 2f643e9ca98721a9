"""Lengths of bars, for charts/bars.html and charts/stacked.html. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 0.6  # between two pieces of a stacked bar, in hundredths of its length
TONES = 5


def share(value: float | None, whole: float) -> float | None:
    """A bar's length in hundredths of `whole`, between 0 and 100. A missing value has no length, not zero."""
    if value is None:
        return None
    if whole <= 0:
        return 0.0
    return round(min(max(value / whole, 0.0), 1.0) * 100, 2)


@dataclass(frozen=True)
class Piece:
    x: float
    width: float
    tone: int


@dataclass(frozen=True)
class Cell:
    part: str
    value: str


@dataclass(frozen=True)
class StackedRow:
    label: str
    cells: tuple[Cell, ...]
    pieces: tuple[Piece, ...]


def stacked(
    label: str,
    parts: Sequence[str],
    values: Sequence[float],
    written: Sequence[str],
    whole: float | None = None,
) -> StackedRow:
    """One stacked bar: `values` in the order of `parts`, `written` as the reader sees them.

    The bar is as long as the sum of its values over `whole` (their sum, if not given).
    Raises ValueError for more than five parts, for negative values and for lists of unequal length.
    """
    if not len(parts) == len(values) == len(written):
        raise ValueError("parts, values and written texts must be as many")
    if len(parts) > TONES:
        raise ValueError(f"at most {TONES} parts can be told apart")
    if any(value < 0 for value in values):
        raise ValueError("a part cannot be negative")
    total = sum(values) if whole is None else whole
    pieces: list[Piece] = []
    x = 0.0
    for tone, value in enumerate(values, start=1):
        width = share(value, total) or 0.0
        if width:
            pieces.append(Piece(round(x, 2), round(max(width - GAP, GAP / 2), 2), tone))
        x += width
    cells = tuple(Cell(part, text) for part, text in zip(parts, written, strict=True))
    return StackedRow(label, cells, tuple(pieces))
