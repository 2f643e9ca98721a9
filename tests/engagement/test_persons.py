"""People known by an address: links that carry out wishes, one page for all of one's own, news by mail."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from engagement import emails, links, models, services
from engagement.services import Wish, WishKind
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADDRESS = "zz-somebody@mail.example"


def person_of(email: str = ADDRESS, **columns: Any) -> models.Person:
    at = timezone.now() - DAY
    values = {"language": "en", "nonce": "n" * 32, "created_at": at, "confirmed_at": at, "told_until": at}
    return models.Person.objects.create(email=email, **{**values, **columns})


def public_idea(**call: Any) -> Any:
    return factories.Idea(state="published", call=factories.Call(**call))


def form_key(client: Client, path: str) -> str:
    return re.search(r'name="form_key" value="([^"]+)"', client.get(path).text).group(1)


def deliver() -> list[Any]:
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)
    return list(mail.outbox)


def link_in(message: Any) -> str:
    """The path of the person's link in a mail."""
    return re.search(r"https?://[^/\s]+(\S*/me/\S+)", message.body).group(1)


def known(client: Client, person: models.Person) -> None:
    """Makes the browser one that used a link of the person."""
    path = links.wish_path(person, "mine", timezone.now() + DAY)
    assert client.post(path).status_code == 303


# Links -------------------------------------------------------------------------------------------


def test_from_an_address_to_what_one_sent(client: Client) -> None:
    contact = factories.Contact(email=ADDRESS.upper(), confirmed_at=None)
    idea = factories.Idea(contact=contact)
    sent = client.post("/mine/", {"email": f" {ADDRESS} ", "form_key": form_key(client, "/mine/")})
    assert "Check your e-mail" in sent.text
    path = link_in(deliver()[0])
    assert client.get(path).status_code == 200
    contact.refresh_from_db()
    assert contact.confirmed_at is None, "opening a link does nothing: mail programs do it by themselves"
    answer = client.post(path)
    assert answer["Location"] == "/mine/"
    page = client.get("/mine/")
    assert idea.title in page.text
    assert links.tracking_path(idea) in page.text
    contact.refresh_from_db()
    assert contact.confirmed_at is not None


def test_the_answer_never_tells_whether_an_address_is_known(client: Client) -> None:
    factories.Idea(contact=factories.Contact(email=ADDRESS))
    pages = []
    for email in (ADDRESS, "nobody@mail.example"):
        sent = client.post("/mine/", {"email": email, "form_key": form_key(client, "/mine/")})
        pages.append(re.sub(r"csrf\w+\" value=\"\w+\"", "", sent.text).replace(email, "x"))
    assert pages[0] == pages[1]
    assert len(deliver()) == 2


def test_too_many_links_to_one_address_are_refused(client: Client) -> None:
    statuses = [client.post("/mine/", {"email": ADDRESS}).status_code for _time in range(8)]
    assert statuses == [200] * 6 + [429] * 2
    assert models.Notice.objects.count() == 6


@pytest.mark.parametrize("broken", ["forged", "wish", "person", "ended", "renewed", "nonsense"])
def test_links_that_carry_nothing_out(client: Client, broken: str) -> None:
    person, idea = person_of(confirmed_at=None), public_idea(supports="confirmed")
    wish = f"support-{idea.reference}"
    until = timezone.now() + (-DAY if broken == "ended" else DAY)
    path = links.wish_path(person, wish, until)
    if broken == "forged":
        path = f"{path[:-5]}0000/"
    if broken == "wish":
        path = path.replace("support-", "follow-")
    if broken == "person":
        path = path.replace(f"/me/{person.pk}/", f"/me/{person.pk + 1}/")
    if broken == "renewed":
        services.end_links(person=person)
    if broken == "nonsense":
        path = path.replace(wish, "support")
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert "Get a new link" in answer.text
    assert not models.Support.objects.exists()
    assert "person" not in client.cookies


def test_a_support_counts_once_the_link_is_used_and_only_once(client: Client) -> None:
    idea = public_idea(supports="confirmed")
    page = f"/ideas/{idea.reference}/"
    data = {"email": ADDRESS, "tell": "on", "form_key": form_key(client, page)}
    assert client.post(f"{page}support/", data).status_code == 200
    assert not models.Support.objects.exists()
    path = link_in(deliver()[0])
    for _time in range(2):
        assert client.post(path)["Location"] == f"{page}#follow"
    support = models.Support.objects.get()
    assert (support.kind, ADDRESS in support.voter) == ("confirmed", False)
    assert models.Follow.objects.filter(idea=idea).count() == 1
    shown = client.get(page).text
    assert "You support this idea." in shown
    assert "You follow this" in shown
    assert ADDRESS not in shown
    client.post(f"{page}support/", {"wish": "take"})
    support.refresh_from_db()
    assert support.withdrawn_at is not None
    client.post(f"{page}support/", {"wish": "give"})
    support.refresh_from_db()
    assert support.withdrawn_at is None


def test_a_link_to_what_is_no_longer_supported_says_so_and_confirms_all_the_same(client: Client) -> None:
    person, idea = person_of(confirmed_at=None), public_idea(supports="confirmed")
    path = links.wish_path(person, f"support-{idea.reference}", timezone.now() + DAY)
    models.Idea.objects.update(state="declined")
    answer = client.post(path)
    assert answer.status_code == 409
    assert "cannot be supported" in answer.text
    person.refresh_from_db()
    assert person.confirmed_at is not None


def test_following_needs_something_public(client: Client) -> None:
    idea = factories.Idea()
    known(client, person_of())
    assert client.post(f"/follow/{idea.reference}/").status_code == 404
    assert client.post("/follow/2026-99999/").status_code == 404
    with pytest.raises(services.Refused):
        services.follow(person=models.Person.objects.get(), record=idea, at=timezone.now())


def test_every_page_of_an_address_leads_on(client: Client) -> None:
    idea, person = public_idea(), person_of()
    own = f'href="/ideas/{idea.reference}/"'
    asked = client.post(f"/follow/{idea.reference}/", {"email": "none"})
    assert (asked.status_code, own in asked.text) == (422, True)
    sent = client.post("/mine/", {"email": "a@mail.example", "form_key": form_key(client, "/mine/")})
    assert '<a href="/mine/">Back to the page before' in sent.text
    assert "still mailed to you" in client.get(links.stop_path(person)).text
    services.follow(person=person, record=idea, at=timezone.now())
    known(client, person)
    assert own in client.get("/mine/").text


def test_a_browser_forgets_when_asked_and_when_links_are_ended(client: Client) -> None:
    person = person_of()
    known(client, person)
    assert ADDRESS in client.get("/mine/").text
    client.post("/mine/", {"do": "leave"})
    assert ADDRESS not in client.get("/mine/").text
    known(client, person)
    services.end_links(person=person)
    assert ADDRESS not in client.get("/mine/").text


def test_a_cookie_that_was_made_up_is_nobody(client: Client) -> None:
    person = person_of()
    client.cookies["person"] = f"{person.pk}.{links.browser_token(person)}"
    assert ADDRESS not in client.get("/mine/").text


# A sender's address ------------------------------------------------------------------------------


def unconfirmed_idea() -> Any:
    return factories.Idea(contact=factories.Contact(email=ADDRESS, confirmed_at=None))


def test_the_first_mail_asks_to_confirm_and_the_button_does(client: Client) -> None:
    call = factories.Call(opens_at=timezone.now() - DAY)
    draft = services.IdeaDraft(
        problem="No bench.", language="en", sender=services.Sender(email=ADDRESS, wants_updates=True)
    )
    idea = services.submit_idea(call=call, draft=draft, at=timezone.now())
    path = links.address_path(idea)
    assert path in deliver()[0].body
    assert client.get(path).status_code == 200
    assert "confirm your address" in client.get(links.tracking_path(idea)).text
    client.post(path)
    idea.contact.refresh_from_db()
    assert idea.contact.confirmed_at is not None
    assert "confirm your address" not in client.get(links.tracking_path(idea)).text


def test_a_stranger_removes_an_address_that_somebody_else_wrote(client: Client) -> None:
    idea = unconfirmed_idea()
    assert "removed" in client.post(links.address_path(idea), {"remove": "1"}).text
    idea.refresh_from_db()
    assert (idea.contact, idea.problem != "") == (None, True)
    assert client.post(links.address_path(idea), {"remove": "1"}).status_code == 200


def test_the_private_link_does_not_confirm_an_address(client: Client) -> None:
    idea = unconfirmed_idea()
    token = links.tracking_token(idea)
    assert client.post(f"/t/{idea.reference}/{token}/address/").status_code == 404


def test_what_staff_typed_in_counts_as_confirmed() -> None:
    clerk = factories.staff("clerk", permissions=["engagement.type_in_idea"])
    draft = services.IdeaDraft(problem="No bench.", language="en", sender=services.Sender(email=ADDRESS))
    idea = services.submit_idea(call=factories.Call(), draft=draft, at=timezone.now(), by=clerk)
    assert idea.contact is not None
    assert idea.contact.confirmed_at is not None


# News --------------------------------------------------------------------------------------------


def happened(idea: Any, ago: timedelta, **columns: Any) -> models.Event:
    values = {"actor": "system", "verb": "outcome", "to_state": idea.state, "text": {"en": "Goes on."}}
    return models.Event.objects.create(idea=idea, at=timezone.now() - ago, **{**values, **columns})


def following(**columns: Any) -> tuple[models.Person, Any]:
    person, idea = person_of(**columns), public_idea()
    models.Follow.objects.create(person=person, idea=idea, since=timezone.now() - 2 * DAY)
    return person, idea


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rhythm", "told_ago", "told"),
    [
        ("instant", HOUR, True),
        ("daily", 23 * HOUR, False),
        ("daily", 25 * HOUR, True),
        ("weekly", 2 * DAY, False),
        ("weekly", 8 * DAY, True),
        ("never", 30 * DAY, False),
    ],
)
def test_news_come_in_the_persons_rhythm(rhythm: str, told_ago: timedelta, told: bool) -> None:
    _person, idea = following(rhythm=rhythm, told_until=timezone.now() - told_ago)
    happened(idea, HOUR / 2)
    assert services.tell_persons(at=timezone.now()) == told
    assert services.tell_persons(at=timezone.now()) == 0, "told once"


@pytest.mark.parametrize(
    "columns", [{"public": False}, {"ago": timedelta(minutes=2)}, {"ago": 40 * HOUR}], ids=str
)
def test_what_is_not_told(columns: dict[str, Any]) -> None:
    _person, idea = following(rhythm="instant")
    happened(idea, columns.pop("ago", HOUR), **columns)
    assert services.tell_persons(at=timezone.now()) == 0


def test_the_mail_says_what_happened_and_how_to_stop_it() -> None:
    person, idea = following(rhythm="instant")
    happened(idea, HOUR)
    other = public_idea()
    models.Follow.objects.create(person=person, idea=other, since=timezone.now() - 2 * DAY)
    happened(other, HOUR)
    services.tell_persons(at=timezone.now())
    models.Idea.objects.filter(pk=other.pk).update(state="received")
    [message] = deliver()
    assert idea.public_title in message.body
    assert "Goes on." in message.body
    assert other.public_title not in message.body, "no longer public when the mail was written"
    stop = links.stop_path(person)
    assert message.extra_headers["List-Unsubscribe"].endswith(f"{stop}>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_stops_news_without_cookie_and_decisions_still_come() -> None:
    person, idea = following(rhythm="instant")
    client = Client(enforce_csrf_checks=True)
    path = links.stop_path(person)
    assert client.get(path).status_code == 200
    person.refresh_from_db()
    assert person.rhythm == "instant", "only reading the page stops nothing"
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    person.refresh_from_db()
    assert person.rhythm == "never"
    happened(idea, HOUR)
    assert services.tell_persons(at=timezone.now()) == 0
    own = factories.Idea(contact=factories.Contact(email=person.email, confirmed_at=timezone.now()))
    moderator = factories.staff("moderator", permissions=["engagement.triage_idea"])
    services.publish_idea(idea=own, by=moderator, at=timezone.now())
    assert models.Notice.objects.filter(contact=own.contact, kind="engagement.idea_publish").exists()
    assert client.post(f"{path[:-5]}0000/").status_code == 404


def test_a_receipt_names_the_rhythm_that_was_chosen(client: Client) -> None:
    person = person_of()
    known(client, person)
    assert client.post("/mine/", {"do": "rhythm", "rhythm": "hourly", "language": "en"}).status_code == 422
    client.post("/mine/", {"do": "rhythm", "rhythm": "weekly", "language": "fr"})
    person.refresh_from_db()
    assert (person.rhythm, person.language) == ("weekly", "fr")


# Copy and erasure --------------------------------------------------------------------------------


def with_everything() -> tuple[models.Person, Any, Any]:
    person, idea = following()
    own = factories.Idea(contact=factories.Contact(email=ADDRESS, name="Zed Zz"), state="published")
    supported = public_idea(supports="confirmed")
    services.support_idea(idea=supported, voter=ADDRESS, kind="confirmed", at=timezone.now())
    key = services.voter_key(kind="confirmed", voter=ADDRESS)
    models.Note.objects.create(
        idea=idea, voter=key, kind="fact", text="A fact.", public_text="A fact.", language="en",
        sent_at=timezone.now(),
    )  # fmt: skip
    return person, own, supported


def test_the_copy_holds_everything(client: Client) -> None:
    person, own, supported = with_everything()
    known(client, person)
    answer = client.get("/mine/export/")
    assert "attachment" in answer["Content-Disposition"]
    copy = json.loads(answer.content)
    assert copy["address"]["email"] == ADDRESS
    assert [one["reference"] for one in copy["sent"]] == [own.reference]
    assert copy["sent"][0]["contact"]["name"] == "Zed Zz"
    assert [one["reference"] for one in copy["supports"]] == [supported.reference]
    assert [one["text"] for one in copy["notes"]] == ["A fact."]
    assert len(copy["follows"]) == 1


def test_erasing_takes_everything_but_numbers_and_dates(client: Client) -> None:
    person, own, _supported = with_everything()
    known(client, person)
    assert client.post("/mine/erase/", {}).status_code == 422
    assert client.post("/mine/erase/", {"words": "remove"}).status_code == 200
    own.refresh_from_db()
    assert (own.contact, own.problem) == (None, "")
    for model in (models.Person, models.Follow, models.Support, models.Note, models.Contact):
        assert not model.objects.exists(), model


def test_the_copy_holds_appeals_and_earlier_wordings() -> None:
    person, contact = person_of(), factories.Contact(email=ADDRESS)
    idea = factories.Idea(state="declined", contact=contact)
    refuser = factories.staff("refuser")
    idea.appeals.create(text="You misread me.", asked_at=factories.NOW, refused_by=refuser)
    idea.revisions.create(number=1, title="Old", problem="Older", proposal="", replaced_at=factories.NOW)
    (sent,) = services.everything_about(person)["sent"]
    assert [one["text"] for one in sent["appeals"]] == ["You misread me."]
    assert [one["problem"] for one in sent["earlier_wordings"]] == ["Older"]


def test_of_a_report_that_stays_the_answers_lose_what_they_say_of_people() -> None:
    report = factories.Report(
        contact=factories.Contact(), answers={"who": "Call 514-555-0134", "kinds": ["lamp"]}
    )
    services.erase_report_sender(report=report, at=factories.NOW, keep_text=True)
    report.refresh_from_db()
    assert report.answers == {"who": "Call [phone]", "kinds": ["lamp"]}


def test_a_legal_hold_keeps_its_record_and_is_said(client: Client) -> None:
    person, own, _supported = with_everything()
    services.place_hold(
        record=own, by=factories.staff("administrator", superuser=True), at=timezone.now(), reason="court"
    )
    known(client, person)
    page = client.post("/mine/erase/", {"words": "keep"})
    assert own.reference in page.text
    own.refresh_from_db()
    assert own.contact is not None


@pytest.mark.parametrize("path", ["/mine/export/", "/mine/erase/"])
def test_nobody_else_gets_there(client: Client, path: str) -> None:
    person_of()
    assert client.get(path)["Location"] == "/mine/"


def test_the_page_asks_a_fixed_number_of_questions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    person = person_of()
    for _number in range(12):
        factories.Idea(contact=factories.Contact(email=ADDRESS), state="published")
        models.Follow.objects.create(person=person, idea=public_idea(), since=timezone.now())
    known(client, person)
    with django_assert_max_num_queries(12):
        client.get("/mine/")


@pytest.mark.parametrize("text", ["", "mine-2026-1", "support", "fly-2026-1", "-", "support-"])
def test_what_is_no_wish(text: str) -> None:
    assert Wish.read(text) is None


def test_wishes_read_as_they_are_written() -> None:
    for wish in (Wish(WishKind.MINE), Wish(WishKind.BOTH, "2026-00123")):
        assert Wish.read(str(wish)) == wish
