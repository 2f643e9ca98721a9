"""Counts and fingerprints of tables: is what came back what was there?"""

import hashlib
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Table:
    """A table's number of rows, and a hash over all of them in the order of their keys."""

    rows: int
    sha256: str


def names() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def counts() -> dict[str, int]:
    """Rows of every table."""
    found = {}
    with connection.cursor() as cursor:
        for name in names():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - a table's name
            found[name] = int(cursor.fetchone()[0])
    return found


def fingerprints() -> dict[str, Table]:
    """Every table with a hash over every value of every row. Equal only within one kind of database."""
    return {name: _fingerprint(name) for name in names()}


def _fingerprint(name: str) -> Table:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, name)]
        key = connection.introspection.get_primary_key_column(cursor, name) or columns[0]
        listed = ", ".join(quote(column) for column in columns)
        cursor.execute(f"SELECT {listed} FROM {quote(name)} ORDER BY {quote(key)}")  # noqa: S608 - as above
        digest, rows = hashlib.sha256(repr(columns).encode()), 0
        while chunk := cursor.fetchmany(2000):
            rows += len(chunk)
            for row in chunk:
                digest.update(repr(row).encode())
                digest.update(b"\n")
    return Table(rows, digest.hexdigest())
