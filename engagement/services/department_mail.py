"""A department's mail about its own problem reports: what came, what is past its day, what is not fixed.

At most one a day, on working days, and none where there is nothing to tell: who is mailed the same list every
morning stops reading it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from engagement import workdays
from engagement.models import Department, Event, Holiday, Notice, Report
from engagement.querysets import midnight
from engagement.services.notices import queue_notice

KIND = "engagement.department_reports"
MOST_NAMED = 20
"""Of each list; how many more there are is said."""
_FIRST = timedelta(days=1)
"""How far back a department's first mail looks."""


def tell_departments(*, at: datetime) -> int:
    """Writes the mails that are due, from the hour that the city sets; gives how many."""
    if timezone.localtime(at).hour < settings.WINNOW_DEPARTMENT_MAIL_HOUR or not _is_working_day(at):
        return 0
    departments = Department.objects.filter(active=True).exclude(email="").order_by("pk")
    return sum(_tell(key, at) for key in departments.values_list("pk", flat=True))


def _is_working_day(at: datetime) -> bool:
    today: date = timezone.localdate(at)
    holidays = Holiday.objects.filter(date=today).values_list("date", flat=True)
    return workdays.is_working_day(today, set(holidays))


@transaction.atomic
def _tell(key: int, at: datetime) -> bool:
    """One department's mail. Its row is locked: of two workers that come at once, one finds it written."""
    department = Department.objects.select_for_update().get(pk=key)
    last = Notice.objects.filter(kind=KIND, department=department).order_by("-pk").first()
    if last is not None and timezone.localdate(last.created_at) == timezone.localdate(at):
        return False
    context = _news(department, last.created_at if last else at - _FIRST, at)
    if not context:
        return False
    queue_notice(kind=KIND, at=at, department=department, context=context)
    return True


def _news(department: Department, since: datetime, at: datetime) -> dict[str, Any]:
    """By what is told of them, keys of reports and how many there are; nothing where there is no news."""
    mine = Report.objects.of_department(department.pk)
    back = Event.objects.filter(verb="not_fixed", at__gt=since, at__lte=at, report__isnull=False)
    lists = {
        "new": mine.open().filter(received_at__gt=since, received_at__lte=at).order_by("received_at", "pk"),
        "late": mine.late(at).filter(expected_at__gte=midnight(since)).order_by("expected_at", "pk"),
        "back": mine.came_back().filter(pk__in=back.values("report")).order_by("received_at", "pk"),
    }
    told = {name: _named(reports.values_list("pk", flat=True)) for name, reports in lists.items()}
    return {name: one for name, one in told.items() if one["count"]}


def _named(keys: Iterable[int]) -> dict[str, Any]:
    every = list(keys)
    return {"reports": every[:MOST_NAMED], "count": len(every)}
