"""A table as a stream of records and refusals, whatever file it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .problems import Note, Refusal, TableError

MEGABYTE = 1024 * 1024

# C0 but tab and line breaks, DEL, the two non-characters; apart from these, lone surrogates: bytes that are
# not text. C1 (U+0080 to U+009F) is let through: cities' own exports hold it wherever an accent was converted
# twice, and it harms nothing; the reader is told by a note.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NOT_TEXT = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most. Sizes in bytes, lengths in characters."""

    size: int = 64 * MEGABYTE
    rows: int = 250_000
    columns: int = 200
    cell_length: int = 32_767  # what a cell of a spreadsheet can hold
    record_length: int = 500_000
    refusals_kept: int = 1_000  # all are counted; so many are kept in memory to be shown
    unpacked: int = 256 * MEGABYTE  # of a workbook, all parts together
    ratio: int = 100  # unpacked to packed, per part; real sheets reach about 20
    parts: int = 1_000
    xml_elements: int = 8_000_000  # per part; a cell is two


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `number` counts from 1; `line` is the line of the text file or the row of the sheet."""

    number: int
    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What a format hands over: the cells of one row, or the refusal that it became."""

    line: int
    cells: list[str]
    refusal: tuple[str, dict[str, str | int]] | None = None


class Source:
    """A path, opened for each reading, or a binary file of the caller's, rewound for each reading."""

    def __init__(self, path_or_file: str | Path | BinaryIO) -> None:
        self._given = path_or_file

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        if isinstance(self._given, (str, Path)):
            with Path(self._given).open("rb") as file:
                yield file
        else:
            self._given.seek(0)
            yield self._given

    def size(self) -> int:
        with self.open() as file:
            return file.seek(0, 2)


class Table:
    """Columns and a stream of rows. Memory does not grow with the number of rows of a CSV file.

    `refused` and `refusals` are of the latest reading: complete once the iterator is used up. A `TableError`
    may still be raised while rows are read (the row limit passed, a workbook damaged half way), so whoever
    writes records does it in one transaction, or reads the table twice.
    """

    def __init__(
        self,
        *,
        kind: str,
        columns: list[str],
        rows: Callable[[], Iterator[Row]],
        notes: Sequence[Note],
        limits: Limits,
    ) -> None:
        self.kind = kind
        self.columns = columns
        self.notes = list(notes)
        self.refusals: list[Refusal] = []
        self.refused = 0
        self._rows = rows
        self._limits = limits

    def rows(self) -> Iterator[Record]:
        """The records that can be used, in the order of the file; refusals are collected on the side."""
        return (item for item in self.items() if isinstance(item, Record))

    def items(self) -> Iterator[Record | Refusal]:
        """Records and refusals, in the order of the file. Each call reads the file from its start."""
        self.refusals, self.refused = [], 0
        for number, row in enumerate(self._rows(), start=1):
            if number > self._limits.rows:
                raise TableError("too_many_rows", limit=self._limits.rows)
            item = self._item(number, row)
            if isinstance(item, Refusal):
                self.refused += 1
                if len(self.refusals) < self._limits.refusals_kept:
                    self.refusals.append(item)
            yield item

    def _item(self, number: int, row: Row) -> Record | Refusal:
        problem = row.refusal or self._problem(row.cells)
        if problem:
            code, params = problem
            return Refusal(number, row.line, code, params)
        return Record(number, row.line, dict(zip(self.columns, row.cells, strict=False)))

    def _problem(self, cells: list[str]) -> tuple[str, dict[str, str | int]] | None:
        expected = len(self.columns)
        # Spreadsheets write empty fields after the last named column; they carry nothing.
        if len(cells) < expected or any(cells[expected:]):
            return "field_count", {"found": len(cells), "expected": expected}
        for column, text in zip(self.columns, cells, strict=False):
            if len(text) > self._limits.cell_length:
                return "cell_too_long", {"column": column, "limit": self._limits.cell_length}
            if not text.isprintable() and _SUSPECT.search(text):
                return character_problem(column, text)
        return None


def character_problem(column: str, text: str) -> tuple[str, dict[str, str | int]] | None:
    """The refusal for a text with characters that no text holds, or None."""
    if _NOT_TEXT.search(text):
        return "bad_bytes", {"column": column}
    found = _CONTROL.search(text)
    if found:
        return "control_character", {"column": column, "character": f"U+{ord(found.group()):04X}"}
    return None


def check_columns(cells: Sequence[str], limits: Limits) -> list[str]:
    """The names of the columns, without outer spaces and without empty ones at the end."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError("empty")
    if len(names) > limits.columns:
        raise TableError("too_many_columns", limit=limits.columns)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise TableError("column_unnamed", column=position)
        if _SUSPECT.search(name):
            raise TableError("header_text", column=position)
        if name.casefold() in seen:
            raise TableError("column_twice", name=name)
        seen.add(name.casefold())
    return names
