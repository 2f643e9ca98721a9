"""Secrets come from files or the environment, and lie in no database, log, page or message in clear."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.views.debug import get_default_exception_reporter_filter

from config.env import Env
from engagement import links, services
from engagement.models import Idea
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "WINNOW_SECRET_KEY": "zz-secret-key-0123456789-0123456789-0123456789-0123456789",
    "WINNOW_LINK_KEY": "zz-link-key",
    "DATABASE_URL": "postgresql://winnow:zz-database-word@127.0.0.1:1/winnow",
    "REDIS_URL": "redis://:zz-redis-word@127.0.0.1:1/0",
    "CELERY_BROKER_URL": "redis://:zz-broker-word@127.0.0.1:1/1",
    "EMAIL_HOST_PASSWORD": "zz-mail-word",
    "WINNOW_OIDC_CLIENT_SECRET": "zz-sign-on-word",
}
WORDS = (
    *(value for value in SECRETS.values() if value.startswith("zz")),
    *("zz-database-word", "zz-redis-word", "zz-broker-word"),
)
SHOWN = """
import json, django
django.setup()
from django.conf import settings
from django.views.debug import get_default_exception_reporter_filter
print(settings.SECRET_KEY, settings.WINNOW_LINK_KEY, settings.DATABASES["default"]["PASSWORD"])
print(settings.CACHES["default"]["LOCATION"], settings.CELERY_BROKER_URL, settings.EMAIL_HOST_PASSWORD)
print(settings.SOCIALACCOUNT_PROVIDERS)
print("--")
print(get_default_exception_reporter_filter().get_safe_settings())
"""


def run(code: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    kept = {name: value for name, value in kept.items() if name not in SECRETS}
    kept |= {"WINNOW_VAR": str(folder), "WINNOW_ENV_FILE": os.devnull}
    kept |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True
    )


@pytest.mark.parametrize("from_files", [True, False])
def test_every_secret_is_read_from_a_file_or_the_environment_and_hidden_in_reports(
    tmp_path: Path, from_files: bool
) -> None:
    pytest.importorskip("allauth")
    environ = {"WINNOW_SIGNON": "on", "WINNOW_OIDC_URL": "https://id.city.example"}
    environ["WINNOW_OIDC_CLIENT_ID"] = "winnow"
    for name, value in SECRETS.items():
        if from_files:
            (tmp_path / name).write_text(f"{value}\n")
        environ |= {f"{name}_FILE": str(tmp_path / name)} if from_files else {name: value}
    done = run(SHOWN, tmp_path, **environ)
    assert done.returncode == 0, done.stderr
    read, _line, reported = done.stdout.partition("--\n")
    assert [word for word in WORDS if word not in read] == []
    assert [word for word in WORDS if word in reported] == []
    assert "WINNOW_CITY_NAME" in reported


def test_a_secrets_file_that_is_missing_is_said_with_its_name(tmp_path: Path) -> None:
    done = run("import django; django.setup()", tmp_path, WINNOW_SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert done.returncode != 0
    assert str(tmp_path / "gone") in done.stderr


def test_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-the-file\n")
    env = Env(environ={"A_KEY": "from-the-variable", "A_KEY_FILE": str(tmp_path / "key")})
    assert env.text("A_KEY") == "from-the-file"


def test_keys_made_at_first_start_are_for_their_owner_alone(tmp_path: Path) -> None:
    done = run("import django; django.setup()", tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("winnow_secret_key.key", "winnow_link_key.key"):
        key = tmp_path / name
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text()) > 50


def test_nobody_else_on_the_machine_looks_into_the_folder_of_a_first_start(tmp_path: Path) -> None:
    """A database of contacts, mails and uploads lie in it, each with what rights its writer gives."""
    done = run("import django; django.setup()", tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def stored() -> str:
    """Everything in every table, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def test_no_table_holds_what_opens_anything(client: Any, db: None, now: Any) -> None:
    """After a typical use: an idea sent, its page opened by link and code, staff at work, a wrong word.

    What Django keeps and is no key: the hash of a password, the digest of a session's key, signed session
    data. With the sign-on extra session data and TOTP keys are sealed as well (tests/signon).
    """
    call = factories.Call(slug="box")
    sent = {"problem": "Dark corner", "place": "whole_city", "email": "a@mail.example", "wants_updates": "on"}
    there = client.post(f"/calls/{call.slug}/send/", sent)
    assert there.status_code == 303
    idea = Idea.objects.get()
    client.get(there["Location"])
    client.post("/track/", {"reference": idea.reference, "code": links.tracking_code(idea)})
    client.post("/track/", {"reference": idea.reference, "code": "AAAA-AAAA"})
    boss = factories.staff("boss", superuser=True)
    client.post("/admin/login/", {"username": "boss", "password": "a-wrong-word-typed"})
    client.post("/admin/login/", {"username": "boss", "password": "sesame-sesame"})
    client.post(f"/admin/engagement/idea/{idea.pk}/contact/")
    services.publish_idea(idea=idea, by=boss, at=now)
    assert idea.reference in (everything := stored())
    for what, secret in {
        "link": links.tracking_token(idea),
        "code": links.tracking_code(idea),
        "code without dash": links.tracking_code(idea).replace("-", ""),
        "link key": settings.WINNOW_LINK_KEY,
        "secret key": settings.SECRET_KEY,
        "session key": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "CSRF secret": client.cookies["csrftoken"].value if "csrftoken" in client.cookies else "no such",
        "password": "sesame-sesame",
        "wrong password": "a-wrong-word-typed",
        "visitor's address in counts": "track-address\x1f127.0.0.1",
    }.items():
        assert secret not in everything, what


def test_an_error_report_hides_what_a_form_held(rf: Any) -> None:
    hiding = get_default_exception_reporter_filter()
    request = rf.post("/", {"x": "1"}, HTTP_COOKIE="sessionid=zz-session", HTTP_AUTHORIZATION="zz-token")
    shown = str(hiding.get_safe_request_meta(request))
    assert "zz-session" not in shown
    assert "zz-token" not in shown
