"""The files that cities publish: recognized by their columns, read as they mean."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engagement.evidence import formats
from engagement.evidence.source import SourceError
from tests.evidence import taking
from tests.evidence.taking import boston, take, written

HEADERS = {
    "nyc": [taking.NYC, taking.NYC_SHORT],
    "boston": [taking.BOSTON, taking.BOSTON_2019, taking.BOSTON_2022],
    "vancouver": [taking.VANCOUVER],
    "montreal": [taking.MONTREAL],
    "montreal-reduced": [taking.MONTREAL_REDUCED],
    "sf": [taking.SF],
    "chicago": [taking.CHICAGO, taking.CHICAGO.upper()],
    "toronto": [taking.TORONTO],
}


@pytest.mark.parametrize(
    ("code", "header"), [(code, header) for code, headers in HEADERS.items() for header in headers]
)
def test_each_is_recognized_by_its_header_and_by_no_other(code: str, header: str) -> None:
    columns = header.split(",")
    assert [one.code for one in formats.ALL if not formats.missing(one, columns)] == [code]
    found = formats.recognize(columns)
    assert found is not None
    assert found.code == code
    assert set(HEADERS) == set(formats.PUBLISHED)


def test_one_request_in_each_form(tmp_path: Path) -> None:
    nyc = {"Unique Key": "7", "Created Date": "06/26/2018 10:58:54 AM", "Complaint Type": "Noise"}
    nyc |= {
        "Agency": "NYPD",
        "Status": "Closed",
        "Latitude": "40.7",
        "Longitude": "-73.9",
        "Borough": "QUEENS",
    }
    short = {"unique_key": "7", "created_date": "12/31/2015 11:59:45 PM", "complaint_type": "Noise"}
    later = {"case_enquiry_id": "7", "open_dt": "2019-01-01 04:11:00", "type": "Cat"}
    vancouver = {
        "service_request_type": "Lamp",
        "service_request_open_timestamp": "2023-12-11T01:04:00-08:00",
    }
    vancouver |= {"service_request_close_date": "2023-12-11", "status": "Close"}
    portal = {"Service request type": "Lamp", "Service request open timestamp": "2023-12-11T01:04:00-08:00"}
    montreal = {"ID_UNIQUE": "19-1", "ACTI_NOM": "*Z-Nid", "DDS_DATE_CREATION": "2019-03-20T15:28:30"}
    sf = {"unique_key": "7", "created_date": "2019-10-06 00:05:55 UTC", "category": "Noise"}
    other_sf = {**sf, "created_date": "2016-07-13 15:11:07+00:00"}
    chicago = {"Service Request Number": "11-1", "Creation Date": "2011-01-01T00:00:00"}
    chicago |= {"Type of Service Request": "Light", "Status": "Completed - Dup"}
    toronto = {"Service Request Type": "Noise", "Creation Date": "2025-01-01 00:01:05.0000000"}
    expected: list[tuple[str, dict[str, str], str, str, bool]] = [
        (taking.NYC, nyc, "2018-06-26 14:58:54", "2018-06-26 10:58:54", True),
        (taking.NYC_SHORT, short, "2016-01-01 04:59:45", "2015-12-31 23:59:45", True),
        (taking.BOSTON, boston(7), "2015-01-14 20:04:41", "2015-01-14 15:04:41", True),
        (taking.BOSTON_2019, later, "2019-01-01 09:11:00", "2019-01-01 04:11:00", True),
        (taking.BOSTON_2022, later, "2019-01-01 09:11:00", "2019-01-01 04:11:00", True),
        (taking.VANCOUVER, vancouver, "2023-12-11 09:04:00", "2023-12-11 01:04:00", True),
        (taking.VANCOUVER_PORTAL, portal, "2023-12-11 09:04:00", "2023-12-11 01:04:00", True),
        (taking.MONTREAL, montreal, "2019-03-20 19:28:30", "2019-03-20 15:28:30", True),
        (taking.SF, sf, "2019-10-06 00:05:55", "2019-10-05 17:05:55", True),
        (taking.SF, other_sf, "2016-07-13 15:11:07", "2016-07-13 08:11:07", True),
        (taking.CHICAGO, chicago, "2011-01-01 06:00:00", "2011-01-01 00:00:00", False),
        (taking.TORONTO, toronto, "2025-01-01 05:01:05", "2025-01-01 00:01:05", True),
    ]
    for header, record, utc, local, has_hour in expected:
        _taken, [row] = take(tmp_path, written(header, record))
        found = (f"{row['requested_at']}", f"{row['local_at']}", row["has_hour"])
        assert found == (utc, local, has_hour), header
    _taken, [row] = take(tmp_path, written(taking.MONTREAL, montreal))
    assert (row["id"], row["service"]) == ("19-1", "Nid")
    _taken, [row] = take(tmp_path, written(taking.VANCOUVER, vancouver))
    assert row["closed_at"] == datetime(2023, 12, 11, 8)  # a plain date: the day's first moment there


def test_montreal_by_month_weekday_and_hour_stands_on_the_first_such_day(tmp_path: Path) -> None:
    rows = [
        {"MOIS_CREATION": month, "JOUR_SEMAINE": str(day), "HEURE": str(hour), "ACTI_NOM": f"{number}"}
        for number, (month, day, hour) in enumerate(
            [("2022-01", 5, 0), ("2022-01", 0, 15), ("2022-02", 6, 23)]
        )
    ]
    _taken, kept = take(tmp_path, written(taking.MONTREAL_REDUCED, *rows))
    found = {row["service"]: (f"{row['local_at']:%Y-%m-%d %a %H}", row["has_hour"]) for row in kept}
    assert found == {
        "0": ("2022-01-01 Sat 00", True),
        "1": ("2022-01-03 Mon 15", True),
        "2": ("2022-02-06 Sun 23", True),
    }


def test_json_of_an_api_where_an_absent_key_is_nothing(tmp_path: Path) -> None:
    first = {"unique_key": "1", "created_date": "2024-04-16T03:03:15.000", "complaint_type": "Heat"}
    first |= {"agency": "HPD", "borough": "QUEENS", ":@computed_region_x": "3"}
    second: dict[str, Any] = {**first, "unique_key": "2", "latitude": "40.7", "longitude": "-73.9"}
    second["location"] = {"type": "Point", "coordinates": [-73.9, 40.7]}
    del second["agency"]
    for text in (json.dumps([first, second]), json.dumps(first) + "\n" + json.dumps(second)):
        taken, rows = take(tmp_path, text)
        assert (taken.rows, [row["latitude"] for row in rows]) == (2, [None, 40.7])
        assert [row["agency"] for row in rows] == ["HPD", None]
    with pytest.raises(SourceError) as caught:
        take(tmp_path, json.dumps([first, second])[:-20])
    assert caught.value.code == "broken_json"


def test_what_is_not_known_is_refused_with_the_columns_it_has(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        take(tmp_path, "when,what\n2015-01-01,hole\n")
    assert caught.value.code == "unknown_format"
    assert "when, what" in str(caught.value)
    assert "vancouver" in str(caught.value)
    with pytest.raises(SourceError, match="lacks unique_key"):
        take(tmp_path, written(taking.BOSTON, boston(1)), format="nyc")
    assert take(tmp_path, written(taking.BOSTON, boston(1)), format="boston")[0].kept == 1


def test_nothing_that_could_name_a_person_is_kept(tmp_path: Path) -> None:
    secret = boston(1, CLOSURE_REASON="Called Zoe back", LOCATION_STREET_NAME="9 Elm St", CASE_TITLE="Zoe")
    _taken, [row] = take(tmp_path, written(taking.BOSTON, secret))
    assert not {"Called Zoe back", "9 Elm St", "Zoe"} & {str(value) for value in row.values()}
    assert b"Zoe" not in (tmp_path / "kept.parquet").read_bytes()
