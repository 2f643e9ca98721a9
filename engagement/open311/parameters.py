"""What a request asks for, read liberally: an empty value is none, and dates come in many shapes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from engagement.open311.answers import Fault

SPAN = timedelta(days=90)
"""The longest period of one answer; of a longer one its end is answered."""
MOST_ROWS = 1_000
"""Rows of an answer, unless fewer are asked for."""
MOST_PAGES = 1_000_000
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")
_SECOND = timedelta(seconds=1)
_REFERENCE = re.compile(r"[\w-]{1,20}")


def given(data: QueryDict, name: str) -> str:
    """The value of a parameter; "" where it is absent or empty, which is the same."""
    return str(data.get(name, "")).strip()


def listed(data: QueryDict, name: str) -> list[str]:
    """The values of a parameter that takes several, parted by commas."""
    return [one.strip() for text in data.getlist(name) for one in text.split(",") if one.strip()]


def references(data: QueryDict) -> list[str]:
    """The references asked for, one that nothing has where there are none: what cannot be a reference does
    not go to the database."""
    asked = [one for one in listed(data, "service_request_id") if _REFERENCE.fullmatch(one)]
    return asked[:MOST_ROWS] or [""]


def statuses(data: QueryDict) -> set[str]:
    asked = {one.lower() for one in listed(data, "status")}
    if wrong := asked - {"open", "closed"}:
        raise Fault(400, f"status: {', '.join(sorted(wrong))[:100]} is neither open nor closed")
    return asked


@dataclass(frozen=True)
class Window:
    """From `start` on, and before `before`; None is without a bound."""

    start: datetime | None = None
    before: datetime | None = None

    def on(self, field: str) -> Mapping[str, Any]:
        """As a filter of a query set."""
        bounds = {f"{field}__gte": self.start, f"{field}__lt": self.before}
        return {name: bound for name, bound in bounds.items() if bound is not None}

    def __bool__(self) -> bool:
        return self.start is not None or self.before is not None

    def clipped(self, at: datetime) -> "Window":
        """At most 90 days: up to its end; from its start on where only that is given, else until now."""
        if self.before is None:
            return Window(self.start, self.start + SPAN + _SECOND) if self.start else Window(at - SPAN)
        earliest = self.before - SPAN - _SECOND
        return Window(max(self.start, earliest) if self.start else earliest, self.before)


def window(data: QueryDict, start: str, end: str) -> Window:
    """The period between two parameters. Its end belongs to it, to the whole second: answers tell no less,
    so that the last moment of one answer as the end of the next leaves nothing out."""
    first, last = given(data, start), given(data, end)
    return Window(_moment(start, first) if first else None, _after(end, last) if last else None)


def _after(name: str, text: str) -> datetime:
    """The first moment after the one written: after the day of a bare date."""
    at = _moment(name, text)
    if len(text) <= len("2026-01-31"):
        return timezone.make_aware(
            datetime.combine(timezone.localdate(at) + timedelta(days=1), datetime.min.time())
        )
    return at + timedelta(microseconds=1) if at.microsecond else at + _SECOND


def _moment(name: str, text: str) -> datetime:
    """ISO 8601 in any of the shapes that clients send; without a zone it is the city's."""
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.upper()))
    except ValueError:
        at = None
    if at is None or not 1900 <= at.year <= 2999:
        raise Fault(400, f"{name}: no date such as 2026-01-31T12:00:00Z")
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def page(data: QueryDict) -> tuple[int, int]:
    """Which page (from 1; 0 is the first too), of how many rows."""
    number = min(max(_number(data, "page", 1, least=0), 1), MOST_PAGES)
    return number, min(_number(data, "page_size", MOST_ROWS, least=1), MOST_ROWS)


def _number(data: QueryDict, name: str, default: int, *, least: int) -> int:
    text = given(data, name)
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise Fault(400, f"{name}: no whole number from {least} on")
    return int(text)
