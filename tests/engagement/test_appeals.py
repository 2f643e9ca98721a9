"""Appeals: asked within the window, decided by another person, told with a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from engagement import emails, links, services
from engagement.models import Appeal, Event, Idea, Notice
from tests import factories

pytestmark = pytest.mark.django_db

WORDS = {"en": "We had overlooked the school.", "fr": "L’école nous avait échappé."}


@pytest.fixture
def other(db: Any) -> Any:
    return factories.staff(
        "other", permissions=["engagement.decide_appeal", "engagement.triage_idea", "engagement.reopen_idea"]
    )


@pytest.fixture
def declined(now: Any, other: Any) -> Any:
    """Declined by `other` an hour ago, in an invitation with thirty days to appeal."""
    return decline(timezone.now() - timedelta(hours=1), other)


def decline(at: Any, by: Any, days: int | None = 30) -> Any:
    contact = factories.Contact(email="ana@mail.example", updates_consent_at=factories.OPENED)
    idea = factories.Idea(contact=contact, call=factories.Call(appeal_days=days))
    reason = factories.Reason(action="decline", text={"en": "Not ours."})
    return services.decline_idea(idea=idea, by=by, at=at, reason=reason.code)


@pytest.fixture
def decider(db: Any) -> Any:
    return factories.staff("decider", permissions=["engagement.decide_appeal"])


def path(idea: Any, page: str = "") -> str:
    return f"/t/{idea.reference}/{links.tracking_token(idea)}/{page}"


def test_from_the_private_page_to_an_idea_that_waits_again(client: Any, declined: Any, decider: Any) -> None:
    page = client.get(path(declined)).content.decode()
    assert "Ask us to look again" in page
    assert "Next step:</strong> you may ask us until" in page
    answer = client.post(path(declined, "appeal/"), {"text": "There is a school next door."})
    assert answer.status_code == 303
    assert "Somebody else than who declined" in client.get(answer["Location"]).content.decode()
    client.force_login(decider)
    asked = Appeal.objects.get()
    assert "There is a school" in client.get(f"/admin/engagement/appeal/{asked.pk}/change/").content.decode()
    declined.refresh_from_db()
    sent = {"outcome": "granted", "text_en": WORDS["en"], "text_fr": WORDS["fr"], "version": declined.version}
    assert client.post(f"/admin/engagement/appeal/{asked.pk}/decide/", sent).status_code == 302
    declined.refresh_from_db()
    asked.refresh_from_db()
    assert (declined.state, asked.outcome, asked.decided_by) == ("received", "granted", decider)
    event = Event.objects.get(verb="grant_appeal")
    assert (event.public, event.text["en"], event.by) == (True, WORDS["en"], decider)
    mail = emails.compose(Notice.objects.get(kind="engagement.idea_grant_appeal"), timezone.now())
    assert WORDS["en"] in mail.body


def test_refused_once_more_with_a_reason_that_is_mailed(client: Any, declined: Any, decider: Any) -> None:
    at = timezone.now()
    services.appeal(idea=declined, text="Again, please.", at=at)
    services.refuse_appeal(idea=declined, by=decider, at=at, text=WORDS)
    declined.refresh_from_db()
    assert declined.state == "declined"
    notice = Notice.objects.get(kind="engagement.idea_refuse_appeal")
    notice.language = "fr"
    assert WORDS["fr"] in emails.compose(notice, at).body
    page = client.get(path(declined)).content.decode()
    assert WORDS["en"] in page
    assert "Ask us to look again" not in page
    with pytest.raises(services.Refused):
        services.appeal(idea=declined, text="And again.", at=at)


def test_who_refused_does_not_decide_and_the_database_agrees(declined: Any, other: Any) -> None:
    at = timezone.now()
    services.appeal(idea=declined, text="Again, please.", at=at)
    for decide in (services.grant_appeal, services.refuse_appeal):
        with pytest.raises(services.Refused) as refusal:
            decide(idea=declined, by=other, at=at, text=WORDS)
        assert refusal.value.code == "same_person"
    with pytest.raises(services.Refused):
        services.reopen_idea(idea=declined, by=other, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.update(decided_by=other, decided_at=at, outcome="granted")


def test_a_decision_says_why(declined: Any, decider: Any) -> None:
    services.appeal(idea=declined, text="Again, please.", at=timezone.now())
    with pytest.raises(services.Refused) as refusal:
        services.grant_appeal(idea=declined, by=decider, at=timezone.now(), text={"en": " "})
    assert refusal.value.field == "text"
    assert Idea.objects.get().state == "declined"


@pytest.mark.parametrize(("days", "late"), [(30, False), (29, True)])
def test_the_window_ends_with_its_last_day(client: Any, other: Any, days: int, late: bool) -> None:
    idea = decline(timezone.now() - timedelta(days=30), other, days)
    page = client.get(path(idea)).content.decode()
    assert ("ended on" in page) == late
    assert (f"{path(idea, 'appeal/')}" in page) == (not late)
    answer = client.post(path(idea, "appeal/"), {"text": "We were away."})
    assert answer.status_code == (422 if late else 303)
    assert Appeal.objects.exists() != late
    if late:
        assert "Write to us all the same" in answer.content.decode()


def test_no_appeal_where_the_invitation_knows_none(client: Any, other: Any) -> None:
    idea = decline(timezone.now(), other, None)
    assert "appeal/" not in client.get(path(idea)).content.decode()
    assert client.post(path(idea, "appeal/"), {"text": "But"}).status_code == 303
    assert not Appeal.objects.exists()


def test_the_mail_about_a_refusal_says_until_when_and_how(declined: Any, other: Any) -> None:
    notice = Notice.objects.get(kind="engagement.idea_decline")
    assert "look at it again until" in emails.compose(notice, timezone.now()).body
    later = timezone.now() + timedelta(days=40)
    assert "look at it again until" not in emails.compose(notice, later).body


def test_sent_twice_it_is_one(client: Any, declined: Any) -> None:
    for _time in range(2):
        assert client.post(path(declined, "appeal/"), {"text": "Again, please."}).status_code == 303
    assert Appeal.objects.count() == 1
    assert Event.objects.filter(verb="appeal").count() == 1


def test_what_the_sender_wrote_is_for_staff_alone(client: Any, declined: Any, decider: Any) -> None:
    services.appeal(idea=declined, text="My secret zz-neighbour.", at=timezone.now())
    for address in (f"/ideas/{declined.reference}/", f"/api/v1/ideas/{declined.reference}/", "/ideas/"):
        assert "zz-neighbour" not in client.get(address).content.decode()
    client.force_login(factories.staff("no-one"))
    assert client.get("/admin/engagement/appeal/").status_code == 403


def test_erased_with_its_sender(declined: Any, decider: Any) -> None:
    services.appeal(idea=declined, text="Again, please.", at=timezone.now())
    services.erase_sender(idea=declined, at=timezone.now(), keep_text=True)
    assert not Appeal.objects.exists()


def test_the_queue_costs_the_same_however_long(
    client: Any, declined: Any, other: Any, decider: Any, django_assert_max_num_queries: Any
) -> None:
    for _n in range(5):
        idea = decline(timezone.now(), other)
        Appeal.objects.create(idea=idea, text="Please.", asked_at=timezone.now(), refused_by=factories.User())
    client.force_login(decider)
    client.get("/admin/engagement/appeal/")
    with django_assert_max_num_queries(9):
        assert client.get("/admin/engagement/appeal/").status_code == 200
    start = client.get("/admin/").content.decode()
    assert "appeals wait for a decision" in start
