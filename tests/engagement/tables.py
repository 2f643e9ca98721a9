"""Files for tests of reading tables, and what came of reading them. All rows are invented."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from engagement.tables import Limits, Table, TableError, read

HEADER = "title,district,wish\n"


def csv_table(text: str | bytes, name: str = "ideas.csv", **limits: int) -> Table:
    data = text.encode() if isinstance(text, str) else text
    return read(io.BytesIO(data), name=name, limits=Limits(**limits))


def rows(table: Table) -> list[list[str]]:
    return [list(record.values.values()) for record in table.rows()]


def refusals(table: Table) -> list[tuple[int, str]]:
    list(table.items())
    return [(refusal.number, refusal.code) for refusal in table.refusals]


def refused(data: str | bytes, name: str = "ideas.csv", **limits: int) -> TableError:
    with pytest.raises(TableError) as caught:
        rows(csv_table(data, name, **limits))
    return caught.value


def workbook(*lines: list[Any], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    for title, content in sheets.items():
        other = book.create_sheet(title)
        for line in content:
            other.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(data: bytes, **changes: bytes | None) -> bytes:
    """A workbook with parts replaced (keys with __ for / and dots left out of the way), removed or added."""
    target = io.BytesIO()
    parts = {name.replace("__", "/"): content for name, content in changes.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = parts.pop(part.filename, old.read(part)) if part.filename in parts else old.read(part)
            if content is not None:
                new.writestr(part.filename, content)
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return target.getvalue()


SHEET = "xl__worksheets__sheet1.xml"


def sheet_xml(body: str, before: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'
    ).encode()
