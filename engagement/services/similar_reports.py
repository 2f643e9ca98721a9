"""Open reports that may tell of the same problem as one that is being written, or that staff look at.

Reads; writes nothing.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from engagement.localized import localized
from engagement.models import Report, ReportService
from engagement.privacy import mask
from engagement.querysets import ReportQuerySet
from engagement.services.ideas import Place
from engagement.similarity import nearby
from engagement.text import fold

MOST_WEIGHED = 2_000
"""More than are open within a service's radius, but where a city puts all that has no address."""
LIMIT = 5


@dataclass(frozen=True)
class SimilarReport:
    """A report that everybody may read, and how far from the place it lies; None where only words tell."""

    report: Report
    metres: float | None


def similar_reports(
    *, service: ReportService, place: Place, at: datetime, limit: int = LIMIT
) -> list[SimilarReport]:
    """The likeliest first: near the point, else at the same address, else in the same district.

    Only what is public and open, of this service or one of its group, and no older than the service says.
    A private service is told of none: whoever writes there gets no list of others' troubles.
    """
    return [] if service.private else _alike(Report.objects.listed(), service, place, at, limit)


def alike_among(
    reports: ReportQuerySet, report: Report, *, at: datetime, limit: int = LIMIT
) -> list[SimilarReport]:
    """Those of `reports` that may tell of the same as this one: what its reader may see, on no list too."""
    place = Place(
        district=report.district,
        address=report.address,
        latitude=report.latitude,
        longitude=report.longitude,
    )
    return _alike(reports.exclude(pk=report.pk), report.service, place, at, limit)


def _alike(
    reports: ReportQuerySet, service: ReportService, place: Place, at: datetime, limit: int
) -> list[SimilarReport]:
    if not (place.address or place.district or place.latitude is not None):
        return []
    kin = _kin(service)
    asked = reports.open().filter(service__in=list(kin))
    point = _point(place)
    if point is not None:
        return _near(asked, service, kin, point, at, limit)
    since = asked.filter(received_at__gte=at - timedelta(days=service.nearby_days))
    return [SimilarReport(one, None) for one in _rows(_by_words(since, service, place, limit))]


def _kin(service: ReportService) -> dict[int, tuple[str, str]]:
    """This service and the public ones of its group: their codes and groups, by their keys."""
    group = localized(service.group)
    kin = {service.pk: (service.code, group)}
    if group:
        others = ReportService.objects.filter(private=False, active=True).only("code", "group")
        kin |= {one.pk: (one.code, group) for one in others if localized(one.group) == group}
    return kin


def _point(place: Place) -> nearby.Point | None:
    if place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def _near(
    reports: ReportQuerySet,
    service: ReportService,
    kin: dict[int, tuple[str, str]],
    point: nearby.Point,
    at: datetime,
    limit: int,
) -> list[SimilarReport]:
    """All that is open around the point is weighed, by four columns; the texts of the likeliest are read."""
    south, west, north, east = nearby.box(point, service.nearby_metres)
    # By place, as `report_open_by_place` has them: of thousands of open reports those of a few streets.
    # How old they are is weighed below; asked of SQLite here, it would read all of the service since then.
    inside = reports.filter(latitude__range=(south, north), longitude__range=(west, east))
    columns = ("pk", "latitude", "longitude", "received_at", "service")
    others = [
        nearby.Report(key, (latitude, longitude), received, *kin[kind])
        for key, latitude, longitude, received, kind in _nearest(inside, point).values_list(*columns)
    ]
    new = nearby.Report("new", point, at, *kin[service.pk])
    near = nearby.suggest(new, others, limit=limit, radius=service.nearby_metres, age=service.nearby_days)
    metres = {int(one.id): one.metres for one in near}
    return [SimilarReport(one, metres[one.pk]) for one in _rows(list(metres))]


def _nearest(inside: ReportQuerySet, point: nearby.Point) -> Any:
    """The nearest MOST_WEIGHED; of those on one point, where a city puts what has no address, the newest."""
    north = F("latitude") - point[0]
    east = (F("longitude") - point[1]) * math.cos(math.radians(point[0]))
    placed: Any = inside.annotate(apart=north * north + east * east)
    return placed.order_by("apart", "-received_at", "-pk")[:MOST_WEIGHED]


def _rows(keys: list[int]) -> list[Report]:
    """The reports of these keys, in their order, with what is shown of them."""
    found = Report.objects.select_related("service", "district").defer("description", "answers", "search")
    by_key = found.prefetch_related("photos").in_bulk(keys)
    return [by_key[key] for key in keys if key in by_key]


def _by_words(reports: ReportQuerySet, service: ReportService, place: Place, limit: int) -> list[int]:
    """Without a point: the same address; where none was written, the same district and the same service."""
    newest = reports.order_by("-received_at", "-pk")
    asked = fold(mask(place.address))
    if not asked and place.district is None:
        return []
    if not asked:
        of_district = newest.filter(district=place.district, service=service)
        return list(of_district.values_list("pk", flat=True)[:limit])
    # Addresses are folded in the column of search only: its words narrow, and the address itself tells.
    rows = newest.matching(asked).values_list("pk", "address")[:MOST_WEIGHED]
    return [key for key, address in rows if fold(address) == asked][:limit]
