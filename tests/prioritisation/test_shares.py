"""Shares that add up, whatever the weights are."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.admin.policy_view import shown_policy
from prioritisation.forms.policy_editor import PolicyForm
from prioritisation.policies import catalogue, schema
from prioritisation.shares import whole_parts

POINTS = st.lists(
    st.one_of(st.integers(0, 20), st.floats(0, 1e6, allow_nan=False, allow_subnormal=True)),
    min_size=1,
    max_size=12,
)


@given(POINTS, st.sampled_from([100, 1000]))
@settings(deadline=None)
def test_shares_add_up_and_stay_within_one_part_of_the_exact_ones(points: list[float], whole: int) -> None:
    found = whole_parts(points, whole)
    total = sum(map(Fraction, points))
    if not total:
        assert found == [0] * len(points)
        return
    assert sum(found) == whole
    for given_points, part in zip(points, found, strict=True):
        assert abs(part - whole * Fraction(given_points) / total) < 1
        assert given_points or not part
    for one, part in zip(points, found, strict=True):
        for other, less in zip(points, found, strict=True):
            assert part >= less or one <= other


def test_what_rounding_each_by_itself_gets_wrong() -> None:
    assert whole_parts([1, 1, 1]) == [34, 33, 33]
    assert whole_parts([15, 15, 15, 14, 10, 10, 5]) == [18, 18, 18, 16, 12, 12, 6]
    assert whole_parts([1, 1, 1], 1000) == [334, 333, 333]
    assert whole_parts([]) == []
    with pytest.raises(ValueError, match="below zero"):
        whole_parts([1, -1])


def _sevenths() -> dict[str, Any]:
    """Rules whose weights, rounded one by one, would come to 99 %: as many equal points as do not fit."""
    document = catalogue.load("need-impact-feasibility")
    scored = [row for row in document["criteria"] if row.get("use", "score") == "score"]
    for place, row in enumerate(scored):
        row["points"] = 1 if place < 3 else 0
    document["groups"] = [
        {"key": "all", "label": {"en": "All"}, "points": {row["key"]: row["points"] for row in scored}}
    ]
    return document


def test_the_editor_and_the_tables_show_weights_that_add_up() -> None:
    document = _sevenths()
    shown = shown_policy(schema.parse(catalogue.load("need-impact-feasibility")))
    assert sum(percent for _one, percent in shown["criteria"]) == 100
    form = PolicyForm(document=document, version=1)
    assert sorted(form.shares().values())[-3:] == [33, 33, 34]
    assert sum(row["cells"][0]["share"] for row in form.group_points()) == 100


def test_a_group_without_points_shows_none() -> None:
    document = _sevenths()
    document["groups"][0]["points"] = {}
    form = PolicyForm(document=document, version=1)
    assert {row["cells"][0]["share"] for row in form.group_points()} == {None}
