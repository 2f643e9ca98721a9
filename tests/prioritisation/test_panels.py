"""The panel of a round: seats, teams, calibration, who is asked as well, who goes, files. No score leaks."""

import copy
import csv
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from engagement.models import Notice
from engagement.services import Refused
from prioritisation import emails, services
from prioritisation.models import Assessment, Assignment, Entry, FactCheck, PanelMember, Round
from prioritisation.policies import catalogue
from tests import factories, panels
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db
KEYS = panels.CRITERIA


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=8)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:prioritisation_{name}", args=args)


def hand_in(assignment: Assignment, level: float, now: Any) -> None:
    asked = services.asked_of(assignment)
    services.save_assessment(
        assignment=assignment,
        scores={one.key: level for one in asked},
        by=assignment.assessor,
        at=now,
        submit=True,
    )


def test_calibration_goes_to_everybody_and_is_drawn_alike(panel: panels.Panel) -> None:
    round = panel.open(calibration=panel.initiatives[:1], calibration_size=3)
    everyone = round.entries.filter(calibration=True)
    assert everyone.count() == 3
    assert everyone.filter(initiative=panel.initiatives[0]).exists()
    assert {entry.assignments.count() for entry in everyone} == {6}
    rest = round.entries.filter(calibration=False)
    assert {entry.assignments.count() for entry in rest} == {3}
    letters = set(round.panel.values_list("letter", flat=True))
    assert len(letters - {""}) == 6
    assert services.meetings_of(services.standing(round))[0].connected


def test_teams_are_asked_about_their_own_criteria_only(panel: panels.Panel) -> None:
    document = copy.deepcopy(catalogue.load("montreal-2015"))
    document["teams"] = [{"key": "finance", "label": {"en": "Finance", "fr": "Finances"}}]
    next(one for one in document["criteria"] if one["key"] == "return")["team"] = "finance"
    version = services.adopt_policy(
        programme=panel.programme, document=document, by=panel.manager, at=panel.now
    )
    services.approve_policy(policy_version=version, by=panel.manager, at=panel.now)
    seats = [services.Seat(user, team="finance" if n < 2 else "") for n, user in enumerate(panel.assessors)]
    round = panel.open(panel=seats, policy_version=version)
    finance = set(panel.assessors[:2])
    for entry in round.entries.all():
        people = {one.assessor for one in entry.assignments.select_related("assessor")}
        assert people >= finance
        assert len(people - finance) == 3
    cheque = Assignment.objects.filter(entry__round=round, assessor=panel.assessors[0])[0]
    hand_in(cheque, 4, panel.now)
    saved = Assessment.objects.get(assignment=cheque)
    assert [score for score in saved.scores if score is not None] == [4]
    assert saved.missing == {}
    with pytest.raises(Refused):
        services.save_assessment(assignment=cheque, scores={"citizens": 5}, by=cheque.assessor, at=panel.now)
    shown = signed_in(panel.assessors[0]).get(page("assess_one", cheque.pk)).content.decode()
    assert "score_return" in shown
    assert "score_citizens" not in shown
    nobody = panel.prepare(policy_version=version, panel=panel.assessors)
    panel.close(round)
    with pytest.raises(Refused, match="Nobody on the panel judges"):
        services.open_round(round=nobody, by=panel.manager, at=panel.now)


def test_terms_are_refused_where_they_hide_nobody_or_have_no_reason(panel: panels.Panel) -> None:
    with pytest.raises(Refused) as told:
        panel.prepare(terms=services.Terms(severity="used"))
    assert told.value.field == "severity_reason"
    with pytest.raises(Refused) as told:
        panel.prepare(panel=panel.assessors[:4], terms=services.Terms(disclosure="scores"))
    assert told.value.field == "disclosure"
    assert panel.prepare(terms=services.Terms(disclosure="scores")).disclosure == "scores"


def test_conflicts_noted_beforehand_are_kept_and_never_assigned(panel: panels.Panel) -> None:
    round = panel.prepare()
    entry, user = round.entries.all()[0], panel.assessors[0]
    services.note_conflict(entry=entry, assessor=user, reason="My brother", by=panel.manager, at=panel.now)
    services.set_entries(round=round, initiatives=panel.initiatives, by=panel.manager, at=panel.now)
    assert signed_in(user).get(page("assess")).status_code == 200  # nothing of a round that is not open
    services.open_round(round=round, by=panel.manager, at=panel.now)
    mine = Assignment.objects.filter(entry=entry).without_conflict()
    assert (mine.count(), mine.filter(assessor=user).exists()) == (3, False)


def test_who_leaves_keeps_what_is_handed_in_and_the_rest_is_asked_of_others(panel: panels.Panel) -> None:
    round = panel.open()
    user = panel.assessors[0]
    mine = list(Assignment.objects.filter(entry__round=round, assessor=user))
    hand_in(mine[0], 3, panel.now)
    member = PanelMember.objects.get(round=round, user=user)
    with pytest.raises(Refused):
        services.leave_panel(member=member, reason=" ", by=panel.manager, at=panel.now)
    given = services.leave_panel(member=member, reason="Moved", by=panel.manager, at=panel.now)
    assert given == len(mine) - 1
    assert list(Assignment.objects.filter(assessor=user)) == [mine[0]]
    counts = {
        e.assignments.exclude(assessor=user).count() for e in round.entries.exclude(pk=mine[0].entry_id)
    }
    assert counts == {3}
    with pytest.raises(Refused):
        services.leave_panel(member=member, reason="Again", by=panel.manager, at=panel.now)


def test_a_person_is_added_and_taken_off_by_hand(panel: panels.Panel) -> None:
    round = panel.open()
    entry = round.entries.all()[0]
    taken = set(entry.assignments.values_list("assessor_id", flat=True))
    free = next(user for user in panel.assessors if user.pk not in taken)
    client, url = signed_in(panel.manager), page("round_panel", round.pk)
    values = {"action": "assign", "assessor": free.pk, "entry": entry.pk}
    assert client.post(url, values).status_code == 302
    again = client.post(url, values)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    assert client.post(url, {**values, "action": "unassign"}).status_code == 302
    one = entry.assignments.select_related("assessor")[0]
    hand_in(one, 2, panel.now)
    stays = client.post(url, {**values, "action": "unassign", "assessor": one.assessor_id})
    assert stays.status_code == 422
    assert Assignment.objects.filter(pk=one.pk).exists()
    stranger = client.post(url, {**values, "assessor": panel.manager.pk})
    assert stranger.status_code == 422


def near(panel: panels.Panel) -> Round:
    return panel.open(per_initiative=2, terms=services.Terms(top_up=2))


def test_the_half_nearest_the_line_gets_more_and_no_figure_is_told(panel: panels.Panel) -> None:
    round = near(panel)
    order = {one.pk: index for index, one in enumerate(panel.initiatives)}
    levels = [5, 5, 4, 3, 3, 2, 0, 0]
    for one in Assignment.objects.filter(entry__round=round).select_related("entry"):
        if order[one.entry.initiative_id] == 0 and one.pk % 2:
            continue
        hand_in(one, levels[order[one.entry.initiative_id]], panel.now)
    if not services.first_ones_in(round):
        with pytest.raises(Refused) as told:
            services.top_up(round=round, by=panel.manager, at=panel.now)
        assert told.value.field == "early"
    for one in Assignment.objects.filter(entry__round=round).not_handed_in():
        hand_in(one, 5, panel.now)
    entries = services.near_the_line(round, by=panel.manager)
    names = [entry.initiative.reference for entry in entries]
    assert names == [panel.initiatives[index].reference for index in (2, 3, 4, 5)]
    shown = signed_in(panel.manager).get(page("round_top_up", round.pk)).content.decode()
    assert [shown.index(name) for name in names] == sorted(shown.index(name) for name in names)
    seat = round.panel.create(user=panel.manager)
    on_panel = signed_in(panel.manager).get(page("round_top_up", round.pk)).content.decode()
    assert not any(one.reference in on_panel for one in panel.initiatives)
    assert "Ask them" in on_panel
    assert "Look all the same" not in on_panel  # all are in
    seat.delete()
    assert services.top_up(round=round, by=panel.manager, at=panel.now) == 8
    file = signed_in(panel.manager).get(page("round_assignments", round.pk)).content.decode()
    assert "top_up" in file
    seat = round.panel.create(user=panel.manager)
    file = signed_in(panel.manager).get(page("round_assignments", round.pk)).content.decode()
    assert "top_up" not in file
    seat.delete()
    with pytest.raises(Refused, match="already"):
        services.top_up(round=round, by=panel.manager, at=panel.now)
    more = Notice.objects.filter(kind="prioritisation.more_asked")
    assert {str(one.context) for one in more} == {str({"round": round.pk})}
    assert len({one.created_at for one in more}) == 1
    for user in panel.assessors:
        own = signed_in(user).get(page("assess")).content.decode()
        assert "near the line" not in own
        assert signed_in(user).get(page("round_top_up", round.pk)).status_code == 403


def test_looking_early_is_offered_once(panel: panels.Panel) -> None:
    client, url = signed_in(panel.manager), page("round_top_up", near(panel).pk)
    assert "Look all the same" in client.get(url).content.decode()
    looking = client.get(url, {"early": "1"}).content.decode()
    assert "Look all the same" not in looking
    assert "Not all first assessments are in." in looking


def test_the_file_of_assignments_holds_no_letter_and_assessors_read_who_could_tell_theirs(
    panel: panels.Panel,
) -> None:
    round = panel.open()
    file = signed_in(panel.manager).get(page("round_assignments", round.pk)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(file.splitlines()))
    assert set(rows[0]) == {"username", "initiative", "team", "origin"}
    assert [(one["initiative"], one["username"]) for one in rows] == sorted(
        (one["initiative"], one["username"]) for one in rows
    )
    letters = set(round.panel.values_list("letter", flat=True))
    assert not letters & {cell for row in rows for cell in row.values()}
    mine = Assignment.objects.of(panel.assessors[0]).filter(entry__round=round)[0]
    said = signed_in(panel.assessors[0]).get(page("assess_one", mine.pk)).content.decode()
    assert "could tell from that whose letter is whose" in said


def test_a_newcomer_is_asked_about_nothing_but_what_comes_later(panel: panels.Panel) -> None:
    round = near(panel)
    newcomer = factories.member(panel.programme, factories.staff("newcomer"), "assessor")
    before = set(Assignment.objects.values_list("pk", flat=True))
    seat = services.Seat(newcomer)
    services.join_panel(round=round, seat=seat, by=panel.manager, at=panel.now)
    assert set(Assignment.objects.values_list("pk", flat=True)) == before
    with pytest.raises(Refused, match="already"):
        services.join_panel(round=round, seat=seat, by=panel.manager, at=panel.now)
    services.top_up(round=round, by=panel.manager, at=panel.now, early=True)
    mine = Assignment.objects.filter(assessor=newcomer)
    assert set(mine.values_list("origin", flat=True)) == {"top_up"}
    assert round.panel.get(user=newcomer).letter


def test_a_file_with_a_fault_changes_nothing(panel: panels.Panel) -> None:
    round = panel.open()
    client, url = signed_in(panel.manager), page("round_panel", round.pk)
    text = client.get(page("round_assignments", round.pk)).content.decode("utf-8-sig")
    before = set(Assignment.objects.values_list("pk", flat=True))
    broken = text.replace("\r\n", "\r\nnobody,I0,,\r\n", 1)

    def send(content: str) -> Any:
        file = SimpleUploadedFile("a.csv", content.encode())
        seen = services.assignments_state(round)
        return client.post(url, {"action": "import", "file": file, "seen": seen})

    answer = send(broken)
    assert answer.status_code == 422
    assert "Line 2" in answer.content.decode()
    assert "columns username" in send("a,b\r\n1,2\r\n").content.decode()
    assert send("\x00").status_code == 422
    long = send("username,initiative\r\n" + "".join(f"{n}{'x' * 900},I0\r\n" for n in range(2000)))
    assert "There are 1980 faults more" in long.content.decode()
    assert len(long.content) < 100_000
    other = SimpleUploadedFile("a.csv", text.encode("utf-16"))
    answer = client.post(url, {"action": "import", "file": other})
    assert "Save it again as UTF-8" in answer.content.decode()
    assert set(Assignment.objects.values_list("pk", flat=True)) == before
    assert send(text).status_code == 302
    assert set(Assignment.objects.values_list("pk", flat=True)) == before
    lines = text.splitlines(keepends=True)
    assert send("".join(lines[:-1])).status_code == 302
    assert Assignment.objects.count() == len(before) - 1


def test_one_reminder_for_all_rounds_and_none_again_within_the_days(panel: panels.Panel) -> None:
    round = panel.open(due_at=panel.now + timedelta(days=2))
    for one in Assignment.objects.filter(entry__round=round, assessor=panel.assessors[0]):
        hand_in(one, 3, panel.now)
    told = Notice.objects.filter(kind="prioritisation.reminder")
    assert services.remind_due(at=panel.now) == 5
    assert not told.filter(user=panel.assessors[0]).exists()
    assert services.remind_panel(round=round, by=panel.manager, at=panel.now) == {"sent": 0, "spared": 5}
    assert services.remind_due(at=panel.now + timedelta(days=4)) == 0
    assert services.remind_due(at=panel.now + timedelta(days=6)) == 5
    assert told.count() == 10


def test_a_reminder_says_how_many_are_left_and_until_when(panel: panels.Panel) -> None:
    due = panel.now + timedelta(days=2)
    round = panel.open(due_at=due)
    services.remind_due(at=panel.now)
    notice = Notice.objects.filter(kind="prioritisation.reminder")[0]
    mine = Assignment.objects.of(notice.user).filter(entry__round=round)
    left = mine.count()
    hand_in(mine[0], 3, panel.now)
    message = emails.compose(notice, panel.now)
    assert message.subject == f"{left - 1} assessments wait for you"
    day = date_format(timezone.localtime(due), "DATE_FORMAT")
    assert f"- {round}: {left - 1} left, due by {day}" in message.body
    late = emails.compose(notice, due + timedelta(hours=1))
    assert f"{left - 1} left, was due by {day}" in late.body
    for one in mine:
        hand_in(one, 3, panel.now)
    assert "You have handed in everything" in emails.compose(notice, panel.now).body


def as_shown(answer: Any) -> dict[str, Any]:
    """What a browser would send of the page of facts if nothing was touched."""
    forms = [answer.context["form"], answer.context["costs"].management_form, *answer.context["costs"].forms]
    shown = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in shown.items() if value not in (None, False)}


def test_a_department_confirms_and_a_later_change_makes_it_stale(panel: panels.Panel) -> None:
    round = panel.prepare()
    initiative = panel.initiatives[0]
    clerk = factories.staff("clerk")
    clerk.department = initiative.owner
    clerk.save()
    client, url = signed_in(clerk), page("fact", initiative.reference)
    assert initiative.reference in client.get(page("facts")).content.decode()
    assert signed_in(panel.analyst).get(url).status_code == 404
    assert len(services.unconfirmed(round)) == 8
    services.ask_for_facts(round=round, until=panel.now.date(), by=panel.manager, at=panel.now)
    assert Notice.objects.filter(kind="prioritisation.facts_asked", user=clerk).count() == 1
    initiative.refresh_from_db()
    whole = as_shown(client.get(url))
    typed = {**whole, "action": "confirm", "timeframe_months": 7}
    assert client.post(url, typed).status_code == 422  # confirmed, and changed as well: which of the two?
    assert len(services.unconfirmed(round)) == 8
    assert client.post(url, {**whole, "action": "confirm"}).status_code == 302
    assert len(services.unconfirmed(round)) == 7
    data = {
        "action": "correct",
        "version": initiative.version,
        "timeframe_months": 30,
        "costs-TOTAL_FORMS": 0,
        "costs-INITIAL_FORMS": 0,
    }
    assert client.post(url, data).status_code == 422  # without saying what was wrong
    assert client.post(url, {**data, "note": "Too short"}).status_code == 302
    initiative.refresh_from_db()
    assert initiative.timeframe_months == 30
    assert client.post(url, {**data, "note": "Again"}).status_code == 422  # seen before the change
    assert FactCheck.objects.filter(verdict="corrected").count() == 1
    assert len(services.unconfirmed(round)) == 7
    services.save_initiative(
        initiative=initiative,
        values={"timeframe_months": 6},
        themes={},
        districts=[],
        costs=[],
        by=panel.manager,
        at=panel.now,
    )
    assert len(services.unconfirmed(round)) == 8


def test_a_changed_wording_is_told_and_taken_in(panel: panels.Panel) -> None:
    round = panel.open()
    one = Assignment.objects.filter(entry__round=round).select_related("assessor", "entry")[0]
    hand_in(one, 3, panel.now)
    assert services.changed_entries(round) == []
    initiative = one.entry.initiative
    services.save_initiative(
        initiative=initiative,
        values={"need": {"en": "Another need"}},
        themes={},
        districts=[],
        costs=[],
        by=panel.manager,
        at=panel.now,
    )
    assert services.changed_entries(round) == [one.entry]
    was = Assessment.objects.get(assignment=one).revision_id
    answer = signed_in(panel.manager).post(
        page("round_panel", round.pk), {"action": "refresh", "entry": one.entry_id}
    )
    assert answer.status_code == 302
    assert Assessment.objects.get(assignment=one).revision_id == was
    assert Entry.objects.get(pk=one.entry_id).revision_id != was
    shown = signed_in(one.assessor).get(page("assess_one", one.pk)).content.decode()
    assert "Another need" in shown
    assert "look again" in shown


def test_a_panel_in_two_parts_is_joined_by_one_press(panel: panels.Panel) -> None:
    round = panel.open(per_initiative=1)
    found = services.meetings_of(services.standing(round))[0]
    assert (found.connected, found.parts) == (False, 6)
    client, url = signed_in(panel.manager), page("round_panel", round.pk)
    for entry, member in found.bridges:
        values = {"action": "connect", "entry": entry.pk, "assessor": member.user_id}
        assert client.post(url, values).status_code == 302
    assert services.meetings_of(services.standing(round))[0].connected
    assert Assignment.objects.filter(origin="connection").count() == 5


def test_before_opening_the_hours_of_one_more_or_fewer_are_told(panel: panels.Panel) -> None:
    round = panel.prepare(calibration_size=2)
    around = services.hours(services.distribute(round), top_up=0)
    assert [one.reviews for one in around] == [2 * 6 + 6 * 2, 2 * 6 + 6 * 3, 2 * 6 + 6 * 4]
    assert around[1].total == pytest.approx(30 * 90 / 3600)
    shown = signed_in(panel.manager).get(page("round_open", round.pk)).content.decode()
    assert "not checked the facts" in shown
    assert "needs 8 initiatives" in shown


def test_the_panel_page_has_the_same_queries_whatever_its_size(
    panel: panels.Panel, django_assert_max_num_queries: Any
) -> None:
    round = panel.open()
    client = signed_in(panel.manager)
    with django_assert_max_num_queries(40):
        client.get(page("round_panel", round.pk))


@pytest.mark.parametrize(("assessors", "warned"), [(2, True), (3, False)])
def test_a_small_panel_is_told_what_will_not_be_published(assessors: int, warned: bool) -> None:
    made = panels.make(timezone.now(), assessors=assessors)
    made.work_up(3)
    round = made.prepare(per_initiative=3)
    spread = services.distribute(round)
    told = services.warnings(round, spread, services.meetings_of(spread))
    assert any("Fewer than three" in one for one in told) == warned
