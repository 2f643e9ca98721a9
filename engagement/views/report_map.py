"""Problem reports on a map: what is on the public list and tells a place, with the filters of the list."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from engagement import links
from engagement.forms.report_browsing import ReportFilters
from engagement.models import Report
from engagement.querysets import ReportQuerySet
from engagement.views import map_parts
from engagement.views.reports import elsewhere
from engagement.views.wording import state_words


@require_safe
def report_map(request: HttpRequest) -> HttpResponse:
    if not settings.WINNOW_REPORTS_ENABLED:
        return elsewhere(request)
    filters = ReportFilters(request.GET, at=timezone.now())
    context = map_parts.page_context(request, filters, Report.objects.listed())
    return render(request, "engagement/report_map.html", context)


@require_safe
@cache_control(public=True, max_age=60)
def report_map_data(request: HttpRequest) -> HttpResponse:
    """GeoJSON: all hexagons, or with `?box=west,south,east,north` the points inside."""
    if not settings.WINNOW_REPORTS_ENABLED:
        raise Http404
    shown = ReportFilters(request.GET, at=timezone.now()).apply(Report.objects.listed())
    reports = shown.filter(latitude__isnull=False)
    if "box" not in request.GET:
        around = map_parts.districts(shown.filter(latitude__isnull=True))
        return map_parts.collection([*map_parts.hexagons(reports), *around])
    box = map_parts.read_box(request.GET["box"])
    return map_parts.collection(_points(map_parts.inside(reports, box)) if box else [])


def _points(reports: ReportQuerySet) -> list[dict[str, Any]]:
    """The newest of a part of the map: what it is, since when, and what became of it."""
    found = reports.order_by("-received_at", "-pk").select_related("service")
    language = get_language() or settings.LANGUAGE_CODE
    return [
        map_parts.point(
            report,
            title=" · ".join((str(report.service), _day(report), str(state_words(report).label))),
            language=language,
            path=links.public_path(report, language),
        )
        for report in found.only(*_COLUMNS)[: map_parts.POINTS]
    ]


_COLUMNS = (
    *("reference", "language", "state", "received_at", "latitude", "longitude"),
    *("service__code", "service__name"),
)


def _day(report: Report) -> str:
    return date_format(timezone.localtime(report.received_at), "DATE_FORMAT")
