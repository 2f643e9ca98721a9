"""Personal data goes when its time is over: which, when, and what a legal hold protects."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from engagement import models, services
from engagement.services.ideas import WITHDRAWN_WORDS
from tests import factories
from tests.factories import NOW

DAY = timedelta(days=1)
LATER = NOW + 10_000 * DAY


def purge(at: Any = LATER, **options: Any) -> dict[str, int]:
    return {one.keeping.kind: one.count for one in services.purge_expired(at=at, **options) if one.count}


# Every personal field ends -----------------------------------------------------------------------

STAYS = {
    "Assignment.conflict_reason": "who stood aside and why is part of what a city can be asked about a round",
    "PanelMember.left_reason": "as above",
    "Initiative.champion": "a member of staff, named for as long as the initiative is theirs",
    "Idea.nonce": "says nothing of anybody; erasing replaces it",
    "Report.nonce": "as above",
    "Idea.contact": "ends with the contact",
    "Follow.person": "ends with the person, or at a press of theirs",
    "User.username": "decisions name who made them; the account is closed, not deleted",
    "User.first_name": "as above",
    "User.last_name": "as above",
    "User.email": "as above",
    "User.last_login": "as above",
    "Report.contact": "ends with the contact",
}
"""Personal fields that no rule ends, and why."""


def personal_fields() -> set[str]:
    found = set()
    for app in ("engagement", "prioritisation"):
        for model in apps.get_app_config(app).get_models():
            found |= {f"{model.__name__}.{name}" for name in model.field_classes.personal}
    return found


def test_every_personal_field_ends_by_a_rule_or_says_why_not() -> None:
    covered = {field for keeping in services.keepings().values() for field in keeping.covers}
    unexplained = personal_fields() - covered - {field for field, why in STAYS.items() if why}
    assert unexplained == set()


def test_what_the_rules_cover_is_there() -> None:
    for keeping in services.keepings().values():
        assert keeping.covers <= personal_fields(), keeping.kind


# Kind by kind ------------------------------------------------------------------------------------


def contact_of(state: str, **changes: Any) -> models.Idea:
    contact = factories.Contact(confirmed_at=NOW)
    idea: models.Idea = factories.Idea(state=state, contact=contact, **changes)
    return idea


@pytest.mark.django_db
def test_an_address_nobody_confirmed_goes_after_a_month_and_the_idea_stays() -> None:
    idea = factories.Idea(contact=factories.Contact(confirmed_at=None))
    assert purge(NOW + 29 * DAY) == {}
    assert purge(NOW + 31 * DAY) == {"unconfirmed-contact": 1}
    idea.refresh_from_db()
    assert (idea.contact, idea.problem != "") == (None, True)
    event = idea.events.get(verb="purge_contact")
    assert (event.public, event.actor) == (False, "system")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "goes"),
    [("declined", True), ("passed_on", True), ("received", False), ("published", False)],
)
def test_the_sender_of_an_answered_idea_goes_that_of_an_open_one_stays(state: str, goes: bool) -> None:
    idea = contact_of(state)
    purge(NOW + 1100 * DAY)
    idea.refresh_from_db()
    assert (idea.contact is None) == goes


@pytest.mark.django_db
def test_the_words_of_a_withdrawn_idea_go_and_its_number_stays() -> None:
    idea = factories.Idea(state="withdrawn", public_proposal="And a bench.", address="14 Foundry Road")
    assert purge(NOW + 31 * DAY) == {"withdrawn-idea": 1}
    idea.refresh_from_db()
    assert {name: getattr(idea, name) for name in WITHDRAWN_WORDS} == WITHDRAWN_WORDS
    assert purge(NOW + 32 * DAY) == {}, "gone once"


@pytest.mark.django_db
def test_a_legal_hold_protects_words_and_sender() -> None:
    administrator = factories.staff("administrator", superuser=True)
    idea = factories.Idea(state="withdrawn", contact=factories.Contact(confirmed_at=None))
    services.place_hold(record=idea, by=administrator, at=NOW, reason="court")
    assert purge() == {}
    services.lift_hold(record=idea, by=administrator, at=NOW, reason="over")
    assert {"unconfirmed-contact", "withdrawn-idea"} <= set(purge())


@pytest.mark.django_db
def test_supports_taken_back_sign_ins_sessions_and_mails_go() -> None:
    idea = contact_of("published")
    models.Support.objects.create(idea=idea, voter="a" * 64, kind="token", given_at=NOW, withdrawn_at=NOW)
    models.Support.objects.create(idea=idea, voter="b" * 64, kind="token", given_at=NOW)
    AccessAttempt.objects.create(username="zz", ip_address="10.0.0.1", failures_since_start=1)
    Session.objects.create(session_key="k", session_data="d", expire_date=NOW)
    services.queue_notice(kind="engagement.idea_publish", contact=idea.contact, idea=idea, at=NOW)
    models.Notice.objects.update(state="sent")
    gone = purge()
    assert {"withdrawn-support", "sign-in-attempt", "session", "mail"} <= set(gone)
    assert list(models.Support.objects.values_list("voter", flat=True)) == ["b" * 64]
    assert not AccessAttempt.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_a_mail_that_waits_stays() -> None:
    idea = contact_of("published")
    services.queue_notice(kind="engagement.idea_publish", contact=idea.contact, idea=idea, at=NOW)
    assert "mail" not in purge()


@pytest.mark.django_db
def test_people_who_never_confirmed_go_and_those_who_follow_stay() -> None:
    idea = factories.Idea(state="published")

    def person(email: str, **columns: Any) -> models.Person:
        return models.Person.objects.create(
            email=email, language="en", nonce="n" * 32, created_at=NOW, **columns
        )

    person("a@mail.example")
    follower = person("b@mail.example", confirmed_at=NOW)
    models.Follow.objects.create(person=follower, idea=idea, since=NOW)
    person("c@mail.example", confirmed_at=NOW)
    assert purge(NOW + 8 * DAY) == {"unconfirmed-person": 1}
    assert purge(NOW + 366 * DAY) == {"idle-person": 1}
    assert list(models.Person.objects.all()) == [follower]


# Rules, register, command, pages -----------------------------------------------------------------


@pytest.mark.django_db
def test_a_citys_own_days_win_and_a_rule_that_is_off_removes_nothing() -> None:
    services.install_retention()
    factories.Contact(confirmed_at=None)
    rule = models.RetentionRule.objects.filter(kind="unconfirmed-contact")
    rule.update(days=3)
    services.install_retention()
    assert rule.get().days == 3, "setting up again overwrites nothing"
    rule.update(active=False)
    assert purge(NOW + 4 * DAY) == {}
    rule.update(active=True)
    assert purge(NOW + 4 * DAY) == {"unconfirmed-contact": 1}


@pytest.mark.django_db
def test_the_register_says_how_many_and_never_what() -> None:
    factories.Contact(confirmed_at=None, email="zz-somebody@mail.example")
    services.purge_expired(at=LATER)
    removal = models.Removal.objects.get()
    assert (removal.kind, removal.count, removal.days, removal.at) == ("unconfirmed-contact", 1, 30, LATER)
    assert "zz-somebody" not in str(vars(removal))


@pytest.mark.django_db
def test_a_dry_run_counts_and_removes_nothing() -> None:
    contact = factories.Contact(confirmed_at=None)
    told = StringIO()
    call_command("purge_expired", "--dry-run", stdout=told)
    assert "would be removed" in told.getvalue()
    assert purge(dry_run=True) == {"unconfirmed-contact": 1}
    assert models.Contact.objects.filter(pk=contact.pk).exists()
    assert not models.Removal.objects.exists()


@pytest.mark.django_db
def test_the_pages_show_what_would_go_and_what_went(client: Client) -> None:
    services.install_retention()
    client.force_login(factories.staff("administrator", superuser=True))
    factories.Contact(confirmed_at=None, created_at=NOW - 3000 * DAY)
    page = client.get("/admin/engagement/retentionrule/")
    assert "Senders’ addresses" in page.text or "Senders&#x27; addresses" in page.text
    assert page.context["cl"].result_count == len(services.keepings())
    assert {row.would_go for row in page.context["cl"].result_list} >= {0, 1}
    services.purge_expired(at=NOW)
    assert client.get("/admin/engagement/removal/").context["cl"].result_count == 1
