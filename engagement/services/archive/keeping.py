"""The archive's folder, and its manifest `ArchiveFile`: what the table does not name is not there.

A file appears whole: written under another name, synced, renamed, and then named by a row. It goes late: the
row says so at once, the file follows a day later, so that nobody loses it while reading.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.evidence.formats import OWN
from engagement.models import ArchiveFile, User
from engagement.services.errors import Refused

PERMISSION = "engagement.import_report"
KEPT_AFTER_REMOVAL = timedelta(days=1)
UNFINISHED = "unfinished-"


def archive_folder() -> Path:
    folder = Path(settings.VAR) / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def stored_path(sha256: str) -> Path:
    """Where a file of the archive lies, by its fingerprint."""
    return archive_folder() / f"{sha256}.parquet"


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder beside the archive's files, on the same disk, for what an import needs on its way."""
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=archive_folder()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_may(by: User | None) -> None:
    """`by` absent: the city's operator, on the machine itself."""
    if by is not None and not by.has_perm(PERMISSION):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def publish(written: Path, *, sha256: str, columns: dict[str, Any]) -> ArchiveFile:
    """Makes a written file visible; call it in a transaction, which then holds the row.

    A file that was removed comes back under its own row. Raises `IntegrityError` when another import of the
    same file was faster.
    """
    removed = ArchiveFile.objects.select_for_update().filter(sha256=sha256, removed_at__isnull=False).first()
    size = written.stat().st_size
    _sync(written)
    os.replace(written, stored_path(sha256))
    _sync(archive_folder())
    record = removed or ArchiveFile(sha256=sha256)
    for name, value in {**columns, "size": size, "removed_at": None}.items():
        setattr(record, name, value)
    record.save()
    return record


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@transaction.atomic
def remove_archive_file(*, file: ArchiveFile, by: User | None, at: datetime) -> ArchiveFile:
    """Takes a file out of the archive: from now on nothing counts it."""
    check_may(by)
    if file.format == OWN.code:
        raise Refused(_("These are the city's own reports: they are written anew as they change."))
    if not ArchiveFile.objects.filter(pk=file.pk, removed_at__isnull=True).update(removed_at=at):
        raise Refused(_("This file was removed before."))
    file.refresh_from_db()
    return file


def sweep_archive(*, at: datetime) -> int:
    """Deletes what was removed more than a day ago, and what an import that was killed left behind; gives
    how many files and folders went."""
    border = at - KEPT_AFTER_REMOVAL
    swept = 0
    for key in ArchiveFile.objects.filter(removed_at__lt=border).values_list("pk", flat=True):
        with transaction.atomic():
            # Looked at again under lock: it may be coming back this moment.
            gone = ArchiveFile.objects.select_for_update().filter(pk=key, removed_at__lt=border).first()
            if gone is None:
                continue
            swept += _delete(stored_path(gone.sha256))
            if gone.format == OWN.code:  # an earlier writing of a month: nothing to remember
                gone.delete()
    named = set(ArchiveFile.objects.values_list("sha256", flat=True))
    for path in archive_folder().iterdir():
        orphan = path.name.startswith(UNFINISHED) or (path.suffix == ".parquet" and path.stem not in named)
        if orphan and _last_changed(path) < border:
            swept += _delete(path)
    return swept


def _last_changed(path: Path) -> datetime:
    """Of a folder the newest change in it: an import writes for hours into the same files."""
    inside = path.iterdir() if path.is_dir() else ()
    try:
        newest = max(one.stat().st_mtime for one in (path, *inside))
    except FileNotFoundError:  # an import that ends this moment
        return datetime.max.replace(tzinfo=UTC)
    return datetime.fromtimestamp(newest, UTC)


def _delete(path: Path) -> int:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return 1
    there = path.exists()
    path.unlink(missing_ok=True)
    return int(there)
