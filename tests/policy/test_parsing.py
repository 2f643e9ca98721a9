from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prioritisation.policies.catalogue import load, shipped
from prioritisation.policies.schema import Fault, Policy, PolicyError, canonical, parse
from tests.policy.conftest import both, criterion, months


def faults(document: object) -> dict[str, str]:
    with pytest.raises(PolicyError) as caught:
        parse(document)
    found = [(fault.path, fault.reason) for fault in caught.value.faults]
    assert len(set(found)) == len(found), "a fault is told once"
    return dict(found)


def test_a_valid_document_is_read(document):
    policy = parse(document)
    assert [one.key for one in policy.criteria] == ["good", "fair", "time"]
    assert policy.weights() == [0.5, 0.25, 0.25]
    assert policy.tie_break == "good"
    assert [level.value for level in policy.criterion("good").levels] == [0, 1, 2, 3, 4, 5]
    assert policy.criterion("good").level(3).text["fr"] == "level 3 (fr)"
    assert policy.rankable.coverage == 0.8
    assert policy.rankable.weight == 0.2
    assert policy.assessors_per_initiative == 3
    assert policy.stages[1].keep == 7
    assert policy.reason("low").outcome == "set_aside"


def test_the_ends_follow_direction_and_the_table_of_values(document):
    document["criteria"].append(criterion("noise", direction=-1, points=0))
    worst, best, weights = parse(document).matrix()
    # The table is flat from 0 to 12 months: the swing runs between 60 and 12.
    assert worst == [0, 0, 60, 5]
    assert best == [5, 5, 12, 0]
    assert weights == [0.5, 0.25, 0.25, 0]


def test_a_balanced_criterion_is_judged_but_not_scored(document):
    risk = criterion("risk", kind="risk", use="balance")
    del risk["points"]
    document["criteria"].insert(1, risk)
    policy = parse(document)
    assert [one.key for one in policy.scored_criteria()] == ["good", "fair", "time"]
    assert [one.key for one in policy.assessed_criteria()] == ["good", "risk", "fair"]
    assert len(policy.weights()) == 3


@pytest.mark.parametrize(("count", "key"), [(0, "short"), (11, "short"), (12, "long"), (999, "long")])
def test_every_number_of_months_has_one_time_frame(document, count, key):
    assert parse(document).band(count).key == key


def test_every_fault_is_told_at_once(document):
    del document["criteria"][1]["anchors"]["3"]["fr"]
    document["criteria"][0]["kind"] = "nice"
    document["scale"]["colour"] = "red"
    document["gates"][0]["minimum"] = 9
    assert faults(document) == {
        "criteria[1].anchors.3.fr": "is missing",
        "criteria[0].kind": "must be one of: benefit, cost, time, risk, gate",
        "scale.colour": "has no place here",
        "gates[0].minimum": "must lie between 0 and 5",
    }


def put(document: Any, path: str, value: object) -> None:
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    for step in way:
        document = document[int(step)] if step.isdigit() and isinstance(document, list) else document[step]
    document[int(last) if isinstance(document, list) else last] = value


@pytest.mark.parametrize(
    ("path", "value", "at", "reason"),
    [
        ("format", 2, "format", "must be 1"),
        ("format", True, "format", "must be a number"),
        ("key", "Montréal", "key", "must start with a small letter"),
        ("title", "Sample", "title", "must be a table"),
        ("title.fr", "  ", "title.fr", "is empty"),
        ("title.fr", None, "title.fr", "is null"),
        ("title.es", "Hola", "title.es", "has no place here"),
        ("title.en", "a\x00b", "title.en", "cannot be shown"),
        ("title.en", "\ud800", "title.en", "cannot be shown"),
        ("title.en", "x" * 4001, "title.en", "longer than 4000"),
        ("scale.maximum", 0, "scale.maximum", "above the minimum"),
        ("scale.step", 0.7, "scale.step", "whole steps"),
        ("scale.step", 0.01, "scale.step", "more than 21 levels"),
        ("scale.step", 0, "scale.step", "must lie between 0.001"),
        ("scale.step", float("nan"), "scale.step", "must be a number"),
        pytest.param("scale.maximum", 10**400, "scale.maximum", "must lie between", id="huge"),
        ("criteria", [], "criteria", "at least one entry"),
        ("criteria", {}, "criteria", "must be a list"),
        ("criteria[0].key", "fair", "criteria[1].key", "used twice: “fair”"),
        ("criteria[0].points", -1, "criteria[0].points", "must lie between 0"),
        ("criteria[0].points", "100", "criteria[0].points", "must be a number"),
        ("criteria[0].qestion", both("x"), "criteria[0].qestion", "did you mean “question”"),
        ("criteria[0].direction", 0, "criteria[0].direction", "1 (more is better) or -1"),
        ("criteria[0].anchors.6", both("x"), "criteria[0].anchors.6", "not a level of the scale (0, 1, 2,"),
        ("criteria[0].published", "yes", "criteria[0].published", "true or false"),
        ("criteria[0].use", "balance", "criteria[0].points", "has no place here"),
        ("criteria[2].figure", "shoe_size", "criteria[2].figure", "timeframe_months"),
        ("criteria[2].value_points", [[0, 1]], "criteria[2].value_points", "at least two points"),
        ("criteria[2].value_points", [[9, 1], [9, 0]], "criteria[2].value_points", "rising order"),
        (
            "criteria[2].value_points",
            [[0, 0], [9, 1]],
            "criteria[2].value_points",
            "fall when less is better",
        ),
        ("criteria[2].value_points", [[0, 1], [9, 0.1]], "criteria[2].value_points", "reach the values 0"),
        ("criteria[2].value_points[1]", [12], "criteria[2].value_points[1]", "pair of numbers"),
        ("criteria[2].value_points[1]", [12, 2], "criteria[2].value_points[1]", "not between 0 and 1"),
        ("tie_break", "beauty", "tie_break", "names “beauty”"),
        ("gates[0].criterion", "beauty", "gates[0].criterion", "do not define"),
        ("gates[0].reason", "whim", "gates[0].reason", "do not define"),
        ("stages[1].unit", "ideas", "stages", "must end with a stage of initiatives"),
        ("stages[0].unit", "initiatives", "", ""),
        ("stages[1].keep", 0.5, "stages[1].keep", "must lie between 1"),
        ("stages[1].keep", 1.5, "stages[1].keep", "whole number"),
        ("bands[1].from_months", 13, "bands[1].from_months", "must be 12"),
        ("bands[1].to_months", 99, "bands[1].to_months", "must be left out"),
        ("reasons", [], "reasons", "at least one entry"),
        ("languages", "en", "languages", "must be a list"),
        ("languages", ["en", "en"], "languages", "list of language codes"),
        ("rankable", {"coverage": 80}, "rankable.coverage", "between 0 and 1"),
        ("assessors_per_initiative", 0, "assessors_per_initiative", "between 1 and 50"),
    ],
)
def test_each_fault_has_its_path_and_a_plain_reason(document, path, value, at, reason):
    put(document, path, value)
    if not at:
        assert parse(document)
        return
    assert reason in faults(document)[at]


def test_ideas_never_come_after_initiatives(document):
    document["stages"].insert(0, document["stages"].pop(1))
    assert "after a stage of initiatives" in faults(document)["stages[1].unit"]


def test_all_points_zero_is_refused(document):
    for one in document["criteria"]:
        one["points"] = 0
    assert "more than 0 points" in faults(document)["criteria"]


def test_one_missing_table_is_one_fault(document):
    del document["source"]
    assert faults(document) == {"source": "is missing"}


@pytest.mark.parametrize("nonsense", [None, 3, "text", [], [{}], {1: 2}])
def test_what_is_no_document_is_refused(nonsense):
    assert faults(nonsense)


def test_a_policy_may_name_its_own_languages(document):
    def only_english(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: only_english(item) for name, item in value.items() if name != "fr"}
        return [only_english(item) for item in value] if isinstance(value, list) else value

    english = only_english(document)
    assert "title.fr" in faults(english)
    assert parse(english | {"languages": ["en"]}).title == {"en": "Sample"}


MIX = {
    "band_shares": {"shares": {"short": 26, "long": 38}},
    "criterion_shares": {
        "criterion": "good",
        "shares": {"low": 1, "high": 3},
        "groups": [
            {"key": "low", "low": 0, "high": 2, "label": both("Low")},
            {"key": "high", "low": 3, "high": 5, "label": both("High")},
        ],
    },
    "theme_minimum": {"theme_kind": "pillar", "of": "quick_win", "minimum": 1},
    "kind_minimum": {"initiative_kind": "pilot", "minimum": 2},
    "deprivation_minimum": {"quintile": 2, "minimum": 1},
}


def with_mix(document: dict[str, Any], rule: str, **fields: Any) -> dict[str, Any]:
    mix = {"key": "mix", "rule": rule, "label": both("Mix")} | copy.deepcopy(MIX[rule]) | fields
    return document | {"mix": [mix]}


@pytest.mark.parametrize("rule", MIX)
def test_every_kind_of_mix_rule_is_read(document, rule):
    (mix,) = parse(with_mix(document, rule)).mix
    assert mix.rule == rule
    assert (mix.minimum is None) == rule.endswith("_shares")


def test_shares_are_brought_to_one(document):
    (mix,) = parse(with_mix(document, "band_shares")).mix
    assert mix.shares == {"short": 26 / 64, "long": 38 / 64}


@pytest.mark.parametrize(
    ("rule", "fields", "at", "reason"),
    [
        ("band_shares", {"shares": {"brief": 1}}, "mix[0].shares.brief", "has no place here"),
        ("band_shares", {"shares": {}}, "mix[0].shares", "at least one share above 0"),
        ("band_shares", {"tolerance": 2}, "mix[0].tolerance", "between 0 and 1"),
        ("criterion_shares", {"criterion": "beauty"}, "mix[0].criterion", "do not define"),
        ("theme_minimum", {"theme_kind": "value"}, "mix[0].theme_kind", "do not define"),
        ("theme_minimum", {"minimum": 0}, "mix[0].minimum", "between 1"),
        ("kind_minimum", {"initiative_kind": "dream"}, "mix[0].initiative_kind", "must be one of"),
        ("deprivation_minimum", {"quintile": 6}, "mix[0].quintile", "between 1 and 5"),
        ("deprivation_minimum", {"shares": {}}, "mix[0].shares", "has no place here"),
    ],
)
def test_faults_of_mix_rules(document, rule, fields, at, reason):
    assert reason in faults(with_mix(document, rule, **fields))[at]


def test_groups_may_not_overlap(document):
    broken = with_mix(document, "criterion_shares")
    broken["mix"][0]["groups"][1]["low"] = 2
    assert "above the group before" in faults(broken)["mix[0].groups[1].low"]


# --- Whatever is done to a document, the answer is a policy or a PolicyError.

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400)]),
    st.floats(),
    st.text(st.characters(codec=None), max_size=8),
    st.binary(max_size=3),
    st.dates(),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=8), st.integers()), inner, max_size=3),
    ),
    max_leaves=6,
)


def places(value: object, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        found += places(item, (*way, name))
    return found


def attempt(document: object) -> tuple[tuple[Fault, ...], Policy | None]:
    """Only PolicyError is caught: anything else fails the test."""
    try:
        return (), parse(document)
    except PolicyError as error:
        return error.faults, None


SHIPPED = {one.key: load(one.key) for one in shipped()}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutilated_documents_never_raise_anything_else(data):
    document = copy.deepcopy(SHIPPED[data.draw(st.sampled_from(sorted(SHIPPED)))])
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(document)))
        target: Any = document
        for step in way:
            target = target[step]
        act = data.draw(st.sampled_from(["delete", "replace", "rename", "double"]))
        if act == "delete":
            del target[last]
        elif act == "replace":
            target[last] = data.draw(anything)
        elif act == "rename" and isinstance(target, dict):
            target[data.draw(st.text(max_size=5))] = target.pop(last)
        elif isinstance(target, list):
            target.append(copy.deepcopy(target[last]))
        if not document:
            break
    found, policy = attempt(document)
    if policy is None:
        assert found
        assert all(fault.reason for fault in found)
    else:
        assert abs(sum(policy.weights()) - 1) < 1e-9
        assert canonical(document)  # what is accepted can be stored


@given(anything)
def test_nonsense_never_raises_anything_else(value):
    with pytest.raises(PolicyError):
        parse(value)


def test_the_document_is_left_alone(document):
    before = copy.deepcopy(document)
    parse(document)
    assert document == before


def test_a_measured_criterion_needs_its_table(document):
    document["criteria"][2] = months()
    del document["criteria"][2]["value_points"]
    assert faults(document) == {"criteria[2].value_points": "is missing"}
