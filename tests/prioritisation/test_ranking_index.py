"""A result's rows in memory: every order holds every row, the unknown comes last, filters leak nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import ranking_index
from prioritisation.policies import catalogue, schema
from prioritisation.ranked_rows import Wanted
from prioritisation.ranking_index import SORTS, Order

POLICY = schema.parse(catalogue.load("montreal-2015"))


def row(number: int, *, rank: int | None, status: str, **more: Any) -> dict[str, Any]:
    figures = {"mean": 3.0, "se": None, "value": 0.5, "share": 0.1, "reviews": 3}
    return {
        "reference": f"I-{number:03}",
        "rank": rank,
        "status": status,
        "tied": False,
        "utility": None if rank is None else 1 - number / 100,
        "coverage": 1.0,
        "lower": 0.2,
        "upper": 0.8,
        "reviews": 3,
        "gates": [],
        "criteria": {one.key: figures for one in POLICY.criteria},
        **more,
    }


def content(number: int) -> dict[str, Any]:
    return {
        "title": {"en": f"Initiative {number}"},
        "owner": {"code": f"d{number % 2}", "name": {"en": "D"}},
        "themes": [],
        "districts": [],
        "whole_city": False,
        "timeframe_months": 6 if number % 3 else None,
    }


def index_of(rows: list[dict[str, Any]]) -> ranking_index.RankingIndex:
    output = {"criteria": [], "weights": [], "places": 2, "rows": rows}
    return ranking_index.build(
        POLICY, output, {one["reference"]: content(int(one["reference"][2:])) for one in rows}
    )


numbers = st.one_of(st.none(), st.floats(0, 1))


@given(
    given_=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12),
    sort=st.sampled_from([*SORTS, "rank", "part_0"]),
    down=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_each_order_holds_each_row_once_with_the_unknown_last(
    given_: list[tuple[Any, Any]], sort: str, down: bool
) -> None:
    rows = [
        row(number, rank=number + 1, status="out", p_noise=noise, median=median)
        for number, (noise, median) in enumerate(given_)
    ]
    rows += [row(98, rank=None, status="needs_assessment"), row(99, rank=None, status="gate")]
    index = index_of(rows)
    places = index.find(Wanted(), Order(sort, down))
    assert sorted(places) == list(range(len(rows)))
    assert places[-2:] == [len(rows) - 2, len(rows) - 1]
    if sort in ("p_noise", "median"):
        values = [rows[place][sort] for place in places[:-2]]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == known
        assert known == sorted(known, reverse=down)
    assert [index.row(place).reference for place in places] == [rows[place]["reference"] for place in places]


def test_filters_by_group_band_owner_and_source() -> None:
    rows = [
        row(0, rank=1, status="in", group="core"),
        row(1, rank=2, status="in", group="borderline"),
        row(2, rank=3, status="out", group="borderline"),
        row(3, rank=4, status="out", group="out"),
    ]
    index = index_of(rows)
    assert index.find(Wanted(group="close"), Order()) == [1, 2]
    assert index.find(Wanted(owner="d1"), Order()) == [1, 3]
    assert index.find(Wanted(group="close", owner="d1"), Order()) == [1]
    assert index.find(Wanted(), Order(), among={"I-003", "I-777"}) == [3]
    assert index.find(Wanted(band="no_such"), Order()) == []
    assert index.find(Wanted(group="nonsense"), Order()) == []
    band = POLICY.band(6)
    assert band is not None
    assert index.find(Wanted(band=band.key), Order()) == [1, 2]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"group": "core"}, "safe"),
        ({"group": "borderline"}, "close"),
        ({"group": None}, "in"),
        ({}, "in"),
    ],
)
def test_one_word_a_row(changes: dict[str, Any], word: str) -> None:
    assert index_of([row(0, rank=1, status="in", **changes)]).words == [word]


def test_points_on_both_sides_of_the_line_are_told_apart() -> None:
    utilities = [0.9, 0.74341, 0.743406, 0.74340599999, 0.5]
    rows = [
        row(number, rank=number + 1, status="in" if number < 2 else "out", utility=utility)
        for number, utility in enumerate(utilities)
    ]
    index = index_of(rows)
    assert [index.row(place).digits for place in range(5)] == [1, 4, 4, 4, 1]
    equal = [{**one, "utility": 0.7434} for one in rows]
    assert [index_of(equal).row(place).digits for place in range(5)] == [1] * 5
    apart = [{**one, "utility": 1 - place / 10} for place, one in enumerate(rows)]
    assert index_of(apart).line == {}


def test_a_tie_across_the_line_is_told_apart_from_its_neighbours() -> None:
    rows = [
        row(0, rank=1, status="in", utility=0.50002),
        row(1, rank=2, status="tie", utility=0.5),
        row(2, rank=2, status="tie", utility=0.5),
        row(3, rank=4, status="out", utility=0.4),
    ]
    assert [index_of(rows).row(place).digits for place in range(4)] == [3, 3, 3, 1]
