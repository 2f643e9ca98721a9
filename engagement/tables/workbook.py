"""XLSX: the first visible sheet as rows of text. Values only: a formula refuses its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.styles.numbers import is_datetime
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

from .problems import Note, TableError
from .table import Limits, Row, Source

_EXACT = 10**15  # a spreadsheet keeps 15 digits
_LAST_ROW = 1_048_576


def read_header(source: Source, limits: Limits) -> tuple[list[str], list[Note]]:
    """The texts of the first row that is not blank, and what to tell about other sheets."""
    with _sheet(source) as (sheet, others):
        notes = [Note("other_sheets", {"sheet": sheet.title, "others": others})] if others else []
        for row in _rows(sheet, width=limits.columns + 1):
            if row.refusal:
                raise TableError("header_cell", cell=row.refusal[1]["cell"])
            return row.cells, notes
    raise TableError("empty")


def read_rows(source: Source, columns: int, limits: Limits) -> Iterator[Row]:
    """The rows below the header, of `columns` cells at least; more where something stands beyond them."""
    with _sheet(source) as (sheet, _):
        rows = _rows(sheet, width=limits.columns + 1)
        next(rows, None)
        for row in rows:
            row.cells.extend([""] * (columns - len(row.cells)))
            yield row


@contextmanager
def _sheet(source: Source) -> Iterator[tuple[Any, int]]:
    with source.open() as file:
        book = _load(file)
        try:
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not visible:
                raise TableError("no_sheet")
            # What the sheet says of its own size is often wrong, and can be a lie.
            visible[0].reset_dimensions()
            yield visible[0], len(book.worksheets) - 1
        finally:
            book.close()


def _load(file: BinaryIO) -> Any:
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl lets every kind of error through, according to what is damaged
        raise TableError("archive_broken") from error


def _rows(sheet: Any, *, width: int) -> Iterator[Row]:
    """Rows that hold anything. `line` is the number of the row as the spreadsheet shows it."""
    try:
        blank: tuple[Any, ...] = ()
        for line, cells in enumerate(sheet.iter_rows(max_col=width), start=1):
            if line > _LAST_ROW:
                raise TableError("archive_structure")
            # For a gap between rows the library hands out the same tuple again and again.
            if cells is blank:
                continue
            row = _row(line, cells)
            if row:
                yield row
            else:
                blank = cells
    except (TableError, GeneratorExit):
        raise
    except Exception as error:
        raise TableError("archive_broken") from error


def _row(line: int, cells: tuple[Any, ...]) -> Row | None:
    texts: list[str] = []
    last = len(cells)
    while last and cells[last - 1] is EMPTY_CELL:
        last -= 1
    for column, cell in enumerate(cells[:last], start=1):
        kind = getattr(cell, "data_type", "n")
        if kind == "f":
            return Row(line, [], ("formula", {"cell": f"{get_column_letter(column)}{line}"}))
        if kind == "e":
            where = f"{get_column_letter(column)}{line}"
            return Row(line, [], ("cell_error", {"cell": where, "value": str(cell.value)}))
        texts.append(_text(cell))
    return Row(line, texts) if any(texts) else None


def _text(cell: Any) -> str:
    """The value of a cell as text: ISO dates, whole numbers without a decimal point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return unescape(value) if "_x" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        if is_datetime(cell.number_format) == "date":
            return value.date().isoformat()
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)
