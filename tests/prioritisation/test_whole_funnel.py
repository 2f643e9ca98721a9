"""From ideas to a published plan, through the services: what must add up at the end."""

from datetime import timedelta
from typing import Any

import pytest

from engagement import services as engagement
from engagement.models import Idea, Notice
from prioritisation import services
from prioritisation.models import Assignment, Decision, Initiative, PlanVersion
from prioritisation.services.funnel import count_funnel
from prioritisation.services.plan_contents import _one_decimal
from prioritisation.workflow import InitiativeState, Role
from tests import factories
from tests.prioritisation.scene import open_round, run_round, work_up

pytestmark = pytest.mark.django_db


def test_every_idea_is_found_again(city: dict[str, Any], now: Any) -> None:
    manager, programme, ideas = city["manager"], city["programme"], city["ideas"]
    factories.Reason()
    factories.Reason(action="decline", code="test", eligible=False)
    junk = factories.Idea(call=city["call"])
    engagement.decline_idea(idea=junk, by=manager, at=now, reason="test")
    engagement.decline_idea(idea=ideas[10], by=manager, at=now, reason="not_city")
    engagement.link_duplicate(idea=ideas[11], original=ideas[0], by=manager, at=now)
    # idea 1 is in two initiatives, of which one is chosen; idea 9 is not worked up
    initiatives = work_up(city, now, [[0, 1], [1, 2], [3], [4, 5], [6], [7], [8, 1]])
    round = run_round(city, now, initiatives, lambda index: 5 - index // 2)
    services.draft_decisions(round=round, by=manager, at=now)
    services.save_plan(programme=programme, slug="plan", title={"en": "The plan"}, by=manager, at=now)
    version = services.publish_round(round=round, by=city["publisher"], at=now)

    assert list(Initiative.objects.order_by("reference").values_list("state", flat=True)) == [
        *["chosen"] * 4,
        *["set_aside"] * 3,
    ]
    funnel = version.document["funnel"]
    assert (funnel["received"], funnel["not_eligible"]["count"]) == (13, 1)
    for stage in funnel["stages"]:
        assert stage["in"] == stage["out"] + stage["waiting"]
        assert stage["out"] == stage["onward"] + sum(reason["count"] for reason in stage["reasons"])
    first, second = funnel["stages"]
    assert (first["in"], first["onward"], first["waiting"]) == (12, 9, 1)
    assert (second["in"], second["onward"], second["waiting"]) == (7, 4, 0)
    assert funnel["seams"] == [{"from_unit": "ideas", "out": 9, "to_unit": "initiatives", "in": 7}]
    assert funnel["ideas_by_outcome"] == {
        "in_plan": 6,
        "set_aside": 3,
        "duplicate": 1,
        "passed_on": 0,
        "declined": 1,
        "withdrawn": 0,
        "waiting": 1,
    }
    told = Idea.objects.get(pk=ideas[1].pk)
    assert told.outcome == "in_plan"
    assert "Initiative 0" in told.outcome_text["en"]
    aside = Idea.objects.get(pk=ideas[8].pk)
    assert aside.outcome == "set_aside"
    assert "scored higher" in aside.outcome_text["en"]
    assert Idea.objects.get(pk=ideas[11].pk).outcome == "in_plan"
    assert Notice.objects.filter(kind="engagement.idea_outcome").count() == 10


def test_nothing_is_chosen_before_a_second_person_publishes(city: dict[str, Any], now: Any) -> None:
    initiatives = work_up(city, now, [[0], [1], [2]])
    round = run_round(city, now, initiatives, lambda index: 4 - index)
    manager, programme = city["manager"], city["programme"]
    services.draft_decisions(round=round, by=manager, at=now)
    services.save_plan(programme=programme, slug="plan", title={"en": "The plan"}, by=manager, at=now)
    factories.member(programme, manager, Role.PUBLISHER)
    with pytest.raises(engagement.Refused) as refusal:
        services.publish_round(round=round, by=manager, at=now)
    assert refusal.value.code == "second_person"
    assert not Initiative.objects.filter(state=InitiativeState.CHOSEN).exists()
    assert not Decision.objects.published().exists()
    assert not PlanVersion.objects.exists()
    services.save_programme(
        by=manager, at=now, programme=programme, values={"second_person": False}, calls=[city["call"]]
    )
    round.refresh_from_db()
    round = type(round).objects.get(pk=round.pk)
    version = services.publish_round(round=round, by=manager, at=now)
    assert version.document["second_person"] is False


def test_a_tie_across_the_line_waits_for_people(city: dict[str, Any], now: Any) -> None:
    initiatives = work_up(city, now, [[index] for index in range(6)])
    Initiative.objects.update(timeframe_months=12)
    round = run_round(city, now, initiatives, lambda index: 5 if index < 3 else 3)
    services.draft_decisions(round=round, by=city["manager"], at=now)
    assert services.undecided(round).count() == 3
    services.save_plan(
        programme=city["programme"], slug="plan", title={"en": "The plan"}, by=city["manager"], at=now
    )
    with pytest.raises(engagement.Refused) as refusal:
        services.publish_round(round=round, by=city["publisher"], at=now)
    assert refusal.value.code == "undecided"


def test_deciding_against_the_ranking_needs_a_reason(city: dict[str, Any], now: Any) -> None:
    initiatives = work_up(city, now, [[index] for index in range(6)])
    round = run_round(city, now, initiatives, lambda index: 5 - index % 6)
    last = initiatives[-1]
    common = {"round": round, "initiative": last, "outcome": "advance", "by": city["manager"], "at": now}
    with pytest.raises(engagement.Refused) as refusal:
        services.save_decision(**common)
    assert refusal.value.field == "override_reason"
    decision = services.save_decision(**common, override_reason={"en": "Council resolution 12"})
    assert decision.rank == 6


def test_a_result_can_be_recomputed(city: dict[str, Any], now: Any) -> None:
    initiatives = work_up(city, now, [[index] for index in range(5)])
    round = run_round(city, now, initiatives, lambda index: 5 - index)
    result = services.latest_result(round)
    assert services.recompute(result) == result.output
    assert [row["rank"] for row in result.output["rows"]] == [1, 2, 3, 4, 5]
    assert [row["status"] for row in result.output["rows"]] == ["in"] * 4 + ["out"]


def test_a_conflict_takes_the_scores_out_and_asks_another(city: dict[str, Any], now: Any) -> None:
    initiatives = work_up(city, now, [[0], [1]])
    round = open_round(city, now, initiatives)
    assignment = Assignment.objects.filter(entry__round=round).select_related("entry__round").first()
    assert assignment is not None
    services.save_assessment(
        assignment=assignment,
        scores=dict.fromkeys(["enabling", "strategy", "citizens", "return"], 5),
        by=assignment.assessor,
        at=now,
        submit=True,
    )
    successor = services.declare_conflict(
        assignment=assignment, reason="My sister's firm", by=assignment.assessor, at=now
    )
    assert successor is not None
    assert assignment.entry.assignments.count() == 4
    services.close_round(round=round, by=city["manager"], at=now)
    assert all(not one["reviews"] for one in services.latest_result(round).inputs["initiatives"])


def test_points_are_rounded_as_pages_round_them() -> None:
    assert [_one_decimal(points) for points in (16.25, 16.24999999999, 16.35, 0.05)] == [
        16.3,
        16.3,
        16.4,
        0.1,
    ]
    assert _one_decimal(16.2499) == 16.2


def test_what_is_undone_leaves_no_trace_in_the_counts(
    city: dict[str, Any], now: Any, administrator: Any
) -> None:
    """A declined idea is opened again and declined for another reason; both steps are taken back."""
    factories.Reason()
    factories.Reason(action="decline", code="test", eligible=False)
    idea, by = city["ideas"][10], administrator
    engagement.decline_idea(idea=idea, by=by, at=now, reason="not_city")
    before = count_funnel(city["programme"])
    engagement.reopen_idea(idea=idea, by=by, at=now + timedelta(seconds=1))
    engagement.decline_idea(idea=idea, by=by, at=now + timedelta(seconds=2), reason="test")
    for _ in range(2):
        engagement.undo_move(record=idea, by=by, at=now + timedelta(seconds=3))
    assert count_funnel(city["programme"]) == before
