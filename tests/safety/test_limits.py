"""Who is asking is never what they say of themselves; and nothing can be tried or sent without end."""

from typing import Any

import pytest
from django.http import HttpRequest

from engagement import links, services
from engagement.api import base
from engagement.client import client_address
from engagement.models import Idea, RateLimit, Report
from engagement.views import sending, supports, tracking
from tests import factories

pytestmark = pytest.mark.django_db
FORGED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.77",
    "HTTP_X_REAL_IP": "203.0.113.77",
    "HTTP_FORWARDED": "for=203.0.113.77;proto=https;host=evil.example",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
}


def test_without_trusted_proxies_forwarded_headers_say_nothing(rf: Any) -> None:
    request: HttpRequest = rf.get("/", **FORGED)
    assert client_address(request) == "127.0.0.1"
    assert not request.is_secure()
    assert request.build_absolute_uri("/x/") == "http://testserver/x/"


def test_a_forged_host_is_refused(client: Any) -> None:
    """What names a host in a page or a mail is the city's own setting or a host on its list."""
    answer = client.get("/about/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize("host", ["", "a b", "evil.example/", "testserver\tx", "x" * 3000, "[::1", "é.x"])
def test_no_host_header_brings_a_page_down(client: Any, host: str) -> None:
    assert client.get("/about/", headers={"host": host}).status_code in {200, 400}


def test_mails_name_the_citys_address_whoever_asked(client: Any, settings: Any) -> None:
    idea = factories.Idea()
    assert links.tracking_url(idea).startswith(settings.WINNOW_BASE_URL)


def sent(kind: str, client: Any, number: int, **extra: Any) -> Any:
    """One try of `kind` as a visitor would make it, each with other words."""
    if kind == "idea":
        call = factories.Call._meta.model.objects.filter(slug="box").first() or factories.Call(slug="box")
        words = {"problem": f"Dark corner {number}", "place": "whole_city"}
        return client.post(f"/calls/{call.slug}/send/", words, **extra)
    if kind == "report":
        service = factories.ReportService._meta.model.objects.first() or factories.ReportService()
        words = {"description": f"Dark lamp {number}", "address": "12 Elm", "similar_seen": "1"}
        return client.post(f"/report/{service.code}/", words, **extra)
    return client.post("/track/", {"reference": f"2026-{number:05}", "code": "AAAA-AAAA"}, **extra)


def test_supports_have_an_end_too(client: Any) -> None:
    idea = factories.Idea(state="published", call__supports="token")
    address = f"/ideas/{idea.reference}/support/"
    for _time in range(supports.PRESSES_AN_HOUR):
        assert client.post(address).status_code == 303
    assert client.post(address, **FORGED).status_code == 429


LIMITS = {"idea": sending.SENDS_AN_HOUR, "report": sending.SENDS_AN_HOUR, "tracking": tracking.TRIES}


@pytest.mark.parametrize("kind", LIMITS)
def test_there_is_an_end_to_sending_and_guessing(client: Any, kind: str) -> None:
    for number in range(LIMITS[kind]):
        assert sent(kind, client, number).status_code != 429
    refused = sent(kind, client, 999, **FORGED)
    assert refused.status_code == 429, "a forged address counts as the same visitor"
    assert "999" in refused.content.decode(), "what was typed is still there"
    assert Idea.objects.count() + Report.objects.count() <= LIMITS[kind]
    assert sent(kind, client, 1000, REMOTE_ADDR="198.51.100.4").status_code != 429


def test_one_reference_cannot_be_tried_from_many_addresses(client: Any) -> None:
    idea = factories.Idea()
    guess = {"reference": idea.reference, "code": "AAAA-AAAA"}
    for number in range(tracking.TRIES):
        client.post("/track/", guess, REMOTE_ADDR=f"198.51.100.{number}")
    right = {**guess, "code": links.tracking_code(idea)}
    assert client.post("/track/", right, REMOTE_ADDR="198.51.100.200").status_code == 429


def test_the_api_has_a_limit(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "REQUESTS", 2)
    assert [client.get("/api/v1/ideas", **FORGED).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get("/api/v1/plans")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= base.WINDOW
    assert refused.json()["detail"]


def test_addresses_are_not_kept(client: Any, now: Any) -> None:
    services.count_attempt(what="send", who="203.0.113.5", limit=9, seconds=60, at=now)
    kept = RateLimit.objects.get()
    assert "203.0.113.5" not in kept.key
    assert len(kept.key) == 64
    services.forget_attempts(before=now.replace(year=2100))
    assert not RateLimit.objects.exists()
