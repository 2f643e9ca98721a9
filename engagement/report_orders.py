"""In which order the public list shows problem reports: the newest first, the nearest, the most "me too"."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.models import MeToo
from engagement.orders import NEAR, Position, by_distance
from engagement.paging import remembered
from engagement.querysets import ReportQuerySet

NEWEST, ME_TOO = "", "me_too"
ORDERS = [
    (NEWEST, pgettext_lazy("problem reports", "Newest first")),
    (ME_TOO, _("Most “me too” first")),
    (NEAR, pgettext_lazy("problem reports", "Nearest first")),
]


def keys(reports: ReportQuerySet, *, order: str, near: Position | None, first: int, number: int) -> list[int]:
    """The keys of `number` reports from the place `first` on."""
    last = first + number
    if order == ME_TOO:
        return _most_me_too(reports)[first:last]
    ordered: Any = reports.order_by("-received_at", "-pk")
    if order == NEAR and near is not None:
        ordered = by_distance(reports, near, "-received_at", "-pk")
    return list(ordered.values_list("pk", flat=True)[first:last])


def _most_me_too(reports: ReportQuerySet) -> list[int]:
    """By how many more people have the problem; those with as many as each other, the newest first."""

    def made() -> list[int]:
        said = MeToo.objects.filter(withdrawn_at__isnull=True).order_by().values_list("report")
        counted = dict(said.annotate(people=Count("pk")))
        newest = reports.order_by("-received_at", "-pk").values_list("pk", flat=True)
        return sorted(newest, key=lambda key: -counted.get(key, 0))

    return remembered("report_order", reports, made, len)
