"""The city's own reports as files of the archive, one a month: evidence where Winnow itself is the 311.

A month is written anew when it changed. What is withdrawn, erased or private leaves the archive with the next
writing, at most an hour later, and the disk a day after that.
"""

import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.db.models.functions import TruncMonth
from django.utils import timezone

from engagement.evidence import archive
from engagement.evidence.formats import OWN
from engagement.evidence.source import prepare
from engagement.models import ArchiveFile, Report, ReportService
from engagement.services.archive.bringing_in import city_districts, columns_of
from engagement.services.archive.keeping import publish, working_folder
from engagement.text import choose

COLUMNS = (
    "reference",
    "service",
    "group",
    "received_at",
    "closed_at",
    "state",
    "latitude",
    "longitude",
    "district",
    "channel",
    "duplicate_of",
)


def archive_own_reports(*, at: datetime) -> int:
    """Brings the archive up to date with the city's own reports; gives how many months it wrote."""
    kinds = _kinds()
    months = _months(kinds)
    there = {file.name: file for file in ArchiveFile.objects.visible().filter(format=OWN.code)}
    for name in there.keys() - months.keys():
        ArchiveFile.objects.filter(pk=there[name].pk).update(removed_at=at)
    changed = [
        (name, month, state)
        for name, (month, state) in sorted(months.items())
        if name not in there or there[name].notes.get("state") != state
    ]
    return sum(_write_month(*one, kinds, there.get(one[0]), at) for one in changed)


def _kinds() -> dict[int, tuple[str, str]]:
    """Name and group of each service, in the city's first language: one name for all figures."""
    language = settings.LANGUAGE_CODE
    return {
        kind.pk: (choose(kind.name, language) or kind.code, choose(kind.group, language))
        for kind in ReportService.objects.all()
    }


def _months(kinds: dict[int, tuple[str, str]]) -> dict[str, tuple[datetime, str]]:
    """Months that have reports, by the name of their file: the start, and what tells whether it changed."""
    names = hashlib.sha256(repr(sorted(kinds.items())).encode()).hexdigest()[:16]
    found = (
        Report.objects.public()
        .order_by()
        .annotate(month=TruncMonth("received_at", tzinfo=timezone.get_default_timezone()))
        .values("month")
        .annotate(count=Count("pk"), changed=Max("changed_at"), last=Max("pk"))
    )
    return {
        f"{settings.WINNOW_CITY_NAME} {one['month']:%Y-%m}": (
            one["month"],
            f"{one['count']} {one['last']} {one['changed'].isoformat()} {names}",
        )
        for one in found
    }


def _write_month(
    name: str,
    month: datetime,
    state: str,
    kinds: dict[int, tuple[str, str]],
    old: ArchiveFile | None,
    at: datetime,
) -> bool:
    """Writes a month anew; False where only something changed that the archive does not hold."""
    with working_folder() as scratch:
        table = scratch / "reports.csv"
        _write_table(table, month, kinds)
        ready = prepare(table, scratch=scratch, tell=lambda share: None)
        if old is not None and old.sha256 == ready.sha256:
            ArchiveFile.objects.filter(pk=old.pk).update(notes={**old.notes, "state": state})
            return False
        written = scratch / "reports.parquet"
        taken = archive.convert(
            ready,
            OWN,
            target=written,
            scratch=scratch,
            zone=settings.TIME_ZONE,
            districts=city_districts(),
            at=at,
            tell=lambda share: None,
        )
        columns: dict[str, Any] = {**columns_of(taken, OWN), "name": name, "imported_at": at}
        columns["notes"]["state"] = state
        with transaction.atomic():
            publish(written, sha256=ready.sha256, columns=columns)
            if old is not None:
                ArchiveFile.objects.filter(pk=old.pk).update(removed_at=at)
    return True


def _write_table(path: Path, month: datetime, kinds: dict[int, tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(_rows(month, kinds))


def _rows(month: datetime, kinds: dict[int, tuple[str, str]]) -> Iterator[list[Any]]:
    city = timezone.get_default_timezone()
    start = datetime(month.year, month.month, 1, tzinfo=city)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=city)
    reports = (
        Report.objects.public()
        .filter(received_at__gte=start, received_at__lt=end)
        .order_by("pk")
        .values_list(
            "reference",
            "service",
            "received_at",
            "closed_at",
            "state",
            "latitude",
            "longitude",
            "district__code",
            "channel",
            "parent__reference",
        )
    )
    for reference, service, received, closed, *rest in reports.iterator(chunk_size=2000):
        yield [reference, *kinds[service], received.isoformat(), closed and closed.isoformat(), *rest]
