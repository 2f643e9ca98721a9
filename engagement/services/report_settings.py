"""What a city sets for problem reports: services, holidays, rules of routing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.models import Holiday, ReportService, RoutingRule, User
from engagement.services.errors import Refused


def _check(by: User, permission: str) -> None:
    if not by.has_perm(f"engagement.{permission}"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


@transaction.atomic
def save_report_service(
    *, by: User, values: dict[str, Any], service: ReportService | None = None
) -> ReportService:
    """Makes a report service or changes one. Reports that were sent keep their answers and their dates."""
    _check(by, "change_reportservice" if service else "add_reportservice")
    try:
        with transaction.atomic():
            if service is None:
                return ReportService.objects.create(**values)
            ReportService.objects.filter(pk=service.pk).update(**values)
    except IntegrityError as error:
        raise Refused(_("Another report service has this code."), field="code") from error
    service.refresh_from_db()
    return service


@transaction.atomic
def add_holidays(*, by: User, days: Iterable[tuple[date, dict[str, str]]]) -> int:
    """Writes down days on which the city does not work; a day that is there already gets the new name."""
    _check(by, "add_holiday")
    made = 0
    for day, name in days:
        _row, new = Holiday.objects.update_or_create(date=day, defaults={"name": name})
        made += new
    return made


@transaction.atomic
def remove_holiday(*, by: User, holiday: Holiday) -> None:
    """The city works on this day after all. Dates that were promised already stay."""
    _check(by, "change_holiday")
    holiday.delete()


@transaction.atomic
def save_rule(*, by: User, values: dict[str, Any], rule: RoutingRule | None = None) -> RoutingRule:
    """Makes a rule of routing or changes one. Reports that are there already stay where they are."""
    _check(by, "change_routingrule" if rule else "add_routingrule")
    if rule is None:
        return RoutingRule.objects.create(**values)
    RoutingRule.objects.filter(pk=rule.pk).update(**values)
    rule.refresh_from_db()
    return rule


@transaction.atomic
def move_rule(*, by: User, rule: RoutingRule, up: bool) -> None:
    """One place up or down; the rules are numbered anew, so that no two stand at one place."""
    _check(by, "change_routingrule")
    keys = list(RoutingRule.objects.select_for_update().values_list("pk", flat=True))
    place = keys.index(rule.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(keys):
        keys[place], keys[other] = keys[other], keys[place]
    for order, key in enumerate(keys, 1):
        RoutingRule.objects.filter(pk=key).update(order=order)
