"""A file as it came: unpacked, in UTF-8, its columns read, its fingerprint taken; nothing interpreted."""

import codecs
import csv
import errno
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engagement.text import gettext_noop

PIECE = 1 << 20
HEAD = 1 << 18
MOST_UNPACKED = 200
"""How many times its packed size a file may unpack to; real exports stay below 30."""

SOURCE_ERRORS: dict[str, str] = {
    "empty": gettext_noop("The file is empty."),
    "broken_gzip": gettext_noop("The file is packed (gzip) but cannot be unpacked to its end."),
    "bomb": gettext_noop("The file unpacks to more than {times} times its size. That is no list of reports."),
    "not_text": gettext_noop("The file is not a table in text: CSV or JSON, plain or packed with gzip."),
    "broken_json": gettext_noop("The file is not a JSON list of records: {problem}"),
    "broken_table": gettext_noop("The file cannot be read as a table: {problem}"),
    "unknown_format": gettext_noop(
        "No known format has these columns: {columns}. The known formats are: {formats}."
    ),
    "not_that_format": gettext_noop(
        "The file is not in the format “{format}”: it lacks {missing}. It has: {columns}."
    ),
    "lost_lines": gettext_noop(
        "{lines} lines of the file cannot be told apart: a quote that is never closed, or a record of more "
        "than half a megabyte. Look at record {record}, mend it and run it again."
    ),
    "nothing_kept": gettext_noop("Of {rows} records none could be used: {reasons}."),
    "disk_full": gettext_noop("The disk is full. Make room and run it again; nothing was kept."),
}


class SourceError(Exception):
    """The file as a whole is refused. `code` and `params` are stable; the text is plain English."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(SOURCE_ERRORS[code].format(**params))


Told = Callable[[float], object]
"""Is told how far the work got, 0 to 1. May raise to stop it."""


@dataclass(frozen=True)
class Source:
    """A file ready for DuckDB: `path` is UTF-8 text, `columns` are the names in it, in their order.

    `delimiter` is empty for JSON. `sha256` is of what was unpacked, so packing changes nothing; `encoding`
    says what had to be changed to UTF-8, empty if nothing.
    """

    path: Path
    sha256: str
    columns: tuple[str, ...]
    delimiter: str
    encoding: str

    @property
    def is_json(self) -> bool:
        return not self.delimiter


def prepare(path: Path, *, scratch: Path, tell: Told) -> Source:
    """Reads a file once from end to end. A plain UTF-8 file is used where it lies, any other as a copy in
    `scratch`. Raises `SourceError` and `OSError`."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "This is no plain file")  # a pipe could be read once, and never ends
    packed = _head(path)[:2] == b"\x1f\x8b"
    copy = scratch / "unpacked"
    sha256, encoding = _read_through(path, packed=packed, copy=copy, tell=tell)
    plain = copy if packed else _linked(path, scratch / "plain")
    if encoding:
        plain = _as_utf8(plain, scratch / "text", encoding)
        copy.unlink(missing_ok=True)
    columns, delimiter = _columns(plain)
    return Source(plain, sha256, columns, delimiter, encoding)


def _linked(path: Path, link: Path) -> Path:
    """The file under a name that means nothing: DuckDB reads `*` in a name as "all of these", and takes
    `.gz` for packed."""
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    return link


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _read_through(path: Path, *, packed: bool, copy: Path, tell: Told) -> tuple[str, str]:
    """The fingerprint and the encoding that has to be changed; unpacks to `copy` on the way."""
    size = path.stat().st_size
    digest, seen, utf8 = hashlib.sha256(), 0, codecs.getincrementaldecoder("utf-8")()
    encoding = ""
    with ExitStack() as open_files:
        raw = open_files.enter_context(path.open("rb"))
        out = open_files.enter_context(copy.open("wb")) if packed else None
        for piece in _pieces(raw, packed=packed):
            if not seen:
                encoding = _marked(piece)
            seen += len(piece)
            if packed and seen > MOST_UNPACKED * max(size, PIECE):
                raise SourceError("bomb", times=MOST_UNPACKED)
            digest.update(piece)
            if out is not None:
                out.write(piece)
            if not encoding:
                encoding = _not_utf8(utf8, piece)
            tell(min(raw.tell() / max(size, 1), 1))
    if not seen:
        raise SourceError("empty")
    return digest.hexdigest(), encoding or _not_utf8(utf8, b"", final=True)


def _pieces(raw: BinaryIO, *, packed: bool) -> Iterator[bytes]:
    stream = gzip.GzipFile(fileobj=raw) if packed else raw
    try:
        while piece := stream.read(PIECE):
            yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError("broken_gzip") from error


def _marked(piece: bytes) -> str:
    return "utf-16" if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def _not_utf8(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> str:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return "cp1252"
    return ""


def _as_utf8(source: Path, target: Path, encoding: str) -> Path:
    """A copy in UTF-8. Line by line for cp1252: exports that were put together hold both."""
    try:
        with source.open("rb") as lines, target.open("w", encoding="utf-8", newline="") as out:
            if encoding == "utf-16":
                text = io.TextIOWrapper(lines, encoding="utf-16", newline="")
                while piece := text.read(PIECE):
                    out.write(piece)
            else:
                out.writelines(_line(line) for line in lines)
    except UnicodeError as error:
        raise SourceError("not_text") from error
    return target


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _columns(path: Path) -> tuple[tuple[str, ...], str]:
    """The names of the columns, and what parts them; without delimiter for JSON."""
    head = _head(path)
    if b"\x00" in head:
        raise SourceError("not_text")
    text = head.decode("utf-8-sig", errors="ignore")
    if text.lstrip()[:1] in ("[", "{"):
        return _json_columns(text), ""
    found = [(_first_record(text, delimiter), delimiter) for delimiter in (",", ";", "\t")]
    columns, delimiter = max(found, key=lambda one: len(one[0]))
    if not any(column.strip() for column in columns):
        raise SourceError("empty")
    return tuple(columns), delimiter


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise SourceError("not_text") from error


def _json_columns(text: str) -> tuple[str, ...]:
    """The keys of the first records: each names only what it has."""
    keys: dict[str, None] = {}
    decoder, place = json.JSONDecoder(), 0
    for _number in range(200):
        place = len(text) - len(text[place:].lstrip("[, \r\n\t"))
        try:
            record, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        if not isinstance(record, dict):
            break
        keys.update(dict.fromkeys(record))
    if not keys:
        raise SourceError("broken_json", problem=text[:60])
    return tuple(keys)
