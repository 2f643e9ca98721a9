"""A result's rows kept small enough to stay in memory, and found, sorted and paged. Pure: no Django.

`Result.output` of 10,000 initiatives is tens of megabytes of JSON and takes a second to read; a page shows
fifty rows. A result never changes, so what a list is sorted and filtered by is read once into arrays, and
each row is kept packed until it is shown.
"""

import json
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from prioritisation import ranked_rows
from prioritisation.policies.schema import LocalizedText, Policy
from prioritisation.ranked_rows import Content, RankedRow, Wanted

STATUSES = ("in", "tie", "out", "needs_assessment", "gate")
_RANKED = {"in", "tie", "out"}
CONTENT_KEYS = ("title", "owner", "themes", "districts", "whole_city", "timeframe_months")
"""What of a wording the list shows and is filtered by."""

SORTS: dict[str, Callable[[Mapping[str, Any]], float | None]] = {
    "points": lambda row: row["utility"],
    "adjusted": lambda row: row.get("adjusted"),
    "change": lambda row: ranked_rows.more_figures(row).change,
    "low": lambda row: row.get("rank_low"),
    "p_noise": lambda row: row.get("p_noise"),
    "p_weights": lambda row: row.get("p_weights"),
    "coverage": lambda row: row["coverage"],
    "reviews": lambda row: row["reviews"],
    "median": lambda row: row.get("median"),
    "spread": lambda row: row.get("spread"),
}
"""What the list may be sorted by besides its published order ("rank") and the points of one criterion."""

PART = "part_"
"""Before the place of a part of the bars: sorted by what it brings."""


@dataclass(frozen=True)
class Order:
    """`sort` is a name of `SORTS`, "rank", or PART and a number. What is not known comes last either way."""

    sort: str = "rank"
    descending: bool = False

    @property
    def published(self) -> bool:
        return self.sort == "rank" and not self.descending


@dataclass(frozen=True)
class RankingIndex:
    policy: Policy
    head: Mapping[str, Any]
    """`Result.output` without its rows."""
    contents: list[Content]
    statuses: list[str]
    words: list[str]
    references: dict[str, int]
    columns: dict[str, "array[float]"]
    packed: list[bytes]
    choices: dict[str, list[tuple[str, LocalizedText]]]
    """What can be asked for (ranked_rows.choices)."""
    counts: Mapping[str, int]
    """How many rows each word has."""
    line: Mapping[str, int]
    """Points that stand on both sides of the line when shown to one decimal: how many tell them apart."""

    def __len__(self) -> int:
        return len(self.packed)

    def figures(self, place: int) -> dict[str, Any]:
        """The row of `Result.output` at this place of the published order."""
        found: dict[str, Any] = json.loads(zlib.decompress(self.packed[place]))
        return found

    def row(self, place: int) -> RankedRow:
        figures = self.figures(place)
        row = ranked_rows.ranked_row(self.policy, figures, self.contents[place])
        if row.points is None or not self.line:
            return row
        return replace(row, digits=self.line.get(ranked_rows.rounded(figures["utility"], 1), 1))

    def find(self, wanted: Wanted, order: Order, among: Iterable[str] | None = None) -> list[int]:
        """Places of the rows that fit, in this order; `among`: only these references.

        Whatever the order, those that are ranked come before those that are not.
        """
        allowed = None if among is None else {self.references[one] for one in among if one in self.references}
        everything = not wanted and allowed is None
        places = [place for place in range(len(self)) if everything or self._fits(place, wanted, allowed)]
        if order.published:
            return places
        ranked = [place for place in places if self.statuses[place] in _RANKED]
        others = [place for place in places if self.statuses[place] not in _RANKED]
        if order.sort == "rank":
            return [*reversed(ranked), *others]
        column = self.columns[order.sort]
        known = [place for place in ranked if not math.isnan(column[place])]
        unknown = [place for place in ranked if math.isnan(column[place])]
        # the published order decides among equals in both directions
        sign = -1 if order.descending else 1
        known.sort(key=lambda place: sign * column[place])
        return [*known, *unknown, *others]

    def _fits(self, place: int, wanted: Wanted, allowed: set[int] | None) -> bool:
        return (
            (allowed is None or place in allowed)
            and (not wanted.group or wanted.group == self.words[place])
            and (not wanted.band or wanted.band == self._band(place))
            and wanted.fits(self.contents[place])
        )

    def _band(self, place: int) -> str:
        months = self.contents[place]["timeframe_months"]
        band = None if months is None else self.policy.band(months)
        return band.key if band else ""


def build(policy: Policy, output: Mapping[str, Any], contents: Mapping[str, Content]) -> RankingIndex:
    """Of a result's output and the wordings by reference: one pass, and nothing of either is kept whole."""
    rows = output["rows"]
    parts = ranked_rows.parts(policy)
    names = [*SORTS, *(f"{PART}{number}" for number in range(len(parts)))]
    columns: dict[str, array[float]] = {name: array("d") for name in names}
    statuses, words, packed = [], [], []
    has_line = output["places"] is not None
    for row in rows:
        for name, read in SORTS.items():
            columns[name].append(_known(read(row)))
        for number, part in enumerate(parts):
            columns[f"{PART}{number}"].append(_known(ranked_rows.part_points(row, part)))
        kept = row if has_line else {**row, "has_line": False}
        statuses.append(row["status"])
        words.append(ranked_rows.word(kept))
        packed.append(zlib.compress(json.dumps(kept, separators=(",", ":")).encode(), 1))
    found = [contents[row["reference"]] for row in rows]
    return RankingIndex(
        policy=policy,
        head={key: value for key, value in output.items() if key != "rows"},
        contents=found,
        statuses=statuses,
        words=words,
        references={row["reference"]: place for place, row in enumerate(rows)},
        columns=columns,
        packed=packed,
        choices=ranked_rows.choices(found),
        counts=Counter(words),
        line=_line(rows),
    )


def _line(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Where the last above the line and the first below it look equal to one decimal, and are not."""
    groups = [[row["utility"] for row in rows if row["status"] == status] for status in STATUSES[:3]]
    found: dict[str, int] = {}
    for above, below in pairwise([group for group in groups if group]):
        last, first = min(above), max(below)
        if (digits := ranked_rows.telling(last, first)) > 1:
            shown = ranked_rows.rounded(last, 1)
            found[shown] = max(digits, found.get(shown, 1))
    return found


def _known(number: float | None) -> float:
    return math.nan if number is None else float(number)
