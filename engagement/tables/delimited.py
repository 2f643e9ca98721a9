"""CSV: records out of lines, also when a line is broken.

A quotation mark that is never closed would swallow the rest of the file into one field. Here the record that
holds it is refused and reading goes on with the line after the one where that record began; until a record
is whole again, one with a quotation mark inside a field is refused too, since it may be the tail of the
broken one.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .encoding import Encoding
from .problems import TableError
from .table import Limits, Row, Source

_DELIMITERS = ",;\t"


class _RecordTooLongError(Exception):
    pass


class _Lines(Iterator[str]):
    """Physical lines with their breaks, which can be put back to the second line of the record being read."""

    def __init__(self, text: TextIO, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._length = 0
        self.line = 0  # of the record that began last, from 1

    def begin(self) -> None:
        self.line += len(self._taken)
        self._forget()

    def back_to_second(self) -> None:
        self._waiting.extendleft(reversed(self._taken[1:]))
        self.line += 1
        self._forget()

    def _forget(self) -> None:
        self._taken, self._length = [], 0

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._length += len(line)
        if self._length > self._limit:
            raise _RecordTooLongError
        return line

    def _read(self) -> str:
        line = self._text.readline(self._limit + 1)
        if len(line) > self._limit and not line.endswith(("\n", "\r")):
            self._skip_rest()
        return line

    def _skip_rest(self) -> None:
        while (rest := self._text.readline(65_536)) and not rest.endswith(("\n", "\r")):
            pass


@contextmanager
def _opened(source: Source, encoding: Encoding) -> Iterator[TextIO]:
    with source.open() as file:
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=encoding.name, errors=encoding.errors, newline="")
        try:
            yield text
        finally:
            text.detach()  # the file is the caller's to close


def read_header(source: Source, encoding: Encoding, limits: Limits) -> tuple[str, list[str]]:
    """The delimiter and the cells of the first line that is not blank."""
    with _opened(source, encoding) as text:
        declared = ""
        while line := text.readline(limits.record_length + 1):
            if len(line) > limits.record_length:
                raise TableError("header_too_long", limit=limits.record_length)
            if line.startswith("sep=") and line.strip("\r\n")[4:] in tuple(_DELIMITERS):
                declared = line[4]
            elif line.strip():
                break
        if not line:
            raise TableError("empty")
        delimiter = declared or _delimiter(line)
    for _line, cells in _parsed(source, encoding, delimiter, limits):
        if isinstance(cells, str):
            raise TableError("header_quote")
        return delimiter, cells
    raise TableError("empty")


def _delimiter(line: str) -> str:
    """Whichever of comma, semicolon and tab occurs most outside of quotes; comma when none does."""
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def read_rows(source: Source, encoding: Encoding, delimiter: str, limits: Limits) -> Iterator[Row]:
    """The rows below the header; blank lines are passed over."""
    records = _parsed(source, encoding, delimiter, limits)
    next(records, None)
    after_quote = False
    for line, cells in records:
        if isinstance(cells, str):
            after_quote = True
            yield Row(
                line, [], (cells, {"limit": limits.record_length} if cells == "record_too_long" else {})
            )
        elif after_quote and any('"' in cell for cell in cells):
            yield Row(line, [], ("after_quote", {}))
        else:
            after_quote = False
            yield Row(line, cells)


def _parsed(
    source: Source, encoding: Encoding, delimiter: str, limits: Limits
) -> Iterator[tuple[int, list[str] | str]]:
    """(line, cells) for each record, or (line, code) for one that cannot be parsed."""
    with _opened(source, encoding) as text:
        lines = _Lines(text, limits.record_length)
        lines.line = 1
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            lines.begin()
            try:
                cells = next(reader, None)
            except _RecordTooLongError:
                code = "record_too_long"
            except csv.Error as error:
                # The csv module has a limit of its own, one for the whole process.
                code = "record_too_long" if "field larger" in str(error) else "quote"
            else:
                if cells is None:
                    return
                if any(cells) and not _declares_delimiter(lines.line, cells):
                    yield lines.line, cells
                continue
            line = lines.line
            lines.back_to_second()
            yield line, code


def _declares_delimiter(line: int, cells: list[str]) -> bool:
    """The line `sep=;` that some spreadsheets put first."""
    return line == 1 and cells == ["sep=", ""]
