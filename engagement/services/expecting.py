"""What a report service promises: by when, and which department has it."""

from datetime import date, datetime, time

from django.utils import timezone

from engagement import routing, workdays
from engagement.models import District, Holiday, ReportService, RoutingRule


def expected_day(service: ReportService, at: datetime) -> date | None:
    """The day by which a report of `at` is to be dealt with; None for a service without a target."""
    if not service.target_days:
        return None
    start = timezone.localdate(at)
    holidays = (
        set(Holiday.objects.filter(date__gt=start).values_list("date", flat=True))
        if service.working_days
        else set()
    )
    return workdays.due_day(start, service.target_days, working=service.working_days, holidays=holidays)


def expected_moment(service: ReportService, at: datetime) -> datetime | None:
    """The same hour of that day: who reports at nine is not promised more than who reports at ten."""
    day = expected_day(service, at)
    hour: time = timezone.localtime(at).time()
    return None if day is None else timezone.make_aware(datetime.combine(day, hour))


def rules_in_force() -> list[routing.Rule]:
    """The rules in use, in their order."""
    rows = RoutingRule.objects.filter(active=True).values_list("department", "service", "district")
    return [routing.Rule(*row) for row in rows]


def department_by_rules(service: ReportService, district: District | None) -> int | None:
    """The department that the rules name; None leaves the report with the service's own."""
    return routing.route(rules_in_force(), service.pk, district.pk if district else None)
