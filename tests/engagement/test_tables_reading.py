"""Files that come in: whole-file refusals, refused records, and what survives them. All rows are invented."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from engagement.tables import Record, Refusal, TableError, delimited, read
from engagement.tables.problems import REFUSALS, TABLE_ERRORS
from tests.engagement.tables import (
    HEADER,
    csv_table,
    refusals,
    refused,
    rows,
)

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
