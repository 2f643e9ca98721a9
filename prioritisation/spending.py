"""Which costs count against which budget line. Pure: no Django.

Selections, the check before publishing and the tables of an amendment all ask here, so that no two of them
say something else about the same money.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

CAPITAL, OPERATING = "capital", "operating"
TOGETHER = "together"
"""The key of what holds for capital of all years together."""

Counts = Callable[[str, int | None], bool]
"""Does a cost of this kind and year count?"""


@dataclass(frozen=True)
class Budget:
    """A line of the programme's money; `available` is what is left when the reserve is kept back."""

    key: str
    label: Mapping[str, str]
    kind: str
    year: int | None
    available: Decimal


def after_reserve(amount: Decimal, reserve: int) -> Decimal:
    """What may be spent of `amount` when `reserve` % are kept back."""
    return amount * (100 - reserve) / Decimal(100)


def against(budget: Sequence[Budget], costs: Iterable[tuple[str, int | None]]) -> list[tuple[Budget, Counts]]:
    """Every line with what counts against it, in the order of `budget`. `costs`: kind and year of each.

    An operating cost without a year comes every year. Capital without a year counts against no single year,
    but against all of them together; where no line has all years, that sum is added as one more line.
    """
    found = [(line, _of(line)) for line in budget]
    capital = [line for line in budget if line.kind == CAPITAL]
    undated = any(kind == CAPITAL and year is None for kind, year in costs)
    if capital and undated and all(line.year is not None for line in capital):
        years = {None, *(line.year for line in capital)}
        room = sum((line.available for line in capital), Decimal(0))
        together = Budget(TOGETHER, {}, CAPITAL, None, room)
        found.append((together, lambda kind, year: kind == CAPITAL and year in years))
    return found


def _of(line: Budget) -> Counts:
    def counts(kind: str, year: int | None) -> bool:
        every_year = kind == OPERATING and year is None
        return kind == line.kind and (line.year is None or year == line.year or every_year)

    return counts
