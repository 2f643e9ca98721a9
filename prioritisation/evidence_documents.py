"""What problem reports say about an initiative, as a JSON document; what of it is shown in public. Pure.

A document is complete in itself, so that what assessors read, and what a plan publishes, stays as it was
whatever happens to the archive: `services`, `from`, `to`, `note`, `whole_city`, `districts` (code and name),
`population`, `as_of`, and `figures` as `engagement.services.archive.Figures.as_json` gives them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engagement.text import gettext_noop

Document = Mapping[str, Any]
FEW = 5
"""In public no cell tells of fewer reports than this, unless it is zero."""

WEEKDAYS = (
    gettext_noop("Monday"),
    gettext_noop("Tuesday"),
    gettext_noop("Wednesday"),
    gettext_noop("Thursday"),
    gettext_noop("Friday"),
    gettext_noop("Saturday"),
    gettext_noop("Sunday"),
)


def suppressed(counts: Sequence[int]) -> list[int | None]:
    """`counts` with None for what is above zero and below `FEW`.

    One hidden cell alone could be reckoned from a total, so the next smallest is hidden with it.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < FEW}
    others = [place for place, count in enumerate(counts) if count >= FEW]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda place: counts[place]))
    return [None if place in hidden else count for place, count in enumerate(counts)]


def public(document: Document) -> dict[str, Any]:
    """The document for everybody: small cells hidden, nothing else changed.

    Of fewer than `FEW` reports in all nothing is told but that.
    """
    figures = document["figures"]
    if 0 < figures["total"] < FEW:
        empty: dict[str, Any] = {"total": None, "by_hour_of_week": [], "by_month": [], "without_place": None}
        return {**document, "figures": {**figures, **empty, "date_only": None, "duplicates": None}}
    hours = suppressed([count for row in figures["by_hour_of_week"] for count in row])
    months = suppressed([count for _month, count in figures["by_month"]])
    return {
        **document,
        "figures": {
            **figures,
            "by_hour_of_week": [hours[start : start + 24] for start in range(0, len(hours), 24)],
            "by_month": [
                [month, count] for (month, _n), count in zip(figures["by_month"], months, strict=True)
            ],
            **{name: _few(figures[name]) for name in ("without_place", "date_only", "duplicates")},
        },
    }


def _few(count: int) -> int | None:
    return None if 0 < count < FEW else count


def per_thousand(document: Document) -> float | None:
    """Reports for each 1,000 residents of the area; None where its population or the total is not known."""
    total, population = document["figures"]["total"], document["population"]
    return round(1000 * total / population, 1) if population and total is not None else None


def months(document: Document) -> list[dict[str, Any]]:
    """One line a month: its count, and that of the same month a year before where the period holds it."""
    counts = dict(document["figures"]["by_month"])
    return [
        {"month": month, "count": count, "has_before": (before := _year_before(month)) in counts}
        | {"before": counts.get(before)}
        for month, count in counts.items()
    ]


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1:04}{month[4:]}"
