"""How many problem reports each value of a filter would show. As for ideas: one query, few rows, added up.

A report stands under several values of one filter: under its service and its group, as open and as late.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Value, When

from engagement.models import Report
from engagement.paging import remembered
from engagement.querysets import ReportQuerySet, midnight
from engagement.workflow import ReportState

OPEN, LATE, CLOSED = "open", "late", "closed"
COUNTED = ("service", "district", "state")
_Row = tuple[int, str | None, str, bool, int]


def facets(
    apply: Callable[[ReportQuerySet, frozenset[str]], ReportQuerySet],
    chosen: Mapping[str, Any],
    services: Mapping[int, tuple[str, ...]],
    at: datetime,
) -> dict[str, Counter[str]]:
    """By filter and value. `services` gives the values under which a service's key is chosen."""
    inside = apply(Report.objects.listed(), frozenset(COUNTED))
    rows: list[_Row] = remembered("report_facets", inside, lambda: _cube(inside, at), _sum)
    found: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
    for service, district, state, late, number in rows:
        values = {
            "service": services.get(service, ()),
            "district": (district or "",),
            "state": _states(state, late),
        }
        for name in COUNTED:
            others = (other for other in COUNTED if other != name and chosen.get(other))
            if all(chosen[other] in values[other] for other in others):
                found[name].update(dict.fromkeys(values[name], number))
    return found


def _states(state: str, late: bool) -> tuple[str, ...]:
    if state == ReportState.CLOSED:
        return (CLOSED,)
    return (OPEN, LATE) if late else (OPEN,)


def _cube(reports: ReportQuerySet, at: datetime) -> list[_Row]:
    late = Case(When(expected_at__lt=midnight(at), then=Value(True)), default=Value(False))
    rows = reports.order_by().annotate(past=late)
    return list(rows.values_list("service", "district__code", "state", "past").annotate(number=Count("pk")))


def _sum(rows: list[_Row]) -> int:
    return sum(row[-1] for row in rows)
