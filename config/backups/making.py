"""Making a backup: the database at one moment, the files that it names, and what proves that all is there."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.backups import bundle, databases, keys, tables
from engagement.models import Erasure
from engagement.services import complete_register
from engagement.tables.writing import atomically
from prioritisation import __version__

FOLDERS = ("uploads", "archive", "register")
"""Folders of WINNOW_VAR that go in whole, besides media/, of which goes in what the database names."""
_NAME = re.compile(r"winnow-\d{8}-\d{6}(?:-\d+)?\.tar\.gz")


@dataclass(frozen=True)
class Made:
    """A backup that is there: its file, its manifest, and files that the database names and nobody has."""

    path: Path
    manifest: dict[str, Any]
    missing: list[str]


def make_backup(*, folder: Path, at: datetime, verify: bool, tell: Callable[[str], None]) -> Made:
    """Writes a backup into `folder`; it appears whole or not at all. Raises bundle.Broken or OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if Erasure._meta.db_table in tables.names():  # not yet in a database that was not brought up to date
        complete_register()
    path = _free_name(folder, at)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as aside:
        tell("the database")
        snapshot = databases.take(Path(aside))
        with atomically(path) as file:
            with bundle.writing(file) as writer:
                writer.add(databases.DUMPS[connection.vendor], snapshot.dump)
                snapshot.dump.unlink()
                tell("files")
                missing = [name for name in snapshot.files if not _add(writer, "media", name)]
                for name in _whole_folders():
                    _add(writer, "", name)
                manifest = writer.close(_facts(snapshot, at, missing), settings.WINNOW_LINK_KEY)
            file.flush()
            if verify:
                tell("reading it again")
                bundle.verify(file)
    return Made(path, manifest, missing)


def _free_name(folder: Path, at: datetime) -> Path:
    stem = f"winnow-{at:%Y%m%d-%H%M%S}"
    path, number = folder / f"{stem}.tar.gz", 1
    while path.exists():
        path, number = folder / f"{stem}-{number}.tar.gz", number + 1
    return path


def _add(writer: bundle.Writer, folder: str, name: str) -> bool:
    """Adds a file of WINNOW_VAR. False where the database still names it and it is not there; one that was
    erased since the snapshot is neither there nor missing."""
    inside = f"{folder}/{name}" if folder else name
    try:
        writer.add(inside, Path(settings.VAR) / inside)
    except FileNotFoundError:
        return folder != "media" or not databases.still_named(name)
    return True


def _whole_folders() -> Iterator[str]:
    root = Path(settings.VAR)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and not path.is_symlink() and not hidden:
                yield path.relative_to(root).as_posix()


def _facts(snapshot: databases.Snapshot, at: datetime, missing: list[str]) -> dict[str, Any]:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return {
        "made_at": at.isoformat(),
        "city": settings.WINNOW_CITY_NAME,
        "winnow": __version__,
        "database": connection.vendor,
        "server": snapshot.server,
        "migrations": applied,
        "counts": snapshot.counts,
        "missing": missing,
        "keys": keys.fingerprints(keys.current()),
    }


def there(folder: Path) -> list[Path]:
    """The backups in `folder`, the newest first."""
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: (path.name[:22], path.stat().st_mtime), reverse=True)


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Removes all but the `keep` newest backups in `folder`; gives those that went."""
    old = there(folder)[keep:]
    for path in old:
        os.unlink(path)
    return old
