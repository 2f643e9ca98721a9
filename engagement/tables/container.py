"""What is inside a file that spreadsheets use as a box (ZIP), and whether it is safe to unpack.

Two checks before any library sees the workbook: the sizes that the directory of the box declares, and a
pass that unpacks every part in small pieces, counts the bytes, tests the checksum and walks the XML with a
bare parser. So a damaged or hostile workbook is refused whole, before its first row is used.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from .problems import TableError
from .table import MEGABYTE, Limits

_PIECE = 64 * 1024
_SMALL = MEGABYTE  # below this no ratio can do harm
_DEPTH = 64
_ROW_ELEMENTS = 200_000  # within one row, which is held in memory whole
_PART_ELEMENTS = 500_000  # of a part that is held in memory whole: styles, the list of sheets
_STREAMED = ("xl/worksheets/", "xl/sharedStrings")

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_BOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Refuse whatever is not a whole, safe XLSX workbook. The position in the file is not kept."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as box:
            parts = box.infolist()
            if len(parts) > limits.parts:
                raise TableError("archive_parts", limit=limits.parts)
            _check_kind({part.filename for part in parts})
            _check_sizes(parts, limits)
            _check_contents(box, parts, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        NotImplementedError,
        OSError,
    ) as error:
        raise TableError("archive_broken") from error
    except (ValueError, LookupError, RuntimeError) as error:  # names, dates and encodings that make no sense
        raise TableError("archive_broken") from error


def _check_kind(names: set[str]) -> None:
    if "xl/vbaProject.bin" in names:
        raise TableError("macros")
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise TableError("other_spreadsheet", kind="XLSB")
    if "content.xml" in names and "mimetype" in names:
        raise TableError("other_spreadsheet", kind="OpenDocument")
    if "word/document.xml" in names:
        raise TableError("not_a_table", kind="Word")
    raise TableError("not_a_table", kind="ZIP")


def _check_sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(part.flag_bits & 0x1 for part in parts):
        raise TableError("password")
    if sum(part.file_size for part in parts) > limits.unpacked:
        _too_large(limits)
    for part in parts:
        if part.file_size > _SMALL and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise TableError("archive_ratio", limit=limits.ratio)


def _check_contents(box: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    read = 0
    for part in parts:
        walker = _Walker(part.filename, limits) if part.filename.endswith((".xml", ".rels")) else None
        of_part = 0
        with box.open(part) as unpacked:
            while piece := unpacked.read(_PIECE):
                of_part += len(piece)
                read += len(piece)
                if read > limits.unpacked:
                    _too_large(limits)
                if of_part > _SMALL and of_part > limits.ratio * max(part.compress_size, 1):
                    raise TableError("archive_ratio", limit=limits.ratio)
                if walker:
                    walker.feed(piece)
        if walker:
            walker.close()


def _too_large(limits: Limits) -> NoReturn:
    raise TableError("archive_too_large", limit_mb=limits.unpacked // MEGABYTE)


class _Walker:
    """Walks one XML part: no document type (so no entities), no deep nesting, no endless rows."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._most = limits.xml_elements if name.startswith(_STREAMED) else _PART_ELEMENTS
        self._depth = self._elements = self._row_start = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise TableError("archive_doctype")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        # An element at the third level is a row, a shared text, or something smaller.
        if self._depth == 3:
            self._row_start = self._elements
        if (
            self._depth > _DEPTH
            or self._elements > self._most
            or (self._depth > 3 and self._elements - self._row_start > _ROW_ELEMENTS)
        ):
            raise TableError("archive_structure")

    def _end(self, _: str) -> None:
        self._depth -= 1


def refuse_compound(file: BinaryIO) -> NoReturn:
    """Refuse an OLE file by what it holds: an encrypted workbook, an old XLS workbook, or something else."""
    file.seek(0)
    tail = b""
    old = False
    while piece := file.read(MEGABYTE):
        window = tail + piece
        if _ENCRYPTED in window:
            raise TableError("password")
        old = old or any(name in window for name in _OLD_BOOKS)
        tail = piece[-64:]
    if old:
        raise TableError("old_spreadsheet")
    raise TableError("not_a_table", kind="OLE")
