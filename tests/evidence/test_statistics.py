"""Figures against counting by hand, and an engine that sees nothing but the archive."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.evidence import statistics
from engagement.evidence.engine import connect
from engagement.evidence.statistics import Part
from tests.evidence import taking
from tests.evidence.taking import boston, take, written
from tests.evidence.test_bites import districts

START = datetime(2015, 1, 1)
REPORT = st.fixed_dictionaries(
    {
        "id": st.integers(1, 12),
        "hours": st.integers(0, 24 * 120),
        "TYPE": st.sampled_from(["Pothole", "Graffiti", "Rat's nest"]),
        "place": st.sampled_from(["inside", "outside", "nowhere"]),
    }
)
PLACES = {"inside": ("42.5", "-71.5"), "outside": ("50", "-71.5"), "nowhere": ("", "")}


def record(said: dict[str, Any]) -> dict[str, str]:
    latitude, longitude = PLACES[said["place"]]
    opened = f"{START + timedelta(hours=said['hours'], minutes=1):%m/%d/%Y %I:%M:%S %p}"
    return boston(said["id"], opened, TYPE=said["TYPE"], LATITUDE=latitude, LONGITUDE=longitude)


@settings(max_examples=20)
@given(st.lists(st.lists(REPORT, min_size=1, max_size=15), min_size=1, max_size=3), st.booleans())
def test_figures_are_what_counting_by_hand_gives(files: list[list[dict[str, Any]]], whole_city: bool) -> None:
    first, last = date(2015, 1, 20), date(2015, 4, 2)
    requests: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        parts: list[Part] = []
        for number, file in enumerate(files):
            folder = Path(name) / str(number)
            folder.mkdir()
            text = written(taking.BOSTON, *map(record, file))
            taken, _rows = take(folder, text, districts=districts("Centre"))
            path = folder / "kept.parquet"
            # Of periods only the first file's is known: the others are compared with all.
            period = (None, None) if number else (taken.first_at, taken.last_at)
            parts.insert(0, Part(path, str(number), "", "", "boston", *period))
            requests |= {one["id"]: one for one in reversed(file)}
        asked_for = {"services": ["Pothole", "Rat's nest"], "districts": None if whole_city else ["d0"]}
        found = statistics.figures(parts, **asked_for, first=first, last=last)
    asked = [
        (START + timedelta(hours=one["hours"], minutes=1), one["place"])
        for one in requests.values()
        if one["TYPE"] != "Graffiti"
    ]
    asked = [(at, place) for at, place in asked if first <= at.date() <= last]
    inside = [at for at, place in asked if whole_city or place == "inside"]
    assert found.total == len(inside)
    assert found.without_place == sum(place == "nowhere" for _at, place in asked)
    months = Counter(f"{at:%Y-%m}" for at in inside)
    assert found.by_month == [(f"2015-0{month}", months[f"2015-0{month}"]) for month in range(1, 5)]
    hours = Counter((at.weekday(), at.hour) for at in inside)
    assert found.by_hour_of_week == [[hours[day, hour] for hour in range(24)] for day in range(7)]


def test_the_engine_sees_its_folders_only_and_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with connect([tmp_path / "inside"], threads=1, memory="64MB") as connection:
        for sql in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"SELECT * FROM read_csv('{tmp_path}/inside/../secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/stolen.csv'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SELECT * FROM read_csv('https://data.example/a.csv')",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql).fetchall()
        assert not (tmp_path / "stolen.csv").exists()


def test_the_same_archive_has_the_same_fingerprint_in_any_order() -> None:
    one, other = (Part(Path(name), name, name, "", "boston", None, None) for name in ("a", "b"))
    assert statistics.fingerprint([one, other]) == statistics.fingerprint([other, one])
    assert statistics.fingerprint([one]) != statistics.fingerprint([one, other])


def test_only_files_of_one_city_and_overlapping_periods_are_compared() -> None:
    days = [datetime(2015, month, 1, tzinfo=UTC) for month in range(1, 5)]
    old = Part(Path("a"), "a", "a", "", "boston", *days[:2])
    for city, period, compared in (
        ("boston", days[2:], False),
        ("boston", days[1:3], True),
        ("boston", [None, None], True),
        ("nyc", days[:2], False),
    ):
        newer = Part(Path("b"), "b", "b", "", city, *period)
        assert ("ANTI JOIN" in statistics._reports([newer, old])) is compared
