"""The public list of problem reports: what is public, under filters, with what became of each."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from engagement import orders, report_facets, report_orders
from engagement.forms.report_browsing import ReportFilters
from engagement.models import Report
from engagement.paging import Paginator, how_many
from engagement.views.ideas import without_filter
from engagement.views.reports import elsewhere
from engagement.views.wording import promise, state_words

PAGE = 20


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    if not settings.WINNOW_REPORTS_ENABLED:
        return elsewhere(request)
    at = timezone.now()
    everything = Report.objects.listed()
    filters = ReportFilters(request.GET, at=at)
    reports = filters.apply(everything)
    # Keys first, then the twenty rows, as in the list of ideas.
    paginator = Paginator(reports.values("pk"), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    near = filters.near_place
    keys = report_orders.keys(
        reports, order=filters.in_order, near=near, first=PAGE * (page.number - 1), number=PAGE
    )
    # Asked anew whether they are public: the order of a long list may be a little old.
    listed = orders.in_order(list(everything.filter(pk__in=keys).in_brief()), keys)
    chosen = filters.chosen()
    total = how_many(everything) if chosen else paginator.count
    on = [{**one, "without": without_filter(request, one["name"])} for one in filters.named()]
    filters.count(report_facets.facets(filters.apply, chosen, filters.services, at))
    no_place = filters.in_order == orders.NEAR and near is None
    context = {
        "filters": filters,
        "on": on,
        "page_obj": page,
        "rows": [row(report, at) for report in listed],
        "shown": paginator.count,
        "hidden": max(total - paginator.count, 0),
        "total": max(total, paginator.count),
        "filtered": bool(chosen),
        # What is chosen stands as tags above the list; on a phone open filters would push it out of sight.
        "opened": no_place,
        "order": filters.in_order,
        "no_place": no_place,
    }
    return render(request, "engagement/report_list.html", context)


def row(report: Report, at: datetime) -> dict[str, Any]:
    """What a line of the list says of a report."""
    return {"report": report, "words": state_words(report), "promise": promise(report, at)}
