"""The second format: severity, agreement, draws; pitfalls of METHOD 8; inputs nobody would wish for."""

import copy
import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import rankings
from prioritisation.policies import catalogue, schema

POLICY = schema.parse({**catalogue.load("montreal-2015"), "gates": []})
ASSESSED = [one.key for one in POLICY.assessed_criteria()]
KEYS = [one.key for one in POLICY.scored_criteria()]


def initiative(reference: str, scores: dict[str, list[float | None]], months: int | None = 12) -> Any:
    reviews = [
        {"id": number, "version": 1, "assessor": letter, "scores": list(given)}
        for number, (letter, given) in enumerate(scores.items())
    ]
    figures = {"timeframe_months": months, "cost_total": None}
    return {"reference": reference, "figures": figures, "checks": {}, "reviews": reviews}


def inputs(initiatives: list[Any], places: int | None = None, severity: str = "beside", **more: Any) -> Any:
    return {
        "format": 2,
        "policy": "x",
        "places": places,
        "severity": severity,
        "seed": 7,
        "initiatives": initiatives,
        **more,
    }


def strict_and_mild(count: int = 12) -> list[Any]:
    """Three assessors on everything: B scores a point lower than A, C a point higher; A alternates."""
    made = []
    for number in range(count):
        base = 1 + number % 3 + (number % 2) * 0.5
        scores = {letter: [base + by] * 4 for letter, by in (("A", 0), ("B", -1), ("C", 1))}
        made.append(initiative(f"I{number:02}", scores))
    return made


def rank(*given: Any, draws: int = 200, **more: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        output = rankings.rank(POLICY, inputs(*given, **more), noise_draws=draws, weight_draws=draws)
    json.dumps(output, allow_nan=False)
    return output


def by_reference(output: dict[str, Any]) -> dict[str, Any]:
    return {row["reference"]: row for row in output["rows"]}


def test_the_first_format_still_gives_what_it_gave() -> None:
    """Outputs kept from the code that wrote them; the file is not made by the code under test."""
    kept = json.loads((Path(__file__).parent / "first_format.json").read_text())
    assert len(kept) == 12
    for case in kept:
        policy = schema.parse(catalogue.load(case["preset"]))
        assert rankings.rank(policy, case["inputs"]) == case["output"]


def test_severity_is_found_taken_out_and_used_only_where_the_round_says_so() -> None:
    every = strict_and_mild()
    # two assessors never met some initiatives, so that raw means favour those of the mild one
    for number, one in enumerate(every):
        gone = "B" if number % 2 else "C"
        one["reviews"] = [review for review in one["reviews"] if review["assessor"] != gone or number > 7]
    beside, used = rank(every, 4), rank(every, 4, "used")
    assert beside["severity"]["applied"]
    assert beside["severity"]["why"] == ""
    effects = {one["letter"]: one["effect"]["citizens"] for one in beside["severity"]["assessors"]}
    assert effects["B"] < -0.8 < 0.8 < effects["C"]
    for reference, row in by_reference(beside).items():
        other = by_reference(used)[reference]
        assert row["utility"] == other["raw_utility"]
        assert row["adjusted"] == other["utility"] == other["adjusted"]
        assert row["adjusted_rank"] == other["rank"]
    assert [row["reference"] for row in beside["rows"]] != [row["reference"] for row in used["rows"]]
    off = rank(every, 4, "off")
    assert off["severity"]["assessors"] == []
    assert off["rows"][0]["adjusted"] is None


def test_seven_scores_are_too_few_and_eight_are_enough() -> None:
    assert rank(strict_and_mild(7))["severity"]["why"] == "too_few"
    assert rank(strict_and_mild(8))["severity"]["applied"]


def test_parts_that_nobody_connects_stay_raw_and_are_told_how_to_connect() -> None:
    other = copy.deepcopy(strict_and_mild())
    for one in other:
        one["reference"] = one["reference"].replace("I", "J")
        for review in one["reviews"]:
            review["assessor"] = "X" + review["assessor"]
    every = strict_and_mild(13) + other
    output = rank(every, 5, "used")
    assert (output["severity"]["applied"], output["severity"]["why"]) == (False, "disconnected")
    assert all(row["utility"] == row["raw_utility"] for row in output["rows"])
    (bridge,) = output["severity"]["connecting"]
    assert bridge["reference"].startswith("I")
    assert bridge["letter"].startswith("X")
    # and that review does connect them
    target = next(one for one in every if one["reference"] == bridge["reference"])
    target["reviews"].append({"id": 99, "version": 1, "assessor": bridge["letter"], "scores": [3] * 4})
    assert rank(every, 5, "used")["severity"]["applied"]


def test_agreement_by_hand() -> None:
    """Two who always agree have alpha 1; who differ by a constant have 0 share of the rest."""
    same = [initiative(f"I{n}", {"A": [n % 6] * 4, "B": [n % 6] * 4}) for n in range(9)]
    agreed = rank(same)["agreement"]["citizens"]
    assert (agreed["alpha"], agreed["reliability"], agreed["shares"]["initiative"]) == (1.0, 1.0, 1.0)
    shifted = rank(strict_and_mild())["agreement"]["citizens"]
    assert shifted["shares"]["rest"] == 0.0
    assert shifted["shares"]["assessor"] > 0.3
    assert sum(shifted["shares"].values()) == pytest.approx(1.0)


def test_without_noise_the_line_is_sure_and_with_noise_it_is_not() -> None:
    clear = [initiative(f"I{n}", {"A": [n % 6] * 4, "B": [n % 6] * 4}) for n in range(6)]
    groups = [row["group"] for row in rank(clear, 2)["rows"]]
    assert groups == ["core", "core", "out", "out", "out", "out"]
    noisy = [
        initiative(f"I{n}", {"A": [n % 6] * 4, "B": [(n + 3) % 6] * 4, "C": [(5 * n) % 6] * 4})
        for n in range(12)
    ]
    output = rank(noisy, 4, draws=2000)
    assert any(row["group"] == "borderline" for row in output["rows"])
    for row in output["rows"]:
        assert row["rank_low"] <= row["rank_high"] <= 12
        assert 1 <= row["expected_rank"] <= 12


def test_equals_across_the_line_are_borderline_however_the_draws_fall() -> None:
    equal = [initiative(f"I{n}", {"A": [3] * 4, "B": [3] * 4}) for n in range(5)]
    output = rank(equal, 2)
    assert {row["group"] for row in output["rows"]} == {"borderline"}
    assert {row["p_noise"] for row in output["rows"]} == {1.0}
    assert output["stability"] is None
    assert output["agreement"]["citizens"]["alpha"] is None


@pytest.mark.parametrize("places", [None, 0, 1, 3, 50])
@pytest.mark.parametrize(
    "every",
    [
        [],
        [initiative("I0", {"A": [3] * 4})],
        [initiative("I0", {})],
        [initiative(f"I{n}", {}, months=None) for n in range(3)],
        [initiative(f"I{n}", {"A": [None] * 4, "B": [None] * 4}) for n in range(3)],
        [initiative(f"I{n}", {"A": [2] * 4}) for n in range(9)],
        [initiative(f"I{n}", {"A": [n % 6] * 4, "B": [3] * 4}) for n in range(9)],
        [initiative(f"I{n}", {"A": [float("nan"), 3, 2, 1], "B": [3] * 4}) for n in range(9)],
        [initiative(f"I{n}", {"A": [2, None, None, None], "B": [None, 1, 2, 3]}) for n in range(9)],
    ],
    ids=[
        "none",
        "one_idea",
        "no_review",
        "all_missing",
        "cannot_judge",
        "one_assessor",
        "constant",
        "nan",
        "teams",
    ],
)
def test_inputs_that_nobody_would_wish_for_give_a_list_and_no_warning(every: Any, places: Any) -> None:
    for severity in ("off", "beside", "used"):
        output = rank(every, places, severity)
        assert len(output["rows"]) == len(every)
        for row in output["rows"]:
            if row["rank"] is None:
                assert row["group"] is row["p_noise"] is row["p_weights"] is row["rank_low"] is None
            if places == 0:
                assert row["group"] in (None, "out")
            if places == 50 and row["rank"] is not None and row["group"]:
                assert row["group"] == "core"


level = st.sampled_from([None, 0, 1, 2, 3, 4, 5])
reviews = st.dictionaries(
    st.sampled_from("ABCD"), st.lists(level, min_size=4, max_size=4), min_size=0, max_size=4
)
sets = st.lists(st.tuples(reviews, st.sampled_from([None, 3, 20, 60])), min_size=1, max_size=12)


def made(drawn: Any) -> list[Any]:
    return [initiative(f"I{n:02}", scores, months) for n, (scores, months) in enumerate(drawn)]


@settings(max_examples=40, deadline=None)
@given(sets, st.randoms(use_true_random=False), st.sampled_from(["beside", "used"]))
def test_the_order_of_inputs_changes_no_figure(drawn: Any, shuffle: Any, severity: str) -> None:
    every = made(drawn)
    mixed = copy.deepcopy(every)
    shuffle.shuffle(mixed)
    for one in mixed:
        shuffle.shuffle(one["reviews"])
    assert rank(every, 3, severity, draws=64) == rank(mixed, 3, severity, draws=64)


@settings(max_examples=40, deadline=None)
@given(sets, st.data())
def test_a_higher_score_never_lowers_the_rank(drawn: Any, data: Any) -> None:
    every = made(drawn)
    before = by_reference(rankings.preview(POLICY, inputs(every, 3)))
    raised = copy.deepcopy(every)
    which = data.draw(st.integers(0, len(every) - 1))
    for review in raised[which]["reviews"][:1]:
        review["scores"] = [None if score is None else min(5, score + 1) for score in review["scores"]]
    after = by_reference(rankings.preview(POLICY, inputs(raised, 3)))
    reference = every[which]["reference"]
    if before[reference]["rank"] is not None:
        assert after[reference]["rank"] <= before[reference]["rank"]


@settings(max_examples=40, deadline=None)
@given(sets, st.integers(0, 11))
def test_p1_withdrawing_one_changes_no_other_raw_score(drawn: Any, which: int) -> None:
    every = made(drawn)
    gone = every[which % len(every)]["reference"]
    before = by_reference(rankings.preview(POLICY, inputs(every)))
    rest = [one for one in every if one["reference"] != gone]
    for reference, row in by_reference(rankings.preview(POLICY, inputs(rest))).items():
        for name in ("utility", "coverage", "lower", "upper", "median", "spread"):
            assert row[name] == before[reference][name]


@settings(max_examples=40, deadline=None)
@given(sets)
def test_p6_p12_p15_missing_counts_repetition_and_equals(drawn: Any) -> None:
    """A criterion without scores is not zero; twice the reviews is no more; equal utilities have one rank."""
    every = made(drawn)
    twice = copy.deepcopy(every)
    for one in twice:
        one["reviews"] += [{**review, "assessor": review["assessor"] * 2} for review in one["reviews"]]
    once, more = (by_reference(rankings.preview(POLICY, inputs(one, 3, "off"))) for one in (every, twice))
    ranks: dict[float, set[int]] = {}
    for reference, row in once.items():
        assert more[reference]["utility"] == row["utility"]
        if row["utility"] is not None:
            assert row["lower"] <= row["utility"] + 1e-9
            assert row["utility"] <= row["upper"] + 1e-9
        if row["rank"] is not None:
            ranks.setdefault(row["utility"], set()).add(row["rank"])
    assert all(len(found) == 1 for found in ranks.values())


def test_p11_a_constant_assessor_and_chance_assignment_break_nothing() -> None:
    every = strict_and_mild()
    for one in every:
        one["reviews"][1]["scores"] = [2] * 4
    output = rank(every, 4)
    assert output["severity"]["applied"]
    assert all(row["utility"] is not None for row in output["rows"])


@settings(max_examples=40, deadline=None)
@given(sets, st.lists(level, min_size=4, max_size=4), st.integers(0, 11))
def test_p11_whom_else_somebody_reads_changes_nothing(drawn: Any, others: Any, which: int) -> None:
    """Scores are taken as they were given: whoever was handed strong initiatives, or gives everything the
    same, is not rescaled by it, as z-scores would."""
    every = made(drawn)
    stays = every[which % len(every)]["reference"]
    before = by_reference(rankings.preview(POLICY, inputs(every, 3, "beside")))[stays]
    for one in every:
        for review in one["reviews"]:
            review["scores"] = review["scores"] if one["reference"] == stays else others
    after = by_reference(rankings.preview(POLICY, inputs(every, 3, "beside")))[stays]
    for name in ("utility", "coverage", "lower", "upper", "median", "spread"):
        assert after[name] == before[name]
        assert after[name] is None or math.isfinite(after[name])


def test_a_tried_change_applies_and_drops_what_it_names() -> None:
    every = strict_and_mild()
    plain = rankings.preview(POLICY, inputs(every, 4))
    assert plain["rows"][0]["p_noise"] is None
    half = rankings.preview(POLICY, inputs(every, 4), {"weights": {"time": 0.5}, "places": 2})
    weights = dict(zip(half["criteria"], half["weights"], strict=True))
    assert weights["time"] == 0.5
    assert weights["citizens"] == pytest.approx(0.125)
    assert half["places"] == 2
    without = rankings.preview(POLICY, inputs(every, 4), {"dropped_assessors": ["C"]})
    assert {row["reviews"] for row in without["rows"]} == {2}
    assert [one["letter"] for one in without["severity"]["assessors"]] == ["A", "B"]
    dropped = rankings.preview(POLICY, inputs(every, 4), {"dropped_criteria": ["time"]})
    assert dropped["weights"][dropped["criteria"].index("time")] == 0.0
    with pytest.raises(ValueError, match="weigh"):
        rankings.preview(POLICY, inputs(every, 4), {"dropped_criteria": KEYS})
    with pytest.raises(ValueError, match="shares"):
        rankings.preview(POLICY, inputs(every, 4), {"weights": {"nothing": 0.5}})
    assert rankings.preview(POLICY, inputs(every, 4, changes={"places": 2}))["places"] == 2


def test_the_list_holds_up_to_the_weight_that_is_named_and_not_beyond() -> None:
    every = [
        initiative(
            f"I{n}", {"A": [(1.3 * n * (c + 2) + 0.7 * c) % 5 for c in range(4)]}, months=(11 * n) % 60
        )
        for n in range(14)
    ]
    found = rankings.preview(POLICY, inputs(every, 5))
    sentence = found["stability"]
    before = {row["reference"] for row in found["rows"] if row["status"] == "in"}

    def chosen(percent: float) -> set[str]:
        tried = {"weights": {sentence["criterion"]: percent / 100}}
        rows = rankings.preview(POLICY, inputs(every, 5), tried)["rows"]
        return {row["reference"] for row in rows if row["status"] == "in"}

    step = 1e-4 if sentence["at"] > sentence["weight"] else -1e-4
    assert sentence["low"] <= sentence["weight"] <= sentence["high"]
    assert sentence["at"] in (sentence["low"], sentence["high"])
    assert chosen(sentence["at"] - step) == before
    leaves, enters = sentence["names"]
    assert chosen(sentence["at"] + step) == (before - {leaves}) | {enters}


def test_disagreement_is_sorted_by_closeness_and_says_which_gate_divides() -> None:
    document = catalogue.load("montreal-2015")
    text = {"en": "Enough", "fr": "Assez"}
    gate = {"key": "enough", "kind": "criterion_minimum", "criterion": "citizens", "minimum": 3}
    document["gates"] = [{**gate, "label": text, "public_text": text}]
    policy = schema.parse(document)
    every = [initiative(f"I{n}", {"A": [n % 6] * 4, "B": [n % 6] * 4}) for n in range(6)]
    every.append(initiative("FAR", {"A": [1] * 4, "B": [5] * 4}))
    given = inputs(every, 3)
    found = rankings.disagreements(policy, given, rankings.rank(policy, given, noise_draws=200))
    assert found[0]["reference"] == "FAR"
    assert (found[0]["range"], found[0]["far_apart"], found[0]["gates"]) == (4.0, True, ["enough"])
    assert found[0]["criteria"]["citizens"]["scores"] == [["A", 1.0, 1.0], ["B", 5.0, 5.0]]
    assert all(not one["far_apart"] and not one["gates"] for one in found[1:])
    assert rankings.disagreements(policy, inputs([initiative("I0", {"A": [1] * 4})]), {"rows": []}) == []


@pytest.mark.parametrize("severity", ["beside", "used"])
def test_the_nearest_change_reaches_the_line_and_a_smaller_one_does_not(severity: str) -> None:
    every = [
        initiative(
            f"I{n:02}",
            {
                letter: [min(5, (1.3 * n * (c + 2) + 0.7 * c + by) % 5) for c in range(4)]
                for by, letter in enumerate("ABC")
            },
            months=(11 * n) % 60,
        )
        for n in range(14)
    ]
    given = inputs(every, 5, severity)
    output = rankings.preview(POLICY, given)
    tried = 0
    for row in output["rows"]:
        changes = rankings.nearest_changes(POLICY, given, output, row["reference"])
        if row["status"] == "in":
            assert changes == []
        for change in changes:
            tried += 1
            assert change["kind"] in ("level", "figure")
            less = copy.deepcopy(every)
            one = next(one for one in less if one["reference"] == row["reference"])
            if change["kind"] == "figure":
                step = 1 if change["to"] > change["from"] else -1
                one["figures"]["timeframe_months"] = change["to"] - step
            else:
                column = ASSESSED.index(change["criterion"])
                for review in one["reviews"]:
                    review["scores"][column] += change["to"] - 0.1 - change["from"]
            rows = by_reference(rankings.preview(POLICY, inputs(less, 5, severity)))
            assert rows[row["reference"]]["status"] == "out"
    assert tried > 5


def test_what_a_gate_or_a_gap_kept_out_is_told_so() -> None:
    policy = schema.parse(catalogue.load("montreal-2015"))
    check = next(gate.key for gate in policy.gates if gate.kind == "check")
    best, poor = {"A": [5] * 4, "B": [5] * 4}, {"A": [1] * 4, "B": [1] * 4}
    every = [initiative("BEST", best), initiative("POOR", poor), initiative("GAP", best, months=None)]
    every[0]["checks"] = {check: "fail"}
    given = inputs(every, 1)
    output = rankings.preview(policy, given)
    (gate,) = rankings.nearest_changes(policy, given, output, "BEST")
    assert (gate["gate"], gate["to_line"]) == (check, True)
    assert rankings.nearest_changes(policy, given, output, "GAP") == [
        {"kind": "missing", "criteria": ["time"]}
    ]


def test_comparison_is_exact_but_for_draws_of_another_numpy() -> None:
    kept = rank(strict_and_mild(), 4, draws=400)
    kept["rows"][3]["p_noise"] = 0.5
    again = json.loads(json.dumps(kept))
    assert rankings.compare(kept, again).same
    again["rows"][3]["p_noise"] += 0.02
    again["draws"]["numpy"] = "9.9"
    assert not rankings.compare(kept, again).same
    assert rankings.compare(kept, again, same_numpy=False).same
    again["rows"][3]["p_noise"] += 0.5
    assert not rankings.compare(kept, again, same_numpy=False).same
    other = json.loads(json.dumps(kept))
    other["rows"][0]["utility"] += 1e-9
    other["rows"].pop()
    assert not rankings.compare(kept, other, same_numpy=False).same


def _of_groups(*points: dict[str, float]) -> Any:
    """The Montréal rules with stakeholder groups that hold weights of their own."""
    document = copy.deepcopy({**catalogue.load("montreal-2015"), "gates": []})
    document["groups"] = [
        {"key": f"g{number}", "label": {"en": f"G{number}", "fr": f"G{number}"}, "points": own}
        for number, own in enumerate(points)
    ]
    return schema.parse(document)


def test_the_chance_under_other_weights_is_taken_over_what_the_groups_hold() -> None:
    """One initiative is best on one criterion, the other on another: who is first is the weights' doing."""
    every = [
        initiative("A", {letter: [5, 0, 2, 2] for letter in "RST"}),
        initiative("B", {letter: [0, 5, 2, 2] for letter in "RST"}),
    ]
    first, second = {ASSESSED[0]: 100.0}, {ASSESSED[1]: 100.0}

    def chances(*points: dict[str, float]) -> dict[str, float]:
        policy = _of_groups(*points)
        output = rankings.rank(policy, inputs(every, 1), noise_draws=50, weight_draws=2_000)
        return {row["reference"]: row["p_weights"] for row in output["rows"]}

    assert chances(first) == {"A": 1.0, "B": 0.0}
    assert chances(second) == {"A": 0.0, "B": 1.0}
    both = chances(first, second)
    assert both["A"] + both["B"] == pytest.approx(1)
    assert 0.4 < both["A"] < 0.6, "groups are mixed evenly"
