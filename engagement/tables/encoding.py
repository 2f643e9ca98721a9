"""How the bytes of a text file are to be read.

The whole file is looked at, so that reading it cannot fail later.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .problems import Note, TableError

_CHUNK = 128 * 1024
_ESCAPED = re.compile("[\udc80-\udcff]")
_C1 = re.compile("[\x80-\x9f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """Arguments for a text reader. With `surrogateescape`, bytes that are not text become lone surrogates."""

    name: str
    errors: str = "strict"
    notes: tuple[Note, ...] = ()


def detect(file: BinaryIO) -> Encoding:
    """UTF-16 by its byte order mark, UTF-8, or Windows-1252 as the declared fallback; else `TableError`."""
    file.seek(0)
    start = file.read(3)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        _decode_all(file, "utf-16")
        return Encoding("utf-16")
    good, bad, garbled = _count_utf8(file)
    notes = (Note("garbled", {"count": garbled}),) if garbled else ()
    if not bad:
        return Encoding("utf-8-sig", notes=notes)
    # One broken byte must not turn every accent of a UTF-8 file into two wrong letters.
    if start == codecs.BOM_UTF8 or good > bad:
        return Encoding("utf-8-sig", "surrogateescape", (Note("mixed_encoding", {"count": bad}), *notes))
    _decode_all(file, "cp1252")
    return Encoding("cp1252", notes=(Note("cp1252"),))


def _decode_all(file: BinaryIO, name: str) -> None:
    decoder = codecs.getincrementaldecoder(name)()
    position = 0
    for chunk, last in _chunks(file):
        try:
            _refuse_nul(decoder.decode(chunk, final=last))
        except UnicodeDecodeError as error:
            raise TableError("encoding", position=position + error.start) from None
        position += len(chunk)


def _count_utf8(file: BinaryIO) -> tuple[int, int, int]:
    """How many characters beyond ASCII are good UTF-8, bytes that are none, and characters of C1."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = garbled = 0
    for chunk, last in _chunks(file):
        text = decoder.decode(chunk, final=last)
        _refuse_nul(text)
        if not text.isascii():
            broken = len(_ESCAPED.findall(text))
            bad += broken
            good += len(_NOT_ASCII.findall(text)) - broken
            garbled += len(_C1.findall(text))
    return good, bad, garbled


def _refuse_nul(text: str) -> None:
    if "\x00" in text:
        raise TableError("not_text")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk, False
    yield b"", True
