"""Bringing a file of past reports in: the whole file or nothing, and once however often it is asked for."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from engagement.evidence import archive, formats
from engagement.evidence.archive import Taken
from engagement.evidence.formats import Format
from engagement.evidence.places import Districts
from engagement.evidence.source import SourceError, prepare
from engagement.models import ArchiveFile, District, User
from engagement.services.archive.keeping import check_may, publish, working_folder
from engagement.services.archive.words import worded
from engagement.services.errors import Refused
from engagement.text import fold

HUNDRED = 100
Progress = Callable[[int, int], object]
"""Is told how far it got, of how much. May raise to stop the import; then nothing is kept."""


@dataclass(frozen=True)
class Imported:
    """What came of it. `already`: the archive had this very file, nothing was changed."""

    file: ArchiveFile
    already: bool = False


def import_reports(
    *,
    path: Path,
    name: str,
    at: datetime,
    by: User | None = None,
    format: str = formats.AUTO,
    licence: str = "",
    source: str = "",
    tell: Progress | None = None,
    refused_to: Path | None = None,
    before_commit: Callable[[Imported], None] | None = None,
) -> Imported:
    """Takes a city's file of past reports into the archive.

    `name` is the file's, `format` a code of `evidence.formats` or "auto", `source` where it comes from.
    `tell` hears of hundredths. `refused_to`: where a CSV of the refused records goes. `before_commit` is
    called in the transaction. Raises `Refused`, in words, for a file that cannot be used; `OSError` when it
    cannot be read.
    """
    check_may(by)
    tell = tell or (lambda done, total: None)
    try:
        with working_folder() as scratch:
            ready = prepare(path, scratch=scratch, tell=lambda share: tell(int(share * 20), HUNDRED))
            there = ArchiveFile.objects.visible().filter(sha256=ready.sha256).first()
            if there is not None:
                return _already(there, before_commit)
            given = archive.settle(format, ready)
            written = scratch / "reports.parquet"
            taken = archive.convert(
                ready,
                given,
                target=written,
                scratch=scratch,
                zone=settings.TIME_ZONE,
                districts=city_districts(),
                at=at,
                tell=lambda share: tell(20 + int(share * 79), HUNDRED),
                refused_to=refused_to,
            )
            said = {"name": name[:200], "licence": licence[:200], "source": source[:300]}
            columns = {**said, **columns_of(taken, given), "imported_at": at, "imported_by": by}
            # Told before: with the manifest the job is over, and has nothing to tell any more.
            tell(HUNDRED, HUNDRED)
            return _make_visible(written, ready.sha256, columns, before_commit)
    except SourceError as error:
        raise Refused(worded(error.code, error.params), code=error.code, field="file") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        raise Refused(worded("disk_full", {}), code="disk_full", field="file") from error


def _make_visible(
    written: Path,
    sha256: str,
    columns: dict[str, Any],
    before_commit: Callable[[Imported], None] | None,
) -> Imported:
    try:
        with transaction.atomic():
            imported = Imported(publish(written, sha256=sha256, columns=columns))
            if before_commit is not None:
                before_commit(imported)
            return imported
    except IntegrityError:
        there = ArchiveFile.objects.visible().filter(sha256=sha256).first()
        if there is None:
            raise
        return _already(there, before_commit)


def _already(there: ArchiveFile, before_commit: Callable[[Imported], None] | None) -> Imported:
    imported = Imported(there, already=True)
    if before_commit is not None:
        with transaction.atomic():
            before_commit(imported)
    return imported


def columns_of(taken: Taken, given: Format) -> dict[str, Any]:
    """What an import found, as the manifest keeps it."""
    return {
        "format": given.code,
        "rows": taken.rows,
        "kept": taken.kept,
        "refused": taken.refused,
        "reasons": {code: {"count": one.count, "first": one.first} for code, one in taken.reasons.items()},
        "notes": taken.notes,
        "first_at": taken.first_at,
        "last_at": taken.last_at,
    }


def city_districts() -> Districts:
    """The city's districts, found by point, by code, and by their name in any language."""
    found = list(District.objects.filter(active=True))
    names = {fold(name): one.code for one in found for name in (*one.name.values(), one.code) if name}
    return Districts([one.code for one in found], [one.boundary for one in found], names)
