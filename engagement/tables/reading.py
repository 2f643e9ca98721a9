"""Reading a table out of a file that somebody sent: what it is shows in its content, never in its name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import container, delimited, encoding, workbook
from .problems import Note, TableError
from .table import MEGABYTE, Limits, Row, Source, Table, check_columns

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
)
_ENDINGS = {"CSV": {".csv", ".txt", ".tsv"}, "XLSX": {".xlsx"}}


def read(path_or_file: str | Path | BinaryIO, *, name: str, limits: Limits | None = None) -> Table:
    """The table in a CSV or XLSX file.

    `path_or_file`: a path, or a binary file that can be rewound; it stays open and must outlive the table.
    `name`: the name the file was sent under; only used in notes.
    Raises `TableError` when the file as a whole cannot be used.
    """
    limits = limits or Limits()
    source = Source(path_or_file)
    size = source.size()
    if size > limits.size:
        raise TableError("too_large", limit_mb=limits.size // MEGABYTE)
    if not size:
        raise TableError("empty")
    with source.open() as file:
        kind = _kind(file)
        if kind == "XLSX":
            container.check_workbook(file, limits)
    table = _workbook(source, limits) if kind == "XLSX" else _delimited(source, limits)
    if not any(True for _ in islice(table.items(), 1)):
        raise TableError("header_only")
    ending = PurePosixPath(name).suffix.lower()
    if ending and ending not in _ENDINGS[kind]:
        table.notes.append(Note("name_differs", {"name": name[:100], "kind": kind}))
    return table


def _kind(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(1024)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "XLSX"
    if start.startswith(_COMPOUND):
        container.refuse_compound(file)
    for signature, kind in _KINDS:
        if start.startswith(signature):
            raise TableError("not_a_table", kind=kind)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        raise TableError("not_a_table", kind="HTML or XML")
    if text.startswith((b"{", b"[{")):
        raise TableError("not_a_table", kind="JSON")
    return "CSV"


def _workbook(source: Source, limits: Limits) -> Table:
    cells, notes = workbook.read_header(source, limits)
    columns = check_columns(cells, limits)

    def rows() -> Iterator[Row]:
        return workbook.read_rows(source, len(columns), limits)

    return Table(kind="XLSX", columns=columns, rows=rows, notes=notes, limits=limits)


def _delimited(source: Source, limits: Limits) -> Table:
    with source.open() as file:
        found = encoding.detect(file)
    delimiter, cells = delimited.read_header(source, found, limits)
    columns = check_columns(cells, limits)

    def rows() -> Iterator[Row]:
        return delimited.read_rows(source, found, delimiter, limits)

    return Table(kind="CSV", columns=columns, rows=rows, notes=found.notes, limits=limits)
