"""The demonstration city stands as it is told: its numbers, its sums, its seed."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from engagement.models import Idea, Referral, Report, Support
from prioritisation import demonstration, services
from prioritisation.demonstration import content
from prioritisation.models import (
    Assessment,
    EvidenceFigures,
    EvidenceLink,
    Initiative,
    PlanVersion,
    Programme,
    Result,
    Round,
)

TODAY = datetime(2026, 9, 9, 16, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Loads the city once for this module, inside a transaction that is rolled back at its end."""
    from django.db import transaction

    lines: list[str] = []
    with django_db_blocker.unblock(), transaction.atomic():
        demonstration.load(today=TODAY, tell=lines.append, report_count=300)
        assert sum(not line.startswith(" ") for line in lines) == demonstration.STEPS
        yield
        transaction.set_rollback(True)


def test_232_ideas_become_140_initiatives_and_a_plan_of_70(city: Any) -> None:
    document = PlanVersion.objects.get().document
    ideas, initiatives = document["funnel"]["stages"]
    assert (ideas["in"], initiatives["in"], initiatives["onward"]) == (232, 140, 70)
    assert document["funnel"]["received"] == 268
    assert sum(document["funnel"]["ideas_by_outcome"].values()) == 232
    for stage in (ideas, initiatives):
        assert stage["in"] == stage["out"] + stage["waiting"]
        assert stage["out"] == stage["onward"] + sum(reason["count"] for reason in stage["reasons"])
    assert Initiative.objects.filter(state="chosen").count() == 70


def test_every_eligible_idea_says_what_became_of_it(city: Any) -> None:
    outcomes = set(services.idea_outcomes(PlanVersion.objects.get().plan.programme).values())
    assert outcomes == {"in_plan", "set_aside", "duplicate", "passed_on", "declined", "withdrawn", "waiting"}
    for idea in Idea.objects.filter(outcome="set_aside"):
        assert idea.outcome_text["en"]
        assert idea.outcome_text["fr"]


def test_the_ranking_can_be_recomputed(city: Any) -> None:
    result = Result.objects.get()
    assert services.recompute(result) == result.output


def test_problem_reports_lie_in_their_districts_and_end_after_they_began(city: Any) -> None:
    assert Report.objects.count() == 300 + 1, "one was sent as an idea"
    for report in Report.objects.exclude(closed_at=None):
        assert report.received_at <= report.closed_at


def test_reports_are_evidence_that_assessors_and_the_plan_have(city: Any) -> None:
    assert EvidenceFigures.objects.count() == EvidenceLink.objects.count() == len(content.evidence())
    for frozen in EvidenceFigures.objects.select_related("round", "link"):
        assert frozen.frozen_at == frozen.round.opened_at
        assert date.fromisoformat(frozen.figures["to"]) < timezone.localdate(frozen.frozen_at)
    assert sum(one.figures["figures"]["total"] for one in EvidenceFigures.objects.all()) > 0
    told = [one for one in PlanVersion.objects.get().document["initiatives"] if one["evidence"]]
    assert len(told) == EvidenceFigures.objects.filter(round__state="decided").count()


def test_what_was_no_single_idea_was_sorted_by_the_desk(city: Any) -> None:
    parts = Idea.objects.filter(split_from__state="split")
    assert [one.state for one in parts] == ["published", "published"]
    assert Idea.objects.get(state="as_report").transfer.report.service.code == "streetlight"
    asked = Referral.objects.all()
    assert asked.count() == asked.filter(answered_at__isnull=False).count() == 4
    given = Counter(Support.objects.values_list("idea", flat=True))
    written = sorted(one["support"] for one in content.second_ideas() if one["support"])
    assert sorted(given.values()) == written


def test_checklists_are_ticked_as_far_as_the_story_goes(city: Any) -> None:
    first, second = Programme.objects.order_by("created_at")
    assert first.checklist.open().count() == 1
    assert second.checklist.filter(done_at__isnull=False).count() == 4
    assert second.checklist.late(timezone.localdate(TODAY)).count() == 1


def test_the_second_round_is_half_way(city: Any) -> None:
    round = Round.objects.get(state="open")
    assert 0 < Assessment.objects.counted().filter(assignment__entry__round=round).count() < 54
    assert not round.results.exists()
    assert Idea.objects.waiting().count() == 14
