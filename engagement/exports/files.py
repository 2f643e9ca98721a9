"""One export, written in one of the formats: row by row, in the memory of one chunk."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from engagement.exports.what import CHUNK, What, point, require
from engagement.models import User
from engagement.tables import writing
from engagement.tables.writing import Column, Row, Tally

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "geojson": "application/geo+json",
}
FORMATS = tuple(CONTENT_TYPES)

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """What is in a file: `rows` of the `asked` ones; the others may not go out in this kind of export."""

    rows: int
    asked: int
    cut: int
    guarded: int

    def as_result(self) -> dict[str, Any]:
        return {"rows": self.rows, "asked": self.asked, "cut": self.cut, "guarded": self.guarded}


def write(
    file: BinaryIO,
    what: What,
    kind: str,
    *,
    keys: Sequence[int],
    by: User | None,
    at: datetime,
    tell: Tell | None = None,
) -> Written:
    """Writes the rows of `keys` (primary keys, in the order of the file) as `kind`, one of `FORMATS`.

    Raises `Refused` for who may not, `WritingError` where the format cannot hold them. An export that is
    recorded has to be called inside the transaction in which its file is finished.
    """
    require(what, by)
    tally = Tally()
    rows = _WRITERS[kind](file, what.columns(), _all(what, keys, by, at, tell), tally)
    return Written(rows, len(keys), tally.cut, tally.guarded)


def _all(what: What, keys: Sequence[int], by: User | None, at: datetime, tell: Tell | None) -> Iterator[Row]:
    for start in range(0, len(keys), CHUNK):
        if tell is not None:
            tell(start, len(keys))
        yield from what.rows(keys[start : start + CHUNK], by, at)


def _csv(file: BinaryIO, columns: list[Column], rows: Iterator[Row], tally: Tally) -> int:
    # Headed with keys, which are the same in every language: programs read this file.
    return writing.write_csv(file, columns, rows, keys=True, tally=tally)


def _xlsx(file: BinaryIO, columns: list[Column], rows: Iterator[Row], tally: Tally) -> int:
    return writing.write_xlsx(file, columns, rows, tally=tally)


def _json(file: BinaryIO, columns: list[Column], rows: Iterator[Row], tally: Tally) -> int:
    return writing.write_json(file, columns, rows)


def _geojson(file: BinaryIO, columns: list[Column], rows: Iterator[Row], tally: Tally) -> int:
    return writing.write_geojson(file, columns, rows, point)


_WRITERS: dict[str, Callable[[BinaryIO, list[Column], Iterator[Row], Tally], int]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "geojson": _geojson,
}


def file_name(what: What, kind: str, at: datetime) -> str:
    return f"{what.key}-{timezone.localtime(at):%Y-%m-%d-%H%M}.{kind}"


def temporary(
    what: What, kind: str, *, keys: Sequence[int], by: User | None, at: datetime
) -> tuple[BinaryIO, Written]:
    """A file on disk that is gone when it is closed, whole before anybody gets a byte of it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with transaction.atomic() if what.recorded else nullcontext():
            written = write(file, what, kind, keys=keys, by=by, at=at)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, written
