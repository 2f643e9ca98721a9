"""Database, cache and broker."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config import health
from config.doctor.finding import Finding, fault, ok, warning

OLDEST = {"postgresql": (14, 0), "sqlite": (3, 31)}
"""What Django needs."""
SKEW, LARGE_SKEW = timedelta(seconds=5), timedelta(seconds=60)


def database() -> Iterator[Finding]:
    version = tuple(connection.get_database_version())
    text = f"{connection.display_name} {'.'.join(map(str, version))}"
    if version < OLDEST[connection.vendor]:
        needed = ".".join(map(str, OLDEST[connection.vendor]))
        yield fault(
            "database", f"{text} is too old.", f"At least {needed} is needed: upgrade it after a backup."
        )
    else:
        yield ok("database", f"{text} answers.")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    ours = {app for app, _name in executor.loader.disk_migrations}
    unknown = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in ours and (app, name) not in executor.loader.disk_migrations
    ]
    if unknown:
        yield fault(
            "migrations",
            f"the database is newer than this program: {sorted(unknown)[0]}.",
            "Install the version that last ran here.",
        )
    elif pending:
        first = pending[0][0]
        yield fault(
            "migrations",
            f"{len(pending)} are pending, the first is {first.app_label}.{first.name}.",
            "Make a backup, then run manage.py release.",
        )
    else:
        yield ok("migrations", "none pending.")


def time_zone() -> Iterator[Finding]:
    """Does everybody who counts days know the city's time zone?"""
    zone = settings.TIME_ZONE
    known = zone in zoneinfo.available_timezones()
    if known and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_timezone_names WHERE name = %s", [zone])
            known = cursor.fetchone() is not None
    if known:
        yield ok("time zone", f"{zone}.")
    else:
        yield fault(
            "time zone",
            f"the database does not know {zone}.",
            "Set WINNOW_TIME_ZONE to one such as America/Toronto.",
        )


def clock() -> Iterator[Finding]:
    """Do this machine and the database agree on the time? Leases and links depend on it."""
    skew = abs(_database_time() - timezone.now())
    text = f"{skew.total_seconds():.1f} s between this machine and the database."
    todo = "Set both clocks by NTP (timedatectl set-ntp true)."
    if skew > LARGE_SKEW:
        yield fault("clock", text, todo)
    elif skew > SKEW:
        yield warning("clock", text, todo)
    else:
        yield ok("clock", text)


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            found: datetime = cursor.fetchone()[0]
            return found
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)


def cache_works() -> Iterator[Finding]:
    cache.set("winnow-doctor", "well", 30)
    if cache.get("winnow-doctor") == "well":
        yield ok("cache", "keeps what it is given.")
    else:
        yield warning(
            "cache", "keeps nothing: pages are slower, none is wrong.", "Start Redis, or check REDIS_URL."
        )


def broker() -> Iterator[Finding]:
    if health.broker()["ok"]:
        yield ok("broker", "answers.")
    else:
        yield fault(
            "broker",
            "does not answer: everything is taken in, and mails and jobs wait.",
            "Start Redis, or check CELERY_BROKER_URL.",
        )
