"""Results: letters, recomputing, and rankings made anew with a reason."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from engagement.services import Refused
from prioritisation import rankings, services
from prioritisation.models import Assessment, Assignment, Result
from prioritisation.policies import schema
from prioritisation.services import wording
from prioritisation.services.letters import draw_letters
from tests import panels
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel() -> panels.Panel:
    made = panels.make(timezone.now(), assessors=4, places=2)
    made.work_up(5)
    return made


def adopt(panel: panels.Panel, round: Any, **changes: Any) -> Result:
    given = {"changes": {"places": 3}, "reason": "The council asked for three.", "by": panel.manager}
    return services.adopt_result(round=round, at=panel.now, **{**given, **changes})


def test_letters_are_drawn_at_opening_and_stand_for_names(panel: panels.Panel, closed: Any) -> None:
    letters = list(closed.panel.values_list("letter", flat=True))
    assert all(letters)
    assert len(set(letters)) == 4
    inputs = services.latest_result(closed).inputs
    seen = {review["assessor"] for one in inputs["initiatives"] for review in one["reviews"]}
    assert seen <= set(letters)
    text = json.dumps([inputs, services.latest_result(closed).output])
    for assessor in panel.assessors:
        assert assessor.username not in text
        assert str(assessor.get_full_name() or assessor.username) not in text


def test_letters_do_not_follow_from_the_seed_and_late_ones_from_nothing() -> None:
    assert len({tuple(draw_letters(6, set())) for _ in range(20)}) > 15
    for _ in range(20):
        first = draw_letters(6, set())
        late = draw_letters(1, set(first))
        assert not {*late} & {*first}
        assert len(late[0]) == len(first[0])
    assert len(set(draw_letters(40, set()))) == 40


def test_a_round_opened_without_letters_gets_them_with_its_result(panel: panels.Panel) -> None:
    round = panel.open()
    round.panel.update(letter="")
    panel.score(round, lambda index: 5 - index)
    panel.close(round)
    assert all(round.panel.values_list("letter", flat=True))


def test_adopting_needs_a_manager_a_reason_and_an_unpublished_closed_round(
    panel: panels.Panel, closed: Any
) -> None:
    for wrong in (
        {"by": panel.analyst},
        {"reason": " "},
        {"changes": {"dropped_criteria": ["x", "y"]} | {"no": 1}},
    ):
        with pytest.raises(Refused):
            adopt(panel, closed, **wrong)
    with pytest.raises(Refused):
        adopt(panel, closed, changes={"weights": {"nothing": 0.5}})
    services.draft_decisions(round=closed, by=panel.manager, at=panel.now)
    old = services.latest_result(closed)
    made = adopt(panel, closed)
    assert (made.parent, made.kind, services.latest_result(closed)) == (old, "ranking", made)
    assert made.inputs["changes"] == {"places": 3}
    assert sum(row["status"] == "in" for row in made.output["rows"]) == 3
    assert set(closed.decisions.values_list("result", flat=True)) == {old.pk}
    assert services.recompute(made) == made.output
    again = adopt(panel, closed, changes={"weights": {"time": 0.4}})
    assert again.inputs["changes"] == {"places": 3, "weights": {"time": 0.4}}
    closed.decisions.update(published_at=panel.now, published_by=panel.manager)
    with pytest.raises(Refused):
        adopt(panel, closed)


def test_adopting_is_for_closed_rounds(panel: panels.Panel) -> None:
    round = panel.open()
    with pytest.raises(Refused):
        adopt(panel, round)


def test_a_struck_score_leaves_every_figure_and_its_row_stays(panel: panels.Panel, closed: Any) -> None:
    assignment = Assignment.objects.filter(entry__round=closed, assessment__isnull=False).first()
    assert assignment is not None
    old = services.latest_result(closed)
    made = services.strike_assessments(
        round=closed, assignments=[assignment], reason="Own firm", by=panel.manager, at=panel.now
    )
    assert Assessment.objects.filter(assignment=assignment).exists()
    key = assignment.assessment.pk
    assert key in {one["id"] for each in old.inputs["initiatives"] for one in each["reviews"]}
    assert key not in {one["id"] for each in made.inputs["initiatives"] for one in each["reviews"]}
    assert made.parent == old
    with pytest.raises(Refused):
        services.strike_assessments(
            round=closed, assignments=[assignment], reason="Twice", by=panel.manager, at=panel.now
        )


def test_a_ranking_made_again_keeps_the_changes_that_were_adopted(panel: panels.Panel, closed: Any) -> None:
    adopted = adopt(panel, closed, changes={"places": 1})
    again = services.rank_again(round=closed, reason="scores given again", by=panel.manager, at=panel.now)
    assert again.parent == adopted
    assert again.inputs["changes"] == adopted.inputs["changes"]
    assert again.output == adopted.output


def test_recompute_prints_what_was_compared_and_fails_on_a_difference(closed: Any) -> None:
    result = services.latest_result(closed)
    out = StringIO()
    call_command("recompute", str(result.pk), stdout=out)
    assert "0 different" in out.getvalue()
    call_command("recompute", "--all", stdout=StringIO())
    output = result.output
    output["rows"][0]["utility"] = 0.123
    Result.objects.filter(pk=result.pk).update(output=output)
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("recompute", "--all", stdout=out)
    assert failed.value.returncode == 1
    assert "1 different" in out.getvalue()
    Result.objects.filter(pk=result.pk).update(output=services.recompute(result), numpy_version="1.0")
    out = StringIO()
    call_command("recompute", str(result.pk), stdout=out)
    assert "numpy 1.0" in out.getvalue()
    for wrong in ([], ["99"], ["1", "--all"]):
        with pytest.raises(CommandError):
            call_command("recompute", *wrong, stdout=StringIO())


def test_recompute_refuses_tampered_inputs(closed: Any) -> None:
    result = services.latest_result(closed)
    inputs = result.inputs
    inputs["places"] = 4
    Result.objects.filter(pk=result.pk).update(inputs=inputs, output=services.recompute(result))
    with pytest.raises(CommandError):
        call_command("recompute", str(result.pk), stdout=StringIO())


def test_what_is_published_goes_by_the_level_and_never_names_anybody(
    panel: panels.Panel, closed: Any
) -> None:
    policy = schema.parse(closed.policy_version.document)
    result = services.latest_result(closed)
    small = rankings.disclosed(policy, result.inputs, result.output, "scores")
    assert (small["level"], small["why"]) == ("sums", "small_panel")
    assert all("scores" not in one for one in small["initiatives"])
    large = json.loads(json.dumps(result.inputs))
    for number, review in enumerate(one for each in large["initiatives"] for one in each["reviews"]):
        review["assessor"] = "VWXYZ"[number % 5]
    shown = rankings.disclosed(policy, large, rankings.preview(policy, large), "scores")
    assert (shown["level"], shown["why"]) == ("scores", "")
    assert list(shown["initiatives"][0]["scores"]) == sorted(shown["initiatives"][0]["scores"])
    assert '"id"' not in json.dumps(shown)
    sums = rankings.disclosed(policy, large, rankings.preview(policy, large), "sums")
    assert all("scores" not in one for one in sums["initiatives"])
    # worked by hand from what is published: the points of every initiative
    for one in shown["initiatives"]:
        parts = zip(shown["criteria"], shown["weights"], strict=True)
        assert sum(weight * one["criteria"][key]["value"] for key, weight in parts) == pytest.approx(
            one["utility"]
        )


def _without(inputs: Any, criterion: int, keep: int) -> Any:
    """The same inputs, the first initiative's scores on one criterion left out but for so many."""
    fewer = json.loads(json.dumps(inputs))
    for review in fewer["initiatives"][0]["reviews"][keep:]:
        review["scores"][criterion] = None
    return fewer


@pytest.mark.parametrize("given", [1, 2])
def test_a_mean_of_fewer_than_three_scores_is_not_published(closed: Any, given: int) -> None:
    policy = schema.parse(closed.policy_version.document)
    inputs = services.latest_result(closed).inputs
    column, key = 1, policy.assessed_criteria()[1].key
    fewer = _without(inputs, column, given)
    reference = fewer["initiatives"][0]["reference"]
    shown = rankings.disclosed(policy, fewer, rankings.preview(policy, fewer), "sums")
    one = next(each for each in shown["initiatives"] if each["reference"] == reference)
    held = {
        name for name, figures in one["criteria"].items() if figures["number"] and figures["mean"] is None
    }
    assert key in held
    assert len(held) == 2, "with one alone held back, the points would tell it"
    assert one["utility"] is None, "few levels of these two come to the same points"
    blank = {"mean": None, "adjusted": None, "se": None, "value": None}
    assert one["criteria"][key] == {**blank, "number": given}
    others = [each for each in shown["initiatives"] if each["reference"] != reference]
    assert all(figures["mean"] is not None for each in others for figures in each["criteria"].values())
    assert all(each["utility"] is not None for each in others)


def test_a_draft_quotes_no_anchor_that_is_somebodys_score(closed: Any) -> None:
    policy = schema.parse(closed.policy_version.document)
    fewer = _without(services.latest_result(closed).inputs, 1, 1)
    reference = fewer["initiatives"][0]["reference"]
    row = next(one for one in rankings.preview(policy, fewer)["rows"] if one["reference"] == reference)
    row["status"] = "out"
    held = rankings.withheld([one.key for one in policy.assessed_criteria()], row["criteria"])
    for key, figures in row["criteria"].items():  # what is held back costs most
        figures["value"] = 0.1 if key in held else 0.9
    text = wording.decision_draft(policy, row, "below_line", {})["en"]
    told = {key for key in row["criteria"] if policy.criterion(key).label["en"] in text}
    assert told
    assert not told & held


def test_with_scores_published_too_few_reviews_of_one_initiative_stay_private(closed: Any) -> None:
    policy = schema.parse(closed.policy_version.document)
    large = json.loads(json.dumps(services.latest_result(closed).inputs))
    for number, review in enumerate(one for each in large["initiatives"] for one in each["reviews"]):
        review["assessor"] = "VWXYZ"[number % 5]
    del large["initiatives"][0]["reviews"][2:]
    reference = large["initiatives"][0]["reference"]
    shown = rankings.disclosed(policy, large, rankings.preview(policy, large), "scores")
    assert shown["level"] == "scores"
    assert [one["reference"] for one in shown["initiatives"] if "scores" not in one] == [reference]


@pytest.mark.parametrize(
    ("numbers", "held"),
    [
        ({"a": 3, "b": 3, "c": 3}, set()),
        ({"a": 2, "b": 4, "c": 3}, {"a", "c"}),
        ({"a": 1, "b": 2, "c": 3}, {"a", "b"}),
        ({"a": 0, "b": 3, "c": 3}, set()),
        ({"a": 2}, {"a"}),
    ],
)
def test_what_is_held_back_cannot_be_worked_out_from_the_rest(numbers: Any, held: set[str]) -> None:
    found = rankings.withheld(list(numbers), {key: {"reviews": number} for key, number in numbers.items()})
    assert found == held


def test_the_figures_are_public_files_without_names(client: Any) -> None:
    now = timezone.now()
    city = scene.make_city(now)
    version = scene.publish(city, now)
    address = f"/plans/{version.plan.slug}/figures"
    names = [one.username for one in city["assessors"]]
    for ending in (".json", ".csv", ".dictionary.csv"):
        answer = client.get(address + ending)
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content).decode()
        assert not [name for name in names if name in body]
    assert client.get(address + ".xlsx").status_code == 404
    page = client.get(f"/plans/{version.plan.slug}/").content.decode()
    assert "figures.json" in page
