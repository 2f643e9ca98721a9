"""Files that come in: whole-file refusals, refused records, and what survives them. All rows are invented."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engagement.tables import Limits, Record, Refusal, Table, TableError, delimited, read
from engagement.tables.problems import REFUSALS, TABLE_ERRORS

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


# Text files: what is read


def test_rows_come_with_their_columns_and_numbers() -> None:
    table = csv_table(HEADER + "More benches,North,Shade\n\nNight bus,South,Every hour\n")
    assert table.columns == ["title", "district", "wish"]
    assert list(table.rows()) == [
        Record(1, 2, {"title": "More benches", "district": "North", "wish": "Shade"}),
        Record(2, 4, {"title": "Night bus", "district": "South", "wish": "Every hour"}),
    ]
    assert (table.refused, table.notes) == (0, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_told_by_the_bytes_need_no_note(encoding: str) -> None:
    table = csv_table("idée,où\nPlus d’arbres,Côte-des-Prés 🌳\n".encode(encoding))
    assert table.columns == ["idée", "où"]
    assert rows(table) == [["Plus d’arbres", "Côte-des-Prés 🌳"]]
    assert table.notes == []


def test_windows_1252_is_a_declared_fallback() -> None:
    table = csv_table("idée;où\nPlus d’arbres à l’été;Côte\n".encode("cp1252"))
    assert rows(table) == [["Plus d’arbres à l’été", "Côte"]]
    assert [note.code for note in table.notes] == ["cp1252"]
    assert "Windows-1252" in table.notes[0].message


def test_one_broken_byte_does_not_garble_every_accent() -> None:
    good = "idée,où\nÉté,Côte\nForêt,Près\nPlage,Île\n".encode()
    table = csv_table(good.replace("ê".encode(), b"\xea"))
    assert rows(table) == [["Été", "Côte"], ["Plage", "Île"]]
    assert refusals(table) == [(2, "bad_bytes")]
    assert [note.code for note in table.notes] == ["mixed_encoding"]


def test_bytes_of_no_known_encoding_are_refused() -> None:
    assert refused(b"a,b\n\x81\x8d\xe9,1\n").code == "encoding"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32"])
def test_wide_text_without_its_mark_is_refused_as_not_text(encoding: str) -> None:
    assert refused("title,wish\nBench,Shade\n".encode(encoding)).code == "not_text"


def test_a_nul_byte_far_into_the_file_is_found_before_the_first_row() -> None:
    with pytest.raises(TableError) as caught:
        csv_table((HEADER + "a,b,c\n" * 300_000).encode() + b"a,\x00,c\n")
    assert caught.value.code == "not_text"


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1b", "\x7f", "\ufffe"])
def test_a_control_character_refuses_its_record_only(character: str) -> None:
    table = csv_table(HEADER + f"a,b,c\nd,e{character}e,f\ng,h,i\n")
    assert rows(table) == [["a", "b", "c"], ["g", "h", "i"]]
    assert table.refusals == [
        Refusal(2, 3, "control_character", {"column": "district", "character": f"U+{ord(character):04X}"})
    ]
    assert "district" in table.refusals[0].reason


def test_accents_converted_twice_are_kept_and_told() -> None:
    table = csv_table(HEADER + "It\u00e2\x80\x99s,b,c\n")
    assert rows(table) == [["It\u00e2\x80\x99s", "b", "c"]]
    assert [(note.code, note.params) for note in table.notes] == [("garbled", {"count": 2})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, ending: str) -> None:
    lines = ["title|wish", 'Bench|"Shade|\nand; quiet, please"', 'Bus|12" wheel']
    text = ending.join(line.replace("|", delimiter) for line in lines)
    table = csv_table(text)
    assert rows(table) == [["Bench", f"Shade{delimiter}\nand; quiet, please"], ["Bus", '12" wheel']]


def test_the_delimiter_is_counted_outside_of_quotes() -> None:
    table = csv_table('"Where (street, square, park)";Wish\nOak street;Shade\n')
    assert table.columns == ["Where (street, square, park)", "Wish"]


def test_a_line_that_declares_the_delimiter_is_no_header() -> None:
    table = csv_table("\ufeffsep=;\ntitle, or name, or other;wish\nBench;Shade\n")
    assert table.columns == ["title, or name, or other", "wish"]
    assert rows(table) == [["Bench", "Shade"]]


def test_one_column_is_a_table_too() -> None:
    assert rows(csv_table("wish\nShade\nQuiet\n")) == [["Shade"], ["Quiet"]]


def test_a_quoted_field_keeps_its_line_breaks_and_later_lines_keep_their_numbers() -> None:
    table = csv_table(HEADER + '"Two\r\nlines",North,"a ""word"""\nb,c,d\n')
    assert [(record.line, record.values["title"]) for record in table.rows()] == [
        (2, "Two\r\nlines"),
        (4, "b"),
    ]
    assert rows(table)[0][2] == 'a "word"'


# Text files: broken records


def test_the_wrong_number_of_fields_refuses_one_record() -> None:
    table = csv_table(HEADER + "a,b,c\nd,e\nf,g,h,i\nj,k,l\n")
    assert rows(table) == [["a", "b", "c"], ["j", "k", "l"]]
    assert [(r.number, r.line, r.code, r.params["found"]) for r in table.refusals] == [
        (2, 3, "field_count", 2),
        (3, 4, "field_count", 4),
    ]


def test_empty_columns_to_the_right_are_nothing() -> None:
    table = csv_table("title,wish,,\na,b,,\nc,d,,stray\n")
    assert table.columns == ["title", "wish"]
    assert rows(table) == [["a", "b"]]
    assert refusals(table) == [(2, "field_count")]


def test_an_open_quote_costs_its_own_record_not_the_file() -> None:
    lines = [f"idea {n},North,wish {n}\n" for n in range(1, 5001)]
    lines[99] = 'idea 100,"North,wish 100\n'
    table = csv_table(HEADER + "".join(lines))
    kept = rows(table)
    assert len(kept) == 4999
    assert refusals(table) == [(100, "quote")]
    assert table.refusals[0].line == 101


def test_an_open_quote_on_the_last_line() -> None:
    table = csv_table(HEADER + 'a,b,c\nd,e,"f\n')
    assert rows(table) == [["a", "b", "c"]]
    assert refusals(table) == [(2, "quote")]


def test_an_open_quote_before_a_well_quoted_record() -> None:
    table = csv_table(HEADER + 'a,"b,c\nd,e,f\ng,"h, or i",j\n')
    assert rows(table) == [["d", "e", "f"], ["g", "h, or i", "j"]]
    assert refusals(table) == [(1, "quote")]


def test_the_tail_of_a_broken_text_does_not_pass_for_a_record() -> None:
    """Quotes not doubled inside a text of three lines: its last line has two fields, as the table has."""
    table = csv_table('wish,district\n"They say\nwe want "shade", now\nand quiet",North\nBus,South\n')
    assert rows(table) == [["Bus", "South"]]
    assert [code for _, code in refusals(table)] == ["quote", "after_quote", "after_quote"]


def test_a_line_without_end_is_refused_and_the_next_one_read() -> None:
    table = csv_table(HEADER + "a,b," + "c" * 5000 + "\nd,e,f\n", record_length=1000)
    assert rows(table) == [["d", "e", "f"]]
    assert refusals(table) == [(1, "record_too_long")]


def test_a_long_cell_is_refused() -> None:
    table = csv_table(HEADER + "a,b," + "c" * 51 + "\nd,e," + "f" * 50 + "\n", cell_length=50)
    assert rows(table) == [["d", "e", "f" * 50]]
    assert table.refusals[0].params == {"column": "wish", "limit": 50}


def test_a_field_over_the_limit_of_the_csv_module_is_too_long() -> None:
    table = csv_table(HEADER + 'a,b,"' + "c" * 200_000 + '"\nd,e,f\n')
    assert refusals(table) == [(1, "record_too_long")]
    assert rows(table) == [["d", "e", "f"]]


def test_refusals_are_all_counted_and_only_some_kept() -> None:
    table = csv_table(HEADER + "a,b\n" * 50 + "a,b,c\n", refusals_kept=10)
    assert len(rows(table)) == 1
    assert (table.refused, len(table.refusals)) == (50, 10)


def test_a_table_can_be_read_twice() -> None:
    table = csv_table(HEADER + "a,b\na,b,c\n")
    assert rows(table) == rows(table) == [["a", "b", "c"]]
    assert table.refused == 1


def test_broken_quotes_all_through_are_read_in_two_steps_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading on after a broken quote must not take the square of the number of lines."""
    handed = 0
    plain = delimited._Lines.__next__

    def counted(lines: delimited._Lines) -> str:
        nonlocal handed
        handed += 1
        return plain(lines)

    monkeypatch.setattr(delimited._Lines, "__next__", counted)
    table = csv_table("a,b\n" + 'x,"y\n' * 5_000)
    handed = 0
    assert rows(table) == []
    assert table.refused == 5_000
    assert handed < 3 * 5_000


# Text files: refused as a whole


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\n  \n", "empty"),
        (b",,,\n", "empty"),
        (b"title,wish\n", "header_only"),
        (b"title,wish\n\n,\n", "header_only"),
        (b"title,wish,title\na,b,c\n", "column_twice"),
        (b"title,wish,Title \na,b,c\n", "column_twice"),
        (b"title,,wish\na,b,c\n", "column_unnamed"),
        (b'title,"wish\na,b\n', "header_quote"),
        (b"title,wi\x07sh\na,b\n", "header_text"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"<html><table><tr><td>title</td></tr></table></html>", "not_a_table"),
        (b'[{"title": "Bench"}]', "not_a_table"),
        (gzip.compress(b"title,wish\na,b\n", mtime=0), "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
    ],
)
def test_whole_file_refusals(data: bytes, code: str) -> None:
    error = refused(data)
    assert error.code == code
    assert error.message == TABLE_ERRORS[code].format(**error.params)


def test_the_refusal_tells_the_column() -> None:
    assert refused("title,,wish\na,b,c\n").params == {"column": 2}
    assert refused("title,wish,title\na,b,c\n").params == {"name": "title"}


def test_too_many_columns_and_rows() -> None:
    assert refused("a,b,c\n1,2,3\n", columns=2).code == "too_many_columns"
    assert refused("a,b\n" + "1,2\n" * 6, rows=5).code == "too_many_rows"
    assert len(rows(csv_table("a,b\n" + "1,2\n" * 5, rows=5))) == 5


class _Unreadable(io.BytesIO):
    """Says that it is 100 MB long, and cannot be read."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 100 * 1024 * 1024 if whence == 2 else 0

    def read(self, *_: Any) -> bytes:
        raise AssertionError("read before its size was known")


def test_a_file_of_100_mb_is_refused_before_it_is_read() -> None:
    with pytest.raises(TableError) as caught:
        read(_Unreadable(), name="big.csv")
    assert caught.value.code == "too_large"
    assert caught.value.params == {"limit_mb": 64}
    assert "64 MB" in caught.value.message


def test_a_path_is_read_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text(HEADER + "a,b,c\n")
    table = read(path, name=path.name)
    assert rows(table) == [["a", "b", "c"]]


def test_the_callers_file_stays_open() -> None:
    file = io.BytesIO(b"a,b\n1,2\n")
    list(read(file, name="x.csv").rows())
    assert not file.closed


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_thousand() -> None:
    def peak(count: int) -> int:
        file = io.BytesIO((HEADER + "Bench,North,Shade for the elderly\n" * count).encode())
        tracemalloc.start()
        assert sum(1 for _ in read(file, name="ideas.csv").rows()) == count
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    few, many = peak(20_000), peak(100_000)
    assert many < few * 1.2


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


def test_every_refusal_code_has_a_text_with_its_parameters() -> None:
    assert all(text.endswith(".") for text in {**TABLE_ERRORS, **REFUSALS}.values())


@pytest.mark.trial
def test_real_files_are_read_almost_whole() -> None:
    files = [
        *Path(os.environ["WINNOW_TRIALS"]).glob("*/*.csv"),
        *Path(os.environ["WINNOW_TRIALS"]).glob("*/*.csv.gz"),
    ]
    assert files
    for path in files:
        file = io.BytesIO(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
        table = read(file, name=path.name.removesuffix(".gz"))
        taken = sum(1 for _ in table.rows())
        print(path.name, taken, table.refused, [n.code for n in table.notes], table.refusals[:3])
        assert taken > table.refused * 5, path.name
