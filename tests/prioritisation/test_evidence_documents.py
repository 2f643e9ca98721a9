"""Small numbers stay hidden, and pictures have the shape of a week."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation import evidence_documents, evidence_picture

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=40)


@given(COUNTS)
def test_no_small_number_is_shown_and_none_can_be_reckoned(counts: list[int]) -> None:
    shown = evidence_documents.suppressed(counts)
    assert all(one in (None, count) for one, count in zip(shown, counts, strict=True))
    assert all(one is None or one == 0 or one >= evidence_documents.FEW for one in shown)
    if any(count >= evidence_documents.FEW for count in counts):
        assert shown.count(None) != 1


def document(counts: list[int]) -> dict[str, Any]:
    hours = [[0] * 24 for _day in range(7)]
    hours[0][: len(counts)] = counts
    total = sum(counts)
    figures = {
        "total": total,
        "by_hour_of_week": hours,
        "by_month": [[f"2026-{n + 1:02}", count] for n, count in enumerate(counts)],
        "without_place": 2,
        "date_only": 0,
        "duplicates": 7,
    }
    return {"figures": figures, "population": 1000}


def test_of_fewer_than_five_reports_nothing_more_is_told() -> None:
    few = evidence_documents.public(document([3, 1]))["figures"]
    assert (few["total"], few["by_month"], few["by_hour_of_week"]) == (None, [], [])
    assert evidence_documents.per_thousand(evidence_documents.public(document([3, 1]))) is None
    none = evidence_documents.public(document([0]))["figures"]
    assert none["total"] == 0


def test_what_is_large_enough_stays_exact() -> None:
    shown = evidence_documents.public(document([10, 0, 5]))["figures"]
    assert [count for _month, count in shown["by_month"]] == [10, 0, 5]
    assert (shown["total"], shown["without_place"], shown["duplicates"]) == (15, None, 7)


def test_the_same_month_of_the_year_before_is_beside_where_it_is_known() -> None:
    found = evidence_documents.months(
        {"figures": {"by_month": [["2025-01", 4], ["2025-12", 1], ["2026-01", 6]]}}
    )
    assert [(one["count"], one["has_before"], one["before"]) for one in found] == [
        (4, False, None),
        (1, False, None),
        (6, True, 4),
    ]


@given(st.lists(st.lists(st.none() | st.integers(0, 500), min_size=24, max_size=24), min_size=7, max_size=7))
def test_every_hour_has_its_cell_inside_the_picture(rows: list[list[int | None]]) -> None:
    for shape in (evidence_picture.WIDE, evidence_picture.NARROW):
        heat = evidence_picture.draw(rows, shape)
        assert len({(cell.x, cell.y) for cell in heat.cells}) == 7 * 24
        for cell in heat.cells:
            assert 0 <= cell.x <= heat.width - heat.cell_width
            assert 0 <= cell.y <= heat.height - heat.cell_height
            assert (cell.level == -1) is (cell.count is None)
            assert (cell.level == 0) is (cell.count == 0)
        assert max(cell.level for cell in heat.cells) <= evidence_picture.LEVELS


def test_a_week_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="seven days"):
        evidence_picture.draw([[0] * 24] * 6, evidence_picture.WIDE)
