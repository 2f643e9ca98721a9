"""Whole installations of a test's own: a folder, a database, and commands run as an operator runs them."""

import atexit
import functools
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import ground

ROOT = Path(__file__).resolve().parent.parent


class City:
    """A Winnow with nothing of this process's own: settings, files and database are all elsewhere."""

    def __init__(self, var: Path, database: str = "", **settings: str) -> None:
        self.var = var
        self.var.mkdir(parents=True, exist_ok=True)
        self.database = database or f"sqlite:///{var / 'winnow.sqlite3'}"
        self._settings = settings

    @property
    def environ(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("WINNOW_", "EMAIL_"))
        }
        kept.pop("REDIS_URL", None)
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WINNOW_ENV_FILE": os.devnull,
            "WINNOW_VAR": str(self.var),
            "DATABASE_URL": self.database,
            **self._settings,
        }

    def run(self, *command: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, input=input, capture_output=True, text=True, check=False
        )

    def manage(self, *arguments: str, input: str | None = None) -> str:
        """What the command printed; it must succeed."""
        done = self.run(sys.executable, "manage.py", *arguments, input=input)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """What the command said; it must refuse, in words and not with a traceback."""
        done = self.run(sys.executable, "manage.py", *arguments)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def python(self, code: str) -> Any:
        """Runs `code` inside this city; what it puts into `told` comes back."""
        whole = (
            "import django, json, sys; django.setup(); told = None\n"
            "from django.utils import timezone\n"
            f"{textwrap.dedent(code)}\n"
            "print('\\n' + json.dumps(told, default=str))"
        )
        done = self.run(sys.executable, "-c", whole)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def tables(self) -> dict[str, list[Any]]:
        """Rows and hash of every table."""
        found: dict[str, list[Any]] = self.python(
            "from config.backups import tables\n"
            "told = {name: [one.rows, one.sha256] for name, one in tables.fingerprints().items()}"
        )
        return found

    def attempts(self, *commands: list[str]) -> list[str]:
        """What each of several commands said in refusing, one after another in one process; "" where it did
        not refuse."""
        said: list[str] = self.python(
            f"""
            import io
            from django.core.management import CommandError, call_command
            told = []
            for command in {list(commands)!r}:
                try:
                    call_command(*command, stdout=io.StringIO())
                except CommandError as error:
                    told.append(str(error))
                else:
                    told.append("")
            """
        )
        return said

    def load(self, sql: str) -> None:
        """Runs a dump into the empty database."""
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.var / "winnow.sqlite3")) as connection:
                connection.executescript(sql)
        else:
            with psycopg.connect(self.database, autocommit=True) as connection:
                connection.execute(sql.encode())


@functools.cache
def _migrated(_process: int) -> Path:
    """An up-to-date SQLite database to copy, made once a test process."""
    folder = Path(tempfile.mkdtemp(prefix="winnow-city-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    City(folder).manage("migrate", "-v0")
    return folder / "winnow.sqlite3"


def migrated(city: City) -> City:
    """`city` with its database brought up to date."""
    if city.database.startswith("sqlite"):
        shutil.copy(_migrated(os.getpid()), city.var)
    else:
        city.manage("migrate", "-v0")
    return city


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The address of an empty database on the tests' server, gone afterwards."""
    server = ground.database_url().rpartition("/")[0]
    name = f"winnow_own_{secrets.token_hex(6)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """An empty database: "" for SQLite in the city's folder, else an address on the tests' server."""
    if kind == "sqlite":
        yield ""
        return
    with postgresql_database() as url:
        yield url


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)]
"""Both kinds of database, for `parametrize`; the second needs services."""
