"""What every answer tells the browser: the strict policy, and that private pages are kept by nobody."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import translation

from tests.safety.pages import inline_code
from tests.safety.places import build, places

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def policy(answer: Any) -> dict[str, str]:
    parts = answer["Content-Security-Policy"].split(";")
    return {name: value for name, _space, value in (part.strip().partition(" ") for part in parts)}


def text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


def faults(answer: Any, *, private: bool) -> list[str]:
    """What is wrong with one answer."""
    found = []
    if policy(answer) != POLICY:
        found.append(f"policy {answer['Content-Security-Policy']}")
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Opener-Policy", "same-origin")):
        if answer.headers.get(name) != value:
            found.append(name)
    if answer.headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}:
        found.append("Referrer-Policy")
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    if answer.headers.get("X-Frame-Options") != "DENY":
        found.append("X-Frame-Options")
    if private and "no-store" not in answer.headers.get("Cache-Control", ""):
        found.append(f"kept: {answer.headers.get('Cache-Control')}")
    if "html" in answer.headers.get("Content-Type", ""):
        found += inline_code(text(answer))
    return found


PRIVATE = ("admin:", "engagement:tracking", "prioritisation:staff_export", "dev_mail")
SHARED = ("admin:jsi18n",)
"""The admin's words for scripts: the same for everybody, and kept for an hour."""


@pytest.mark.parametrize("language", ["", "/fr"])
def test_every_page_is_strict_and_private_ones_are_not_kept(now: datetime, language: str) -> None:
    """All addresses, as whoever sees most of them; what is refused is an answer too."""
    city = build(now)
    wrong = []
    for who in ("administrator", "a resident"):
        client = Client(raise_request_exception=False)
        if user := city.people[who]:
            client.force_login(user)
        for place in places():
            if not place.name or place.name == "admin:logout":
                continue
            with translation.override("en"):
                address = city.address(place)
            translated = not address.startswith(
                ("/api", "/open311", "/dev", "/healthz", "/city.css", "/favicon")
            )
            answer = client.get(language + address if translated else address)
            private = place.name.startswith(PRIVATE) and place.name not in SHARED
            private = private and answer.status_code == 200  # else it only leads on, or says no
            wrong += [f"{who}, {place.name}: {fault}" for fault in faults(answer, private=private)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "path", ["/no-such-page/", "/admin/no-such-page/", "/api/v1/none", "/open311/v2/none", "/t/2026-1/x/"]
)
def test_what_is_not_there_is_strict_too(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {302, 404}
    assert faults(answer, private=False) == []


def test_an_error_page_is_strict_and_tells_nothing(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from engagement.querysets import IdeaQuerySet

    def broken(_self: Any) -> Any:
        raise RuntimeError("a-secret-in-an-error")

    monkeypatch.setattr(IdeaQuerySet, "public", broken)
    client.raise_request_exception = False
    with override_settings(DEBUG=False):
        answer = client.get("/ideas/")
    assert answer.status_code == 500
    assert "a-secret-in-an-error" not in text(answer)
    assert faults(answer, private=False) == []


@pytest.mark.parametrize("secure", [True, False])
def test_browsers_are_held_to_https_once_they_came_so(client: Any, secure: bool) -> None:
    with override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True):
        answer = client.get("/about/", secure=secure)
    assert ("Strict-Transport-Security" in answer.headers) == secure


def test_http_is_sent_to_https_where_the_city_has_it(client: Any) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert client.get("/about/")["Location"] == "https://testserver/about/"


def test_the_reader_of_pages_finds_what_must_not_be_there() -> None:
    page = (
        "<body onload='x()'><script>x</script><script src='/a.js'></script><p style='x'>"
        "<script type='application/json'>{}</script><style>p{}</style><a href='javascript:x'>"
        "<img src='//else.example/x'><a href='https://city.example/'>"
    )
    assert inline_code(page) == [
        "<body onload>",
        "<script>x",
        "<p style>",
        "<style>p{}",
        "<a href=javascript:x>",
        "<img src=//else.example/x>",
    ]
