"""What a council changes in a published plan: put in, taken out, adopted, counted, told, and shown."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engagement.models import Idea, Job, Notice
from engagement.services import Refused, Stale
from prioritisation import amending, services, tasks
from prioritisation.models import Amendment, DecisionMeeting, Initiative, PlanVersion
from prioritisation.services import funnel, long_work, plans
from prioritisation.services.plans import document_digest
from tests.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


def page(plan: PlanVersion) -> str:
    return f"/admin/prioritisation/plan/{plan.plan.pk}/amendment/"


@pytest.fixture
def later(now: Any) -> Any:
    return now + timedelta(days=20)


@pytest.fixture
def draft(city: dict[str, Any], plan: PlanVersion, later: Any) -> Amendment:
    """Out with the second initiative (ideas 1 and 2; 1 is in others), in with the fifth."""
    manager = city["manager"]
    sitting = services.save_sitting(
        programme=city["programme"],
        body={"en": "City council", "fr": "Conseil municipal"},
        held_on=later.date(),
        resolution="CM26 0815",
        present="Mayor A. Roy",
        stood_aside="Councillor B. Côté",
        by=manager,
        at=later,
    )
    made = services.start_amendment(plan=plan.plan, by=manager, at=later)
    out, into = city["initiatives"][2], city["initiatives"][4]
    return services.save_amendment(
        amendment=made,
        changes=[
            {"reference": out.reference, "outcome": "set_aside", "reason": {"en": "Too dear this year."}},
            {"reference": into.reference, "outcome": "advance", "reason": {"en": "The west waits longest."}},
        ],
        meeting=sitting,
        vote="7 to 4",
        by=manager,
        at=later,
    )


def test_an_amendment_moves_counts_tells_and_keeps_what_was_recommended(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any, client: Any
) -> None:
    out, into = city["initiatives"][2], city["initiatives"][4]
    assert out.reference in [one["reference"] for one in plan.document["initiatives"][:4]]
    before = funnel.count_funnel(city["programme"])
    mails = Notice.objects.filter(kind="engagement.idea_outcome").count()
    made = services.adopt_amendment(amendment=draft, by=city["publisher"], at=later)
    assert (made.number, made.sha256) == (2, document_digest(made.document))
    states = dict(Initiative.objects.values_list("reference", "state"))
    assert (states[out.reference], states[into.reference]) == ("set_aside", "chosen")
    after = funnel.count_funnel(city["programme"])
    for stage in after["stages"]:
        assert stage["in"] == stage["out"] + stage["waiting"]
        assert stage["out"] == stage["onward"] + sum(one["count"] for one in stage["reasons"])
    assert after["stages"][-1]["onward"] == before["stages"][-1]["onward"] == 4
    assert {one["code"]: one["count"] for one in after["stages"][-1]["reasons"]}["council"] == 1
    entries = {one["reference"]: one for one in made.document["initiatives"]}
    assert entries[out.reference]["outcome"] == "set_aside"
    assert entries[out.reference]["recommended"]["outcome"] == "advance"
    assert entries[into.reference]["recommended"]["outcome"] == "set_aside"
    assert plan.document == PlanVersion.objects.get(pk=plan.pk).document, "the first version never changes"
    lost = Idea.objects.get(pk=city["ideas"][3].pk)
    assert (lost.outcome, "Too dear" in lost.outcome_text["en"]) == ("set_aside", True)
    assert Idea.objects.get(pk=city["ideas"][6].pk).outcome == "in_plan"
    assert Notice.objects.filter(kind="engagement.idea_outcome").count() == mails + 2
    shown = words(client.get("/plans/the-plan/"))
    assert "Changed by City council" in shown
    assert "by resolution CM26 0815, 7 to 4" in shown
    assert "Councillor B. Côté" in shown
    one = words(client.get(f"/plans/the-plan/{out.reference}/"))
    assert "Recommended before: Chosen" in one
    assert "Too dear this year." in one
    assert "conseil municipal" in client.get("/fr/plans/the-plan/").content.decode().lower()
    told = client.get(f"/api/v1/plans/the-plan/initiatives/{out.reference}").json()
    assert (told["recommended"]["outcome"], told["amendment"]) == ("advance", 1)
    assert client.get("/api/v1/plans/the-plan").json()["amendments"][0]["vote"] == "7 to 4"
    table = client.get("/plans/the-plan/export.csv?all=1").getvalue().decode("utf-8-sig")
    assert "recommended" in table.splitlines()[0]


def test_reopening_what_was_taken_out_clears_the_pages_of_its_ideas(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any
) -> None:
    services.adopt_amendment(amendment=draft, by=city["publisher"], at=later)
    out = Initiative.objects.get(pk=city["initiatives"][2].pk)
    mails = Notice.objects.count()
    services.move_initiative(initiative=out, verb="reopen", by=city["manager"], at=later)
    assert Idea.objects.get(pk=city["ideas"][3].pk).outcome == ""
    assert Idea.objects.get(pk=city["ideas"][7].pk).outcome == "set_aside", "another initiative's stays"
    assert Notice.objects.count() == mails, "nobody is mailed"
    counted = funnel.count_funnel(city["programme"])["stages"][-1]
    assert counted["in"] == counted["out"] + counted["waiting"]


def test_who_prepared_it_does_not_adopt_it_and_what_lacks_is_said(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any
) -> None:
    common: dict[str, Any] = {"at": later}
    with pytest.raises(Refused, match="not allowed"):
        services.adopt_amendment(amendment=draft, by=city["manager"], **common)
    changes = draft.changes
    for lack, said in (
        ({"changes": []}, "Nothing is put in"),
        ({"changes": [{**changes[0], "reason": {}}]}, "Give each change a reason"),
        ({"vote": " "}, "how the vote went"),
        ({"meeting": None}, "Name the sitting"),
    ):
        values = {"changes": changes, "vote": "7 to 4", "meeting": draft.meeting, **lack}
        services.save_amendment(amendment=draft, by=city["manager"], at=later, **values)
        with pytest.raises(Refused, match=said):
            services.adopt_amendment(amendment=draft, by=city["publisher"], **common)
    assert PlanVersion.objects.count() == 1


def test_a_change_must_fit_the_plan(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any
) -> None:
    inside = city["initiatives"][0].reference
    for reference, outcome in ((inside, "advance"), ("nowhere", "advance"), (inside, "merge")):
        change = {"reference": reference, "outcome": outcome, "reason": {}}
        with pytest.raises(Refused, match="can't be changed so"):
            services.save_amendment(amendment=draft, changes=[change], by=city["manager"], at=later)
    with pytest.raises(Stale):
        services.save_amendment(amendment=draft, changes=[], by=city["manager"], at=later, version=1)


def test_an_amendment_is_written_and_adopted_without_script(
    city: dict[str, Any], plan: PlanVersion, later: Any
) -> None:
    client, publisher = signed_in(city["manager"]), signed_in(city["publisher"])
    into = city["initiatives"][4].reference
    client.post(page(plan), {"action": "start"})
    found = words(client.get(page(plan), {"q": into}))
    assert "put in" in found
    client.post(page(plan), {"action": "add", "put_in": [into], "version": 1, "vote": ""})
    draft = Amendment.objects.get()
    assert [one["reference"] for one in draft.changes] == [into]
    sent = {f"{into}-sent": "1", f"{into}-keep": "on", f"{into}-reason_en": "The west waits longest."}
    stale = client.post(page(plan), {"action": "save", "version": 1, "vote": "7 to 4", **sent})
    assert stale.status_code == 422
    assert "The west waits longest." in stale.content.decode(), "what was typed is kept"
    sitting = services.save_sitting(
        programme=city["programme"],
        body={"en": "Council"},
        held_on=plan.published_at.date(),
        resolution="R1",
        by=city["manager"],
        at=later,
    )
    save = {"action": "save", "version": draft.version, "vote": "7 to 4", "meeting": sitting.pk, **sent}
    assert client.post(page(plan), save).status_code == 302
    draft.refresh_from_db()
    assert client.post(page(plan), {"action": "adopt", "version": draft.version}).status_code == 403
    assert "4 before, 5 after" in words(publisher.get(page(plan)))
    assert publisher.post(page(plan), {"action": "adopt", "version": draft.version}).status_code == 302
    assert PlanVersion.objects.count() == 2
    told = words(client.get(page(plan)))
    assert "Changed on" in told
    changes = plan.amendments.get().changes
    assert all(change["reference"] in told for change in changes)
    entries = {one["reference"]: one for one in PlanVersion.objects.latest("number").document["initiatives"]}
    assert [entries[change["reference"]]["nearest"] for change in changes] == [[]] * len(changes)


def test_its_mails_are_shown_before_they_leave(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any
) -> None:
    DecisionMeeting.objects.update(held_on=plan.published_at.date())
    before = Notice.objects.count()
    asked = {"_preview": "1", "version": draft.version, "meeting": draft.meeting_id, "vote": draft.vote}
    shown = signed_in(city["publisher"]).post(page(plan), asked)
    assert shown.status_code == 200
    (mail, *_others) = [one["mail"] for one in shown.context["preview"]["mails"]]
    assert mail.subject in words(shown)
    assert "/plans/" in mail.text
    assert (Notice.objects.count(), PlanVersion.objects.count()) == (before, 1), "looking changes nothing"
    alone = signed_in(city["publisher"]).post(page(plan), {**asked, "_preview": "part"})
    assert "<html" not in alone.content.decode()
    assert mail.subject in alone.content.decode()
    assert signed_in(city["manager"]).post(page(plan), asked).status_code == 403
    stale = signed_in(city["publisher"]).post(page(plan), {**asked, "version": draft.version - 1})
    assert stale.status_code == 422


def test_the_mails_of_a_large_plan_are_shown_too_and_nothing_is_written_for_it(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, monkeypatch: Any
) -> None:
    monkeypatch.setattr(long_work, "AT_ONCE", 1)
    monkeypatch.setattr(plans, "plan_document", None)
    DecisionMeeting.objects.update(held_on=plan.published_at.date())
    publisher = signed_in(city["publisher"])
    assert "Preview the mail" in words(publisher.get(page(plan)))
    shown = publisher.post(page(plan), {"_preview": "1", "version": draft.version})
    assert [one["mail"].subject for one in shown.context["preview"]["mails"]]
    assert PlanVersion.objects.count() == 1


def test_what_is_adopted_is_what_was_saved(city: dict[str, Any], plan: PlanVersion, draft: Amendment) -> None:
    DecisionMeeting.objects.update(held_on=plan.published_at.date())
    reference = draft.changes[0]["reference"]
    publisher = signed_in(city["publisher"])
    reads = publisher.get(page(plan)).content.decode()
    assert f"{reference}-reason" not in reads, "who cannot save is given no field"
    assert all(text in reads for text in draft.changes[0]["reason"].values())
    typed = {f"{reference}-sent": "1", f"{reference}-keep": "on", f"{reference}-reason_en": "Better words."}
    refused = publisher.post(page(plan), {"action": "adopt", "version": draft.version, **typed})
    assert refused.status_code == 422
    assert "Save it first" in words(refused)
    assert PlanVersion.objects.count() == 1


def test_what_an_amendment_does_to_money_and_parts_of_the_city(plan: PlanVersion, city: Any) -> None:
    document = plan.document
    into = city["initiatives"][4].reference
    before = amending.chosen_after(document, [])
    after = amending.chosen_after(document, [{"reference": into, "outcome": "advance"}])
    line = amending.Budget("b", {"en": "Capital"}, "capital", None, Decimal("3000000"))
    (money,) = amending.money(before, after, [line])
    assert (money.before, money.after, money.over) == (Decimal(2500000), Decimal(3750000), True)
    west = next(one for one in amending.districts(before, after) if one.key == "west")
    assert (west.before, west.after) == (1, 2)
    assert sum(one.after for one in amending.frames(document, before, after)) == len(after)


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_of_two_who_adopt_at_once_one_is_told(city: Any, plan: Any, draft: Any, later: Any) -> None:
    from tests.service.test_funnel_races import at_once, one_won

    def adopt() -> Any:
        mine = Amendment.objects.select_related("plan__programme").get(pk=draft.pk)
        return services.adopt_amendment(amendment=mine, by=city["publisher"], at=later)

    one_won(at_once(*[adopt] * 3))
    assert PlanVersion.objects.count() == 2


def test_a_large_plan_is_amended_by_the_worker_and_once(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(long_work, "AT_ONCE", 1)
    DecisionMeeting.objects.update(held_on=plan.published_at.date())
    client = signed_in(city["publisher"])
    client.get(page(plan))
    pressed = {"action": "adopt", "version": draft.version, "meeting": draft.meeting_id, "vote": draft.vote}
    first, second = client.post(page(plan), pressed), client.post(page(plan), pressed)
    assert (first.status_code, first["Location"]) == (302, second["Location"])
    assert PlanVersion.objects.count() == 1
    tasks.run_jobs()
    job = Job.objects.get(kind="prioritisation.adopt_amendment")
    assert (job.state, PlanVersion.objects.count()) == ("done", 2)
    assert page(plan) in client.get(first["Location"]).content.decode()
    assert Notice.objects.filter(kind="engagement.idea_outcome", idea=city["ideas"][3]).count() == 2


def test_an_amendment_changed_while_its_job_waits_is_not_adopted(
    city: dict[str, Any], plan: PlanVersion, draft: Amendment, later: Any
) -> None:
    common: dict[str, Any] = {"amendment": draft, "by": city["publisher"], "at": later}
    with pytest.raises(Stale):
        services.queue_amendment(**common, version=draft.version - 1)
    with pytest.raises(Refused, match="not been held"):
        services.queue_amendment(**{**common, "at": later - timedelta(days=3)}, version=draft.version)
    services.queue_amendment(**common, version=draft.version)
    services.save_amendment(
        amendment=draft,
        changes=draft.changes[:1],
        meeting=draft.meeting,
        vote="8 to 3",
        by=city["manager"],
        at=later,
    )
    tasks.run_jobs()
    assert (Job.objects.get().state, PlanVersion.objects.count()) == ("failed", 1)
