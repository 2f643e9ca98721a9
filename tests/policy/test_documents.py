from __future__ import annotations

import copy
import hashlib
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation.policies.catalogue import load
from prioritisation.policies.schema import PolicyError, canonical, digest


def test_one_spelling():
    assert canonical({"b": [1.0, 0.5, True, None], "a": "é"}) == '{"a":"é","b":[1,0.5,true,null]}'.encode()
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0, -0.0), (10**20, 1e20), ([1], (1,))])
def test_equal_values_are_written_alike(one, other):
    assert canonical({"x": one}) == canonical({"x": other})


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, "1"), (0.1, 0.2), ([1, 2], [2, 1]), ("e", "é")])
def test_different_values_are_not(one, other):
    assert digest({"x": one}) != digest({"x": other})


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


@given(st.integers(0, 10**6))
def test_the_digest_does_not_depend_on_the_order_of_fields(seed):
    document = MONTREAL
    other = shuffled(document, random.Random(seed))
    assert digest(other) == MONTREAL_DIGEST


MONTREAL = load("montreal-2015")
MONTREAL_DIGEST = digest(MONTREAL)


def test_the_digest_sees_every_change():
    changed = copy.deepcopy(MONTREAL)
    changed["criteria"][0]["points"] = 101
    assert digest(changed) != MONTREAL_DIGEST


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(date(2026, 1, 1), id="date"),
        pytest.param(b"x", id="bytes"),
        pytest.param({1: 2}, id="a name that is no text"),
        pytest.param("\ud800", id="half a character"),
        pytest.param(10**5000, id="a number of 5,000 digits"),
        pytest.param(nested(100_000), id="deep"),
    ],
)
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(PolicyError):
        canonical({"x": value})
