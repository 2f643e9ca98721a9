"""The city's own sign-on, played by a small provider in this process: it opens accounts, and makes none."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.db import connection

from engagement.models import User
from tests import factories

KEY = "a-key-of-the-provider-that-nobody-checks-here"
START = "/admin/account/oidc/city/login/"


class Provider(BaseHTTPRequestHandler):
    """Discovery, tokens and user information, as OpenID Connect says; `claims` is who signs in."""

    claims: dict[str, Any] = {}
    asked: dict[str, list[str]] = {}

    def log_message(self, *_args: Any) -> None:
        pass

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        if self.path == "/.well-known/openid-configuration":
            ends = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "userinfo_endpoint": "me",
                "jwks_uri": "keys",
            }
            return self._say({"issuer": base, **{name: f"{base}/{end}" for name, end in ends.items()}})
        return self._say(self.claims)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).asked = parse_qs(body)
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        now = int(time.time())
        token = {**self.claims, "iss": base, "aud": "winnow", "iat": now, "exp": now + 60}
        self._say(
            {
                "access_token": "an-access-token",
                "token_type": "Bearer",
                "id_token": jwt.encode(token, KEY, algorithm="HS256"),
            }
        )

    def _say(self, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider(settings: Any) -> Iterator[type[Provider]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    here = {**app["settings"], "server_url": f"http://127.0.0.1:{server.server_address[1]}"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [{**app, "settings": here}]}}
    yield Provider
    server.shutdown()
    server.server_close()


def come_through(client: Any, provider: type[Provider], **claims: Any) -> Any:
    """The way of a browser: our button, the provider's page, back to us."""
    provider.claims = {"sub": "u-1", "email": "clara@city.example", "email_verified": True, **claims}
    there = client.post(START)
    assert there.status_code == 302
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    return client.get(f"{START}callback/", {"code": "a-code", "state": asked["state"]})


def who(client: Any) -> str | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


@pytest.fixture
def clara(db: None) -> Any:
    return factories.staff("clara")


def test_it_opens_the_account_with_the_verified_address(client: Any, clara: Any, provider: Any) -> None:
    assert come_through(client, provider)["Location"] == "/admin/"
    assert who(client) == "clara"
    assert provider.asked["client_secret"] == ["a-secret-of-the-sign-on"]
    assert provider.asked["code_verifier"]
    clara.refresh_from_db()
    assert clara.has_usable_password()
    client.post("/admin/logout/")
    come_through(client, provider, email="renamed@city.example")
    assert who(client) == "clara", "known from now on by the provider's own name for her"


def test_nothing_of_the_provider_is_kept_but_its_name_for_the_person(
    client: Any, clara: Any, provider: Any
) -> None:
    come_through(client, provider, name="Clara Larkspire", groups=["mayor"])
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "an-access-token" not in str(cursor.fetchall()), table


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@city.example"},
        {"email_verified": False},
        {"email": ""},
        {"email": "root@city.example"},
        {"email": "gone@city.example"},
        {"email": "resident@city.example"},
        {"email": "twins@city.example"},
    ],
    ids=["unknown", "not verified", "no address", "administrator", "inactive", "not staff", "two accounts"],
)
def test_it_opens_nothing_else_and_makes_no_account(
    client: Any, clara: Any, provider: Any, claims: dict[str, Any]
) -> None:
    factories.staff("root", superuser=True)
    factories.User(username="gone", is_active=False)
    factories.User(username="resident", is_staff=False)
    for name in ("twin1", "twin2"):
        factories.User(username=name, email="twins@city.example")
    before = User.objects.count()
    answer = come_through(client, provider, **claims)
    assert answer.status_code == 403
    assert "No account here" in answer.content.decode()
    assert who(client) is None
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_who_was_made_inactive_does_not_come_in_again(client: Any, clara: Any, provider: Any) -> None:
    come_through(client, provider)
    client.post("/admin/logout/")
    clara.is_active = False
    clara.save()
    come_through(client, provider)
    assert who(client) is None


def test_an_administrator_links_the_account_signed_in(client: Any, provider: Any, db: None) -> None:
    factories.staff("root", superuser=True)
    client.post("/admin/account/login/", {"login": "root", "password": "sesame-sesame"})
    provider.claims = {"sub": "u-9", "email": "root@city.example", "email_verified": True}
    there = client.post(f"{START}?process=connect")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    client.get(f"{START}callback/", {"code": "a-code", "state": state})
    assert SocialAccount.objects.get().user.username == "root"


def test_a_callback_that_nobody_asked_for_is_refused(client: Any, clara: Any, provider: Any) -> None:
    provider.claims = {"sub": "u-1", "email": "clara@city.example", "email_verified": True}
    answer = client.get(f"{START}callback/", {"code": "a-code", "state": "made-up"})
    assert answer.status_code in {200, 401, 403}
    assert who(client) is None


def test_a_provider_that_is_away_is_told_as_a_page(client: Any, clara: Any) -> None:
    answer = client.post(START)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    assert who(client) is None


def test_the_button_may_lead_there_and_nowhere_else(client: Any, clara: Any) -> None:
    answer = client.get("/admin/account/login/")
    assert "Sign in through Rowanbridge ID" in answer.content.decode()
    assert "form-action 'self' http://127.0.0.1:9;" in answer["Content-Security-Policy"] + ";"


def test_the_sign_on_counts_where_a_second_factor_is_asked_for(
    client: Any, clara: Any, provider: Any, settings: Any
) -> None:
    settings.WINNOW_REQUIRE_SECOND_FACTOR = True
    come_through(client, provider)
    assert client.get("/admin/").status_code == 200
