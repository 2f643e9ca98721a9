"""Files that go out: no formulas in them, nothing left when writing fails, and the way back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.tables import read
from engagement.tables.writing import (
    Column,
    WritingError,
    as_text,
    atomically,
    guarded,
    write_csv,
    write_dictionary,
    write_geojson,
    write_json,
    write_xlsx,
)

COLUMNS = [Column("title", "Titre", "What the resident wrote"), Column("votes", "Appuis", "People who agree")]

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\tword",
    "\rword",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    " =1+1",
    "\n=1+1",
    "\u00a0=1+1",
    "--5",
    "=-5",
    "-",
]


def as_csv(*rows: dict[str, Any], **options: Any) -> str:
    file = io.BytesIO()
    assert write_csv(file, COLUMNS, iter(rows), **options) == len(rows)
    return file.getvalue().decode("utf-8-sig")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_cell_begins_as_a_formula(text: str) -> None:
    (_, (cell, _)) = list(csv.reader(io.StringIO(as_csv({"title": text, "votes": 0}), newline="")))
    assert cell[0] == "'"
    assert guarded(cell) == cell


@pytest.mark.parametrize("text", ["-5", "+15145550100", "-0.25", "-0,25", "1e-7", "-1.5E+10", "-.5"])
def test_plain_numbers_stay_numbers(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("text", ["a=b", "Bus 12-14", "x@example.org", "pros; - cons", "It's", "'=x"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x; =1+1", "x;' =1+1"),
        ("x\n=1+1", "x\n'=1+1"),
        ("x\t@SUM(1)", "x\t'@SUM(1)"),
        ("x;-1+1", "x;'-1+1"),
        ("wishes:\n- shade\n- quiet", "wishes:\n- shade\n- quiet"),
    ],
)
def test_a_formula_cannot_hide_where_another_separator_would_split_the_cell(text: str, safe: str) -> None:
    assert guarded(text) == safe


@given(st.text(min_size=1))
def test_whatever_the_text_no_cell_starts_a_formula(text: str) -> None:
    first = guarded(text).lstrip()[:1]
    assert not first or first not in "=+-@＝＋－＠" or guarded(text) == text != text.lstrip("+-")


def test_csv_has_the_mark_that_spreadsheets_need_and_labels_or_keys() -> None:
    file = io.BytesIO()
    write_csv(file, COLUMNS, [{"title": "Été", "votes": 3}])
    assert file.getvalue() == "\ufeffTitre,Appuis\r\nÉté,3\r\n".encode()
    assert not file.closed
    assert as_csv(keys=True) == "title,votes\r\n"
    assert as_csv({"title": "a,b", "votes": 1}, delimiter=";") == "Titre;Appuis\r\na,b;1\r\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        (Decimal("1E+3"), "1000"),
        (dt.date(2026, 3, 9), "2026-03-09"),
        (dt.datetime(2026, 3, 9, 8, 5, tzinfo=dt.UTC), "2026-03-09T08:05:00+00:00"),
        (["North", "South"], "North; South"),
        ({"fr": "Été"}, '{"fr": "Été"}'),
    ],
)
def test_values_in_cells(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_row_without_a_named_column_is_an_error_and_other_keys_stay_in() -> None:
    with pytest.raises(KeyError):
        write_csv(io.BytesIO(), COLUMNS, [{"title": "a"}])
    assert "secret" not in as_csv({"title": "a", "votes": 1, "email": "secret"})
    file = io.BytesIO()
    write_json(file, COLUMNS, [{"title": "a", "votes": 1, "email": "secret"}])
    assert b"secret" not in file.getvalue()


def test_the_dictionary() -> None:
    file = io.BytesIO()
    assert write_dictionary(file, COLUMNS) == 2
    assert "votes,Appuis,People who agree" in file.getvalue().decode("utf-8-sig")


# Workbooks


def book(*rows: dict[str, Any]) -> Any:
    file = io.BytesIO()
    assert write_xlsx(file, COLUMNS, iter(rows)) == len(rows)
    return openpyxl.load_workbook(file)


@pytest.mark.parametrize(
    "text", [*FORMULAS, "https://example.org", "mailto:x@example.org", "12", "internal:A1"]
)
def test_every_text_is_a_text_in_a_workbook(text: str) -> None:
    cell = book({"title": text, "votes": 1})["Data"]["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def test_numbers_dates_and_missing_are_what_they_are_in_a_workbook() -> None:
    sheet = book(
        {"title": 12, "votes": Decimal("0.5")},
        {"title": dt.date(2026, 3, 9), "votes": dt.datetime(2026, 3, 9, 8, 5)},
        {"title": dt.datetime(2026, 3, 9, 8, 5, tzinfo=dt.UTC), "votes": None},
        {"title": True, "votes": float("nan")},
        {"title": dt.date(1850, 1, 1), "votes": 12345678901234567890},
    )["Data"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [12, 0.5],
        [dt.datetime(2026, 3, 9), dt.datetime(2026, 3, 9, 8, 5)],
        ["2026-03-09T08:05:00+00:00", None],
        [True, None],
        ["1850-01-01", "12345678901234567890"],
    ]


def test_a_workbook_carries_its_dictionary() -> None:
    sheet = book()["Columns"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["key", "label", "description"],
        ["title", "Titre", "What the resident wrote"],
        ["votes", "Appuis", "People who agree"],
    ]


def test_a_text_too_long_for_a_cell_is_cut_where_one_sees_it() -> None:
    value = book({"title": "é" * 40_000, "votes": 1})["Data"]["A2"].value
    assert len(value) == 32_767
    assert value.endswith("é […]")


def test_too_many_rows_for_a_sheet_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engagement.tables.writing._XLSX_ROWS", 5)
    rows = [{"title": "a", "votes": 1}] * 4
    assert write_xlsx(io.BytesIO(), COLUMNS, rows) == 4
    with pytest.raises(WritingError) as caught:
        write_xlsx(io.BytesIO(), COLUMNS, [*rows, rows[0]])
    assert caught.value.code == "too_many_rows"


def test_rows_that_fail_leave_no_scratch_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        write_xlsx(io.BytesIO(), COLUMNS, failing())
    assert list(tmp_path.iterdir()) == []


# JSON and GeoJSON


def failing() -> Iterator[dict[str, Any]]:
    yield {"title": "a", "votes": 1}
    raise ZeroDivisionError


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_valid_with_any_number_of_rows(count: int) -> None:
    file = io.BytesIO()
    assert write_json(file, COLUMNS, ({"title": 'É"\n\ud800', "votes": n} for n in range(count))) == count
    found = json.loads(file.getvalue())
    assert found["count"] == count
    assert [row["votes"] for row in found["rows"]] == list(range(count))
    assert found["columns"][0] == {"key": "title", "label": "Titre", "description": "What the resident wrote"}


def test_json_values_keep_their_type_and_missing_is_null() -> None:
    columns = [Column(key, key) for key in "abcdef"]
    row = {
        "a": float("nan"),
        "b": Decimal("2"),
        "c": Decimal("0.5"),
        "d": dt.date(2026, 3, 9),
        "e": {"fr": "x", "n": float("inf")},
        "f": ["x", None, 0],
    }
    file = io.BytesIO()
    write_json(file, columns, [row])
    assert json.loads(file.getvalue())["rows"] == [
        {"a": None, "b": 2, "c": 0.5, "d": "2026-03-09", "e": {"fr": "x", "n": None}, "f": ["x", None, 0]}
    ]


@pytest.mark.parametrize("count", [0, 2])
def test_geojson_is_a_feature_collection(count: int) -> None:
    def place(row: Any) -> dict[str, Any] | None:
        return {"type": "Point", "coordinates": [-73.5, 45.5]} if row["votes"] else None

    file = io.BytesIO()
    assert write_geojson(file, COLUMNS, ({"title": "a", "votes": n} for n in range(count)), place) == count
    found = json.loads(file.getvalue())
    assert found["type"] == "FeatureCollection"
    assert [(f["type"], f["properties"]["votes"], bool(f["geometry"])) for f in found["features"]] == [
        ("Feature", n, bool(n)) for n in range(count)
    ]


@pytest.mark.parametrize("write", [write_json, lambda *a: write_geojson(*a, lambda row: None)])
def test_json_cut_off_half_way_does_not_look_whole(write: Any) -> None:
    file = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        write(file, COLUMNS, failing())
    assert file.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(file.getvalue())


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomically(path) as file:
        write_csv(file, COLUMNS, failing())
    assert path.read_text() == "old"
    with atomically(path) as file:
        write_csv(file, COLUMNS, [{"title": "new", "votes": 1}])
        assert path.read_text() == "old"
    assert "new" in path.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["ideas.csv"]


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_writing_takes_no_memory_for_rows_already_written(write: Any, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with (tmp_path / "out").open("wb") as file:
            tracemalloc.start()
            write(file, COLUMNS, ({"title": "Shade for the elderly", "votes": n} for n in range(count)))
            highest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return highest

    assert peak(20_000) < peak(2_000) + 20_000


# There and back

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=40
)
LINES = st.lists(st.tuples(st.text("ab\n\r\t,;\"' ", max_size=12) | TEXT, TEXT.map("x".__add__)), min_size=1)


@given(LINES)
def test_csv_comes_back_as_it_went(lines: list[tuple[str, str]]) -> None:
    file = io.BytesIO()
    write_csv(file, COLUMNS, ({"title": a, "votes": b} for a, b in lines))
    table = read(file, name="ideas.csv")
    assert [tuple(record.values.values()) for record in table.rows()] == [
        (guarded(a), guarded(b)) for a, b in lines
    ]
    assert table.refused == 0


@given(LINES)
def test_xlsx_comes_back_as_it_went(lines: list[tuple[str, str]]) -> None:
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, ({"title": a, "votes": b} for a, b in lines))
    table = read(file, name="ideas.xlsx")
    assert [tuple(record.values.values()) for record in table.rows()] == lines
    assert table.refused == 0


@pytest.mark.parametrize("text", ["_x000D_", "_xyz_", "a\rb", "a\r\nb", " a ", "\ta"])
def test_escapes_of_workbooks_come_back_as_they_went(text: str) -> None:
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, [{"title": text, "votes": 1}])
    assert [record.values["Titre"] for record in read(file, name="x.xlsx").rows()] == [text]
