"""Where the dots of one criterion's scores stand, for charts/dots.html. Pure arithmetic.

The line runs from the lowest to the highest level; equal scores are piled on one another, so that each dot
is one person's score. The same figures stand in a table beside the picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 240.0
EDGE = 14.0
"""Room at both ends, for half a dot and the level's number."""
STEP = 13.0
"""From dot to dot of a pile."""
FOOT = 18.0
"""Room below the line for the numbers of the levels."""


@dataclass(frozen=True)
class Dot:
    letter: str
    x: float
    y: float
    own: bool


@dataclass(frozen=True)
class Tick:
    label: str
    x: float


@dataclass(frozen=True)
class Dots:
    width: float
    height: float
    line: float
    """The height at which the line is drawn."""
    start: float
    end: float
    """Where the spread begins and ends; equal where all agree or nobody scored."""
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]


def dots(scores: Iterable[tuple[str, float, bool]], levels: Sequence[float]) -> Dots:
    """`scores`: (letter, score, own) of those who gave one. `levels`: those of the scale, lowest first.

    Raises ValueError for a scale of fewer than two levels and for a score outside it.
    """
    if len(levels) < 2:
        raise ValueError("a scale has two levels or more")
    low, high = levels[0], levels[-1]
    given = sorted(scores, key=lambda one: (one[1], not one[2], one[0]))
    if any(not low <= score <= high for _letter, score, _own in given):
        raise ValueError("a score lies outside the scale")

    def place(score: float) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (score - low) / (high - low), 2)

    piles: dict[float, int] = {}
    for _letter, score, _own in given:
        piles[score] = piles.get(score, 0) + 1
    line = STEP * max([1, *piles.values()]) + 2
    filled: dict[float, int] = {}
    found = []
    for letter, score, own in given:
        filled[score] = filled.get(score, 0) + 1
        found.append(Dot(letter, place(score), round(line - STEP * (filled[score] - 0.5), 2), own))
    return Dots(
        width=WIDTH,
        height=line + FOOT,
        line=line,
        start=min((dot.x for dot in found), default=EDGE),
        end=max((dot.x for dot in found), default=EDGE),
        dots=tuple(found),
        ticks=tuple(Tick(f"{level:g}", place(level)) for level in levels),
    )
