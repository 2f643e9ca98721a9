"""A week of hours as a picture: how many reports fall in which hour. Pure arithmetic.

Shades alone would tell nothing to who cannot see them apart: the busiest cells carry their number too, and
the page has the whole table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEVELS = 5
LABEL = 34.0
"""Room beside and above the cells for the names of days and hours."""


@dataclass(frozen=True)
class Cell:
    x: float
    y: float
    level: int
    """0 for none, then 1 to 5 in equal steps up to the busiest hour; -1 for what is not shown."""
    count: int | None


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    place: int
    """Which day (0 is Monday) or hour it names."""


@dataclass(frozen=True)
class Heat:
    width: float
    height: float
    cell_width: float
    cell_height: float
    cells: tuple[Cell, ...]
    days: tuple[Label, ...]
    hours: tuple[Label, ...]
    busiest: tuple[Cell, ...]


@dataclass(frozen=True)
class Shape:
    """Days as rows for a wide page, or hours as rows for a phone."""

    cell_width: float
    cell_height: float
    hours_down: bool
    every: int
    """Every how many hours are named."""


WIDE = Shape(cell_width=28, cell_height=26, hours_down=False, every=3)
NARROW = Shape(cell_width=42, cell_height=18, hours_down=True, every=3)
MARKED = 3
"""So many of the busiest hours carry their number."""


def level(count: int | None, most: int) -> int:
    """The shade of a cell: 0 only for no report at all, so that one report is not told as none."""
    if count is None:
        return -1
    if count <= 0 or most <= 0:
        return 0
    return max(1, -(-LEVELS * count // most))


def draw(rows: Sequence[Sequence[int | None]], shape: Shape) -> Heat:
    """`rows`: seven days from Monday, of 24 hours each. Raises ValueError for any other shape."""
    if len(rows) != 7 or any(len(row) != 24 for row in rows):
        raise ValueError("a week has seven days of 24 hours")
    most = max((count or 0 for row in rows for count in row), default=0)
    cells = tuple(
        Cell(*_place(shape, day, hour), level(count, most), count)
        for day, row in enumerate(rows)
        for hour, count in enumerate(row)
    )
    known = sorted((cell for cell in cells if cell.count), key=lambda cell: -(cell.count or 0))
    across, down = (7, 24) if shape.hours_down else (24, 7)
    return Heat(
        width=LABEL + across * shape.cell_width,
        height=LABEL / 2 + down * shape.cell_height,
        cell_width=shape.cell_width,
        cell_height=shape.cell_height,
        cells=cells,
        days=tuple(_label(shape, day, days=True) for day in range(7)),
        hours=tuple(_label(shape, hour, days=False) for hour in range(0, 24, shape.every)),
        busiest=tuple(known[:MARKED]),
    )


def _place(shape: Shape, day: int, hour: int) -> tuple[float, float]:
    across, down = (day, hour) if shape.hours_down else (hour, day)
    return LABEL + across * shape.cell_width, LABEL / 2 + down * shape.cell_height


def _label(shape: Shape, place: int, *, days: bool) -> Label:
    """Above its column, or beside its row."""
    if days is shape.hours_down:
        return Label(LABEL + (place + 0.5) * shape.cell_width, LABEL / 2 - 5, place)
    return Label(LABEL - 6, LABEL / 2 + (place + 0.5) * shape.cell_height + 4, place)
