"""The checklist: proposed from dates, ticked by people only, for who manages the programme."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.models import ChecklistItem, Event
from prioritisation.services import StepDraft
from prioritisation.workflow import Role
from tests import factories, panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    made = panels.make(now)
    made.manager.user_permissions.add(*factories.permissions_named("prioritisation.view_programme"))
    return made


@pytest.fixture
def desk(panel: panels.Panel) -> Client:
    client = Client()
    client.force_login(panel.manager)
    return client


def address(panel: panels.Panel, page: str, *more: object) -> str:
    return reverse(f"admin:prioritisation_programme_{page}", args=(panel.programme.pk, *more))


def add(
    panel: panels.Panel, label: str = "Book the room", due: date | None = None, key: str = ""
) -> ChecklistItem:
    draft = StepDraft(label={"en": label}, due_on=due, key=key)
    return services.add_steps(programme=panel.programme, steps=[draft], by=panel.manager, at=panel.now)[0]


def test_standard_steps_follow_the_dates_in_both_languages(panel: panels.Panel, now: Any) -> None:
    call = panel.programme.calls.get()
    assert {one.due_on for one in services.propose_steps(panel.programme)} == {None}
    call.closes_at = now
    call.save()
    closes = timezone.localdate(now)
    due = {one.key: one.due_on for one in services.propose_steps(panel.programme)}
    assert due["triage"] == closes + timedelta(days=14)
    assert due["open_round"] == closes + timedelta(weeks=8)
    assert due["publish"] == closes + timedelta(weeks=8 + 3 + 4)
    panel.work_up(2)
    panel.open(due_at=now + timedelta(days=30))
    panel.programme.ends_on = closes + timedelta(days=60)
    due = {one.key: one.due_on for one in services.propose_steps(panel.programme)}
    assert (due["open_round"], due["assess"]) == (closes, closes + timedelta(days=30))
    assert due["publish"] == closes + timedelta(days=60)
    for one in services.propose_steps(panel.programme):
        assert set(one.label) == {"en", "fr"}
        assert one.label["en"] != one.label["fr"]


def test_proposed_steps_are_chosen_dated_and_not_proposed_twice(desk: Client, panel: panels.Panel) -> None:
    page = desk.get(address(panel, "checklist")).content.decode()
    assert "Decide on every idea that came in" in page
    bad = {"_propose": "1", "take_triage": "on", "due_triage": "31 May"}
    refused = desk.post(address(panel, "checklist"), bad)
    assert refused.status_code == 422
    assert 'value="31 May"' in refused.content.decode()
    sent = {"_propose": "1", "take_triage": "on", "due_triage": "2026-06-01", "due_rules": "2026-05-01"}
    assert desk.post(address(panel, "checklist"), sent).status_code == 302
    item = panel.programme.checklist.get()
    assert (item.key, item.due_on) == ("triage", date(2026, 6, 1))
    assert item.label["fr"] == "Décider de chaque idée reçue"
    assert "take_triage" not in desk.get(address(panel, "checklist")).content.decode()
    assert (
        services.add_steps(
            programme=panel.programme,
            steps=[StepDraft(label={"en": "x"}, due_on=None, key="triage")],
            by=panel.manager,
            at=panel.now,
        )
        == []
    )


def test_own_steps_are_added_changed_and_removed(desk: Client, panel: panels.Panel) -> None:
    empty = desk.post(address(panel, "checklist"), {"label_en": "", "due_on": "2026-06-01"})
    assert empty.status_code == 422
    assert 'value="2026-06-01"' in empty.content.decode()
    desk.post(address(panel, "checklist"), {"label_en": "Book the room", "due_on": "2026-06-01"})
    item = panel.programme.checklist.get()
    sent = {"label_en": "Book the big room", "due_on": "", "version": 1}
    assert desk.post(address(panel, "step", item.pk), sent).status_code == 302
    stale = desk.post(address(panel, "step", item.pk), {**sent, "label_en": "Book none"})
    assert stale.status_code == 409
    assert "Book none" in stale.content.decode()
    item.refresh_from_db()
    assert (item.label, item.due_on) == ({"en": "Book the big room"}, None)
    assert desk.post(address(panel, "step", item.pk), {"_remove": "1", "version": 2}).status_code == 302
    assert not ChecklistItem.objects.exists()
    verbs = Event.objects.filter(verb__contains="step").values_list("verb", flat=True)
    assert list(verbs) == ["add_steps", "change_step", "remove_step"]


def test_ticking_says_who_and_when_and_can_be_taken_back(desk: Client, panel: panels.Panel) -> None:
    item = add(panel)
    desk.post(address(panel, "tick", item.pk), {"done": "1", "version": 1})
    item.refresh_from_db()
    assert item.done_by == panel.manager
    late = desk.post(address(panel, "tick", item.pk), {"done": "1", "version": 1}, follow=True)
    assert "done already" in late.content.decode()
    with pytest.raises(Stale):
        services.untick_step(item=item, by=panel.manager, at=panel.now, version=1)
    desk.post(address(panel, "tick", item.pk), {"done": "0", "version": 2})
    item.refresh_from_db()
    assert (item.done_at, item.done_by) == (None, None)


def test_late_steps_are_said_in_words_on_the_page_and_at_the_desk(desk: Client, panel: panels.Panel) -> None:
    today = timezone.localdate()
    done = add(panel, "Done in time", today - timedelta(days=9))
    services.tick_step(item=done, by=panel.manager, at=panel.now)
    add(panel, "No hurry")
    add(panel, "Much too late", today - timedelta(days=3))
    add(panel, "Due today", today)
    page = desk.get(address(panel, "change")).content.decode()
    assert page.count("days late") == 1
    assert page.index("Done in time") < page.index("Much too late") < page.index("Due today")
    assert page.index("Due today") < page.index("No hurry")
    first = desk.get("/admin/").content.decode()
    assert "step of a checklist is late" in first


def test_facts_are_told_and_tick_nothing(desk: Client, panel: panels.Panel, now: Any) -> None:
    proposed = services.propose_steps(panel.programme)
    services.add_steps(programme=panel.programme, steps=proposed, by=panel.manager, at=now)
    factories.Idea(call=panel.programme.calls.get())
    page = desk.get(address(panel, "change")).content.decode()
    for words in (
        "1 idea still waits for a first decision",
        "No round is prepared yet",
        "Nothing is published",
    ):
        assert words in page, words
    panel.work_up(4)
    round = panel.open()
    page = desk.get(address(panel, "change")).content.decode()
    assert "is open, 0 of 12 assessments are handed in" in page
    panel.score(round, lambda index: 3)
    panel.close(round)
    page = desk.get(address(panel, "change")).content.decode()
    assert "is closed, 12 of 12 assessments were handed in" in page
    assert "0 of 4 initiatives have a decision" in page
    assert not ChecklistItem.objects.exclude(done_at=None).exists()


def test_others_read_at_most_and_other_programmes_are_refused(
    desk: Client, panel: panels.Panel, now: Any
) -> None:
    item = add(panel)
    stranger = factories.member(
        factories.Programme(),
        factories.staff("stranger", permissions=["prioritisation.view_programme"]),
        Role.MANAGER,
    )
    for person, status in ((panel.analyst, 200), (stranger, 404)):
        person.user_permissions.add(*factories.permissions_named("prioritisation.view_programme"))
        client = Client()
        client.force_login(person)
        page = client.get(address(panel, "change"))
        assert page.status_code == status
        assert "/tick/" not in page.content.decode()
        for name, more in (("checklist", ()), ("step", (item.pk,)), ("tick", (item.pk,))):
            assert client.get(address(panel, name, *more)).status_code == 404
            assert client.post(address(panel, name, *more), {"done": "1"}).status_code == 404
        with pytest.raises(Refused):
            services.tick_step(item=item, by=person, at=now)
        with pytest.raises(Refused):
            services.remove_step(item=item, by=person, at=now)
        with pytest.raises(Refused):
            services.add_steps(programme=panel.programme, steps=[], by=person, at=now)
    other = factories.Programme()
    strange = ChecklistItem.objects.create(programme=other, label={"en": "Theirs"})
    assert desk.get(address(panel, "step", strange.pk)).status_code == 404


def test_the_fact_about_rules_names_the_version_in_force_and_one_approved_since(
    panel: panels.Panel, desk: Client
) -> None:
    add(panel, key="rules")

    def told() -> str:
        return desk.get(address(panel, "change")).content.decode()

    assert "Version 1 was approved on" in told()
    panel.work_up(2)
    round = panel.open()
    later = services.adopt_policy(
        programme=panel.programme, document=panel.version.document, by=panel.manager, at=panel.now
    )
    assert f"{round} goes by version 1." in told()
    assert "no round goes by it yet" not in told()
    services.approve_policy(policy_version=later, by=panel.manager, at=panel.now)
    said = told()
    assert f"{round} goes by version 1. Version 2 was approved on" in said
    assert f"in force: {round}" in said
    # What a bare number counted is told in words.
    assert "Version 2</p>" in said
    assert "Internal:</strong> 2<" not in said
