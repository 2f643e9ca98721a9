from __future__ import annotations

from typing import Any

import pytest

from prioritisation.policies.schema import parse, warnings
from tests.policy.conftest import both, criterion
from tests.policy.test_parsing import with_mix


def told(document: dict[str, Any], **options: bool) -> dict[str, str]:
    return {fault.path: fault.reason for fault in warnings(parse(document), **options)}


def test_a_sound_document_has_no_warnings(document):
    assert told(document) == {}


@pytest.mark.parametrize(("more", "warned"), [(4, False), (5, True)])
def test_more_than_seven_criteria(document, more, warned):
    document["criteria"] += [criterion(f"extra{index}") for index in range(more)]
    assert ("criteria" in told(document)) is warned


def test_points_without_both_ends_in_words(document):
    del document["criteria"][1]["swing"]["best"]
    assert "worst and best" in told(document)["criteria[1]"]
    document["criteria"][1]["points"] = 0
    assert "changes nothing" in told(document)["criteria[1]"]


def test_levels_without_words(document):
    del document["criteria"][0]["anchors"]["2"]
    del document["criteria"][0]["anchors"]["4"]
    assert told(document)["criteria[0].anchors"] == "“good” has no words for these levels: 2, 4."


def test_half_points_need_no_words_of_their_own(document):
    document["scale"]["step"] = 0.5
    document["criteria"][0]["anchors"]["2.5"] = both("in between")
    assert told(document) == {}


def test_cost_counted_twice(document):
    document["criteria"][0]["kind"] = "cost"
    assert told(document) == {}
    by_budget = told(document, budget_limited=True)["criteria[0]"]
    assert "the programme’s budget lines also limit the plan. Cost would count twice" in by_budget
    mixed = with_mix(document, "kind_minimum")
    by_mix = told(mixed)["criteria[0]"]
    assert f"limit the plan: {mixed['mix'][0]['label']['en']}. Cost would count twice" in by_mix
    assert "budget" not in by_mix
    both_causes = warnings(parse(mixed), budget_limited=True)
    assert len(both_causes) == 2


def test_time_counted_twice(document):
    assert told(with_mix(document, "kind_minimum")) == {}
    assert "Time would count twice" in told(with_mix(document, "band_shares"))["criteria[2]"]


def test_risk_scored_and_balanced(document):
    document["criteria"][0]["kind"] = "risk"
    assert told(document) == {}
    by_mix = told(with_mix(document, "criterion_shares"))["criteria[0]"]
    assert by_mix.endswith("also balance risk over the plan: Mix.")
    balanced = criterion("danger", kind="risk", use="balance")
    del balanced["points"]
    document["criteria"].append(balanced)
    assert "“danger” also balances risk over the plan." in told(document)["criteria[0]"]


def test_criteria_are_named_in_the_readers_language(document):
    document["criteria"][0]["points"] = 0
    label = document["criteria"][0]["label"]
    for language, expected in (
        ("fr", label["fr"]),
        ("en", label["en"]),
        ("", label["en"]),
        ("de", label["en"]),
    ):
        found = {fault.path: fault.reason for fault in warnings(parse(document), language=language)}
        assert f"“{expected}”" in found["criteria[0]"]
