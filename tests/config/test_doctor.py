"""Each fault that the doctor knows is made here, and it says it, with what to do."""

import json
import os
import shutil
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config import health
from config.doctor import CHECKS, Finding, Level, configured, contents, examination, machine, stores, work
from engagement import services
from engagement.models import Erasure, Job, Notice
from prioritisation.services.setup import install_city
from tests import factories

Usage = namedtuple("Usage", "total used free")
LONG = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    """A folder of the test's own for everything that the doctor looks at."""
    for name in ("media", "uploads", "exports", "archive", "backups", "static"):
        (tmp_path / name).mkdir()
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.WINNOW_BACKUP_FOLDER, settings.STATIC_ROOT = tmp_path / "backups", tmp_path / "static"
    settings.DEBUG = False
    settings.SECRET_KEY, settings.WINNOW_LINK_KEY = LONG, LONG[::-1]
    return tmp_path


def only(check: Callable[[], Iterator[Finding]]) -> Finding:
    (finding,) = check()
    assert finding.text[-1] in ".:"
    assert bool(finding.todo) is (finding.level is not Level.OK)
    return finding


def said(check: Callable[[], Iterator[Finding]], level: Level, *words: str) -> None:
    finding = only(check)
    assert finding.level is level, finding
    assert all(word in f"{finding.text} {finding.todo}" for word in words), finding


# --- the machine ---------------------------------------------------------------------------------


def test_an_old_python_is_a_fault() -> None:
    said(lambda: machine.python((3, 10)), Level.FAULT, "3.10", "Install Python 3.11")
    said(machine.python, Level.OK)


def test_packages_are_compared_with_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(machine.packages).level is Level.OK
    real = machine.importlib.metadata.version

    def other(name: str) -> str:
        if name == "polib":
            raise machine.importlib.metadata.PackageNotFoundError
        return "0.0" if name == "django" else real(name)

    monkeypatch.setattr(machine.importlib.metadata, "version", other)
    missing, differing = machine.packages()
    assert (missing.level, missing.text) == (Level.FAULT, "not installed: polib.")
    assert differing.level is Level.WARNING
    assert "django 0.0 (locked: 5.2" in differing.text


def test_folders_and_keys_are_looked_at(place: Path) -> None:
    key = place / "winnow_link_key.key"
    key.write_text("secret")
    key.chmod(0o640)
    said(machine.files, Level.FAULT, "winnow_link_key.key", "chmod 600")
    key.chmod(0o600)
    said(machine.files, Level.OK)
    place.chmod(0o755)
    said(machine.files, Level.WARNING, "contacts", "chmod o-rwx")
    shutil.rmtree(place / "media")
    said(machine.files, Level.FAULT, "media cannot be written")


@pytest.mark.parametrize(
    ("free", "level"), [(50_000_000, Level.FAULT), (10**9, Level.WARNING), (10**11, Level.OK)]
)
def test_a_full_disk_is_seen_coming(free: int, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: Usage(0, 0, free))
    assert {finding.level for finding in machine.disk()} == {level}


# --- settings ------------------------------------------------------------------------------------


def test_debug_pages_are_a_fault(settings: Any) -> None:
    said(configured.debug, Level.OK)
    settings.DEBUG = True
    said(configured.debug, Level.FAULT, "WINNOW_DEBUG")


def test_short_plain_and_equal_secrets_are_faults(settings: Any) -> None:
    said(configured.secrets, Level.OK)
    settings.SECRET_KEY = "short"
    said(configured.secrets, Level.FAULT, "WINNOW_SECRET_KEY is short")
    settings.SECRET_KEY, settings.WINNOW_LINK_KEY = LONG, "ab" * 40
    said(configured.secrets, Level.FAULT, "WINNOW_LINK_KEY", "Private links that were sent")
    settings.WINNOW_LINK_KEY = LONG
    said(configured.secrets, Level.FAULT, "the same")


def test_address_https_hosts_and_proxies_fit_together(settings: Any) -> None:
    said(configured.address, Level.OK)
    settings.WINNOW_BASE_URL = "https://ideas.city.test"
    said(configured.address, Level.FAULT, "WINNOW_HOSTS=ideas.city.test")
    settings.ALLOWED_HOSTS = ["ideas.city.test"]
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = True, 0
    said(configured.address, Level.FAULT, "redirects to itself", "WINNOW_TRUSTED_PROXIES")
    settings.TRUSTED_PROXIES = 1
    said(configured.address, Level.OK)
    settings.WINNOW_BASE_URL = "http://ideas.city.test"
    said(configured.address, Level.WARNING, "not encrypted")


def test_mail_that_cannot_leave_is_told(settings: Any) -> None:
    said(configured.mail_settings, Level.WARNING, "Set EMAIL_HOST")
    settings.WINNOW_DEMONSTRATION = True
    said(configured.mail_settings, Level.OK)
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.WINNOW_CONTACT_EMAIL = "127.0.0.1", 9, "a@city.test"
    said(configured.mail_settings, Level.FAULT, "127.0.0.1:9 does not answer")
    settings.WINNOW_CONTACT_EMAIL = "engagement@city.example"
    assert (
        next(configured.mail_settings()).text
        == "mails come from engagement@city.example, which nobody reads."
    )


# --- database, cache, broker ---------------------------------------------------------------------


def test_a_database_that_is_away_is_one_fault_and_the_rest_is_still_told(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("away")

    with monkeypatch.context() as for_now:
        for_now.setattr(connection, "ensure_connection", away)
        for_now.setattr(health, "broker", lambda: {"ok": True})
        found = examination.examine()
    assert [finding.check for finding in found if finding.check == "database"] == ["database"]
    assert found[-1].level is Level.FAULT
    assert {finding.check for finding in found} >= {"python", "disk", "cache", "backup"}


@pytest.mark.django_db
def test_old_databases_and_their_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    said(stores.database, Level.OK)
    said(stores.migrations, Level.OK)
    monkeypatch.setitem(stores.OLDEST, connection.vendor, (99, 0))
    said(stores.database, Level.FAULT, "At least 99.0")
    recorder = MigrationRecorder(connection)
    recorder.record_applied("engagement", "0999_from_the_future")
    said(stores.migrations, Level.FAULT, "newer than this program", "0999_from_the_future")
    recorder.record_unapplied("engagement", "0999_from_the_future")
    latest = max(name for app, name in recorder.applied_migrations() if app == "prioritisation")
    recorder.record_unapplied("prioritisation", latest)
    said(stores.migrations, Level.FAULT, "1 are pending", latest, "manage.py release")


@pytest.mark.django_db
def test_time_zone_and_clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said(stores.time_zone, Level.OK)
    said(stores.clock, Level.OK)
    real = timezone.now
    for seconds, level in ((20, Level.WARNING), (90, Level.FAULT)):
        monkeypatch.setattr(stores.timezone, "now", lambda s=seconds: real() + timedelta(seconds=s))
        said(stores.clock, level, "NTP")
    settings.TIME_ZONE = "America/Rowanbridge"
    said(stores.time_zone, Level.FAULT, "America/Rowanbridge")


def test_a_cache_and_a_broker_that_are_away(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    said(stores.cache_works, Level.OK)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    said(stores.cache_works, Level.WARNING, "REDIS_URL")
    monkeypatch.setattr(health, "broker", lambda: {"ok": False})
    said(stores.broker, Level.FAULT, "CELERY_BROKER_URL")


# --- work ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "look"), [("worker", work.worker), ("beat", work.beat)])
def test_a_silent_worker_and_a_silent_timetable(name: str, look: Any) -> None:
    said(look, Level.FAULT, "never seen")
    services.beat_heart(name=name, at=timezone.now() - timedelta(minutes=5))
    said(look, Level.FAULT, "last seen 300 s ago")
    services.beat_heart(name=name, at=timezone.now())
    said(look, Level.OK)


@pytest.mark.django_db
def test_late_and_failed_mails_and_stuck_jobs() -> None:
    said(work.mails, Level.OK)
    said(work.jobs, Level.OK)
    early = timezone.now() - timedelta(minutes=40)
    notice = services.queue_notice(
        kind="engagement.idea_received", at=early, contact=factories.Contact(), idea=factories.Idea()
    )
    said(work.mails, Level.FAULT, "40 minutes old")
    assert notice is not None
    Notice.objects.filter(pk=notice.pk).update(state="failed")
    said(work.mails, Level.WARNING, "engagement.idea_received 1", "send them again")
    Job.objects.create(kind="engagement.import_ideas", created_at=early)
    said(work.jobs, Level.FAULT, "40 minutes")


# --- contents ------------------------------------------------------------------------------------


def test_static_files_not_collected_or_older_than_the_program(place: Path) -> None:
    said(contents.static_files, Level.FAULT, "not collected")
    sources = [
        path.relative_to(contents.settings.BASE_DIR / "static").as_posix()
        for path in (contents.settings.BASE_DIR / "static").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    ]
    manifest = place / "static" / "staticfiles.json"
    manifest.write_text(json.dumps({"paths": dict.fromkeys(sources, "x")}))
    said(contents.static_files, Level.OK)
    os.utime(manifest, (0, 0))
    said(contents.static_files, Level.FAULT, "older than the program", "collectstatic")


def test_translations_that_were_not_compiled(place: Path, settings: Any) -> None:
    folder = place / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text("")
    said(contents.translations, Level.OK)
    settings.LOCALE_PATHS = [place / "locale"]
    said(contents.translations, Level.FAULT, "fr", "compile_catalogues")


@pytest.mark.django_db
def test_roles_and_administrator() -> None:
    said(contents.roles, Level.FAULT, "missing", "manage.py release")
    install_city()
    said(contents.roles, Level.OK)
    Group.objects.get(name="moderator").permissions.clear()
    said(contents.roles, Level.WARNING, "moderator")
    said(contents.administrator, Level.FAULT, "setup_city")
    factories.staff("chief", superuser=True)
    said(contents.administrator, Level.OK)


@pytest.mark.django_db
def test_an_invitation_without_french(settings: Any) -> None:
    factories.Call(slug="both")
    said(contents.languages, Level.OK)
    factories.Call(slug="english-only", title={"en": "Ideas", "fr": " "})
    factories.Call(slug="over", title={"en": "Old"}, closes_at=timezone.now() - timedelta(days=1))
    said(contents.languages, Level.WARNING, "in fr: english-only.")


@pytest.mark.django_db
def test_archive_photos_and_register(place: Path, now: Any) -> None:
    for look in (contents.archive, contents.photos, contents.register):
        said(look, Level.OK)
    contents.ArchiveFile.objects.create(
        sha256="a" * 64, name="reports.csv", format="city", rows=1, kept=1, refused=0, size=3, imported_at=now
    )
    said(contents.archive, Level.FAULT, "reports.csv")
    (place / "archive" / f"{'a' * 64}.parquet").write_bytes(b"abc")
    said(contents.archive, Level.OK)
    factories.Idea().photos.create(file="photos/gone.jpg", width=1, height=1, added_at=now)
    said(contents.photos, Level.FAULT, "1 of 1", "photos/gone.jpg")
    Erasure.objects.create(reference="2026-00009", what="all", at=now)
    said(contents.register, Level.FAULT, "1 erasures")


def test_no_backup_and_an_old_one(place: Path) -> None:
    said(contents.backups, Level.WARNING, "manage.py backup")
    path = place / "backups" / "winnow-20260504-160000.tar.gz"
    path.write_bytes(b"")
    said(contents.backups, Level.OK)
    for days, level in ((3, Level.WARNING), (9, Level.FAULT)):
        old = time.time() - days * 86400
        os.utime(path, (old, old))
        said(contents.backups, level, f"{days * 24} hours old")


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_tells_all_for_people_and_machines(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "broker", lambda: {"ok": True})
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert {line.split(":")[0].split(None, 1)[1] for line in lines[:-1]} == {check.name for check in CHECKS}
    assert {line.split()[0] for line in lines[:-1]} <= {"ok", "warning", "fault"}
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    told = json.loads(capsys.readouterr().out)
    assert sum(told["counts"].values()) == len(told["findings"])
    assert all(one["todo"] for one in told["findings"] if one["level"] != "ok")


def test_only_a_fault_fails_unless_strict(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    module = "config.management.commands.doctor.examine"
    monkeypatch.setattr(module, lambda: [Finding("disk", Level.WARNING, "1.0 GB free.", "Make room.")])
    call_command("doctor")
    with pytest.raises(SystemExit):
        call_command("doctor", "--strict")
    assert "warning  disk: 1.0 GB free. Make room." in capsys.readouterr().out


def test_a_check_that_breaks_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise RuntimeError
        yield

    monkeypatch.setattr(examination, "CHECKS", (examination.Check("disk", broken), CHECKS[0]))
    monkeypatch.setattr(examination, "_database_away", list)
    first, second = examination.examine()
    assert (first.level, second.check) == (Level.WARNING, "python")
