"""An authenticator app, recovery codes, passkeys: asked for at the one door, sealed in the database."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.db import connection

from config.signon.sealing import unseal
from tests import factories
from tests.safety.pages import inline_code

RIGHT = {"login": "clara", "password": "sesame-sesame"}
LOGIN = "/admin/account/login/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def clara(db: None) -> Any:
    return factories.staff("clara", permissions=["engagement.view_idea"])


@pytest.fixture
def protected(clara: Any) -> Any:
    TOTP.activate(clara, SECRET)
    return clara


def code(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def enter(client: Any) -> None:
    """Signed in, and the password typed once more, as pages about factors ask."""
    client.post(LOGIN, RIGHT)
    client.post("/admin/account/reauthenticate/", {"password": RIGHT["password"]})


def signed_in(client: Any) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def test_there_is_one_door(client: Any, protected: Any) -> None:
    """The admin's own sign-in, which knows no second factor, opens nothing."""
    old = {"username": "clara", "password": "sesame-sesame"}
    for answer in (client.get("/admin/login/"), client.post("/admin/login/?next=/admin/", old)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(LOGIN)
    assert not signed_in(client)


def test_the_password_alone_is_not_enough(client: Any, protected: Any) -> None:
    asked = client.post(LOGIN, RIGHT)
    assert asked["Location"].endswith("/admin/account/second-factor/authenticate/")
    assert not signed_in(client)
    wrong = client.post(asked["Location"], {"code": "000000"})
    assert wrong.status_code == 200
    assert not signed_in(client)
    assert client.post(asked["Location"], {"code": code()}).status_code == 302
    assert signed_in(client)


def test_codes_cannot_be_tried_for_long(client: Any, protected: Any) -> None:
    asked = client.post(LOGIN, RIGHT)["Location"]
    for _time in range(10):
        client.post(asked, {"code": "000000"})
    assert "too many tries" in client.post(asked, {"code": code()}).content.decode()
    assert not signed_in(client)


def test_wrong_passwords_lock_as_before(client: Any, clara: Any, settings: Any) -> None:
    for _time in range(settings.AXES_FAILURE_LIMIT):
        client.post(LOGIN, {**RIGHT, "password": "not-hers"})
    assert client.post(LOGIN, RIGHT).status_code == 429
    assert not signed_in(client)


def test_set_up_through_the_pages_and_nothing_of_it_in_clear(client: Any, clara: Any) -> None:
    enter(client)
    page = client.get("/admin/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.content.decode()
    assert secret not in everything_stored()
    assert client.post(page.request["PATH_INFO"], {"code": code(secret)}).status_code == 302
    codes = client.get("/admin/account/second-factor/recovery-codes/")
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    first = re.findall(r"\b\d{8}\b", codes.content.decode())[0]
    stored = everything_stored()
    assert secret not in stored
    assert unseal(seed) not in stored
    assert first not in stored
    assert unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret
    client.post("/admin/logout/")
    asked = client.post(LOGIN, RIGHT)["Location"]
    client.post(asked, {"code": first})
    assert signed_in(client)
    client.post("/admin/logout/")
    client.post(client.post(LOGIN, RIGHT)["Location"], {"code": first})
    assert not signed_in(client), "a recovery code serves once"


def everything_stored() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def test_under_another_key_a_factor_opens_nothing(client: Any, protected: Any, settings: Any) -> None:
    asked = client.post(LOGIN, RIGHT)["Location"]
    sealed = Authenticator.objects.get(type="totp")
    sealed.data = {"secret": sealed.data["secret"][:-6] + "AAAAA="}
    sealed.save()
    for tried in (code(), code("AAAAAAAA"), ""):
        assert client.post(asked, {"code": tried}).status_code in {200, 403}
        assert not signed_in(client)


def test_who_lost_the_phone_is_helped_by_a_command(client: Any, protected: Any) -> None:
    call_command("forget_second_factor", "clara")
    client.post(LOGIN, RIGHT)
    assert signed_in(client)
    with pytest.raises(CommandError, match="nobody"):
        call_command("forget_second_factor", "nobody")


def test_a_city_may_ask_everybody_for_one(client: Any, clara: Any, settings: Any) -> None:
    settings.WINNOW_REQUIRE_SECOND_FACTOR = True
    client.post(LOGIN, RIGHT)
    for page in ("/admin/", "/admin/engagement/idea/", "/fr/admin/", "/admin/password_change/", "/ideas/"):
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].endswith("/admin/account/second-factor/")
    assert client.post("/admin/engagement/idea/do/publish/", {"selected": "1:1"}).status_code == 302
    told = client.get("/admin/account/second-factor/").content.decode()
    assert "Your city asks for a second factor" in told
    enter(client)
    page = client.get("/admin/account/second-factor/totp/activate/")
    client.post(page.request["PATH_INFO"], {"code": code(page.context["form"].secret)})
    assert signed_in(client)


def test_residents_are_asked_nothing(client: Any, db: None, settings: Any) -> None:
    settings.WINNOW_REQUIRE_SECOND_FACTOR = True
    assert client.get("/ideas/").status_code == 200


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "page",
    [
        "login/",
        "second-factor/",
        "second-factor/totp/activate/",
        "second-factor/webauthn/add/",
        "reauthenticate/",
        "sign-on/",
        "sign-on/login/cancelled/",
        "sign-on/login/error/",
    ],
)
def test_its_pages_keep_to_the_strict_policy(client: Any, clara: Any, page: str, language: str) -> None:
    if page != "login/":
        enter(client)
    start = "" if language == "en" else "/fr"
    answer = client.get(f"{start}/admin/account/{page}")
    assert answer.status_code in {200, 401}, page
    assert inline_code(answer.content.decode()) == []
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_nobody_signs_up_and_the_stock_forms_of_the_tables_are_not_there(client: Any, db: None) -> None:
    client.force_login(factories.staff("root", superuser=True))
    for page in ("account/signup/", "account/password/reset/", "account/email/", "mfa/authenticator/"):
        assert client.get(f"/admin/{page}").status_code in {302, 404}, page
    assert client.get("/admin/socialaccount/socialapp/").status_code == 404
