"""A thousand sends a minute from one address: told until when, with what was typed; others lose nothing."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from engagement import links, services
from engagement.models import Idea, RateLimit
from engagement.views import limits, sending
from tests import factories
from tests.safety.public_forms import FREE, build

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, 16, 12, tzinfo=UTC)
NO_END = {"report_start", "call_list", "mine_erase", "stop", "wish", "address"}
"""Write nothing that somebody else reads, or take a secret address that was mailed to one person."""
SECRET_ADDRESS = {f"tracking_{page}" for page in ("correct", "appeal", "withdraw", "erase", "fixed")}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The minute in which it happens; `clock.at` may be moved."""
    told = SimpleNamespace(at=AT)
    fixed = SimpleNamespace(now=lambda: told.at, localtime=timezone.localtime)
    for module in (limits, sending):
        monkeypatch.setattr(module, "timezone", fixed)
    return told


def send(client: Client, text: str, address: str = "203.0.113.7") -> Any:
    return client.post("/calls/box/send/", {"problem": text}, REMOTE_ADDR=address)


def test_a_thousand_sends_a_minute_are_told_to_wait_until_when(clock: Any) -> None:
    factories.Call(slug="box", opens_at=AT - timedelta(days=3))
    codes = [send(Client(), f"Flood number {n}").status_code for n in range(sending.SENDS_AN_HOUR + 3)]
    assert codes == [303] * sending.SENDS_AN_HOUR + [429] * 3
    RateLimit.objects.update(count=1000)
    refused = send(Client(), "What I typed about the pond")
    assert refused.status_code == 429
    page = refused.content.decode()
    assert "What I typed about the pond" in page, "what was typed is still there"
    ends = timezone.localtime(AT.replace(hour=17, minute=0))
    said = re.search(r"wait until ([^<]+?), then send it again\.<", page)
    assert said is not None
    assert said.group(1) == limits.time_format(ends, "TIME_FORMAT")
    assert Idea.objects.count() == sending.SENDS_AN_HOUR


def test_others_on_the_same_network_lose_nothing_and_go_on_at_that_time(clock: Any) -> None:
    factories.Call(slug="box", opens_at=AT - timedelta(days=3))
    for n in range(sending.SENDS_AN_HOUR):
        send(Client(), f"Flood number {n}")
    neighbour = Client()
    assert "My own idea for the library" in send(neighbour, "My own idea for the library").content.decode()
    assert send(Client(), "From another network", "198.51.100.4").status_code == 303
    clock.at = AT.replace(hour=16, minute=59)
    assert send(neighbour, "My own idea for the library").status_code == 429
    clock.at = AT.replace(hour=17, minute=0)
    assert send(neighbour, "My own idea for the library").status_code == 303
    assert Idea.objects.filter(problem="My own idea for the library").exists()


def test_every_public_form_has_an_end_says_until_when_and_keeps_what_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "count_attempt", lambda **_asked: False)
    monkeypatch.setattr(limits, "goes_on", lambda *_asked: "half past two")
    ended, names = set(), set()
    for client, form in list(build().all_forms()):
        typed = form.sent("Words that must not be lost")
        answer = client.post(form.action, {**typed, "similar_seen": "1", **form.presses[0]})
        name = resolve(form.action).url_name
        names.add(name)
        if answer.status_code == 429:
            ended.add(name)
            page = answer.content.decode()
            assert "half past two" in page, form.action
            free = [one.name for one in form.controls if one.kind in FREE and one.name != "website"]
            for field in free:
                assert typed[field] in page, (form.action, field)
    assert names - ended <= NO_END | SECRET_ADDRESS
    assert ended >= {"idea_new", "report_new", "idea_note", "idea_abuse", "note_abuse", "report_me_too"}
    assert ended >= {"idea_support", "follow", "kit", "tracking_login", "mine"}


def test_guessing_codes_ends_and_the_time_is_told(clock: Any) -> None:
    idea = factories.Idea()
    guess = {"reference": idea.reference, "code": "AAAA-AAAA"}
    answers = [Client().post("/track/", guess, REMOTE_ADDR=f"198.51.100.{n}") for n in range(12)]
    assert [one.status_code for one in answers] == [422] * 10 + [429] * 2
    assert re.search(r"wait until \d[^<]*, then try again\.", answers[-1].content.decode())
    right = {**guess, "code": links.tracking_code(idea)}
    assert Client().post("/track/", right, REMOTE_ADDR="192.0.2.1").status_code == 429
    clock.at = AT + timedelta(minutes=15)
    assert Client().post("/track/", right, REMOTE_ADDR="192.0.2.1").status_code == 303


def test_a_guess_tells_nothing_of_what_there_is() -> None:
    """A reference, a code, a token, a number in an address: the answer is the same whether it is there."""
    idea = factories.Idea()
    wrong = "0" * 32
    for known, unknown in (
        (f"/t/{idea.reference}/{wrong}/", f"/t/2019-00001/{wrong}/"),
        (f"/ideas/{idea.reference}/", "/ideas/2019-00001/"),
        (f"/me/1/mine/1f-{wrong}/", f"/me/999/mine/1f-{wrong}/"),
        (f"/stop/1/{wrong}/", f"/stop/999/{wrong}/"),
        (f"/kit/1/1f-{wrong}/", f"/kit/999/1f-{wrong}/"),
    ):
        first, second = Client().get(known), Client().get(unknown)
        assert (first.status_code, second.status_code) == (404, 404)
        assert _plain(first, known) == _plain(second, unknown)
    posted = [
        Client().post("/track/", {"reference": reference, "code": "AAAA-AAAA"}, REMOTE_ADDR=f"192.0.2.{n}")
        for n, reference in enumerate((idea.reference, "2019-00001"))
    ]
    assert [one.status_code for one in posted] == [422, 422]
    assert _plain(posted[0], idea.reference) == _plain(posted[1], "2019-00001")


def _plain(answer: Any, own: str) -> str:
    """The page without what it repeats of the address, and without what is drawn for each visitor."""
    text = re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", answer.content.decode())
    return re.sub(r'nonce="[^"]*"', "", text).replace(own, "it")


def test_what_is_guessed_has_no_end_of_possibilities() -> None:
    """128 bits in a token; 30 ** 8 codes of which ten are tried in a quarter of an hour."""
    idea = factories.Idea()
    assert len(bytes.fromhex(links.tracking_token(idea))) * 8 == 128
    codes = {links.tracking_code(factories.Idea()) for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", code) for code in codes)
