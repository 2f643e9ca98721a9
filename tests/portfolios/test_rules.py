"""Rules as people send them: read, completed, or refused with every fault in words."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import portfolios

KNOWN = portfolios.Known(
    themes=frozenset({"move"}),
    bands=frozenset({"short", "long"}),
    districts=frozenset({"north"}),
    mix=frozenset({"time_frames"}),
    references=frozenset({"I-1", "I-2"}),
)


def said(document: object) -> list[str]:
    with pytest.raises(portfolios.RulesError) as caught:
        portfolios.read(document, KNOWN)
    return [str(fault) for fault in caught.value.faults]


def test_what_is_left_out_asks_nothing_but_the_budget() -> None:
    read = portfolios.read({}, KNOWN)
    assert read["budget"]
    assert read["capacity"]
    assert read["count"] is None
    assert read["locks"] == []
    assert portfolios.read(read, KNOWN) == read


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"count": {"number": 0}}, "at least 1"),
        ({"count": {"number": 3, "exact": True}}, "only 2 to choose"),
        ({"count": {"number": math.nan}}, "whole number"),
        ({"count": {"number": 2.5}}, "whole number"),
        ({"count": 7}, "table of fields"),
        ({"count": {"number": True}}, "whole number"),
        ({"budget": "no"}, "yes or no"),
        ({"policy_mix": ["other"]}, "“other” is not there"),
        ({"themes": {"move": {"minimum": 3, "maximum": 2}}}, "at least 3 and at most 2"),
        ({"themes": {"gone": {"minimum": 3}}}, "“gone” is not there"),
        ({"bands": {"shares": {"short": 60, "long": 60}}}, "120"),
        ({"bands": {"shares": {"short": math.inf}}}, "percentage"),
        ({"risk": {"low": 50, "high": 20}}, "not possible"),
        ({"districts": {"north": -1}}, "whole number"),
        ({"locks": [{"reference": "I-1", "lock": "in"}]}, "Say why for I-1"),
        ({"locks": [{"reference": "I-9", "lock": "in", "reason": "x"}]}, "“I-9” is not there"),
        ({"locks": [{"reference": "I-1", "lock": "up", "reason": "x"}]}, "in or out"),
        (
            {"locks": [{"reference": "I-1", "lock": lock, "reason": "x"} for lock in ("in", "out")]},
            "named twice",
        ),
        ({"<script>": 1}, "no rule called “<script>”"),
        ([], "table of fields"),
        (None, "table of fields"),
    ],
)
def test_faults_are_said(document: object, words: str) -> None:
    assert any(words in one for one in said(document)), said(document)


def test_all_faults_at_once() -> None:
    assert len(said({"count": {"number": 9, "exact": True}, "risk": {"low": 9, "high": 1}, "no": 1})) == 3


anything: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
parts = st.sampled_from(
    [
        "count",
        "budget",
        "capacity",
        "policy_mix",
        "themes",
        "quick_wins",
        "bands",
        "risk",
        "districts",
        "deprived",
        "locks",
        "without_cost",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(parts, anything, max_size=3))
def test_anything_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        read, told = portfolios.read(document, KNOWN), ["read"]
    except portfolios.RulesError as error:
        read, told = None, [str(fault) for fault in error.faults]
    assert all(told)
    assert told
    assert read is None or portfolios.read(read, KNOWN) == read
