"""The filters of the public list of problem reports, and its order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement import report_orders
from engagement.forms.browsing import Filters, day_field, districts_named, in_period
from engagement.forms.choices import PlainSelect
from engagement.localized import localized
from engagement.models import ReportService
from engagement.querysets import ReportQuerySet
from engagement.report_facets import CLOSED, LATE, OPEN
from engagement.text import choose, fold
from engagement.workflow import ReportState

STATES = [
    (OPEN, pgettext_lazy("problem reports", "Open")),
    (LATE, pgettext_lazy("problem reports", "Late")),
    (CLOSED, pgettext_lazy("problem reports", "Closed")),
]


def group_value(service: ReportService) -> str:
    """The group of a service in addresses, the same in every language; empty where it is in none.

    No service's code holds a point.
    """
    name = fold(choose(service.group, settings.LANGUAGE_CODE)).replace(" ", "-")
    return f"group.{name}" if name else ""


class ReportFilters(Filters):
    """`at` says what is late. `services` has, by a service's key, the values under which it is chosen."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    order = forms.ChoiceField(
        label=_("Order"), required=False, widget=PlainSelect, choices=report_orders.ORDERS
    )
    state = forms.ChoiceField(label=_("State"), required=False, widget=PlainSelect)
    service = forms.ChoiceField(label=_("Kind of problem"), required=False, widget=PlainSelect)
    district = forms.ChoiceField(label=_("Part of the city"), required=False, widget=PlainSelect)
    since = day_field(pgettext_lazy("problem reports", "Sent from"))
    until = day_field(pgettext_lazy("problem reports", "Sent until"))
    near = forms.ChoiceField(label=_("Near"), required=False, widget=PlainSelect)

    def __init__(self, data: Mapping[str, Any], *, at: datetime) -> None:
        super().__init__(data)
        self.at = at
        found = list(ReportService.objects.filter(private=False).only("code", "name", "group"))
        districts = districts_named()
        self.services = {
            one.pk: tuple(value for value in (one.code, group_value(one)) if value) for one in found
        }
        self._choose("state", STATES)
        self._choose("service", _by_group(found))
        self._choose("district", districts)
        self._choose_near(districts)

    def apply(self, reports: ReportQuerySet, without: frozenset[str] = frozenset()) -> ReportQuerySet:
        chosen = {name: value for name, value in self.chosen().items() if name not in without}
        if service := chosen.get("service"):
            keys = [key for key, values in self.services.items() if service in values]
            reports = reports.filter(service__in=keys)
        if district := chosen.get("district"):
            reports = reports.filter(district__code=district)
        match chosen.get("state"):
            case "open":
                reports = reports.open()
            case "late":
                reports = reports.late(self.at)
            case "closed":
                reports = reports.filter(state=ReportState.CLOSED)
        reports = in_period(reports, chosen.get("since"), chosen.get("until"))
        return reports.matching(chosen.get("q", ""))


def _by_group(services: list[ReportService]) -> list[tuple[Any, Any]]:
    """Services as choices, those of a group under its name, with all of it as the first."""
    groups: dict[str, list[tuple[Any, Any]]] = {}
    names: dict[str, str] = {}
    for service in services:
        value = group_value(service)
        names.setdefault(value, localized(service.group))
        groups.setdefault(value, []).append((service.code, str(service)))
    alone = groups.pop("", [])
    found: list[tuple[Any, Any]] = []
    for value, choices in groups.items():
        every = [(value, _("All of “%(group)s”") % {"group": names[value]})] if len(choices) > 1 else []
        found.append((names[value], [*every, *choices]))
    return [*found, *alone]
