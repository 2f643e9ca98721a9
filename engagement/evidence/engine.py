"""DuckDB, shut in: it reads and writes the folders it is given, loads nothing, and fits in a set memory."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection

# Set in this order: the last one forbids all others.
SETTINGS = (
    "TimeZone = 'UTC'",
    "enable_progress_bar = true",
    "enable_progress_bar_print = false",
    "enable_external_access = false",
    "lock_configuration = true",
)


@contextmanager
def connect(
    folders: Sequence[Path], *, threads: int, memory: str, scratch: Path | None = None
) -> Iterator[Connection]:
    """A connection that sees only `folders`. `memory` as DuckDB says it ("400MB"); what does not fit goes to
    `scratch`, without which it is an error."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(scratch or ""),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        allowed = ", ".join(quoted(f"{folder}/") for folder in folders)
        for setting in (f"allowed_directories = [{allowed}]", *SETTINGS):
            connection.execute(f"SET {setting}").fetchall()
        yield connection
    finally:
        connection.close()


def run(
    connection: Connection, sql: str, parameters: Sequence[Any] = (), *, tell: Callable[[float], object]
) -> list[tuple[Any, ...]]:
    """Runs one long statement and tells how far it got, twice a second; `tell` may raise to stop it."""
    rows: list[tuple[Any, ...]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            rows.extend(connection.execute(sql, list(parameters)).fetchall())
        except BaseException as error:
            errors.append(error)

    worker = threading.Thread(target=work, name="duckdb")
    worker.start()
    try:
        while worker.is_alive():
            worker.join(0.5)
            tell(max(connection.query_progress(), 0) / 100)
    except BaseException:
        connection.interrupt()
        raise
    finally:
        worker.join()
    if errors:
        raise errors[0]
    return rows


def quoted(text: str) -> str:
    """A text as an SQL literal, for the few places that take no parameter."""
    return "'" + text.replace("'", "''") + "'"
