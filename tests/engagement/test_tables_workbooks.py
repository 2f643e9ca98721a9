"""Workbooks that come in: what is read, what is refused, and what no bomb in them does. Rows are invented."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from engagement.tables import TableError
from tests.engagement.tables import (
    SHEET,
    csv_table,
    refusals,
    refused,
    repacked,
    rows,
    sheet_xml,
    workbook,
)

# Workbooks: what is read


def test_a_workbook_gives_texts_as_a_reader_would_write_them() -> None:
    lines = [
        ["text", "whole", "part", "day", "moment", "yes", "none"],
        ["Été", 12.0, 45.512346, dt.date(2026, 3, 9), dt.datetime(2026, 3, 9, 13, 45), True, None],
        ["=not a formula", 10**12, -0.5, dt.date(2026, 3, 10), dt.datetime(2026, 3, 9), False, None],
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    sheet["A3"].data_type = "s"
    target = io.BytesIO()
    book.save(target)
    table = csv_table(target.getvalue(), "ideas.xlsx")
    assert table.kind == "XLSX"
    assert rows(table) == [
        ["Été", "12", "45.512346", "2026-03-09", "2026-03-09T13:45:00", "true", ""],
        ["=not a formula", "1000000000000", "-0.5", "2026-03-10", "2026-03-09T00:00:00", "false", ""],
    ]


def test_blank_rows_and_columns_to_the_right_are_passed_over() -> None:
    data = workbook([None], ["title", "wish", None], [None, None], ["a", "b"], [None], ["c", "d", None, " x"])
    table = csv_table(data, "ideas.xlsx")
    assert [(record.number, record.line) for record in table.rows()] == [(1, 4)]
    assert [(r.number, r.line, r.code) for r in table.refusals] == [(2, 6, "field_count")]


def test_a_formula_refuses_its_record_by_cell() -> None:
    data = workbook(["title", "district", "votes"], ["a", "b", 1], ["c", "d", "=1+1"], ["e", "f", 3])
    table = csv_table(data, "ideas.xlsx")
    assert rows(table) == [["a", "b", "1"], ["e", "f", "3"]]
    assert [refusal.reason for refusal in table.refusals] == [
        "Cell C3 holds a formula. Replace it by its value."
    ]


def test_array_and_shared_formulas_are_formulas_too() -> None:
    body = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
        '<row r="2"><c r="A2"><f t="array" ref="A2:A2">SUM(1,2)</f><v>3</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" ref="A3:A4" si="0">1+1</f><v>2</v></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="5"><c r="A5"><v>5</v></c></row>'
    )
    table = csv_table(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(body)}), "ideas.xlsx")
    assert rows(table) == [["5"]]
    assert [refusal.params["cell"] for refusal in table.refusals] == ["A2", "A3", "A4"]


def test_a_formula_for_a_column_name_refuses_the_file() -> None:
    assert refused(workbook(["title", "=1+1"], ["a", "b"])).code == "header_cell"


def test_an_error_cell_refuses_its_record() -> None:
    table = csv_table(workbook(["title", "votes"], ["a", "#N/A"], ["b", 2]), "ideas.xlsx")
    assert rows(table) == [["b", "2"]]
    assert table.refusals[0].params == {"cell": "B2", "value": "#N/A"}


def test_only_the_first_visible_sheet_is_read_and_that_is_said() -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet("Ideas")
    assert hidden is not None
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    for line in (["title"], ["a"]):
        shown.append(line)
    target = io.BytesIO()
    book.save(target)
    table = csv_table(target.getvalue(), "ideas.xlsx")
    assert rows(table) == [["a"]]
    assert [(note.code, note.params) for note in table.notes] == [
        ("other_sheets", {"sheet": "Ideas", "others": 1})
    ]


def test_a_control_character_in_a_workbook_refuses_its_record() -> None:
    body = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a_x0000_b</t></is></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t>a_x000A_b</t></is></c></row>'
    )
    table = csv_table(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(body)}), "ideas.xlsx")
    assert rows(table) == [["a\nb"]]
    assert refusals(table) == [(1, "control_character")]


def test_the_type_is_in_the_content_and_a_wrong_name_is_told() -> None:
    table = csv_table(workbook(["title"], ["a"]), "ideas.csv")
    assert (table.kind, [note.code for note in table.notes]) == ("XLSX", ["name_differs"])
    table = csv_table("title\na\n", "ideas.xlsx")
    assert (table.kind, [note.code for note in table.notes]) == ("CSV", ["name_differs"])


# Workbooks: refused as a whole


def a_zip(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in parts.items():
            box.writestr(name.replace("__", "/"), content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "params"),
    [
        (a_zip(**{"ideas.csv": b"title\na\n"}), "not_a_table", {"kind": "ZIP"}),
        (a_zip(**{"word__document.xml": b"<a/>"}), "not_a_table", {"kind": "Word"}),
        (a_zip(mimetype=b"x", **{"content.xml": b"<a/>"}), "other_spreadsheet", {"kind": "OpenDocument"}),
        (a_zip(**{"xl__workbook.bin": b"x"}), "other_spreadsheet", {"kind": "XLSB"}),
        (a_zip(**{"xl__workbook.xml": b"<a/>", "xl__vbaProject.bin": b"x"}), "macros", {}),
        (a_zip(**{"xl__workbook.xml": b"<a/>"}), "archive_broken", {}),
        (a_zip(**{"xl__workbook.xml": b"<a>"}), "archive_broken", {}),
        (b"PK\x03\x04 and nothing more", "archive_broken", {}),
        (b"PK\x05\x06" + b"\0" * 18, "not_a_table", {"kind": "ZIP"}),
    ],
)
def test_boxes_that_hold_no_workbook(data: bytes, code: str, params: dict[str, str]) -> None:
    error = refused(data, "ideas.xlsx")
    assert (error.code, error.params) == (code, params)


def compound(stream: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024 * 1024 + stream.encode("utf-16-le") + b"\0" * 100
    )


@pytest.mark.parametrize(
    ("stream", "code"),
    [("Workbook", "old_spreadsheet"), ("EncryptedPackage", "password"), ("WordDocument", "not_a_table")],
)
def test_old_and_encrypted_files_are_told_apart(stream: str, code: str) -> None:
    assert refused(compound(stream), "ideas.xls").code == code


def test_an_encrypted_part_is_a_password() -> None:
    data = bytearray(workbook(["title"], ["a"]))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    assert refused(bytes(data)).code == "password"


def test_a_workbook_cut_off_or_with_a_flipped_byte_is_refused_whole() -> None:
    data = workbook(["title"], *[[f"idea {n}"] for n in range(500)])
    assert refused(data[: len(data) // 2]).code == "archive_broken"
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        part = box.getinfo("xl/worksheets/sheet1.xml")
    spoilt = bytearray(data)
    spoilt[part.header_offset + 30 + len(part.filename) + part.compress_size // 2] ^= 0xFF
    assert refused(bytes(spoilt)).code == "archive_broken"


def test_xml_that_breaks_after_good_rows_is_refused_before_the_first_one() -> None:
    good = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    data = repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(good + "<row><c></row>")})
    with pytest.raises(TableError) as caught:
        csv_table(data)
    assert caught.value.code == "archive_broken"


def test_header_only_and_empty_workbooks() -> None:
    assert refused(workbook(["title", "wish"])).code == "header_only"
    assert refused(workbook()).code == "empty"
    assert refused(workbook(["title", "Title"], ["a", "b"])).code == "column_twice"
    assert refused(workbook([f"c{n}" for n in range(30)], ["a"] * 30), columns=20).code == "too_many_columns"


def test_a_real_zip_bomb_is_refused_by_the_sizes_it_declares() -> None:
    """A sheet of 300 MB of blanks in a file of 300 KB, made without ever holding it."""
    target = io.BytesIO(workbook(["n"], [1]))
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as box,
        box.open("xl/sharedStrings2.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(b" " * 1024 * 1024)
    data = target.getvalue()
    assert len(data) < 1024 * 1024
    assert refused(data).code == "archive_too_large"
    assert refused(data, unpacked=1024**3).code == "archive_ratio"


def test_a_bomb_that_lies_about_its_size_is_refused_while_reading() -> None:
    honest = repacked(workbook(["n"], [1]), **{"xl__media__x.bin": b"\0" * (8 * 1024 * 1024)})
    with zipfile.ZipFile(io.BytesIO(honest)) as box:
        size = box.getinfo("xl/media/x.bin").file_size
    lie = honest.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lie != honest
    assert refused(lie).code == "archive_broken"


def test_many_parts_are_refused() -> None:
    parts = {f"xl__x{n}.bin": b"" for n in range(30)}
    assert refused(repacked(workbook(["n"], [1]), **parts), parts=20).code == "archive_parts"


ENTITIES = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    body = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    text = sheet_xml(body, ENTITIES).decode().replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    assert refused(repacked(workbook(["n"], [1]), **{SHEET: text.encode(encoding)})).code == "archive_doctype"


def test_openpyxl_itself_stands_on_defusedxml() -> None:
    from openpyxl.xml import DEFUSEDXML

    assert DEFUSEDXML


def test_deep_nesting_and_endless_rows_are_refused() -> None:
    deep = "<row>" * 80 + "</row>" * 80
    assert refused(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(deep)})).code == "archive_structure"
    wide = "<row>" + "<c/>" * 200_001 + "</row>"
    assert refused(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(wide)})).code == "archive_structure"
    many = "<row/>" * 200
    data = repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(many)})
    assert refused(data, xml_elements=100).code == "archive_structure"


def test_rows_far_apart_cost_nothing_and_rows_beyond_a_sheet_are_refused() -> None:
    cells = '<row r="{0}"><c r="A{0}"><v>7</v></c></row>'
    far = cells.format(1) + cells.format(2) + cells.format(1_048_576)
    table = csv_table(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(far)}), "x.xlsx")
    assert [(record.number, record.line) for record in table.rows()] == [(1, 2), (2, 1_048_576)]
    beyond = cells.format(1) + cells.format(2) + cells.format(2_000_000_000)
    assert refused(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(beyond)})).code == "archive_structure"


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    body = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    lie = sheet_xml(body).replace(b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')
    assert rows(csv_table(repacked(workbook(["n"], [1]), **{SHEET: lie}), "x.xlsx")) == [["2"]]


def test_shared_text_that_is_not_there_refuses_the_file() -> None:
    body = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>99999</v></c></row>'
    )
    assert refused(repacked(workbook(["n"], [1]), **{SHEET: sheet_xml(body)})).code == "archive_broken"


def test_row_limit_of_a_workbook() -> None:
    assert refused(workbook(["n"], *[[n] for n in range(1, 9)]), rows=5).code == "too_many_rows"
