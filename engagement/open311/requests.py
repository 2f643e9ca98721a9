"""Problem reports as anybody may read them: those of the public lists, with what their public page says."""

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from engagement.localized import localized
from engagement.models import Event, Photo, Report, ReportService
from engagement.open311 import parameters
from engagement.open311.answers import Fault, answer, moment
from engagement.open311.posting import take
from engagement.open311.resources import resource
from engagement.orders import in_order
from engagement.paging import how_many
from engagement.querysets import ReportQuerySet
from engagement.workflow import ReportState

SAYS_NOTHING_NEW = ("confirm_fixed",)
"""Lines of the timeline that say nothing of the state: the sender agrees with what was said before."""
_COLUMNS = (
    *("reference", "language", "channel", "state", "public_description", "whole_city", "address"),
    *("latitude", "longitude", "received_at", "changed_at", "closed_at", "expected_at"),
    *("service__code", "service__name", "service__notice", "service__department__name"),
    *("service__department__code", "department__code", "department__name"),
    *("district__code", "district__name"),
)


@resource("GET", "POST")
def request_list(request: HttpRequest, format: str) -> HttpResponse:
    if request.method == "POST":
        return take(request, format)
    data = request.GET
    found = _asked_for(data)
    number, size = parameters.page(data)
    first = (number - 1) * size
    # Keys first, out of an index, then the rows: as in the lists of pages.
    ordered = found.order_by("-received_at", "-pk").values_list("pk", flat=True)
    keys = list(ordered[first : first + size])
    rows = in_order(list(_with_parts(Report.objects.listed().filter(pk__in=keys))), keys)
    made = answer(format, "service_requests", [_row(report, _extended(data)) for report in rows])
    total = how_many(found)
    made["X-Total-Count"] = str(total)
    if links := _links(request, number, last=-(-total // size)):
        made["Link"] = links
    return made


@resource("GET")
def request_detail(request: HttpRequest, format: str, reference: str) -> HttpResponse:
    found = Report.objects.listed().filter(reference=reference)
    rows = [_row(report, _extended(request.GET)) for report in _with_parts(found)]
    if not rows:
        raise Fault(404, "service_request_id: not known here, or not public")
    return answer(format, "service_requests", rows)


@resource("GET")
def token(request: HttpRequest, format: str, reference: str) -> HttpResponse:
    """We give a reference at once, so that nobody needs a token: one stands for itself."""
    if not Report.objects.listed().filter(reference=reference).exists():
        raise Fault(404, "token: not known here, or not public")
    return answer(format, "service_requests", [{"service_request_id": reference, "token": reference}])


def _asked_for(data: QueryDict) -> ReportQuerySet:
    found = Report.objects.listed()
    if parameters.listed(data, "service_request_id"):  # whatever else is asked
        return found.filter(reference__in=parameters.references(data))
    if codes := parameters.listed(data, "service_code"):
        found = found.filter(service__in=_services(codes))
    if len(chosen := parameters.statuses(data)) == 1:
        found = found.open() if "open" in chosen else found.filter(state=ReportState.CLOSED)
    at = timezone.now()
    sent = parameters.window(data, "start_date", "end_date")
    changed = parameters.window(data, "updated_after", "updated_before")
    if changed:
        found = found.filter(**changed.clipped(at).on("changed_at"))
    if sent or not changed:
        found = found.filter(**sent.clipped(at).on("received_at"))
    return found


def _services(codes: list[str]) -> list[int]:
    """The public services of these codes, those no longer in use among them: reports remain."""
    known = dict(ReportService.objects.filter(private=False).values_list("code", "pk"))
    if unknown := [code for code in codes if code not in known]:
        raise Fault(404, f"service_code: {', '.join(unknown)[:100]} is not known here")
    return [known[code] for code in codes]


def _links(request: HttpRequest, number: int, last: int) -> str:
    """The pages before and after, as addresses."""
    others = {"prev": number - 1, "next": number + 1}
    found = []
    for name, other in others.items():
        if 1 <= other <= last:
            query = request.GET.copy()
            query["page"] = str(other)
            url = f"{settings.WINNOW_BASE_URL}{request.path}?{query.urlencode()}"
            found.append(f'<{url}>; rel="{name}"')
    return ", ".join(found)


def _extended(data: QueryDict) -> bool:
    return parameters.given(data, "extensions").lower() == "true"


def _with_parts(reports: ReportQuerySet) -> ReportQuerySet:
    """All that a row says, in three queries."""
    told = Event.objects.public().exclude(verb__in=SAYS_NOTHING_NEW).order_by("at", "pk")
    return (
        reports.select_related("service__department", "department", "district")
        .only(*_COLUMNS)
        .prefetch_related(
            Prefetch("events", queryset=told.only("report", "text"), to_attr="told"),
            Prefetch("photos", queryset=Photo.objects.only("report")),
        )
    )


def _row(report: Any, extended: bool) -> dict[str, Any]:
    photos = [_address_of(photo) for photo in report.photos.all()]
    department = report.department or report.service.department
    closed = report.state == ReportState.CLOSED
    row = {
        "service_request_id": report.reference,
        "status": "closed" if closed else "open",
        "status_notes": localized(report.told[-1].text) or None if report.told else None,
        "service_name": str(report.service),
        "service_code": report.service.code,
        "description": report.public_description or None,
        "agency_responsible": str(department) if department else None,
        "service_notice": localized(report.service.notice) or None,
        "requested_datetime": moment(report.received_at),
        "updated_datetime": moment((closed and report.closed_at) or report.changed_at),
        "expected_datetime": moment(report.expected_at),
        "address": _address(report),
        "address_id": None,
        "zipcode": None,
        "lat": report.latitude,
        "long": report.longitude,
        "media_url": photos[0] if photos else None,
    }
    if extended:
        row["extended_attributes"] = {
            "channel": report.channel,
            "detailed_status": report.state,
            "district": report.district.code if report.district else None,
            "language": report.language,
            "media_urls": photos,
        }
    return row


def _address(report: Report) -> str | None:
    """Where it is, in words; clients want some on every report, so the point where there are no others."""
    if report.address:
        return report.address
    if report.latitude is not None:
        return f"{report.latitude:.5f}, {report.longitude:.5f}"
    if report.whole_city:
        return gettext("The whole city")
    return str(report.district) if report.district else None


def _address_of(photo: Photo) -> str:
    with translation.override(settings.LANGUAGE_CODE):  # one address, whatever the answer's language
        return f"{settings.WINNOW_BASE_URL}{reverse('engagement:photo', args=[photo.pk])}"
