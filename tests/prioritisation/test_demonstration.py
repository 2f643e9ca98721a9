"""The demonstration city stands as it is told: its numbers, its sums, its seed."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from engagement.models import Idea, Job, Notice, Referral, Report, Support
from prioritisation import demonstration, portfolios, services
from prioritisation.demonstration import content
from prioritisation.models import (
    Assignment,
    BallotFile,
    CostLine,
    Decision,
    DeliveryStep,
    Discussion,
    Draw,
    EvidenceFigures,
    EvidenceLink,
    FactCheck,
    GateCheck,
    Initiative,
    PlanVersion,
    Programme,
    Relation,
    Result,
    Round,
)
from prioritisation.policies import schema
from prioritisation.services.scenarios import fingerprint_of

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


def newest() -> dict[str, Any]:
    """What the plan says today."""
    return PlanVersion.objects.order_by("-number")[0].document


def test_232_ideas_become_140_initiatives_and_a_plan_of_70(city: Any) -> None:
    document = newest()
    ideas, initiatives = document["funnel"]["stages"]
    assert (ideas["in"], initiatives["in"], initiatives["onward"]) == (232, 140, 70)
    assert document["funnel"]["received"] == 268
    assert sum(document["funnel"]["ideas_by_outcome"].values()) == 232
    for stage in (ideas, initiatives):
        assert stage["in"] == stage["out"] + stage["waiting"]
        assert stage["out"] == stage["onward"] + sum(reason["count"] for reason in stage["reasons"])
    assert ideas["onward"] == 193
    assert Initiative.objects.filter(state="chosen").count() == 70


def test_every_eligible_idea_says_what_became_of_it(city: Any) -> None:
    outcomes = set(services.idea_outcomes(Programme.objects.get(slug="digital-city")).values())
    assert outcomes == {"in_plan", "set_aside", "duplicate", "passed_on", "declined", "withdrawn", "waiting"}
    for idea in Idea.objects.filter(outcome="set_aside"):
        assert idea.outcome_text["en"]
        assert idea.outcome_text["fr"]


@pytest.mark.parametrize("kind", Result.Kind.values)
def test_every_result_can_be_recomputed(city: Any, kind: str) -> None:
    result = Result.objects.get(kind=kind)
    assert services.recompute(result) == result.output


def test_the_council_amended_the_plan_one_for_one(city: Any) -> None:
    first, second = PlanVersion.objects.order_by("number")
    amendment = second.plan.amendments.get()
    assert [one["outcome"] for one in amendment.changes] == ["advance", "set_aside"]
    assert amendment.meeting is not None
    assert amendment.meeting.resolution
    assert amendment.vote
    changed = {one["reference"]: one for one in second.document["initiatives"] if one["recommended"]}
    assert set(changed) == {one["reference"] for one in amendment.changes}
    for document in (first.document, second.document):
        outcomes = Counter(one["outcome"] for one in document["initiatives"])
        assert outcomes == {"advance": 70, "set_aside": 70}
    assert second.document["funnel"]["stages"][1]["in"] == len(second.document["initiatives"])


def test_the_budget_and_the_relations_bind_the_selections_that_were_tried(city: Any) -> None:
    round = Round.objects.get(state="decided")
    lines = {(one.kind, one.year) for one in round.programme.budget_lines.all()}
    assert lines >= {("capital", 2026), ("capital", 2027), ("operating", 2026)}
    assert round.programme.capacities.exists()
    relations = Relation.objects.filter(initiative__programme=round.programme)
    assert set(relations.values_list("kind", flat=True)) == {"requires", "excludes"}
    paid = CostLine.objects.filter(initiative__programme=round.programme)
    written = sum(line["amount"] for one in content.initiatives() for line in one["costs"])
    assert sum(line.amount for line in paid) == written, "years divide a cost, they do not change it"
    adopted, compared = round.scenarios.order_by("pk")
    rules = adopted.rules
    assert rules["count"] == {"number": 70, "exact": True}
    assert {bool(limit["minimum"]) for limit in rules["themes"].values()} == {True, False}
    assert rules["policy_mix"] == ["time_frames"]
    assert [one["lock"] for one in rules["locks"]] == ["in"]
    assert all(one["reason"] for one in rules["locks"])
    assert adopted.result is not None
    assert adopted.result.output["status"] == "optimal"
    assert compared.result is None
    for scenario in (adopted, compared):
        answer = portfolios.answer(services.read_rules(round, scenario.rules))
        assert answer["status"] == "optimal", "asked for what nothing keeps"
    waiting = Job.objects.get(kind=services.ANALYSE)
    assert waiting.state == "queued"
    assert waiting.parameters["scenario"] == compared.pk
    inputs = services.read_rules(round, compared.rules)
    assert waiting.parameters["inputs"] == fingerprint_of(inputs), "the worker will refuse it"


def test_decisions_against_the_ranking_name_why_and_what_rank(city: Any) -> None:
    against = Decision.objects.exclude(override_reason={})
    assert Counter(one.outcome for one in against) == {"advance": 1, "set_aside": 1}
    for one in against:
        assert one.rank is not None
        assert (one.rank > 70) == (one.outcome == "advance")


def test_lots_were_drawn_among_equals_with_a_seed_said_before(city: Any) -> None:
    draw = Draw.objects.get()
    assert draw.announced_at < draw.drawn_at
    assert 0 < draw.places < len(draw.among)
    drawn = Decision.objects.filter(draw=draw, outcome="advance")
    assert {one.initiative.reference for one in drawn} == set(draw.order[: draw.places])


def test_a_year_later_some_is_delivered_some_is_late_and_one_was_dropped(city: Any) -> None:
    programme = Programme.objects.get(slug="digital-city")
    counts = services.delivery_counts(services.followed(programme, TODAY.date()).values())
    assert counts == {"planned": 48, "started": 13, "delivered": 8, "dropped": 1, "late": 3, "all": 70}
    dropped = Initiative.objects.get(delivery="dropped").delivery_steps.get(verb="drop")
    assert set(dropped.text) == {"en", "fr"}
    assert DeliveryStep.objects.filter(by__username="r.timberwell").exists(), "a department tells of its own"


def test_residents_ballots_stand_in_the_plan(city: Any) -> None:
    ballots = newest()["ballots"]
    written = content.ballots()
    assert ballots["voters"] == sum(written["voters"].values())
    assert len(ballots["rows"]) == len(written["projects"])
    assert any(bool(one["greedy"]) != bool(one["equal"]) for one in ballots["rows"]), (
        "both rules say the same"
    )
    assert BallotFile.objects.get().refused == 3


def test_conditions_were_checked_and_what_was_read_apart_was_talked_about(city: Any) -> None:
    first = Round.objects.get(state="decided")
    noted = Counter(GateCheck.objects.filter(entry__round=first).values_list("verdict", flat=True))
    assert noted == {"fail": 1, "waived": 1}
    failed = GateCheck.objects.get(entry__round=first, verdict="fail").entry.initiative
    assert (failed.state, failed.decisions.get().reason) == ("set_aside", "under_way")
    talks = Discussion.objects.filter(entry__round=first)
    assert [one.verdict for one in talks] == ["keep"] * len(content.council()["talks"])
    assert {one.entry for one in talks} <= set(services.read_apart(first))
    assert first.entries.filter(calibration=True).count() == 6


def test_the_plan_publishes_scores_under_letters(city: Any) -> None:
    assert Round.objects.get(state="decided").disclosure == "scores"
    assert newest()["figures"]["level"] == "scores"


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
    told = [one for one in newest()["initiatives"] if one["evidence"]]
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
    asked = Assignment.objects.filter(entry__round=half_way()).without_conflict()
    behind = set(asked.not_handed_in().values_list("assessor__username", flat=True))
    assert behind == set(content.second_round()["late"]), "two are late, everybody else is done"
    assert half_way().due_at < TODAY
    assert not half_way().results.exists()
    assert Idea.objects.waiting().count() == 18, "the queue and the four copies of a campaign"


def half_way() -> Round:
    """The second round, which is open."""
    return Round.objects.get(state="open")


def test_the_second_rules_have_teams_groups_and_what_is_counted(city: Any) -> None:
    policy = schema.parse(half_way().policy_version.document)
    (judged_by_finance,) = policy.asked_of("finance")
    assert judged_by_finance.kind == "cost"
    assert {one.kind for one in policy.asked_of("departments")} == {"benefit"}
    assert set(half_way().panel.values_list("team", flat=True)) == {"finance", "departments"}
    assert len(policy.groups) == 3
    assert len(set(map(tuple, policy.group_weights()))) == 3
    counted = [one for one in policy.criteria if one.source == "measured"]
    assert [one.figure for one in counted] == ["supports"]
    assert all(entry.figures["supports"] > 0 for entry in half_way().entries.all())
    assert half_way().disclosure == "sums"


def test_the_second_panel_has_limits_conflicts_and_further_assessors(city: Any) -> None:
    asked = Assignment.objects.filter(entry__round=half_way())
    origins = set(asked.values_list("origin", flat=True))
    assert origins == {"first", "calibration", "replacement", "opinion", "top_up"}
    conflicts = asked.filter(conflict_at__isnull=False)
    before, after = sorted(one.conflict_at for one in conflicts)
    assert before < half_way().opened_at < after
    limits = content.second_round()["seats"]["capacity"]
    seats = half_way().panel.filter(capacity__isnull=False).select_related("user")
    assert {one.user.username: one.capacity for one in seats} == limits
    for name, most in limits.items():
        assert asked.filter(assessor__username=name, conflict_at__isnull=True).count() <= most
    assert services.read_apart(half_way()), "nothing is left for the manager to see"


def test_everybody_scored_what_is_for_everyone_and_one_level_got_clearer_words(city: Any) -> None:
    entries = services.calibration_entries(half_way())
    assert len(entries) == 2
    for_everyone = Assignment.objects.filter(entry__in=entries).without_conflict()
    assert not for_everyone.not_handed_in().exists()
    assert for_everyone.exclude(assessment__notes={}).exists(), "nobody wrote why"
    clearer = half_way().clarifications.get()
    assert clearer.before != clearer.after
    assert clearer.policy_version == half_way().policy_version


def test_departments_confirmed_some_facts_corrected_one_and_are_asked_for_others(city: Any) -> None:
    checks = Counter(FactCheck.objects.values_list("verdict", flat=True))
    assert checks == {"confirmed": 5, "corrected": 1}
    corrected = FactCheck.objects.get(verdict="corrected")
    assert services.check_of(corrected.initiative) == corrected, "it was changed again since"
    assert len(services.unconfirmed(half_way())) == 18 - 6
    asked = [one for one in services.to_check(corrected.by) if services.check_of(one) is None]
    assert asked, "the department that signs in has nothing left to check"
    assert Notice.objects.filter(kind="prioritisation.facts_asked").exists()
