"""The ranking from frozen inputs: worked numbers by hand, and what must hold for any scores."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import rankings
from prioritisation.policies import catalogue, schema

POLICY = schema.parse(catalogue.load("montreal-2015"))
ASSESSED = [one.key for one in POLICY.assessed_criteria()]


def initiative(
    reference: str, *reviews: list[int | None], months: int | None = 12, **more: Any
) -> dict[str, Any]:
    return {
        "reference": reference,
        "figures": {"timeframe_months": months, "cost_total": None},
        "checks": {},
        "reviews": [{"id": n, "version": 1, "scores": list(scores)} for n, scores in enumerate(reviews)],
        **more,
    }


def rank(*initiatives: dict[str, Any], places: int | None = None) -> dict[str, dict[str, Any]]:
    inputs = {"policy": "x", "places": places, "initiatives": list(initiatives)}
    return {row["reference"]: row for row in rankings.rank(POLICY, inputs)["rows"]}


def test_a_score_worked_by_hand() -> None:
    """Equal weights of a fifth: means 4, 3, 5 and 2 of 5 are .8 .6 1 .4, and 12 months are worth .75."""
    row = rank(initiative("A", [4, 3, 5, 2], [4, 3, 5, 2]))["A"]
    assert row["utility"] == pytest.approx((0.8 + 0.6 + 1.0 + 0.4 + 0.75) / 5)
    assert row["criteria"]["time"]["value"] == 0.75
    assert sum(one["share"] for one in row["criteria"].values()) == pytest.approx(row["utility"])
    assert (row["coverage"], row["lower"], row["upper"]) == (1.0, row["utility"], row["utility"])


def test_missing_is_not_zero_and_shows_in_the_bounds() -> None:
    known = rank(initiative("A", *[[5, 5, 5, 5]] * 2, months=0))["A"]
    partly = rank(initiative("A", *[[5, 5, 5, 5]] * 2, months=None))["A"]
    assert known["utility"] == partly["utility"] == 1.0
    assert partly["coverage"] == pytest.approx(0.8)
    assert (partly["lower"], partly["upper"]) == pytest.approx((0.8, 1.0))
    # a fifth of the weight is as much as the rules call heavy: such an initiative waits for a score
    assert partly["status"] == "needs_assessment"
    assert partly["rank"] is None


def test_a_tie_across_the_line_is_said() -> None:
    rows = rank(
        initiative("A", *[[5] * 4] * 2),
        initiative("B", *[[3] * 4] * 2),
        initiative("C", *[[3] * 4] * 2),
        initiative("D", *[[1] * 4] * 2),
        places=2,
    )
    assert {key: (row["rank"], row["status"]) for key, row in rows.items()} == {
        "A": (1, "in"),
        "B": (2, "tie"),
        "C": (2, "tie"),
        "D": (4, "out"),
    }


def test_a_failed_gate_leaves_the_ranking_and_a_waived_one_does_not() -> None:
    gate = next(gate.key for gate in POLICY.gates if gate.kind == "check")
    best = [5, 5, 5, 5]
    for verdict, status in (("fail", "gate"), ("needs_information", "gate"), ("waived", "in")):
        row = rank(initiative("A", best, best, best, checks={gate: verdict}))["A"]
        assert row["status"] == status


def test_a_minimum_missed_within_one_standard_error_is_close_and_passes() -> None:
    document = catalogue.load("montreal-2015")
    document["gates"] = [
        {
            "key": "enough",
            "kind": "criterion_minimum",
            "criterion": "citizens",
            "minimum": 3,
            "label": {"en": "Enough", "fr": "Assez"},
            "public_text": {"en": "At least 3.", "fr": "Au moins 3."},
        }
    ]
    policy = schema.parse(document)
    column = ASSESSED.index("citizens")

    def verdict(*scores: int) -> str:
        reviews = [[3] * column + [score] + [3] * (len(ASSESSED) - column - 1) for score in scores]
        inputs = {"policy": "x", "places": None, "initiatives": [initiative("A", *reviews)]}
        return rankings.rank(policy, inputs)["rows"][0]["gates"][0]["verdict"]

    assert verdict(3, 3, 3) == "pass"
    assert verdict(2, 4, 2) == "close"
    assert verdict(2, 2, 2) == "fail"


score = st.one_of(st.none(), st.integers(0, 5))
review = st.lists(score, min_size=len(ASSESSED), max_size=len(ASSESSED))
sets = st.lists(
    st.tuples(st.lists(review, max_size=4), st.one_of(st.none(), st.integers(0, 80))), min_size=1, max_size=12
)


def made(drawn: Any) -> list[dict[str, Any]]:
    return [initiative(f"I{n:02}", *reviews, months=months) for n, (reviews, months) in enumerate(drawn)]


@settings(max_examples=60, deadline=None)
@given(sets, st.integers(0, 11))
def test_withdrawing_one_never_changes_the_score_of_another(drawn: Any, which: int) -> None:
    every = made(drawn)
    gone = every[which % len(every)]["reference"]
    before, after = rank(*every), rank(*(one for one in every if one["reference"] != gone))
    for reference, row in after.items():
        assert row["utility"] == before[reference]["utility"]
        assert row["coverage"] == before[reference]["coverage"]


@settings(max_examples=60, deadline=None)
@given(sets, st.randoms(use_true_random=False), st.integers(0, 12))
def test_order_of_the_inputs_does_not_matter(drawn: Any, shuffle: Any, places: int) -> None:
    every = made(drawn)
    mixed = copy.deepcopy(every)
    shuffle.shuffle(mixed)
    assert rank(*every, places=places) == rank(*mixed, places=places)


@settings(max_examples=60, deadline=None)
@given(sets)
def test_an_empty_review_changes_nothing_but_the_count(drawn: Any) -> None:
    every = made(drawn)
    padded = copy.deepcopy(every)
    for one in padded:
        one["reviews"].append({"id": 99, "version": 1, "scores": [None] * len(ASSESSED)})
    before, after = rank(*every), rank(*padded)
    for reference, row in before.items():
        assert after[reference]["utility"] == row["utility"]


@settings(max_examples=60, deadline=None)
@given(sets, st.integers(0, 12))
def test_the_line_never_lets_more_in_than_there_are_places(drawn: Any, places: int) -> None:
    rows = rank(*made(drawn), places=places).values()
    assert sum(row["status"] == "in" for row in rows) <= places
    for row in rows:
        assert (row["rank"] is not None) == (row["status"] in ("in", "tie", "out"))


def test_nothing_to_rank_is_an_empty_ranking() -> None:
    assert rankings.rank(POLICY, {"policy": "x", "places": 3, "initiatives": []})["rows"] == []
    assert rank(initiative("A"))["A"]["status"] in ("gate", "needs_assessment")
