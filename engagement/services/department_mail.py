"""A department's mail about its own problem reports: what came, what is past its day, what is not fixed.

At most one a day, on working days, and none where there is nothing to tell: who is mailed the same list every
morning stops reading it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from engagement import workdays
from engagement.models import Department, Event, Holiday, Report
from engagement.querysets import midnight
from engagement.services.notices import queue_notice

KIND = "engagement.department_reports"
MOST_NAMED = 20
"""Of each list; how many more there are is said."""
_WRITING = timedelta(minutes=5)
"""What came in so lately waits for the next mail: some of it may still be on its way into the database."""
_LONGEST_BREAK = 30
"""Days without work that a first mail looks back over."""


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
    """One department's mail. Its row is locked: of two workers that come at once, one finds it written.

    Its key stays free: reports go on coming in for it.
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=key)
    told_at = department.reports_told_at
    if told_at is not None and timezone.localdate(told_at) == timezone.localdate(at):
        return False
    # Told in the future: the clock was wrong then, and nobody knows how long.
    since = told_at if told_at is not None and told_at < at else _working_day_before(at)
    context = _news(department, since, at)
    if not context or not queue_notice(kind=KIND, at=at, department=department, context=context):
        return False
    # Kept here and not read from the outbox: what left long ago is removed from there.
    Department.objects.filter(pk=key).update(reports_told_at=at)
    return True


def _working_day_before(at: datetime) -> datetime:
    """The same hour on the last day on which somebody worked: how far back a first mail looks."""
    before = [timezone.localdate(at) - timedelta(days=n) for n in range(1, _LONGEST_BREAK + 1)]
    holidays = set(Holiday.objects.filter(date__in=before).values_list("date", flat=True))
    worked = (n for n, day in enumerate(before, start=1) if workdays.is_working_day(day, holidays))
    return at - timedelta(days=next(worked, _LONGEST_BREAK))


def _news(department: Department, since: datetime, at: datetime) -> dict[str, Any]:
    """By what is told of them, keys of reports and how many there are; nothing where there is no news."""
    mine = Report.objects.of_department(department.pk)
    lately = (since - _WRITING, at - _WRITING)
    events = Event.objects.filter(at__gt=lately[0], at__lte=lately[1], report__isnull=False).order_by()
    # What was an idea before came in long ago, and is new to the department all the same.
    came_over = events.filter(verb__in=("take_over", "take_back")).values("report")
    new = Q(received_at__gt=lately[0], received_at__lte=lately[1]) | Q(pk__in=came_over)
    back = mine.came_back().filter(pk__in=events.filter(verb="not_fixed").values("report"))
    lists = {
        "new": mine.open().filter(new).order_by("received_at", "pk"),
        "late": mine.late(at).filter(expected_at__gte=midnight(since)).order_by("expected_at", "pk"),
        "back": back.order_by("received_at", "pk"),
    }
    told = {name: _named(reports.values_list("pk", flat=True)) for name, reports in lists.items()}
    return {name: one for name, one in told.items() if one["count"]}


def _named(keys: Iterable[int]) -> dict[str, Any]:
    every = list(keys)
    return {"reports": every[:MOST_NAMED], "count": len(every)}
