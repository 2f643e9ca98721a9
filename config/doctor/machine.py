"""The machine: Python, packages, disk, and who may read what lies on it."""

import importlib.metadata
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from packaging.requirements import InvalidRequirement, Requirement

from config.doctor.finding import Finding, fault, ok, warning

OLDEST_PYTHON = (3, 11)
LITTLE, VERY_LITTLE = 2_000_000_000, 200_000_000
"""Bytes free below which it is time to look, and below which imports and backups fail."""


def python(version: tuple[int, int] | None = None) -> Iterator[Finding]:
    found = version or sys.version_info[:2]
    text = ".".join(map(str, found))
    if found < OLDEST_PYTHON:
        yield fault(
            "python", f"Python {text} is too old.", "Install Python 3.11 or newer and make .venv anew."
        )
    else:
        yield ok("python", f"Python {text}.")


def packages() -> Iterator[Finding]:
    """Is what is installed what the lock says?"""
    differing, missing, count = [], [], 0
    for requirement in _locked(settings.BASE_DIR / "requirements" / "base.txt"):
        count += 1
        wanted = str(requirement.specifier).removeprefix("==")
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if found != wanted:
            differing.append(f"{requirement.name} {found} (locked: {wanted})")
    todo = "Run pip install --require-hashes -r requirements/base.txt."
    if missing:
        yield fault("packages", f"not installed: {', '.join(missing)}.", todo)
    if differing:
        yield warning("packages", f"other versions than were tested: {', '.join(differing)}.", todo)
    if not missing and not differing:
        yield ok("packages", f"all {count} as locked.")


def _locked(path: Path) -> Iterator[Requirement]:
    """The packages of a lock that this machine needs."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line[:1].isalnum():
            continue
        try:
            requirement = Requirement(line.rstrip("\\ "))
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def files() -> Iterator[Finding]:
    """May this process write where it must, and nobody else read what is secret?"""
    var = Path(settings.VAR)
    for folder in (var, var / "media", var / "uploads", var / "exports", var / "archive"):
        if not _writable(folder):
            yield fault(
                "files",
                f"{folder} cannot be written.",
                "Give it to the user that runs web and worker (chown).",
            )
            return
    open_keys = [path.name for path in var.glob("*.key") if path.stat().st_mode & 0o077]
    if open_keys:
        todo = f"Run chmod 600 on them in {var}."
        yield fault("files", f"keys that others can read: {', '.join(sorted(open_keys))}.", todo)
    elif stat.S_IMODE(var.stat().st_mode) & stat.S_IRWXO:
        text = f"anybody on this machine can look into {var}, where senders' contacts lie."
        yield warning("files", text, f"Run chmod o-rwx {var}.")
    else:
        yield ok("files", f"{var} can be written, nobody else looks in.")


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError:
        return False
    return True


def disk() -> Iterator[Finding]:
    for folder in dict.fromkeys((Path(settings.VAR), _existing(settings.WINNOW_BACKUP_FOLDER))):
        free = shutil.disk_usage(folder).free
        text = f"{free / 1e9:.1f} GB free for {folder}."
        todo = "Make room: old backups and exports first, then a larger disk."
        if free < VERY_LITTLE:
            yield fault("disk", text, todo)
        elif free < LITTLE:
            yield warning("disk", text, todo)
        else:
            yield ok("disk", text)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
