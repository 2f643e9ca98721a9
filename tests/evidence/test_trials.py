"""The real files of eight cities, read once more by Python's own csv and json and compared."""

import csv
import gzip
import io
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.evidence.places import Districts
from engagement.text import fold
from tests import ground
from tests.evidence.taking import take

pytestmark = pytest.mark.trial

FILES = {
    "boston311/boston311-2015-h1.csv.gz": "boston",
    "boston311/boston311-2019-format-500.csv": "boston",
    "boston311/boston311-2022-format-100.csv": "boston",
    "chicago311-legacy/chicago-abandoned-vehicles.csv.gz": "chicago",
    "chicago311-legacy/chicago-general.csv.gz": "chicago",
    "chicago311-legacy/chicago-graffiti-removal.csv.gz": "chicago",
    "chicago311-legacy/chicago-pot-holes.csv.gz": "chicago",
    "chicago311-legacy/chicago-rodent-baiting.csv.gz": "chicago",
    "montreal311/montreal311-plateau-2022-2024-reduced.csv.gz": "montreal-reduced",
    "montreal311/montreal311-raw-format-1row.csv": "montreal",
    "nyc311/nyc311-100.csv": "nyc",
    "nyc311/nyc311-2015-12-11cols-20000.csv.gz": "nyc",
    "nyc311/nyc311-2018-06-41cols-1000.csv.gz": "nyc",
    "nyc311/nyc311-soda-2012-1000.json.gz": "nyc",
    "sf311/sf311-bigquery-10000.csv.gz": "sf",
    "toronto311/toronto311-sample.csv": "toronto",
    "vancouver311/vancouver311-2023-2024-api-10000.csv.gz": "vancouver",
}


def content(name: str) -> bytes:
    folder = ground.trials()
    assert folder is not None
    data = (folder / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def records(data: bytes) -> list[dict[str, Any]]:
    if data.lstrip().startswith(b"["):
        return list(json.loads(data))
    usual = csv.field_size_limit(10**9)
    try:
        return list(csv.DictReader(io.StringIO(data.decode("utf-8", errors="replace"), newline="")))
    finally:
        csv.field_size_limit(usual)


def districts(name: str) -> Districts:
    folder = ground.trials()
    assert folder is not None
    features = json.loads((folder / "geometry" / name).read_text())["features"]
    names = {
        fold(value): str(n)
        for n, one in enumerate(features)
        for value in map(str, one["properties"].values())
    }
    return Districts([str(n) for n in range(len(features))], [one["geometry"] for one in features], names)


@pytest.mark.parametrize("name", FILES)
def test_every_record_of_a_real_file_is_accounted_for(tmp_path: Path, name: str) -> None:
    data = content(name)
    told = records(data)
    taken, rows = take(tmp_path, data, at=datetime.now(tz=ZoneInfo("UTC")))
    assert (taken.rows, taken.notes["format"]) == (len(told), FILES[name])
    assert taken.refused == 0, taken.reasons
    by_service = Counter(row["service"] for row in rows)
    columns = (
        "Complaint Type",
        "complaint_type",
        "TYPE",
        "type",
        "service_request_type",
        "Type of Service Request",
    )
    columns += ("TYPE OF SERVICE REQUEST", "Service Request Type")
    column = "category" if FILES[name] == "sf" else next((one for one in columns if one in told[0]), None)
    if column is not None:
        assert by_service == Counter(" ".join([one[column].strip()]) for one in told)


def test_bostons_times_and_places_as_python_reads_them(tmp_path: Path) -> None:
    data = content("boston311/boston311-2015-h1.csv.gz")
    taken, rows = take(tmp_path, data, districts=districts("boston-neighborhoods.geojson"))
    city, kept = ZoneInfo("America/New_York"), {row["id"]: row for row in rows}
    for one in records(data):
        local = datetime.strptime(one["OPEN_DT"], "%m/%d/%Y %I:%M:%S %p")
        row = kept[one["CASE_ENQUIRY_ID"]]
        assert row["local_at"] == local
        assert (
            row["requested_at"].replace(tzinfo=ZoneInfo("UTC")).astimezone(city).replace(tzinfo=None) == local
        )
        hall = (one["LATITUDE"], one["LONGITUDE"]) == ("42.3594", "-71.0587")
        assert (row["latitude"] is None) == (hall or not one["LATITUDE"])
    assert taken.notes["default_points"] == [[42.3594, -71.0587, 8752]]
    assert taken.notes["duplicates"] == sum(
        "duplicate" in one["CLOSURE_REASON"].lower() for one in records(data)
    )
    placed = [row for row in rows if row["latitude"] is not None]
    assert sum(row["district"] is not None for row in placed) > 0.98 * len(placed)


def test_vancouvers_reports_without_a_point_still_have_their_area(tmp_path: Path) -> None:
    data = content("vancouver311/vancouver311-2023-2024-api-10000.csv.gz")
    taken, rows = take(tmp_path, data, districts=districts("vancouver-local-areas.geojson"))
    assert taken.notes["without_point"] == sum(not one["latitude"] for one in records(data)) == 6844
    assert taken.notes["without_place"] < 2_400
    by_name = Counter(one["local_area"] for one in records(data) if not one["latitude"] and one["local_area"])
    assert sum(row["district"] is not None and row["latitude"] is None for row in rows) == by_name.total()


def test_boroughs_of_montreal_are_found_however_they_are_spelt(tmp_path: Path) -> None:
    known = districts("montreal-arrondissements.geojson")
    data = content("montreal311/montreal311-plateau-2022-2024-reduced.csv.gz")
    _taken, rows = take(tmp_path, data, districts=known)
    assert {row["district"] for row in rows} == {known.named("Le Plateau-Mont-Royal")}
    hours = Counter((row["local_at"].weekday(), row["local_at"].hour) for row in rows)
    assert hours == Counter((int(one["JOUR_SEMAINE"]), int(one["HEURE"])) for one in records(data))
    months = Counter(f"{row['local_at']:%Y-%m}" for row in rows)
    assert months == Counter(one["MOIS_CREATION"] for one in records(data))
