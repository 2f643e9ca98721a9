"""A form posted twice, also before a cookie could come back: one idea, report, note, support, and so on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import links
from engagement.models import (
    AbuseReport,
    Appeal,
    Contact,
    Event,
    Follow,
    Idea,
    IdeaRevision,
    MeetingLine,
    MeToo,
    Note,
    Report,
    Support,
)
from tests.safety.public_forms import HOUR, Form, PublicCity, build, forms_of

pytestmark = pytest.mark.django_db

WORDS = "There is no shelter at my stop."
City = PublicCity


def named(city: City, page: str, ending: str) -> Form:
    return next(form for form in forms_of(Client(), page) if form.action.endswith(ending))


def public(record: Any) -> str:
    return links.public_path(record, "en")


def own(record: Any, page: str) -> str:
    return links.tracking_path(record, page=f"tracking_{page}")


FORMS: dict[str, tuple[Callable[[City], tuple[str, str]], Callable[[], int]]] = {
    "idea": (lambda city: ("/calls/box/send/", "/send/"), lambda: Idea.objects.filter(problem=WORDS).count()),
    "report": (
        lambda city: ("/report/lamp/", "/lamp/"),
        lambda: Report.objects.filter(description=WORDS).count(),
    ),
    "note": (
        lambda city: (public(city.records["idea"]), "/note/"),
        lambda: Note.objects.filter(text=WORDS).count(),
    ),
    "support": (lambda city: (public(city.records["pressed"]), "/support/"), lambda: Support.objects.count()),
    "me too": (lambda city: (public(city.records["report"]), "/me-too/"), lambda: MeToo.objects.count()),
    "report of abuse": (
        lambda city: (f"{public(city.records['idea'])}abuse/", "/abuse/"),
        lambda: AbuseReport.objects.count(),
    ),
    "appeal": (
        lambda city: (own(city.records["refused"], "appeal"), "/appeal/"),
        lambda: Appeal.objects.count(),
    ),
    "correction": (
        lambda city: (own(city.records["asked"], "correct"), "/correct/"),
        lambda: IdeaRevision.objects.count(),
    ),
    "withdrawal": (
        lambda city: (own(city.records["asked"], "withdraw"), "/withdraw/"),
        lambda: Event.objects.filter(verb="withdraw").count(),
    ),
    "is it fixed": (
        lambda city: (own(city.records["closed"], "fixed"), "/fixed/"),
        lambda: Event.objects.filter(verb="confirm_fixed").count(),
    ),
    "follow": (
        lambda city: (
            links.wish_path(city.person, f"follow-{city.records['idea'].reference}", timezone.now() + HOUR),
            "/",
        ),
        lambda: Follow.objects.count(),
    ),
    "address": (
        lambda city: (links.address_path(city.records["unsure"]), "/address/"),
        lambda: Contact.objects.filter(confirmed_at__isnull=False).count() and 1,
    ),
    "lines of a meeting": (
        lambda city: (links.kit_path(city.records["kit"]), "/"),
        lambda: MeetingLine.objects.filter(idea__problem=WORDS).count(),
    ),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("again", ["at once", "with its cookies"])
def test_a_form_posted_twice_is_one(name: str, again: str) -> None:
    where, count = FORMS[name]
    city = build()
    form = named(city, *where(city))
    sent = {**form.sent(WORDS), "personal_ok": "1", "similar_seen": "1", **form.presses[0]}
    browser = Client()
    first = browser.post(form.action, sent)
    assert first.status_code in {200, 303}
    assert b"error-summary" not in first.content
    assert count() == 1
    # A press that comes at the same moment has no cookie yet of the answer to the first.
    second = (Client() if again == "at once" else browser).post(form.action, sent)
    assert second.status_code in {200, 303, 409, 422}
    assert count() == 1


def test_another_text_in_the_same_form_is_another_idea_and_not_lost() -> None:
    """Who goes back after sending, writes something else and sends that, has sent two ideas."""
    city = build()
    form = named(city, "/calls/box/send/", "/send/")
    for words in (WORDS, "The library closes early."):
        Client().post(form.action, {**form.sent(words), "personal_ok": "1"})
    assert Idea.objects.filter(problem__in=[WORDS, "The library closes early."]).count() == 2


def test_two_people_with_the_same_words_have_two_notes() -> None:
    city = build()
    page = public(city.records["idea"])
    for _person in range(2):
        form = named(city, page, "/note/")
        Client().post(form.action, form.sent(WORDS))
    assert Note.objects.filter(text=WORDS).count() == 2


def test_who_wrote_before_the_address_was_known_has_one_note_all_the_same() -> None:
    city = build()
    page = public(city.records["idea"])
    browser = Client()
    form = named(city, page, "/note/")
    browser.post(form.action, form.sent(WORDS))
    browser.cookies["person"] = city.known().cookies["person"].value
    answer = browser.post(form.action, {**form.sent("Another remark."), "form_key": ""})
    assert answer.status_code == 422
    assert "Another remark." in answer.content.decode()
    assert Note.objects.exclude(text="It floods there.").get().text == WORDS
    browser.post(form.action, {"do": "back"})
    browser.post(form.action, {**form.sent("Another remark."), "form_key": ""})
    written = Note.objects.get(text="Another remark.")
    assert (written.state, written.person) == ("published", city.person)
