"""The two kinds of database: taking one away as a file at one moment, and putting one back in one step."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, connections, models, transaction
from django.utils import timezone

from config.backups import tables
from config.backups.bundle import Broken
from config.health import SILENT
from engagement.models import Heartbeat

BEFORE = "before_restore"
"""The schema, or the ending of the file, under which the database before a restore waits for its end."""


DUMPS = {"postgresql": "database/winnow.dump", "sqlite": "database/winnow.sqlite3"}


@dataclass(frozen=True)
class Snapshot:
    """What the database was at one moment: its file, its rows, and the files that its rows name."""

    dump: Path
    counts: dict[str, int]
    files: list[str]
    server: str


def take(folder: Path) -> Snapshot:
    """Writes the database into `folder`; the city goes on working meanwhile."""
    return _take_postgresql(folder) if connection.vendor == "postgresql" else _take_sqlite(folder)


def _take_postgresql(folder: Path) -> Snapshot:
    """pg_dump reads the very snapshot in which rows are counted and files are listed."""
    dump = folder / "winnow.dump"
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        server = _check_version("pg_dump")
        options = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges")
        _run("pg_dump", *options, f"--snapshot={snapshot}", f"--file={dump}")
        return Snapshot(dump, tables.counts(), named_files(), server)


def _take_sqlite(folder: Path) -> Snapshot:
    """SQLite's own online backup; rows and files are then read from the copy, which nobody changes."""
    dump = folder / "winnow.sqlite3"
    connection.ensure_connection()
    assert connection.connection is not None
    with closing(sqlite3.connect(dump)) as copy:
        connection.connection.backup(copy)
        # A file of its own, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        names = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        listed = sorted(name for name in names if not name.startswith("sqlite_"))
        found = {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a table's name
            for name in listed
        }
        files = [row[0] for sql in _file_queries() for row in copy.execute(sql)]
    return Snapshot(dump, found, sorted(files), f"SQLite {sqlite3.sqlite_version}")


def _file_queries() -> Iterator[str]:
    """One query for each column that names files under media/."""
    quote = connection.ops.quote_name
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                column, table = quote(str(field.column)), quote(model._meta.db_table)
                yield f"SELECT {column} FROM {table} WHERE {column} <> ''"  # noqa: S608 - names of our own


def named_files() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for sql in _file_queries():
            cursor.execute(sql)
            found += [row[0] for row in cursor.fetchall()]
    return sorted(found)


def still_named(name: str) -> bool:
    """Does the database, as it is now, still name this file?"""
    return name in named_files()


def is_empty() -> bool:
    """Does no table of ours hold a row? Freshly migrated counts as empty."""
    there = set(tables.names())
    ours = [
        model._meta.db_table
        for app in ("engagement", "prioritisation")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        for name in ours:
            if name in there:
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608 - as above
                if cursor.fetchone():
                    return False
    return True


def in_use() -> str:
    """Who still works on this database, in words; empty where nobody does."""
    alive = Heartbeat.objects.filter(at__gt=timezone.now() - SILENT)
    if Heartbeat._meta.db_table in tables.names() and alive.exists():
        return "a worker gave a sign of life within the last minute; if you just stopped it, wait a minute"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if others := cursor.fetchone()[0]:
                return f"{others} other connections to the database are open"
    return ""


@contextmanager
def replaced(dump: Path) -> Iterator[None]:
    """The database is what `dump` holds inside, and stays so where nothing goes wrong there; else it is
    again what it was before."""
    connections.close_all()
    if connection.vendor == "postgresql":
        with _replaced_postgresql(dump):
            yield
    else:
        with _replaced_sqlite(dump):
            yield


@contextmanager
def _replaced_sqlite(dump: Path) -> Iterator[None]:
    path = Path(str(connection.settings_dict["NAME"]))
    before = path.with_name(f"{path.name}.{BEFORE}")
    if before.exists():  # a restore that was cut off: what was there before it is what counts
        os.replace(before, path)
    if path.exists():
        with closing(sqlite3.connect(path)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(path, before)
    try:
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(dump, path)
        os.chmod(path, 0o600)
        yield
    except BaseException:
        connections.close_all()
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        if before.exists():
            os.replace(before, path)
        raise
    before.unlink(missing_ok=True)


@contextmanager
def _replaced_postgresql(dump: Path) -> Iterator[None]:
    """The tables that are there wait in a schema of their own until all is well."""
    _check_version("pg_restore")
    connections.close_all()
    if _has_schema(BEFORE):  # a restore that was cut off: what was there before it is what counts
        _put_back()
    _schema(f"ALTER SCHEMA public RENAME TO {BEFORE}")
    try:
        _schema("CREATE SCHEMA public")
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", *options, f"--dbname={_name()}", str(dump), database_named=True)
        yield
    except BaseException:
        connections.close_all()
        _put_back()
        raise
    connections.close_all()
    _schema(f"DROP SCHEMA {BEFORE} CASCADE")


def _put_back() -> None:
    _schema("DROP SCHEMA IF EXISTS public CASCADE", f"ALTER SCHEMA {BEFORE} RENAME TO public")


def _has_schema(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name])
        found = cursor.fetchone() is not None
    connections.close_all()
    return found


def _schema(*statements: str) -> None:
    """Runs statements in one transaction, on a connection of its own."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**wanted) as own:
        for statement in statements:
            own.execute(statement.encode())


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Broken(
            f"{name} is not on this machine. Install PostgreSQL's client programs "
            "(Debian: apt install postgresql-client), or run this where they are."
        )
    return found


def _check_version(program: str) -> str:
    """The server's version in words; Broken where the program is older than the server, which it refuses."""
    told = subprocess.run([_program(program), "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - one of two programs
    match = re.search(r"(\d+)\.", told)
    ours = int(match[1]) if match else 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000"
        )
        text, major = cursor.fetchone()
    if ours < major:
        raise Broken(f"{program} is version {ours}, the server {major}. Install postgresql-client-{major}.")
    return f"PostgreSQL {text}"


def _run(program: str, *options: str, database_named: bool = False) -> None:
    """Runs one of PostgreSQL's programs on our database. The password goes by the environment, which no
    list of processes shows."""
    given: dict[str, Any] = connection.get_connection_params()
    environ = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    for name, variable in (
        ("host", "PGHOST"),
        ("port", "PGPORT"),
        ("user", "PGUSER"),
        ("password", "PGPASSWORD"),
    ):
        if given.get(name):
            environ[variable] = str(given[name])
    command = [_program(program), "--no-password", *options]
    if not database_named:
        command.append(f"--dbname={_name()}")
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    if done.returncode:
        why = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Broken(f"{program} failed: {why[0]}")
