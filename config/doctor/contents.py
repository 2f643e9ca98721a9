"""What has to be there: pages' files, translations, people, texts, files that the database names, backups."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.utils import timezone

from config import catalogues
from config.backups import databases, making
from config.doctor.finding import Finding, fault, ok, warning
from engagement.models import ArchiveFile, Call, User
from engagement.services import missing_from_file
from prioritisation.services.setup import ROLES

BACKUP_LATE, BACKUP_VERY_LATE = timedelta(hours=36), timedelta(days=7)
SHOWN = 3
"""So many names stand in a line; of more the number."""


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def static_files() -> Iterator[Finding]:
    """Are the files for browsers collected, and as new as the program?"""
    todo = "Run manage.py collectstatic --noinput --clear, then restart web."
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        yield fault("static files", f"not collected into {settings.STATIC_ROOT}: no page works.", todo)
        return
    named = json.loads(manifest.read_text(encoding="utf-8"))["paths"]
    collected = manifest.stat().st_mtime
    stale = [
        path
        for finder in get_finders()
        for path, storage in finder.list([])
        if storage.path(path).startswith(str(settings.BASE_DIR / "static"))
        and not Path(path).name.startswith(".")
        and (path not in named or Path(storage.path(path)).stat().st_mtime > collected)
    ]
    if stale:
        yield fault("static files", f"older than the program: {_some(sorted(stale))}.", todo)
    else:
        yield ok("static files", f"{len(named)} collected.")


def translations() -> Iterator[Finding]:
    stale = [path.parent.parent.name for folder in settings.LOCALE_PATHS for path in catalogues.stale(folder)]
    if stale:
        yield fault(
            "translations",
            f"not compiled: {', '.join(stale)}. Pages are partly in English.",
            "Run manage.py compile_catalogues, then restart web and worker.",
        )
    else:
        yield ok("translations", "compiled.")


def roles() -> Iterator[Finding]:
    """Are the role groups there, with the permissions that this version gives them?"""
    there = set(Group.objects.filter(name__in=ROLES).values_list("name", flat=True))
    lacking = []
    for name in sorted(there):
        wanted = {codename for codename in ROLES[name] if codename != "*"}
        held = {
            f"{app}.{codename}"
            for app, codename in Group.objects.get(name=name).permissions.values_list(
                "content_type__app_label", "codename"
            )
        }
        if wanted - held:
            lacking.append(name)
    todo = "Run manage.py release."
    if missing := sorted(set(ROLES) - there):
        yield fault("roles", f"missing: {_some(missing)}.", todo)
    elif lacking:
        yield warning("roles", f"without all their permissions: {_some(lacking)}.", todo)
    else:
        yield ok("roles", f"{len(ROLES)} installed.")


def administrator() -> Iterator[Finding]:
    found = User.objects.filter(is_superuser=True, is_active=True).count()
    if found:
        yield ok("administrator", f"{found} can sign in.")
    else:
        yield fault(
            "administrator",
            "nobody can sign in to all of it.",
            "Run manage.py setup_city, or createsuperuser.",
        )


def languages() -> Iterator[Finding]:
    """Does every invitation that is open or will open speak all the city's languages?"""
    now = timezone.now()
    calls = [call for call in Call.objects.public() if call.closes_at is None or call.closes_at > now]
    found = False
    for code, _name in settings.LANGUAGES:
        silent = [
            call.slug
            for call in calls
            if any(
                text and not str(text.get(code, "")).strip()
                for text in (call.title, call.intro, call.consent)
            )
        ]
        if silent:
            found = True
            yield warning(
                "languages",
                f"invitations without all their text in {code}: {_some(sorted(silent))}.",
                "Write it in the admin: until then another language is shown.",
            )
    if not found:
        yield ok(
            "languages",
            f"invitations that speak {', '.join(code for code, _name in settings.LANGUAGES)}: {len(calls)}.",
        )


def archive() -> Iterator[Finding]:
    """Is every file that the manifest names there, and as long as it says?"""
    folder = Path(settings.VAR) / "archive"
    broken = []
    rows = ArchiveFile.objects.filter(removed_at__isnull=True)
    for row in rows:
        path = folder / f"{row.sha256}.parquet"
        if not path.is_file() or (row.size and path.stat().st_size != row.size):
            broken.append(row.name)
    if broken:
        yield fault(
            "archive",
            f"missing or damaged: {_some(sorted(broken))}.",
            "Bring them back from a backup, or import those files again.",
        )
    else:
        yield ok("archive", f"{len(rows)} files, all there.")


def photos() -> Iterator[Finding]:
    media = Path(settings.MEDIA_ROOT)
    names = databases.named_files()
    missing = [name for name in names if not (media / name).is_file()]
    if missing:
        yield fault(
            "photos",
            f"{len(missing)} of {len(names)} that the database names are not there: {_some(missing)}.",
            f"Bring them back from a backup into {media}.",
        )
    else:
        yield ok("photos", f"{len(names)}, all there.")


def register() -> Iterator[Finding]:
    missing = missing_from_file()
    if missing:
        yield fault(
            "register",
            f"{len(missing)} erasures are in the database alone: a restore would bring them back.",
            "Make room on the disk and run manage.py backup, which writes them down.",
        )
    else:
        yield ok("register", "the file of erasures is complete.")


def backups() -> Iterator[Finding]:
    folder = Path(settings.WINNOW_BACKUP_FOLDER)
    found = making.there(folder)
    todo = "Run manage.py backup, and let a timer do it each night."
    if not found:
        yield warning("backup", f"none in {folder}.", todo)
        return
    age = timedelta(seconds=max(0.0, time.time() - found[0].stat().st_mtime))
    text = f"the newest is {int(age.total_seconds() // 3600)} hours old."
    if age > BACKUP_VERY_LATE:
        yield fault("backup", text, todo)
    elif age > BACKUP_LATE:
        yield warning("backup", text, todo)
    else:
        yield ok("backup", text)
