"""Signing in: sessions have a new key each time, end by themselves, cannot be read out of the database."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from config import middleware
from config.sessions import SessionStore, digest
from tests import factories

WRONG = {"username": "clara", "password": "not-hers"}
RIGHT = {"username": "clara", "password": "sesame-sesame"}


@pytest.fixture
def clara(db: None) -> Any:
    return factories.staff("clara")


def key(client: Any) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def signed_in(client: Any) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def later(monkeypatch: pytest.MonkeyPatch, client: Any, seconds: int) -> None:
    now = middleware.time.time()
    monkeypatch.setattr(middleware.time, "time", lambda: now + seconds)


def test_the_key_is_new_at_each_sign_in(client: Any, clara: Any) -> None:
    """A key that somebody planted before is worth nothing afterwards."""
    planted = SessionStore()
    planted["x"] = 1
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    client.post("/admin/login/", RIGHT)
    assert signed_in(client)
    assert key(client) != planted.session_key
    assert not SessionStore().exists(str(planted.session_key))


def test_the_database_holds_no_key_that_a_browser_could_use(client: Any, clara: Any) -> None:
    client.post("/admin/login/", RIGHT)
    stored = Session.objects.get()
    assert stored.session_key == digest(key(client))
    client.cookies[settings.SESSION_COOKIE_NAME] = stored.session_key
    assert not signed_in(client)


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: Any, clara: Any) -> None:
    cookie = client.post("/admin/login/", RIGHT).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_out_ends_it_on_the_server(client: Any, clara: Any) -> None:
    client.post("/admin/login/", RIGHT)
    client.post("/admin/logout/")
    assert not Session.objects.exists()


def test_a_new_password_ends_the_other_sessions(client: Any, clara: Any) -> None:
    from django.test import Client

    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.post("/admin/login/", RIGHT)
    before = key(client)
    new = {
        "old_password": "sesame-sesame",
        "new_password1": "other-words-here",
        "new_password2": "other-words-here",
    }
    assert client.post("/admin/password_change/", new).status_code == 302
    assert signed_in(client)
    assert key(client) != before
    assert not signed_in(elsewhere)


def test_who_is_made_inactive_is_out_at_once(client: Any, clara: Any) -> None:
    client.post("/admin/login/", RIGHT)
    clara.is_active = False
    clara.save()
    assert not signed_in(client)


def test_an_idle_session_ends(client: Any, clara: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post("/admin/login/", RIGHT)
    later(monkeypatch, client, settings.WINNOW_SESSION_IDLE_MINUTES * 60 - 5)
    assert signed_in(client)
    later(monkeypatch, client, settings.WINNOW_SESSION_IDLE_MINUTES * 60 + 5)
    assert not signed_in(client)


def test_a_session_ends_some_hours_after_signing_in_however_busy(
    client: Any, clara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/admin/login/", RIGHT)
    for _hour in range(settings.WINNOW_SESSION_HOURS):
        later(monkeypatch, client, 3590)
        assert signed_in(client)
    later(monkeypatch, client, 3590)
    assert not signed_in(client)


def test_not_every_page_writes(client: Any, clara: Any, django_assert_num_queries: Any) -> None:
    client.post("/admin/login/", RIGHT)
    before = Session.objects.get().session_data
    assert signed_in(client)
    assert Session.objects.get().session_data == before


def test_residents_have_no_session(client: Any, db: None) -> None:
    call = factories.Call(slug="box", moderation="after")
    client.get("/")
    client.post(f"/calls/{call.slug}/send/", {"problem": "Dark", "place": "whole_city"})
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def try_wrong(client: Any, times: int, **extra: str) -> None:
    for _time in range(times):
        client.post("/admin/login/", WRONG, **extra)


def test_wrong_passwords_lock_for_a_while(client: Any, clara: Any) -> None:
    try_wrong(client, settings.AXES_FAILURE_LIMIT)
    assert client.post("/admin/login/", RIGHT).status_code == 429
    assert not signed_in(client)


def test_behind_a_proxy_one_visitor_does_not_lock_the_others_out(
    client: Any, clara: Any, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(settings.AXES_FAILURE_LIMIT):
        client.post("/admin/login/", {**WRONG, "username": f"x{number}"}, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert client.post("/admin/login/", RIGHT, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 429
    assert client.post("/admin/login/", RIGHT, HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 302


def test_a_forged_address_does_not_slip_through_the_lock(client: Any, clara: Any) -> None:
    """Without trusted proxies the header is anybody's to write, and is not read."""
    for number in range(settings.AXES_FAILURE_LIMIT):
        forged = f"198.51.100.{number}"
        client.post("/admin/login/", {**WRONG, "username": f"x{number}"}, HTTP_X_FORWARDED_FOR=forged)
    assert client.post("/admin/login/", RIGHT, HTTP_X_FORWARDED_FOR="192.0.2.200").status_code == 429
