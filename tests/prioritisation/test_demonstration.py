"""The demonstration city stands as it is told: its numbers, its sums, its seed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engagement.models import Idea, Report
from prioritisation import demonstration, services
from prioritisation.models import Assessment, Initiative, PlanVersion, Result, Round

TODAY = datetime(2026, 9, 9, 16, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Loads the city once for this module, inside a transaction that is rolled back at its end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        demonstration.load(today=TODAY, tell=lambda _line: None, report_count=300)
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
    assert Report.objects.count() == 300
    for report in Report.objects.exclude(closed_at=None):
        assert report.received_at <= report.closed_at


def test_the_second_round_is_half_way(city: Any) -> None:
    round = Round.objects.get(state="open")
    assert 0 < Assessment.objects.counted().filter(assignment__entry__round=round).count() < 54
    assert not round.results.exists()
    assert Idea.objects.waiting().count() == 14
