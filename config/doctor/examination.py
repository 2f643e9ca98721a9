"""All checks in their order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.db import Error as DatabaseError
from django.db import connection

from config.doctor import configured, contents, machine, stores, work
from config.doctor.finding import Finding, Level, fault, warning


@dataclass(frozen=True)
class Check:
    """A thing to look at, and what it needs for that: nothing, a database that answers, or its tables too."""

    name: str
    look: Callable[[], Iterator[Finding]]
    needs: Literal["", "database", "tables"] = ""


CHECKS = (
    Check("python", machine.python),
    Check("packages", machine.packages),
    Check("files", machine.files),
    Check("disk", machine.disk),
    Check("debug", configured.debug),
    Check("secrets", configured.secrets),
    Check("address", configured.address),
    Check("mail server", configured.mail_settings),
    Check("static files", contents.static_files),
    Check("translations", contents.translations),
    Check("cache", stores.cache_works),
    Check("broker", stores.broker),
    Check("backup", contents.backups),
    Check("database", stores.database, "database"),
    Check("migrations", stores.migrations, "database"),
    Check("time zone", stores.time_zone, "database"),
    Check("clock", stores.clock, "database"),
    Check("worker", work.worker, "tables"),
    Check("beat", work.beat, "tables"),
    Check("mails", work.mails, "tables"),
    Check("jobs", work.jobs, "tables"),
    Check("roles", contents.roles, "tables"),
    Check("administrator", contents.administrator, "tables"),
    Check("languages", contents.languages, "tables"),
    Check("archive", contents.archive, "tables"),
    Check("photos", contents.photos, "tables"),
    Check("register", contents.register, "tables"),
)


def examine() -> list[Finding]:
    """Every finding, in the order of the checks."""
    away = _database_away()
    found: list[Finding] = []
    tables = not away
    for check in CHECKS:
        if (check.needs and away) or (check.needs == "tables" and not tables):
            continue
        try:
            seen = list(check.look())
        except Exception as error:
            kind = type(error).__name__
            seen = [warning(check.name, f"could not be looked at ({kind}).", "See what else is wrong.")]
        found += seen
        if check.look is stores.migrations and any(one.level is Level.FAULT for one in seen):
            tables = False
            found.append(warning("tables", "not looked at.", "Mend the migrations, then ask again."))
    return [*found, *away]


def _database_away() -> list[Finding]:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        todo = (
            "Start it, or check DATABASE_URL and the disk it lies on. Until then residents see an error page."
        )
        return [fault("database", f"does not answer ({type(error).__name__}).", todo)]
    return []
