"""The way back: a backup is checked, refused for a reason or brought in whole, brought up to date, and what
was erased since is erased again."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.backups import bundle, databases, keys, tables
from config.backups.bundle import Broken
from config.settings import env
from engagement.services import Replayed, append_register, parse_register, read_register, replay_erasures

FOLDERS = ("media", "uploads", "archive")
_SAID = {"keys", "database", "migrations", "counts", "winnow"}
"""What a manifest says besides its parts."""


@dataclass(frozen=True)
class Restored:
    """What came back, what was erased again, and which keys somebody has yet to set."""

    manifest: dict[str, Any]
    replayed: Replayed
    keys_elsewhere: list[str]


def restore_backup(
    *, path: Path, replace: bool, keys_file: Path | None, other_keys: bool, tell: Callable[[str], None]
) -> Restored:
    """Brings `path` in. Until everything is there nothing is lost: a failure leaves what was before.

    Raises bundle.Broken with the reason and what to do.
    """
    here = keys.read(keys_file) if keys_file else keys.current()
    with path.open("rb") as file:
        tell("checking the backup")
        manifest = _checked(file, here, other_keys)
        _check_target(replace)
        with tempfile.TemporaryDirectory(dir=settings.VAR, prefix=".restore-") as aside:
            _check_space(manifest, Path(aside))
            tell("unpacking it")
            bundle.unpack(file, Path(aside))
            tell("the database")
            with databases.replaced(Path(aside) / databases.DUMPS[connection.vendor]), _folders(Path(aside)):
                _compare_counts(manifest["counts"])
                tell("bringing it up to date")
                call_command("migrate", verbosity=0, interactive=False)
            register = Path(aside) / "register" / "erasures.jsonl"
            if register.exists():
                append_register(parse_register(register.read_text(encoding="utf-8", errors="replace")))
    tell("erasing again what was erased since")
    replayed = replay_erasures(entries=read_register())
    return Restored(manifest, replayed, keys.install(here, env) if keys_file else [])


def _checked(file: BinaryIO, here: dict[str, str], other_keys: bool) -> dict[str, Any]:
    """The manifest of a bundle that is whole, ours, and that this program can read."""
    manifest, text, given_seal = bundle.verify(file)
    if not manifest.keys() >= _SAID:
        raise Broken("This backup's manifest cannot be read.")
    if not other_keys:
        keys.check(manifest, text, given_seal, here)
    if manifest["database"] != connection.vendor:
        raise Broken(
            f"This backup is of a {manifest['database']} database, and DATABASE_URL names "
            f"{connection.vendor}: restore it into one of its own kind."
        )
    known = MigrationLoader(None).disk_migrations
    newer = [
        f"{app}.{name}"
        for app, names in manifest["migrations"].items()
        for name in names
        if (app, name) not in known and app in {key[0] for key in known}
    ]
    if newer:
        raise Broken(
            f"This backup was made by a newer Winnow ({manifest['winnow']}): {newer[0]} is not known here. "
            "Install that version, then restore."
        )
    return manifest


def _check_target(replace: bool) -> None:
    files = Path(settings.VAR) / "media"
    empty = databases.is_empty() and not any(path.is_file() for path in files.rglob("*"))
    if not empty and not replace:
        raise Broken(
            "There is a city here already. To throw it away for the backup, stop web, worker and beat, "
            "then say --replace."
        )
    if busy := databases.in_use():
        raise Broken(f"Stop web, worker and beat first: {busy}.")


def _check_space(manifest: dict[str, Any], folder: Path) -> None:
    needed = 2 * sum(part["bytes"] for part in manifest["parts"].values())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Broken(
            f"The disk of {settings.VAR} has {free >> 20} MB free; this backup needs {needed >> 20} MB."
        )


def _compare_counts(expected: dict[str, int]) -> None:
    found = tables.counts()
    for table, rows in expected.items():
        if found.get(table) != rows:
            raise Broken(f"{table} has {found.get(table)} rows after the restore, the backup had {rows}.")


@contextmanager
def _folders(aside: Path) -> Iterator[None]:
    """The unpacked folders in place of those that are there, which come back if something goes wrong."""
    root = Path(settings.VAR)
    moved: list[str] = []
    try:
        for name in FOLDERS:
            (aside / name).mkdir(exist_ok=True)
            (root / name).mkdir(exist_ok=True)
            os.replace(root / name, aside / f"{name}.{databases.BEFORE}")
            moved.append(name)
            os.replace(aside / name, root / name)
        yield
    except BaseException:
        for name in moved:
            shutil.rmtree(root / name, ignore_errors=True)
            os.replace(aside / f"{name}.{databases.BEFORE}", root / name)
        raise
