"""Problem reports to take away, in the columns of Open311's GeoReport Bulk, which open-data sites read.

Source: GeoReport Bulk v1, https://wiki.open311.org/GeoReport_Bulk/. The district is ours.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.exports.what import What
from engagement.localized import localized
from engagement.models import Event, Report, User
from engagement.tables.writing import Column, Row
from engagement.workflow import ReportState


def _columns() -> list[Column]:
    return [
        Column("service_request_id", _("Reference"), _("Names the report; it never changes.")),
        Column("requested_datetime", _("Received"), _("Where the city is.")),
        Column("updated_datetime", _("Last change"), _("Where the city is.")),
        Column("closed_date", _("Closed on"), _("Where the city is. Empty: it is open.")),
        Column("status_description", _("State"), _("open or closed.")),
        Column("status_notes", _("What was done"), _("What the public was told when it was closed.")),
        Column("source", _("How it came"), _("web, meeting, paper, phone, in_person, import or api.")),
        Column("service_name", _("Report service"), _("What it is about.")),
        Column("service_subtype", _("Group"), _("The group of that service.")),
        Column("description", _("Description"), _("In the sender’s words, personal data masked.")),
        Column("agency_responsible", _("Department"), _("Who looks after it.")),
        Column("address", _("Address"), _("As the sender wrote it.")),
        Column("lat", _("Latitude"), _("Degrees, WGS84. Empty: not known.")),
        Column("long", _("Longitude"), _("Degrees, WGS84. Empty: not known.")),
        Column("district", _("District"), _("Code of the part of the city.")),
    ]


def _rows(keys: Sequence[int], by: User | None, at: datetime) -> Iterator[Row]:
    """Public reports only: none that was withdrawn, and none of a private service."""
    closed = Event.objects.public().filter(verb="close").order_by("-at", "-pk")
    found = (
        Report.objects.public()
        .filter(pk__in=keys)
        .select_related("service__department", "district")
        .defer("description", "search", "answers", "district__boundary")
        .prefetch_related(Prefetch("events", queryset=closed, to_attr="closings"))
        .in_bulk()
    )
    for key in keys:
        if (report := found.get(key)) is not None:
            yield _row(report)


def _row(report: Any) -> dict[str, Any]:
    closed = report.state == ReportState.CLOSED
    department = report.service.department
    return {
        "service_request_id": report.reference,
        "requested_datetime": timezone.localtime(report.received_at),
        "updated_datetime": timezone.localtime(report.changed_at),
        "closed_date": timezone.localtime(report.closed_at) if closed and report.closed_at else None,
        "status_description": "closed" if closed else "open",
        "status_notes": localized(report.closings[0].text) if closed and report.closings else None,
        "source": report.channel,
        "service_name": localized(report.service.name),
        "service_subtype": report.service.group,
        "description": report.public_description,
        "agency_responsible": localized(department.name) if department else None,
        "address": report.address,
        "lat": report.latitude,
        "long": report.longitude,
        "district": report.district.code if report.district else None,
        "latitude": report.latitude,
        "longitude": report.longitude,
    }


REPORTS = What(
    key="reports",
    title=gettext_lazy("Problem reports, as the public reads them"),
    permission="engagement.export_report",
    columns=_columns,
    rows=_rows,
)
