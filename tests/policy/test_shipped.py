"""The shipped scoring rules: complete in both languages, honest about their source, and unharmed by TOML."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prioritisation.policies import tomlfile
from prioritisation.policies.catalogue import FOLDER, load, shipped
from prioritisation.policies.schema import Policy, canonical, digest, parse, warnings

KEYS = [
    "boston-monum",
    "kansas-city-2015",
    "montreal-2015",
    "need-impact-feasibility",
    "vancouver-2013",
    "west-hollywood-2018",
    "blank",
]
every = pytest.mark.parametrize("key", KEYS)


def test_the_list():
    assert [one.key for one in shipped()] == KEYS
    assert all(one.title["fr"] and one.source and one.published["fr"] and one.ours["fr"] for one in shipped())


@pytest.mark.parametrize("key", ["nowhere", "", "../policies/blank", "Blank"])
def test_other_keys_are_refused(key):
    with pytest.raises(KeyError):
        load(key)


def test_each_caller_has_a_copy():
    load("blank")["key"] = "changed"
    assert load("blank")["key"] == "blank"


@every
def test_file_key_and_languages(key):
    policy = parse(load(key))
    assert policy.key == key
    assert policy.languages == ("en", "fr")


def texts(value: object, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict) and "en" in value:
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]")


SAME_IN_BOTH = {"Transparency", "Plan", "Participation"}


@every
def test_both_languages_are_there_and_differ(key):
    found = dict(texts(load(key)))
    assert len(found) > 30
    for path, text in found.items():
        assert set(text) == {"en", "fr"}, path
        assert text["en"] != text["fr"] or text["en"] in SAME_IN_BOTH, path
        assert "'" not in text["fr"], f"{path}: straight apostrophe"
        assert " :" not in text["fr"], f"{path}: a colon needs a no-break space in Canadian French"
        assert not any(mark in text["fr"] for mark in (" ?", " ;", " !")), f"{path}: no space before ? ; !"


@every
def test_every_level_has_words_and_every_weight_its_range(key):
    policy = parse(load(key))
    for one in policy.criteria:
        if one.source == "assessor":
            assert [level.value for level in one.levels] == list(policy.scale.levels()), one.key
        assert one.swing_worst, one.key
        assert one.swing_best, one.key
        assert one.question["en"].endswith("?"), one.key
        assert one.question["fr"].endswith("?"), one.key


@every
def test_warnings_are_the_intended_ones(key):
    found = [fault.path for fault in warnings(parse(load(key)))]
    # Montréal scored return and time, and its time frames can be used as a mix: the editor says so.
    assert found == (["criteria[3]", "criteria[4]"] if key == "montreal-2015" else [])


@every
def test_toml_round_trip(key):
    document = load(key)
    again = tomlfile.loads(tomlfile.dumps(document))
    assert canonical(again) == canonical(document)
    assert digest(again) == digest(document)


def test_the_standard_reasons_are_the_same_everywhere():
    kinds = {canonical(load(key)["reasons"]) for key in KEYS}
    assert len(kinds) == 1
    outcomes = {one["code"]: one["outcome"] for one in load("blank")["reasons"]}
    assert outcomes == {
        "below_line": "set_aside",
        "gate_failed": "set_aside",
        "outside_powers": "set_aside",
        "under_way": "set_aside",
        "no_owner": "hold",
        "not_enough_information": "hold",
        "postponed": "hold",
        "merged": "merge",
    }


def policy(key: str) -> Policy:
    return parse(load(key))


def test_montreal():
    rules = policy("montreal-2015")
    assert [one.key for one in rules.criteria] == ["enabling", "strategy", "citizens", "return", "time"]
    assert all(one.published and one.anchors_by == "winnow" for one in rules.criteria)
    assert rules.weights() == [0.2] * 5
    assert [(one.unit, one.keep) for one in rules.stages] == [("ideas", None), ("initiatives", 70)]
    assert {name: round(70 * share) for name, share in rules.mix[0].shares.items()} == {
        "short": 26,
        "medium": 38,
        "long": 6,
    }
    kinds = [one.kind for one in rules.themes]
    assert (kinds.count("focus_area"), kinds.count("enabler")) == (5, 4)
    assert [rules.band(count).key for count in (11, 12, 36, 37)] == ["short", "medium", "medium", "long"]
    time = rules.criterion("time")
    assert (time.source, time.figure, time.worst, time.best) == ("staff_figure", "timeframe_months", 60, 0)


def test_vancouver_cuts_twice():
    rules = policy("vancouver-2013")
    assert [(one.unit, one.keep) for one in rules.stages] == [
        ("ideas", None),
        ("initiatives", 15),
        ("initiatives", 9),
    ]
    assert [one.kind for one in rules.themes] == ["pillar"] * 4


def test_boston_balances_risk_and_does_not_score_it():
    rules = policy("boston-monum")
    assert {one.key: one.use for one in rules.criteria}["risk"] == "balance"
    assert rules.weights() == [0.6, 0.4]
    assert rules.mix[0].criterion == "risk"
    covered = [level for group in rules.mix[0].groups for level in range(int(group.low), int(group.high) + 1)]
    assert covered == [0, 1, 2, 3, 4, 5]


def test_cities_that_published_no_criteria_say_so():
    assert not any(one.published for one in policy("kansas-city-2015").criteria)
    for key in ("kansas-city-2015", "west-hollywood-2018"):
        source = policy(key).source
        assert "published no" in source.published["en"]
        assert "n’a publié ni" in source.published["fr"]


def test_no_file_is_forgotten():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(KEYS)
