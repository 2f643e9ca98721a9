"""What bites in real files, each with invented rows."""

import csv
import gzip
from datetime import datetime
from pathlib import Path

import pytest

from engagement.evidence.clock import skipped_hours
from engagement.evidence.places import Districts
from engagement.evidence.source import SourceError
from engagement.text import fold
from tests.evidence import taking
from tests.evidence.taking import boston, take, written

SQUARE = {"type": "Polygon", "coordinates": [[[-72, 42], [-71, 42], [-71, 43], [-72, 43], [-72, 42]]]}


def districts(*names: str) -> Districts:
    """The first has the square above as its outline."""
    codes = [f"d{number}" for number in range(len(names))]
    outlines = [SQUARE if number == 0 else None for number in range(len(names))]
    return Districts(codes, outlines, {fold(name): code for name, code in zip(names, codes, strict=True)})


# When ----------------------------------------------------------------------------------------------------


def test_hours_that_never_were_and_hours_that_were_twice(tmp_path: Path) -> None:
    """02:30 in March is an hour that the clocks skipped; 01:30 in November came twice: the second."""
    times = ["03/08/2015 01:59:59 AM", "03/08/2015 02:30:00 AM", "03/08/2015 03:00:00 AM"]
    times += ["11/01/2015 12:59:59 AM", "11/01/2015 01:30:00 AM", "11/01/2015 02:00:00 AM"]
    taken, rows = take(tmp_path, written(taking.BOSTON, *(boston(n, time) for n, time in enumerate(times))))
    assert [f"{row['requested_at']:%m-%d %H:%M:%S}" for row in rows] == [
        "03-08 06:59:59",
        "03-08 07:30:00",
        "03-08 07:00:00",
        "11-01 04:59:59",
        "11-01 06:30:00",
        "11-01 07:00:00",
    ]
    assert [row["local_at"].hour for row in rows] == [1, 2, 3, 0, 1, 2]
    assert taken.notes["skipped_hours"] == 1


def test_skipped_hours_of_a_zone() -> None:
    assert skipped_hours("America/New_York", 2015, 2015) == (
        (datetime(2015, 3, 8, 2), datetime(2015, 3, 8, 3)),
    )
    assert skipped_hours("Australia/Lord_Howe", 2015, 2015) == (
        (datetime(2015, 10, 4, 2), datetime(2015, 10, 4, 2, 30)),
    )
    assert skipped_hours("UTC", 2015, 2020) == ()


def test_dates_that_cannot_be_are_refused_and_a_closing_date_is_left_out(tmp_path: Path) -> None:
    records = [
        boston(0, "01/01/1900 12:00:00 AM"),
        boston(1, "05/06/2026 09:00:00 AM"),
        boston(2, "02/30/2015 09:00:00 AM"),
        boston(3, ""),
        boston(4, "infinity"),
        boston(5, TYPE=" "),
        boston(6, CLOSED_DT="01/13/2015 09:00:00 AM"),
        boston(7, CLOSED_DT="01/14/2015 12:00:00 AM"),
        boston(8, CLOSED_DT="01/01/2099 09:00:00 AM"),
    ]
    taken, rows = take(tmp_path, written(taking.BOSTON, *records))
    assert {code: reason.first for code, reason in taken.reasons.items()} == {
        "impossible_date": [1, 5],
        "future_date": [2],
        "bad_date": [3],
        "no_date": [4],
        "no_service": [6],
    }
    assert [(row["id"], row["closed_at"] is None) for row in rows] == [("6", True), ("7", False), ("8", True)]
    assert taken.notes["bad_closed"] == 2


# What ----------------------------------------------------------------------------------------------------


def test_duplicates_are_kept_with_their_own_time_and_what_they_repeat(tmp_path: Path) -> None:
    parent = "101001240827"
    records = [
        boston(parent),
        boston(
            1, "01/15/2015 03:04:41 PM", CLOSURE_REASON=f"Case Closed Duplicate of Existing Case {parent}"
        ),
        boston(2, CLOSURE_REASON="Case noted"),
    ]
    taken, rows = take(tmp_path, written(taking.BOSTON, *records))
    found = {row["id"]: (row["duplicate"], row["duplicate_of"], row["local_at"].day) for row in rows}
    assert found == {parent: (False, None, 14), "1": (True, parent, 15), "2": (False, None, 14)}
    assert taken.notes["duplicates"] == 1
    again = {"Creation Date": "2011-01-01T00:00:00", "Type of Service Request": "Light"}
    states = ["Completed - Dup", "Open - Dup", "Completed"]
    chicago = [{**again, "Service Request Number": f"{n}", "Status": state} for n, state in enumerate(states)]
    _taken, rows = take(tmp_path, written(taking.CHICAGO, *chicago))
    assert [row["duplicate"] for row in rows] == [True, True, False]


def test_the_first_of_two_records_with_one_number_is_kept(tmp_path: Path) -> None:
    records = [boston(7, TYPE="Pothole"), boston(8), boston(7, TYPE="Graffiti"), boston(7), boston("")]
    taken, rows = take(tmp_path, written(taking.BOSTON, *records, boston("")))
    assert (taken.kept, taken.reasons["same_id"].first) == (4, [3, 4])
    assert {row["id"]: row["service"] for row in rows}["7"] == "Pothole"
    assert taken.notes["without_id"] == 2  # what has no number is never taken for the same


# Where ---------------------------------------------------------------------------------------------------


def test_without_coordinates_a_report_still_tells_when_and_what(tmp_path: Path) -> None:
    records = [
        boston(0, LATITUDE="42.5", LONGITUDE="-71.5"),
        boston(1),
        boston(2, neighborhood="Jamaica Plain"),
        boston(3, LATITUDE="0", LONGITUDE="0"),
        boston(4, LATITUDE="142.5", LONGITUDE="-71.5"),
        boston(5, LATITUDE="42.5"),
        boston(6, LATITUDE="nan", LONGITUDE="x"),
        boston(7, LATITUDE="50", LONGITUDE="-71.5"),
    ]
    taken, rows = take(
        tmp_path, written(taking.BOSTON, *records), districts=districts("Centre", "jamaïca-PLAIN")
    )
    assert [row["district"] for row in rows] == ["d0", None, "d1", None, None, None, None, None]
    assert [row["latitude"] for row in rows] == [42.5, None, None, None, None, None, None, 50.0]
    assert (rows[0]["cell"][:2], rows[1]["cell"]) == ("89", None)
    figures = {name: taken.notes[name] for name in ("bad_points", "without_point", "without_place")}
    assert figures == {"bad_points": 4, "without_point": 6, "without_place": 5}


def test_a_point_that_too_many_share_is_no_place(tmp_path: Path) -> None:
    """Boston pins on its city hall what has no address: 15 % of all. A busy address has one in a hundred."""
    hall = [boston(f"h{n}", LATITUDE="42.3594", LONGITUDE="-71.0587") for n in range(300)]
    busy = [boston(f"b{n}", LATITUDE="42.36", LONGITUDE="-71.05") for n in range(99)]
    others = [boston(n, LATITUDE=f"42.{1000 + n}", LONGITUDE="-71.5") for n in range(1600)]
    taken, rows = take(tmp_path, written(taking.BOSTON, *hall, *busy, *others))
    assert taken.notes["default_points"] == [[42.3594, -71.0587, 300]]
    placed = {row["id"] for row in rows if row["latitude"] is not None}
    assert placed == {record["CASE_ENQUIRY_ID"] for record in [*busy, *others]}


def test_montreals_office_pins_spellings_and_informations(tmp_path: Path) -> None:
    common = {"ACTI_NOM": "Dépôt illégal", "DDS_DATE_CREATION": "2019-03-20T15:28:30"}
    common |= {"LOC_LAT": "42.5", "LOC_LONG": "-71.5"}
    geo = "Villeray-Saint-Michel-Parc-Extension"
    records = [
        {**common, "ID_UNIQUE": "19-1", "NATURE": "Requete", "LOC_ERREUR_GDT": "0.0"},
        {**common, "ID_UNIQUE": "19-2", "LOC_ERREUR_GDT": "1", "ARRONDISSEMENT_GEO": geo},
        {**common, "ID_UNIQUE": "19-3", "LOC_ERREUR_GDT": "1.0", "ARRONDISSEMENT": f" {geo.upper()}"},
        {"NATURE": "Information", "ACTI_NOM": "Horaire", "DDS_DATE_CREATION": "2019-03-20T15:28:30"},
    ]
    known = districts("Centre", "Villeray–Saint-Michel–Parc-Extension")
    taken, rows = take(tmp_path, written(taking.MONTREAL, *records), districts=known)
    assert [(row["district"], row["latitude"]) for row in rows] == [
        ("d0", 42.5),
        ("d1", None),
        ("d1", None),
        (None, None),
    ]
    assert (taken.kept, taken.notes["unplaced"], taken.notes["without_id"]) == (4, 2, 1)


# The file itself -----------------------------------------------------------------------------------------


def test_newlines_quotes_and_other_line_ends_inside_a_file(tmp_path: Path) -> None:
    records = [boston(n, CLOSURE_REASON='said "so",\nthen\r\nleft', CASE_TITLE="a\tb") for n in range(50)]
    text = written(taking.BOSTON, *records)
    for content in (text, text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip("\n")):
        assert take(tmp_path, content)[0].kept == 50
    assert take(tmp_path, gzip.compress(text.encode()))[0].kept == 50


def test_malformed_lines_are_refused_each_and_numbers_still_fit(tmp_path: Path) -> None:
    lines = written(taking.BOSTON, *(boston(n) for n in range(5)), boston(5, "soon"), boston(0)).splitlines()
    lines[3] = "=3,too,few"
    lines[5] += ",too,many"
    lines.append('9,"never closed')
    refused_to = tmp_path / "refused.csv"
    taken, rows = take(tmp_path, "\n".join(lines) + "\n", refused_to=refused_to)
    assert [row["id"] for row in rows] == ["0", "1", "3"]
    assert {code: reason.first for code, reason in taken.reasons.items()} == {
        "malformed": [3, 5, 8],
        "bad_date": [6],
        "same_id": [7],
    }
    told = list(csv.DictReader(refused_to.read_text().splitlines()))
    assert [(row["record"], row["reason"]) for row in told] == [
        ("3", "malformed"),
        ("5", "malformed"),
        ("6", "bad_date"),
        ("7", "same_id"),
        ("8", "malformed"),
    ]
    assert (told[0]["line"], told[3]["id"], told[3]["service"]) == ("'=3,too,few", "0", "Pothole")


def test_a_quote_that_never_closes_cannot_swallow_records_unnoticed(tmp_path: Path) -> None:
    lines = written(taking.BOSTON, *(boston(n, CASE_TITLE="x" * 300) for n in range(20_000))).splitlines()
    taken, _rows = take(tmp_path, "\n".join([*lines[:9], "", *lines[9:], "", ""]))
    assert (taken.kept, taken.reasons) == (20_000, {})
    lines[500] = lines[500].replace(",x", ',"x')
    with pytest.raises(SourceError, match="Look at record 500") as caught:
        take(tmp_path, "\n".join(lines))
    assert caught.value.code == "lost_lines"


@pytest.mark.parametrize("size", [600_000, 3_000_000, 9_000_000])
def test_a_line_without_end_is_refused_and_never_lost(tmp_path: Path, size: int) -> None:
    text = written(taking.BOSTON, boston(1), boston(2, CASE_TITLE="x" * size), boston(3))
    if size < 8_000_000:  # what DuckDB holds at a time; beyond it loses lines, and that is found out
        assert take(tmp_path, text)[0].reasons["malformed"].first == [2]
    else:
        with pytest.raises(SourceError, match="half a megabyte"):
            take(tmp_path, text)


def test_windows_1252_even_in_the_middle_of_utf_8(tmp_path: Path) -> None:
    text = written(
        taking.TORONTO, {"Creation Date": "2010-01-01 00:38:26", "Service Request Type": "Déneigement"}
    )
    old = "2010-01-02 00:38:26,Closed,,,,,Cité – été,,\n".encode("cp1252")
    taken, rows = take(tmp_path, text.encode() + old)
    assert {row["service"] for row in rows} == {"Déneigement", "Cité – été"}
    assert taken.notes["encoding"] == "cp1252"
    assert take(tmp_path, text.encode("utf-16"))[1][0]["service"] == "Déneigement"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (gzip.compress(b"a,b\n" * 9000)[:-20], "broken_gzip"),
        (gzip.compress(b"\0" * 220_000_000), "bomb"),
        (b"PK\x03\x04\x00\x00\x00", "not_text"),
        (b"[1, 2, 3]", "broken_json"),
        (taking.BOSTON.encode(), "nothing_kept"),
        (written(taking.BOSTON, boston(1, "yesterday")).encode(), "nothing_kept"),
    ],
    ids=range(8),
)
def test_what_is_no_table_of_reports_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        take(tmp_path, content)
    assert caught.value.code == code


def test_a_header_cannot_smuggle_sql_in(tmp_path: Path) -> None:
    evil = taking.BOSTON + ',"x\'); DROP TABLE points; --"'
    taken, _rows = take(
        tmp_path, evil + "\n" + ",".join(["1", "01/14/2015 03:04:41 PM", *[""] * 8, "it's; --", *[""] * 23])
    )
    assert taken.kept == 1
