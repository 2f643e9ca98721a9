"""What nobody would wish for, taken through the services, and every page of the round after it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assessment, Assignment, Decision, PanelMember, PolicyVersion, Round
from prioritisation.policies import catalogue
from tests import panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db

PAGES = [
    "ranking",
    "results",
    "what_if",
    "method",
    "strike",
    "calibration",
    "disagreements",
    "round_panel",
    "round_top_up",
    "publish",
    "lots",
    "ballots",
    "portfolio",
    "compare",
]
"""Every page of a closed round that asks for no more than the round."""


def walk(panel: panels.Panel, round: Round) -> None:
    """Opens whatever a manager can open of the closed round; no page may fail, no figure be no number."""
    client = signed_in(panel.manager)
    references = [entry.initiative.reference for entry in round.entries.select_related("initiative")]
    asked = [address(name, round) for name in PAGES]
    asked += [
        address("what_if", round) + "?places=1",
        address("result", round, services.latest_result(round).pk),
    ]
    asked += [address(name, round, one) for one in references for name in ("ranked", "disagreement")]
    asked += [address("compare", round) + "?" + "&".join(f"with={one}" for one in references[:2])]
    asked += [address("ranking_file", round, kind) for kind in ("csv", "xlsx", "json")]
    asked += [reverse("admin:prioritisation_round_change", args=(round.pk,))]
    for url in asked:
        answer = client.get(url)
        assert answer.status_code in (200, 404), url
        assert answer.status_code == 200 or "/ranking-file/" in url or "/disagreement/" in url, url
        if not answer.streaming:
            shown = words(answer)
            assert not [word for word in ("nan", "inf") if f" {word} " in shown], url


def close(panel: panels.Panel, round: Round) -> list[dict[str, Any]]:
    """Closed on its page, walked through, made again; the rows of its ranking."""
    client = signed_in(panel.manager)
    round.refresh_from_db()
    assert client.get(address("round_close", round)).status_code == 200
    assert client.post(address("round_close", round), {"version": round.version}).status_code == 302
    round.refresh_from_db()
    result = services.latest_result(round)
    assert services.recompute(result) == result.output
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    walk(panel, round)
    return list(result.output["rows"])


def hand_in(assignment: Assignment, panel: panels.Panel, level: float | None) -> None:
    """The same level on everything; None is "cannot judge" everywhere."""
    services.save_assessment(
        assignment=assignment,
        scores={} if level is None else dict.fromkeys(panels.CRITERIA, level),
        cannot_judge=set(panels.CRITERIA) if level is None else set(),
        by=assignment.assessor,
        at=panel.now,
        submit=True,
    )


def assigned(round: Round) -> list[Assignment]:
    rows = Assignment.objects.filter(entry__round=round).without_conflict()
    return list(rows.select_related("entry__round", "assessor").order_by("pk"))


Level = Callable[[Assignment], Any]
"""What somebody gives: a score, None for "cannot judge", or NOBODY, who hands in nothing."""
NOBODY = object()


def of_place(assignment: Assignment) -> int:
    return 1 + assignment.entry_id % 5


def constant_assessor(panel: panels.Panel) -> Level:
    return lambda one: 2 if one.assessor_id == panel.assessors[0].pk else of_place(one)


def one_assessor(panel: panels.Panel) -> Level:
    return lambda one: of_place(one) if one.assessor_id == panel.assessors[0].pk else NOBODY


def nobody(panel: panels.Panel) -> Level:
    return lambda one: NOBODY


def all_equal(panel: panels.Panel) -> Level:
    return lambda one: 3


def all_missing(panel: panels.Panel) -> Level:
    return lambda one: None


SCORED = [constant_assessor, one_assessor, nobody, all_equal, all_missing]


@pytest.mark.parametrize(
    ("scored", "places"), [*((scored, 3) for scored in SCORED), (all_equal, 0), (all_equal, 500), (nobody, 0)]
)
def test_a_round_with_odd_scores_is_closed_and_read(now: Any, scored: Any, places: int) -> None:
    panel = panels.make(now, initiatives=6)
    round = panel.open(places=places)
    level = scored(panel)
    for assignment in assigned(round):
        if level(assignment) is not NOBODY:
            hand_in(assignment, panel, level(assignment))
    rows = close(panel, round)
    ranked = [row for row in rows if row["rank"] is not None]
    if scored in (nobody, all_missing):
        assert ranked == [], "missing is not zero"
    if scored is all_equal:
        assert {row["rank"] for row in ranked} == {1}
        tied = {0: "out", 3: "tie", 500: "in"}[places]
        assert {row["status"] for row in ranked} == {tied}
        assert services.undecided(round).count() == (6 if places == 3 else 0)
    if scored is constant_assessor:
        assert len(ranked) == 6


@pytest.mark.parametrize("scored", [nobody, all_equal])
def test_a_round_of_one_initiative(now: Any, scored: Any) -> None:
    panel = panels.make(now, initiatives=1)
    round = panel.open(places=4)
    for assignment in assigned(round):
        if scored is all_equal:
            hand_in(assignment, panel, 4)
    (row,) = close(panel, round)
    outcome = Decision.objects.get(round=round).outcome
    assert (row["rank"], outcome) == ((1, "advance") if scored is all_equal else (None, "hold"))


def test_a_round_without_a_line(now: Any) -> None:
    panel = panels.make(now, initiatives=3, places=0)
    round = panel.open()
    Round.objects.filter(pk=round.pk).update(places=None)
    panel.score(round, lambda index: 5 - index)
    assert len(close(panel, round)) == 3


def test_panels_that_never_meet_are_said_to_be_apart_and_stay_as_given(now: Any) -> None:
    panel = panels.make(now, initiatives=16, assessors=4)
    terms = services.Terms(severity="used", severity_reason="Two departments read apart.")
    round = panel.prepare(per_initiative=2, terms=terms)
    halves = [(one, panel.assessors[2 * (place > 7) :][:2]) for place, one in enumerate(panel.initiatives)]
    pairs = [(one, user) for one, people in halves for user in people]
    lines = [services.Line(n, user.username, one.reference) for n, (one, user) in enumerate(pairs)]
    services.import_assignments(round=round, lines=lines, by=panel.manager, at=now)
    services.open_round(round=round, by=panel.manager, at=now)
    assert "not connected" in words(signed_in(panel.manager).get(address("round_change", round)))
    for assignment in assigned(round):
        hand_in(assignment, panel, of_place(assignment))
    rows = close(panel, round)
    severity = services.latest_result(round).output["severity"]
    assert (severity["applied"], severity["why"]) == (False, "disconnected")
    assert severity["connecting"], "it is said which review would join them"
    assert all(row["utility"] == row["raw_utility"] is not None for row in rows)


def test_no_number_is_no_score(now: Any) -> None:
    panel = panels.make(now, initiatives=1)
    mine = assigned(panel.open())[0]
    for level in (float("nan"), float("inf"), -1, 2.5, 6):
        with pytest.raises(Refused):
            hand_in(mine, panel, level)
    assert not Assessment.objects.exists()


def rules(**points: Any) -> dict[str, Any]:
    document = copy.deepcopy(catalogue.load("montreal-2015"))
    for criterion in document["criteria"]:
        if criterion["key"] in points or "every" in points:
            criterion["points"] = points.get(criterion["key"], points.get("every"))
    return document


@pytest.mark.parametrize(
    "points", [{"every": 0}, {"citizens": -1}, {"citizens": float("nan")}, {"citizens": "x"}]
)
def test_rules_that_weigh_nothing_or_less_are_not_adopted(now: Any, points: dict[str, Any]) -> None:
    panel = panels.make(now)
    before = PolicyVersion.objects.count()
    with pytest.raises(Refused):
        services.adopt_policy(programme=panel.programme, document=rules(**points), by=panel.manager, at=now)
    assert PolicyVersion.objects.count() == before


def test_a_criterion_that_weighs_nothing_moves_nobody(now: Any) -> None:
    panel = panels.make(now)
    version = services.adopt_policy(
        programme=panel.programme, document=rules(citizens=0), by=panel.manager, at=now
    )
    services.approve_policy(policy_version=version, by=panel.manager, at=now)
    panel.work_up(3)
    round = panel.open(policy_version=version)
    for assignment in assigned(round):
        services.save_assessment(
            assignment=assignment,
            scores={**dict.fromkeys(panels.CRITERIA, 3), "citizens": of_place(assignment)},
            by=assignment.assessor,
            at=now,
            submit=True,
        )
    assert {row["rank"] for row in close(panel, round)} == {1}


def test_rules_stay_as_they_were_at_opening(now: Any) -> None:
    """A new version is for the next round; this one's own cannot be changed."""
    panel = panels.make(now, initiatives=3)
    round = panel.open()
    with pytest.raises(Refused):
        services.save_policy(
            policy_version=round.policy_version, document=rules(citizens=90), by=panel.manager, at=now
        )
    later = services.adopt_policy(
        programme=panel.programme, document=rules(citizens=90), by=panel.manager, at=now
    )
    services.approve_policy(policy_version=later, by=panel.manager, at=now)
    panel.score(round, lambda index: 5 - index)
    close(panel, round)
    result = services.latest_result(round)
    assert result.policy_version == panel.version
    assert result.inputs["policy"] == panel.version.sha256 != later.sha256


def test_who_leaves_in_the_middle_counts_with_what_was_handed_in(now: Any) -> None:
    panel = panels.make(now, initiatives=6)
    round = panel.open()
    gone = panel.assessors[0]
    mine = [one for one in assigned(round) if one.assessor_id == gone.pk]
    hand_in(mine[0], panel, 5)
    seat = PanelMember.objects.select_related("round__programme", "user").get(round=round, user=gone)
    services.leave_panel(member=seat, reason="Moved", by=panel.manager, at=now)
    client = signed_in(gone)
    assert client.get(reverse("admin:prioritisation_assess_one", args=[mine[1].pk])).status_code == 404
    assert client.get(reverse("admin:prioritisation_assess")).status_code == 200
    for assignment in assigned(round):
        if assignment.assessor_id != gone.pk:
            hand_in(assignment, panel, 3)
    rows = {row["reference"]: row for row in close(panel, round)}
    reference = mine[0].entry.initiative.reference
    assert [one["reference"] for one in rows.values() if one["rank"] == 1] == [reference]
    assert {row["reviews"] for row in rows.values()} == {3}


def test_an_initiative_edited_after_it_was_scored_is_marked_and_keeps_its_scores(now: Any) -> None:
    panel = panels.make(now, initiatives=3)
    round = panel.open()
    panel.score(round, lambda index: 5 - index)
    one = panel.initiatives[0]
    one.refresh_from_db()
    services.save_initiative(
        initiative=one,
        values={"need": {"en": "Another need", "fr": "Un autre besoin"}},
        themes={},
        districts=[],
        costs=[],
        by=panel.manager,
        at=now,
    )
    assert "Changed since the round took them in" in words(
        signed_in(panel.manager).get(address("round_panel", round))
    )
    entry = round.entries.select_related("initiative", "round__programme", "revision").get(initiative=one)
    services.refresh_entry(entry=entry, by=panel.manager, at=now)
    mine = next(each for each in assigned(round) if each.entry_id == entry.pk)
    shown = signed_in(mine.assessor).get(reverse("admin:prioritisation_assess_one", args=[mine.pk]))
    assert "It was changed since you scored it" in words(shown)
    assert Assessment.objects.get(assignment=mine).revision_id != entry.revision_id
    rows = close(panel, round)
    assert rows[0]["reference"] == one.reference
    assert rows[0]["reviews"] == 3


def test_a_conflict_declared_after_scoring_takes_the_score_and_leaves_the_row(now: Any) -> None:
    panel = panels.make(now, initiatives=3)
    round = panel.open()
    panel.score(round, lambda index: 3)
    mine = assigned(round)[0]
    client = signed_in(mine.assessor)
    page = reverse("admin:prioritisation_assess_conflict", args=[mine.pk])
    assert client.post(page, {"reason": "My brother"}).status_code == 302
    assert Assessment.objects.filter(assignment=mine).exists(), "the row stays"
    rows = {row["reference"]: row for row in close(panel, round)}
    counted = [one["reviews"] for one in services.latest_result(round).inputs["initiatives"]]
    assert sum(map(len, counted)) == Assessment.objects.count() - 1
    assert rows[mine.entry.initiative.reference]["reviews"] == 2


def test_a_tie_across_the_line_is_nobodys_without_a_decision(now: Any) -> None:
    panel = panels.make(now, initiatives=5)
    round = panel.open(places=2)
    panel.score(round, lambda index: [5, 3, 3, 3, 1][index])
    rows = close(panel, round)
    assert [row["status"] for row in rows] == ["in", "tie", "tie", "tie", "out"]
    assert services.undecided(round).count() == 3
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=now)
    with pytest.raises(Refused, match="3 initiatives are not decided yet"):
        services.publish_round(round=round, by=panel.publisher, at=now)


def test_every_odd_result_is_recomputed_by_the_command(now: Any, capsys: Any) -> None:
    panel = panels.make(now, initiatives=2)
    for level in (None, 3):
        round = panel.open()
        for assignment in assigned(round):
            hand_in(assignment, panel, level)
        panel.close(round)
        Round.objects.filter(pk=round.pk).update(state="decided")
    call_command("recompute", "--all")
    assert "0 different" in capsys.readouterr().out


def test_nobody_signed_in_reads_none_of_it(now: Any) -> None:
    panel = panels.make(now, initiatives=1)
    round = panel.open()
    panel.close(round)
    for name in PAGES:
        assert Client().get(address(name, round)).status_code == 302
