"""Reports that may tell of the same thing: place, day, service."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.similarity import nearby
from engagement.similarity.nearby import Report, box, metres_between, suggest

NOW = datetime(2026, 3, 1, 12)
HALL = (45.5, -73.5)
STREET = (45.51, -73.51)


def report(
    id: int = 0, *, north: float = 0.0, days: float = 0.0, service: str = "light", **more: object
) -> Report:
    """A report some metres north of a street corner, some days ago."""
    point = (STREET[0] + north / 111_195, STREET[1])
    return replace(Report(id, point, NOW - timedelta(days=days), service, "road"), **more)


def order(*others: Report, **how: object) -> list[int | str]:
    return [one.id for one in suggest(report(), others, **how)]


def test_nearer_newer_and_kindred_come_first() -> None:
    assert order(report(1, north=90), report(2, north=10), report(3, north=45)) == [2, 3, 1]
    assert order(report(1, days=40), report(2, days=2)) == [2, 1]
    other, kindred = report(1, service="tree", group="green"), report(2, service="pole")
    assert order(other, kindred, report(3)) == [3, 2, 1]


def test_what_a_score_is_made_of() -> None:
    here, at_50_m, a_month_ago = suggest(report(), [report(1), report(2, north=50), report(3, days=31)])
    assert (here.score, here.metres, here.days, here.same_service) == (1.0, 0.0, 0.0, True)
    assert at_50_m.score == pytest.approx(0.5, abs=1e-3)
    assert at_50_m.metres == pytest.approx(50, abs=0.1)
    assert a_month_ago.score < 0.5


def test_radius_age_and_limit() -> None:
    others = [report(1, north=120), report(2, days=50), report(3, north=5)]
    assert order(*others) == [3, 2, 1]
    assert order(*others, radius=100) == [3, 2]
    assert order(*others, age=30) == [3, 1]
    assert order(*others, limit=1) == [3]
    assert order(*others, limit=0) == []


def test_what_came_in_later_is_none_nor_the_report_itself() -> None:
    assert order(report(1, days=-0.1), report(0)) == []


def test_a_default_point_is_no_place() -> None:
    there = report(point=HALL)
    others = [report(1, point=HALL, days=9, service="tree"), report(2, point=HALL, days=30), report(3)]
    found = suggest(there, others, default_points=[HALL])
    assert [one.id for one in found] == [2, 1]
    assert found[0].metres is None
    beside = report(point=(HALL[0] + 20 / 111_195, HALL[1]))
    assert suggest(beside, others, default_points=[HALL]) == []
    assert [one.id for one in suggest(beside, others)] == [2, 1]


@pytest.mark.parametrize("point", [None, (float("nan"), 0.0), (91.0, 0.0), (0.0, float("inf"))])
def test_no_place_no_suggestion(point: tuple[float, float] | None) -> None:
    assert suggest(report(point=point), [report(1)]) == []
    assert suggest(report(), [report(1, point=point)]) == []


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(1, 2_000), st.floats(0, 6.3), st.floats(0, 0.99))
def test_what_is_within_the_radius_is_within_the_box(
    latitude: float, longitude: float, radius: float, turn: float, part: float
) -> None:
    south, west, north, east = box((latitude, longitude), radius)
    point = (
        latitude + part * radius / 111_195 * math.sin(turn),
        longitude + part * radius / 111_195 * math.cos(turn) / math.cos(math.radians(latitude)),
    )
    assert south <= point[0] <= north
    assert west <= point[1] <= east
    assert metres_between((latitude, longitude), point) <= radius


def test_places_on_both_sides_of_the_date_line_are_near() -> None:
    assert metres_between((0.0, 179.9999), (0.0, -179.9999)) == pytest.approx(22.2, abs=0.1)


def test_scores_lie_between_0_and_1_and_fall() -> None:
    others = [
        report(n, north=n * 7 % 200, days=n % 80, service="light" if n % 3 else "tree") for n in range(1, 300)
    ]
    scores = [one.score for one in suggest(report(), others, limit=300)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < one <= 1 for one in scores)
    assert nearby.RADIUS > nearby.HALF_DISTANCE
