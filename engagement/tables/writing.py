"""Tables that go out: CSV, XLSX, JSON, GeoJSON. Streamed from an iterator, never held in memory as a list.

Residents' words come back to staff in spreadsheets, so no text may arrive there as a formula. In XLSX every
text is written as a text. CSV knows no types: a cell that a spreadsheet would take for a formula gets an
apostrophe in front, and so does such a piece after a semicolon, a tab or a line break inside a cell, because
where the comma is the decimal sign a spreadsheet splits cells there.

A file that is cut off half way must not look whole: write inside `atomically`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

Row = Mapping[str, object]
Geometry = Callable[[Row], Mapping[str, Any] | None]

_SIGNS = "=+\\-@＝＋－＠"
# A dash followed by a space inside a text is a list, not a formula, often enough to be left alone.
_FORMULA = re.compile(
    rf"\A(?=\s*[{_SIGNS}]|[\t\r])|(?<=[;\t\r\n])(?=[^\S\t\r\n]*(?:[=@＝＠]|[+\-＋－](?!\s)))"
)
# Where none of this is, neither of the two above can find anything: most cells are done with one look.
_SUSPECT = re.compile(rf"\A\s*[{_SIGNS}]|[;\t\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_XLSX_ROWS = 1_048_576
_XLSX_CELL = 32_767
_XLSX_EXACT = 10**15
_CUT = " […]"
_EXCEL_EPOCH = dt.date(1900, 3, 1)  # before it the calendar of spreadsheets has a day that never was


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in a row and in JSON, `label` heads it, `description` is for the data dictionary."""

    key: str
    label: str
    description: str = ""


@dataclass(slots=True)
class Tally:
    """What happened to the cells of a file on their way out: whoever takes the file has to be told."""

    cut: int = 0
    """Texts longer than a spreadsheet's cell, which end in “[…]”."""
    guarded: int = 0
    """Texts that a spreadsheet would have taken for formulas, which got an apostrophe in front."""


class WritingError(Exception):
    """The rows cannot be written in this format; nothing of the file is to be kept."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def write_csv(
    file: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    keys: bool = False,
    delimiter: str = ",",
    tally: Tally | None = None,
) -> int:
    """UTF-8 with a byte order mark, so that spreadsheets read accents. Returns the number of rows.

    `keys`: head the columns with their keys instead of their labels, for machines.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([guarded(column.key if keys else column.label) for column in columns])
        written = 0
        places = [column.key for column in columns]
        tally = tally or Tally()
        for row in rows:
            writer.writerow([_csv_cell(as_text(row[key]), tally) for key in places])
            written += 1
        return written
    finally:
        text.detach()  # the file is the caller's to close


def _csv_cell(text: str, tally: Tally) -> str:
    safe = guarded(text)
    if len(safe) != len(text):
        tally.guarded += 1
    return safe


def write_dictionary(file: BinaryIO, columns: Sequence[Column]) -> int:
    """The data dictionary of a table, as CSV: one row for each column."""
    rows = ({"key": c.key, "label": c.label, "description": c.description} for c in columns)
    heads = [Column("key", "key"), Column("label", "label"), Column("description", "description")]
    return write_csv(file, heads, rows)


def write_xlsx(
    file: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    sheet: str = "Data",
    tally: Tally | None = None,
) -> int:
    """One sheet of rows, and a sheet “Columns” with the data dictionary. Returns the number of rows.

    Numbers and dates are numbers and dates; a moment with a time zone is ISO text, which keeps the zone.
    """
    # What the library parks on disk goes with the directory, also when the rows fail half way.
    with tempfile.TemporaryDirectory() as scratch:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": scratch,
        }
        book = xlsxwriter.Workbook(file, options)
        bold = book.add_format({"bold": True})
        data = book.add_worksheet(sheet)
        data.freeze_panes(1, 0)
        cell = _XlsxCells(book, data, tally or Tally())
        for place, column in enumerate(columns):
            data.write_string(0, place, _xlsx_text(column.label), bold)
        written, places = 0, [(place, column.key) for place, column in enumerate(columns)]
        for row in rows:
            written += 1
            if written >= _XLSX_ROWS:
                raise WritingError("too_many_rows", f"A sheet holds {_XLSX_ROWS} rows at most. Write CSV.")
            for place, key in places:
                cell.write(written, place, row[key])
        _dictionary_sheet(book, columns, bold)
        book.close()
        return written


def _dictionary_sheet(book: Any, columns: Sequence[Column], bold: Any) -> None:
    sheet = book.add_worksheet("Columns")
    for place, head in enumerate(("key", "label", "description")):
        sheet.write_string(0, place, head, bold)
    for line, column in enumerate(columns, start=1):
        for place, text in enumerate((column.key, column.label, column.description)):
            sheet.write_string(line, place, _xlsx_text(text))


class _XlsxCells:
    """Writes values as what they are. Never `write()`, which guesses."""

    def __init__(self, book: Any, sheet: Any, tally: Tally) -> None:
        self._sheet, self._tally = sheet, tally
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, line: int, place: int, value: object) -> None:
        if type(value) is str:  # by far the most, so asked first
            self._write_text(line, place, value)
            return
        value = finite(value)
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(line, place, value)
        elif isinstance(value, (int, float, Decimal)) and -_XLSX_EXACT < value < _XLSX_EXACT:
            self._sheet.write_number(line, place, value)
        elif isinstance(value, dt.datetime) and value.tzinfo is None and value.date() >= _EXCEL_EPOCH:
            self._sheet.write_datetime(line, place, value, self._moment)
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= _EXCEL_EPOCH:
            self._sheet.write_datetime(line, place, value, self._date)
        else:
            self._write_text(line, place, as_text(value))

    def _write_text(self, line: int, place: int, text: str) -> None:
        if not text:
            return
        safe = _xlsx_text(text)
        if len(safe) < len(text):
            self._tally.cut += 1
        self._sheet.write_string(line, place, safe)


def _xlsx_text(text: str) -> str:
    text = _CONTROL.sub("\ufffd", text)
    if text.startswith("<r>"):
        text = f" {text}"  # the library would take it for markup of its own and write it as it is
    if len(text) <= _XLSX_CELL // 2 or _units(text) <= _XLSX_CELL:
        return text
    # The library drops the end of a longer text without a word; cut it where one can see it.
    room = _XLSX_CELL - len(_CUT)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + _CUT


def _units(text: str) -> int:
    """Length as spreadsheets count it: most characters are one, emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def write_json(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """`{"columns": [...], "rows": [...], "count": n}`; only the columns named go out. Returns the number."""
    file.write(b'{"columns": %b,\n"rows": [' % _json(_dictionary(columns)))
    written = 0
    for written, row in enumerate(rows, start=1):
        file.write(b",\n" if written > 1 else b"\n")
        file.write(_json(_properties(columns, row)))
    file.write(b'\n],\n"count": %d}\n' % written)
    return written


def write_geojson(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], geometry: Geometry) -> int:
    """A FeatureCollection (RFC 7946, WGS84). `geometry` gives a row's GeoJSON geometry, or None."""
    file.write(b'{"type": "FeatureCollection", "columns": %b,\n"features": [' % _json(_dictionary(columns)))
    written = 0
    for written, row in enumerate(rows, start=1):
        file.write(b",\n" if written > 1 else b"\n")
        feature = {"type": "Feature", "geometry": geometry(row), "properties": _properties(columns, row)}
        file.write(_json(feature))
    file.write(b"\n]}\n")
    return written


def _dictionary(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"key": c.key, "label": c.label, "description": c.description} for c in columns]


def _properties(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {column.key: _json_value(row[column.key]) for column in columns}


def _json_value(value: object) -> Any:
    value = finite(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): _json_value(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json_value(inner) for inner in value]
    return as_text(value)


def _json(value: Any) -> bytes:
    # A lone surrogate cannot be UTF-8.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def as_text(value: object) -> str:
    """A value in a cell of text: "" for missing, ISO dates, "true", list items joined by "; "."""
    if type(value) is str:  # by far the most, so asked first
        return value
    value = finite(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return json.dumps(_json_value(value), ensure_ascii=False)
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(as_text(inner) for inner in value)
    return str(value)


def finite(value: object) -> object:
    """None for a number that is none (NaN, infinity): missing is told as missing."""
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        return None
    return value


def guarded(text: str) -> str:
    """The text as it may stand in a CSV cell: no formula, no control characters."""
    if _SUSPECT.search(text) is None:
        return text
    text = _CONTROL.sub("\ufffd", text)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


@contextmanager
def atomically(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears under `path` whole, or not at all; what stood there stays till then."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
