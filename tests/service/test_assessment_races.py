"""Two people at one round, its panel, its scores or its initiatives at the same moment, on PostgreSQL.

One takes effect and the other is told, or both do in an order that is sound. Whoever comes second read
everything before the first was done.
"""

from datetime import datetime
from typing import Any

import pytest
from django.db.models import Count

from engagement.models import Notice
from engagement.services import Stale
from prioritisation import services
from prioritisation.models import (
    Assessment,
    Assignment,
    Event,
    FactCheck,
    Initiative,
    PanelMember,
    Result,
    Round,
)
from prioritisation.workflow import Role
from tests import factories, panels
from tests.service.meeting import TIED, both, meet, one_of

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

# The panel -----------------------------------------------------------------------------------------------


def test_a_newcomer_gets_one_seat(panel: panels.Panel) -> None:
    round = panel.open()
    newcomer = factories.member(panel.programme, factories.staff("newcomer"), Role.ASSESSOR)

    def join() -> Any:
        mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
        return services.join_panel(round=mine, seat=services.Seat(newcomer), by=panel.manager, at=panel.now)

    one_of(meet(join, join))
    assert PanelMember.objects.filter(user=newcomer).count() == 1
    assert Event.objects.filter(verb="join_panel").count() == 1
    letters = list(round.panel.values_list("letter", flat=True))
    assert len(set(letters)) == len(letters) == 7


def test_two_newcomers_at_once_get_different_letters(panel: panels.Panel) -> None:
    round = panel.open()

    def join(name: str) -> Any:
        person = factories.member(panel.programme, factories.staff(name), Role.ASSESSOR)
        mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
        return lambda: services.join_panel(
            round=mine, seat=services.Seat(person), by=panel.manager, at=panel.now
        )

    both(meet(join("new"), join("newer")))
    letters = list(round.panel.values_list("letter", flat=True))
    assert len(set(letters) - {""}) == len(letters) == 8


def test_further_assessors_are_asked_once_and_mailed_once(panel: panels.Panel) -> None:
    round = panel.open(per_initiative=2, terms=services.Terms(top_up=2))
    panel.score(round, lambda index: TIED[index])

    def top_up() -> Any:
        mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
        return services.top_up(round=mine, by=panel.manager, at=panel.now)

    said = meet(top_up, top_up)
    one_of(said)
    asked = Assignment.objects.filter(origin=Assignment.Origin.TOP_UP)
    assert asked.count() == said[0] == 8
    mails = Notice.objects.filter(kind="prioritisation.more_asked").values("user").annotate(n=Count("pk"))
    assert set(mails.values_list("n", flat=True)) == {1}
    assert mails.count() == asked.values("assessor").distinct().count()


def test_who_leaves_twice_leaves_once(panel: panels.Panel) -> None:
    panel.open()
    mine, other = (PanelMember.objects.select_related("round__programme").all()[0] for _ in range(2))
    one_of(
        meet(
            lambda: services.leave_panel(member=mine, reason="Moved", by=panel.manager, at=panel.now),
            lambda: services.leave_panel(member=other, reason="Ill", by=panel.manager, at=panel.now),
        )
    )
    assert PanelMember.objects.exclude(left_at=None).get().left_reason == "Moved"


def test_departments_are_asked_once_by_two_managers(panel: panels.Panel) -> None:
    round = panel.prepare()
    owner_of(panel.initiatives[0])

    def ask() -> Any:
        mine = Round.objects.select_related("programme").get(pk=round.pk)
        return services.ask_for_facts(round=mine, until=panel.now.date(), by=panel.manager, at=panel.now)

    assert meet(ask, ask) == [{"sent": 1, "spared": 0}, {"sent": 0, "spared": 1}]
    assert Notice.objects.filter(kind="prioritisation.facts_asked").count() == 1


# Scores --------------------------------------------------------------------------------------------------


def my_assignment(round: Round) -> Assignment:
    rows = Assignment.objects.select_related("entry__round__policy_version", "entry__round__programme")
    return rows.select_related("assessor").filter(entry__round=round).order_by("pk")[0]


def save(assignment: Assignment, now: datetime, *, submit: bool = True) -> Assessment:
    return services.save_assessment(
        assignment=assignment,
        scores=dict.fromkeys(panels.CRITERIA, 3),
        by=assignment.assessor,
        at=now,
        submit=submit,
    )


def leave(panel: panels.Panel, assignment: Assignment) -> Any:
    seats = PanelMember.objects.select_related("round__programme", "user")
    seat = seats.get(round=assignment.entry.round, user=assignment.assessor)
    return lambda: services.leave_panel(member=seat, reason="Moved", by=panel.manager, at=panel.now)


def test_what_was_handed_in_before_its_assessor_left_counts(panel: panels.Panel) -> None:
    mine = my_assignment(panel.open())
    both(meet(lambda: save(mine, panel.now), leave(panel, mine)))
    assert Assessment.objects.counted().get().assignment_id == mine.pk
    others = Assignment.objects.filter(entry=mine.entry).exclude(pk=mine.pk)
    assert others.count() == 2, "nobody is asked in place of what is there"


@pytest.mark.parametrize("submit", [False, True])
def test_who_left_meanwhile_is_told_and_nothing_is_saved(panel: panels.Panel, submit: bool) -> None:
    mine = my_assignment(panel.open())
    one_of(meet(leave(panel, mine), lambda: save(mine, panel.now, submit=submit)))
    assert not Assessment.objects.exists()
    assert not Assignment.objects.filter(pk=mine.pk).exists()


def test_a_draft_is_not_saved_again_by_who_left(panel: panels.Panel) -> None:
    mine = my_assignment(panel.open())
    save(mine, panel.now, submit=False)
    one_of(meet(leave(panel, mine), lambda: save(mine, panel.now)))
    assert not Assessment.objects.exists()


def test_who_is_no_longer_asked_is_told(panel: panels.Panel) -> None:
    mine = my_assignment(panel.open())
    other = Assignment.objects.select_related("entry__round__programme").get(pk=mine.pk)
    one_of(
        meet(
            lambda: services.unassign_person(assignment=other, by=panel.manager, at=panel.now),
            lambda: save(mine, panel.now),
        )
    )
    assert not Assessment.objects.exists()


def test_a_score_is_not_saved_over_a_conflict_declared_in_another_window(panel: panels.Panel) -> None:
    round = panel.open()
    mine, other = my_assignment(round), my_assignment(round)
    one_of(
        meet(
            lambda: services.declare_conflict(
                assignment=other, reason="My brother", by=other.assessor, at=panel.now
            ),
            lambda: save(mine, panel.now),
        )
    )
    assert not Assessment.objects.exists()


def test_a_score_saved_before_the_round_closes_is_ranked(panel: panels.Panel) -> None:
    round = panel.open()
    mine, my_round = my_assignment(round), Round.objects.get(pk=round.pk)
    close = {"round": my_round, "by": panel.manager, "at": panel.now}
    both(meet(lambda: save(mine, panel.now), lambda: services.close_round(**close)))
    ranked = services.latest_result(round).inputs["initiatives"]
    assert [len(one["reviews"]) for one in ranked if one["reviews"]] == [1]


def test_a_score_after_the_round_closed_is_refused(panel: panels.Panel) -> None:
    round = panel.open()
    mine, my_round = my_assignment(round), Round.objects.get(pk=round.pk)
    close = {"round": my_round, "by": panel.manager, "at": panel.now}
    one_of(meet(lambda: services.close_round(**close), lambda: save(mine, panel.now)))
    assert not Assessment.objects.exists()
    assert Result.objects.count() == 1


@pytest.mark.parametrize("first", ["finding", "close"])
def test_a_finding_is_in_the_ranking_or_refused(panel: panels.Panel, first: str) -> None:
    """One that came in beside the closing would be published with a decision that it was not part of."""
    round = panel.open()
    entry = round.entries.select_related("round__programme", "round__policy_version", "initiative")[0]
    mine = Round.objects.get(pk=round.pk)

    def find() -> None:
        services.check_gate(
            entry=entry,
            gate="powers",
            verdict="fail",
            reason="",
            text={"en": "It is the state’s."},
            by=panel.manager,
            at=panel.now,
        )

    def close() -> None:
        services.close_round(round=mine, by=panel.manager, at=panel.now)

    if first == "finding":
        both(meet(find, close))
    else:
        one_of(meet(close, find))
    found = {one["reference"]: one["checks"] for one in services.latest_result(round).inputs["initiatives"]}
    stored = {"powers": "fail"} if entry.gate_checks.exists() else {}
    assert found[entry.initiative.reference] == stored


# Rounds and initiatives ------------------------------------------------------------------------------------


def test_two_rounds_never_assess_the_same_initiative(panel: panels.Panel) -> None:
    """Opened by two managers at once, each of a round of its own."""
    rounds = [panel.prepare(), panel.prepare()]

    def opening(round: Round) -> Any:
        mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
        return lambda: services.open_round(round=mine, by=panel.manager, at=panel.now)

    one_of(meet(*map(opening, rounds)))
    assert Round.objects.filter(state="open").count() == 1


def owner_of(initiative: Initiative) -> Any:
    person = factories.staff("clerk of the owner")
    type(person).objects.filter(pk=person.pk).update(department=initiative.owner)
    person.refresh_from_db()
    return person


def edit(panel: panels.Panel, initiative: Initiative) -> Any:
    mine = Initiative.objects.select_related("programme", "owner").get(pk=initiative.pk)
    return lambda: services.save_initiative(
        initiative=mine,
        values={"timeframe_months": 30},
        themes={},
        districts=[],
        costs=[],
        by=panel.manager,
        at=panel.now,
    )


def confirm(panel: panels.Panel, initiative: Initiative) -> Any:
    mine = Initiative.objects.select_related("programme", "owner").get(pk=initiative.pk)
    person = owner_of(mine)
    return lambda: services.confirm_facts(initiative=mine, by=person, at=panel.now, version=mine.version)


def test_facts_changed_meanwhile_are_not_confirmed(panel: panels.Panel) -> None:
    one = panel.initiatives[0]
    said = meet(edit(panel, one), confirm(panel, one))
    one_of(said)
    assert isinstance(said[1], Stale)
    assert not FactCheck.objects.exists()


def test_facts_confirmed_before_they_changed_hold_no_longer(panel: panels.Panel) -> None:
    one = panel.initiatives[0]
    both(meet(confirm(panel, one), edit(panel, one)))
    assert FactCheck.objects.get().revision.content["timeframe_months"] == 12
    assert services.check_of(Initiative.objects.get(pk=one.pk)) is None


@pytest.mark.parametrize("first", ["edit", "open"])
def test_a_wording_changed_as_a_round_opens_is_in_it_or_marked_changed(
    panel: panels.Panel, first: str
) -> None:
    round = panel.prepare()
    mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
    works = [
        edit(panel, panel.initiatives[0]),
        lambda: services.open_round(round=mine, by=panel.manager, at=panel.now),
    ]
    both(meet(*(works if first == "edit" else works[::-1])))
    entry = round.entries.select_related("revision").get(initiative=panel.initiatives[0])
    assert entry.revision is not None
    frozen = entry.revision.content["timeframe_months"]
    assert frozen == entry.figures["timeframe_months"], "what assessors read is what is counted"
    changed = [one.initiative_id for one in services.changed_entries(round)]
    assert (frozen, changed) in [(30, []), (12, [panel.initiatives[0].pk])]


@pytest.mark.parametrize("verb", ["back_to_draft", "merge", "set_aside"])
@pytest.mark.parametrize("first", ["open", "move"])
def test_no_round_assesses_what_is_moved_as_it_opens(panel: panels.Panel, verb: str, first: str) -> None:
    round = panel.prepare()
    mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
    one, other = Initiative.objects.select_related("programme").order_by("pk")[:2]
    common: dict[str, Any] = {"initiative": one, "by": panel.manager, "at": panel.now}

    def move() -> None:
        if verb == "merge":
            services.merge_initiative(into=other, text={"en": "The same."}, **common)
        elif verb == "set_aside":
            services.set_aside_initiative(reason="no_owner", text={"en": "Nobody can."}, **common)
        else:
            services.move_initiative(verb=verb, **common)

    works = [lambda: services.open_round(round=mine, by=panel.manager, at=panel.now), move]
    one_of(meet(*(works if first == "open" else works[::-1])))
    one.refresh_from_db()
    round.refresh_from_db()
    assert (round.state == "open") == (one.state == "ready") == (first == "open")


def test_ideas_added_while_the_text_changes_are_kept_with_the_new_text(panel: panels.Panel) -> None:
    one = panel.initiatives[0]
    idea = factories.Idea(call=panel.programme.calls.get(), state="published")
    mine = Initiative.objects.select_related("programme").get(pk=one.pk)
    link = {"initiative": mine, "ideas": [idea], "by": panel.manager, "at": panel.now}
    both(meet(edit(panel, one), lambda: services.link_ideas(**link)))
    newest = one.revisions.order_by("number").last()
    assert newest is not None
    assert newest.content["timeframe_months"] == 30
    assert idea.reference in newest.content["ideas"]
