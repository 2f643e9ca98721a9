"""One shortlist, written in one of the formats."""

from collections.abc import Callable
from typing import BinaryIO

from engagement.tables import writing
from prioritisation.exports.geometry import Places
from prioritisation.exports.shortlist import Shortlist

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "geojson": "application/geo+json",
}
FORMATS = tuple(CONTENT_TYPES)


def write(file: BinaryIO, shortlist: Shortlist, kind: str) -> int:
    """Writes the shortlist as `kind`, one of `FORMATS`; gives the number of rows."""
    return _WRITERS[kind](file, shortlist)


def _csv(file: BinaryIO, shortlist: Shortlist) -> int:
    # Headed with keys, which are the same in every language: programs read this file.
    return writing.write_csv(file, shortlist.columns, shortlist.rows(), keys=True)


def _xlsx(file: BinaryIO, shortlist: Shortlist) -> int:
    return writing.write_xlsx(file, shortlist.columns, shortlist.rows())


def _json(file: BinaryIO, shortlist: Shortlist) -> int:
    return writing.write_json(file, shortlist.columns, shortlist.rows())


def _geojson(file: BinaryIO, shortlist: Shortlist) -> int:
    places = Places(shortlist.districts())
    return writing.write_geojson(file, shortlist.columns, shortlist.rows(), places)


_WRITERS: dict[str, Callable[[BinaryIO, Shortlist], int]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "geojson": _geojson,
}


def file_name(shortlist: Shortlist, kind: str, *, staff: bool = False) -> str:
    slug = shortlist.version.document["plan"]["slug"]
    return f"{slug}-v{shortlist.version.number}{'-staff' if staff else ''}.{kind}"
