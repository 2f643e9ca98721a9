"""Right-to-left and emoji text, NUL and control characters, very long words, broken UTF-8: everywhere."""

import json
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from engagement import emails, links, services
from engagement.models import Idea, Note, Report
from engagement.privacy import mask
from engagement.services import LineWords
from engagement.text import without_unseen
from tests import factories
from tests.safety.public_forms import build

pytestmark = pytest.mark.django_db

ARABIC = "لا يوجد مظلة في موقف الحافلة"
FAMILY = "👩‍👩‍👧 🇨🇦"
RIGHT_TO_LEFT = f"{ARABIC} {FAMILY}"
OVERRIDE = "\u202e"
ODD = f"Bell\x07 and {OVERRIDE}back\u202d, a \x1b[31mcolour\x7f, {RIGHT_TO_LEFT}"
SEEN = f"Bell and back, a [31mcolour, {RIGHT_TO_LEFT}"
LONG = "Donaudampfschifffahrt" * 300


def sent(text: str, **more: str) -> Idea:
    factories.Call(slug="box", moderation="after")
    answer = Client().post("/calls/box/send/", {"problem": text, "personal_ok": "1", **more})
    assert answer.status_code == 303, answer.content.decode()[-1500:]
    return Idea.objects.latest("pk")


def page(address: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


TEXTS = {"right to left": (RIGHT_TO_LEFT, RIGHT_TO_LEFT), "odd": (ODD, SEEN)}


@pytest.mark.parametrize(("typed", "seen"), TEXTS.values(), ids=TEXTS)
def test_as_it_was_written_in_list_page_mail_feed_and_api(typed: str, seen: str) -> None:
    idea = sent(typed, email="zz-ana@mail.example", wants_updates="1")
    for address in ("/ideas/", f"/ideas/{idea.reference}/"):
        shown = page(address)
        assert seen[:60] in shown, address
        assert OVERRIDE not in shown, address
    feed = ElementTree.fromstring(page("/ideas/feed/"))
    assert seen in "".join(feed.itertext())
    assert seen in json.dumps(json.loads(page("/api/v1/ideas")), ensure_ascii=False)
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)
    message = mail.outbox[0]
    for words in (message.subject, message.body, message.alternatives[0][0]):
        assert not [one for one in words if one < " " and one not in "\r\n\t"]
        assert OVERRIDE not in words
    assert message.message().as_bytes()


def test_the_page_sets_each_text_from_its_own_side() -> None:
    """`dir="auto"` on what holds the words: Arabic begins at the right, and what follows it does not."""
    idea = sent(RIGHT_TO_LEFT)
    shown = page(f"/ideas/{idea.reference}/")
    assert f'dir="auto">{RIGHT_TO_LEFT}</blockquote>' in shown
    assert 'dir="auto">' in shown.split("<h1")[1].split("</h1>")[0]
    assert f'dir="auto">{RIGHT_TO_LEFT}</a>' in page("/ideas/")


def test_on_the_slips_of_a_meeting_and_on_notes_and_reports() -> None:
    city = build()
    kit, idea, report = (city.records[name] for name in ("kit", "idea", "report"))
    services.record_line(link=kit, words=LineWords(ODD, "en"), key="", at=timezone.now())
    for address in (links.kit_path(kit), links.kit_path(kit, page="kit_sheet")):
        assert ARABIC in page(address)
    assert OVERRIDE not in page(links.kit_path(kit, page="kit_sheet"))
    Client().post(f"/ideas/{idea.reference}/note/", {"kind": "fact", "text": ODD})
    assert SEEN in page(f"/ideas/{idea.reference}/")
    assert Note.objects.latest("pk").text == ODD, "what was sent stays with the moderators"
    Client().post("/report/lamp/", {"description": ODD, "address": ODD, "similar_seen": "1"})
    made = Report.objects.latest("pk")
    assert made.pk != report.pk
    shown = page(f"/reports/{made.reference}/")
    assert SEEN in shown
    assert OVERRIDE not in shown


def test_a_nul_is_refused_beside_its_field_in_every_form() -> None:
    for client, form in list(build().all_forms()):
        for one in form.controls:
            if one.kind not in {"text", "textarea"} or one.name == "website":
                continue
            answer = client.post(form.action, {**form.sent("A few words"), one.name: "a\0b"})
            assert answer.status_code in {200, 303, 422, 429}, (form.action, one.name, answer.status_code)
    assert not [text for text in Idea.objects.values_list("problem", flat=True) if "\0" in text]


@pytest.mark.parametrize("body", [b"problem=%ff%fe caf%e9", b"problem=caf\xe9", b"problem=%ed%a0%80 half"])
def test_broken_utf_8_is_taken_as_far_as_it_can_be_read(body: bytes) -> None:
    factories.Call(slug="box", moderation="after")
    answer = Client().generic(
        "POST", "/calls/box/send/", body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    idea = Idea.objects.get()
    idea.public_problem.encode()
    page(f"/ideas/{idea.reference}/")
    ElementTree.fromstring(page("/ideas/feed/"))


def test_a_very_long_word_goes_through() -> None:
    """That no page grows wider by it is seen in a browser (tests/browser/test_abuse.py)."""
    idea = sent(LONG)
    assert LONG in page(f"/ideas/{idea.reference}/")
    assert len(idea.title) <= 200
    ElementTree.fromstring(page("/ideas/feed/"))


def test_what_is_unseen_parts_no_number_from_its_mask() -> None:
    assert mask("Call 514\x01 555\u202e 0199") == "Call [phone]"
    assert without_unseen(f"\x00a\tb\nc\r\x0b{FAMILY}\u200f") == f"a\tb\nc\r{FAMILY}\u200f"
