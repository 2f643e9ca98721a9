"""The log tells what happened and never to whom: personal data is sent in by every door and looked for."""

import json
import logging
import logging.config
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config import logs
from config.logs.scrubbing import ROOT, scrub, sentence, trace
from engagement import links, services
from engagement.models import Contact
from tests import factories

NAME, EMAIL, PHONE, ADDRESS = "Ottilie Brackenshaw", "ottilie@mail.example", "514-555-0137", "203.0.113.77"
SECRETS = (NAME, "Ottilie", "Brackenshaw", EMAIL, PHONE, "5145550137", ADDRESS)


class Log:
    """What a city's log would hold, whatever pytest does with its own."""

    def __init__(self) -> None:
        self.text = StringIO()

    def keep(self, format: str) -> None:
        logging.config.dictConfig(logs.configuration(format=format, level="INFO"))
        (handler,) = logging.getLogger().handlers
        handler.setStream(self.text)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["from"] == "winnow.request"]


@pytest.fixture
def log() -> Iterator[Log]:
    kept = Log()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    kept.keep("json")
    yield kept
    root.handlers[:] = before
    root.setLevel(level)


def nothing_personal(log: Log, *more: str) -> None:
    text = log.text.getvalue()
    assert text
    assert [secret for secret in (*SECRETS, *more) if secret in text] == []


@pytest.mark.django_db
def test_forms_and_private_links_leave_no_trace(log: Log, client: Client) -> None:
    call = factories.Call()
    words = {"problem": f"I am {NAME}, call {PHONE}", "name": NAME, "email": EMAIL, "title": NAME}
    client.post(f"/calls/{call.slug}/send/?from={EMAIL}", words, REMOTE_ADDR=ADDRESS)
    idea = factories.Idea(contact=factories.Contact(name=NAME, email=EMAIL), reference="2026-55555")
    private = links.tracking_path(idea)
    assert client.get(f"{private}?who={EMAIL}", REMOTE_ADDR=ADDRESS).status_code == 200
    assert client.get(f"{private[:-9]}12345678/", REMOTE_ADDR=ADDRESS).status_code == 404
    client.get(f"/nowhere/{EMAIL}/?q={PHONE}")
    client.post("/track/", {"reference": idea.reference, "code": links.tracking_code(idea)})
    nothing_personal(log, links.tracking_token(idea), links.tracking_code(idea), "?", "/t/")
    told = log.requests()
    assert [line["route"] for line in told][:2] == ["engagement:idea_new", "engagement:tracking"]
    assert {line["status"] for line in told} >= {200, 404}
    assert all(line["ms"] > 0 and line["request"] for line in told)


@pytest.mark.django_db
def test_an_error_names_its_places_and_no_value(
    log: Log, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def broken(request: Any, **_: Any) -> Any:
        typed = request.GET["q"]
        return int(typed)

    settings.DEBUG = False
    monkeypatch.setattr("engagement.views.ideas.render", lambda request, *_a, **_k: broken(request))
    client = Client(raise_request_exception=False)
    answer = client.get("/ideas/", {"q": f"{NAME} {EMAIL}"}, REMOTE_ADDR=ADDRESS)
    assert answer.status_code == 500
    nothing_personal(log)
    error = next(line for line in log.lines() if "trace" in line)
    assert error["trace"][-1] == "ValueError: invalid literal for int() with base 10: '…'"
    assert any("test_logs.py" in place and "in broken" in place for place in error["trace"])
    assert error["request"] == log.requests()[-1]["request"] == answer["X-Request-ID"]


@pytest.mark.django_db
def test_a_database_that_refuses_a_row_does_not_have_it_printed(log: Log) -> None:
    factories.Idea(contact=factories.Contact(name=NAME, email=EMAIL), reference="2026-77777")
    try:
        with transaction.atomic():
            factories.Idea(reference="2026-77777", title=NAME, problem=EMAIL)
    except IntegrityError:
        logging.getLogger("engagement").exception("not kept")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {Contact._meta.db_table} (name, email, phone, language, created_at)"
                " VALUES (%s, %s, %s, NULL, %s)",
                [NAME, EMAIL, PHONE, timezone.now()],
            )
    except IntegrityError as error:
        logging.getLogger("engagement").error("not kept: %s", error)
    nothing_personal(log, "77777")


@pytest.mark.django_db
def test_a_mail_that_fails_is_told_without_its_address(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({EMAIL: (550, f"no {NAME} here".encode())})

    services.queue_notice(
        kind="engagement.idea_received",
        at=timezone.now(),
        contact=factories.Contact(name=NAME, email=EMAIL),
        idea=factories.Idea(),
    )
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)

    def compose(*_: Any) -> EmailMessage:
        return EmailMessage("Hello", NAME, to=[EMAIL])

    services.deliver_notices(app="engagement", compose=compose, clock=timezone.now)
    nothing_personal(log)
    assert any("was not sent: SMTPRecipientsRefused" in line["message"] for line in log.lines())


@pytest.mark.django_db
def test_failed_sign_ins_and_the_lock_name_nobody(log: Log, client: Client, settings: Any) -> None:
    settings.AXES_VERBOSE = True
    factories.staff("o.brackenshaw")
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        client.post(
            "/admin/login/", {"username": "o.brackenshaw", "password": NAME}, REMOTE_ADDR=ADDRESS, follow=True
        )
    client.post("/admin/login/", {"username": EMAIL, "password": PHONE}, REMOTE_ADDR=ADDRESS)
    nothing_personal(log, "o.brackenshaw")
    assert any(line["from"].startswith("axes") for line in log.lines())


def test_a_failed_task_is_told_without_its_arguments(log: Log) -> None:
    try:
        raise ValueError(f"cannot read '{NAME}'")
    except ValueError as error:
        logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] raised unexpected: %(exc)s\n%(traceback)s %(args)s",
            {"name": "engagement.tidy", "id": "7", "exc": repr(error), "traceback": NAME, "args": (EMAIL,)},
            exc_info=True,
        )
    nothing_personal(log)
    (line,) = log.lines()
    assert line["message"].startswith("Task engagement.tidy[7] raised unexpected")
    assert line["trace"][-1] == "ValueError: cannot read '…'"


def test_the_web_server_s_own_errors_hold_no_query(log: Log) -> None:
    logging.getLogger("gunicorn.error").propagate = True
    logging.getLogger("gunicorn.error").error(
        "Error handling request %s", f"/t/2026-1/{'a1' * 16}/?q={EMAIL}"
    )
    logging.getLogger("gunicorn.error").warning(
        "Invalid request from ip=%s: %s", ADDRESS, f"Bad header {PHONE}"
    )
    nothing_personal(log, "a1a1")


def test_a_number_from_outside_is_believed_only_behind_the_city_s_proxy(
    client: Client, settings: Any
) -> None:
    given = {"HTTP_X_REQUEST_ID": "proxy-number-0001"}
    assert client.get("/city.css", **given)["X-Request-ID"] != "proxy-number-0001"
    settings.TRUSTED_PROXIES = 1
    assert client.get("/city.css", **given)["X-Request-ID"] == "proxy-number-0001"
    assert client.get("/city.css", HTTP_X_REQUEST_ID=f"{EMAIL} x")["X-Request-ID"] != f"{EMAIL} x"


def test_plain_lines_tell_the_same(log: Log) -> None:
    log.keep("plain")
    try:
        raise KeyError(NAME)
    except KeyError:
        logging.getLogger("engagement").exception("asked by %s", EMAIL)
    text = log.text.getvalue()
    assert "ERROR engagement asked by [e-mail]" in text
    assert "KeyError: '…'" in text
    nothing_personal(log)


@given(
    st.from_regex(r"[a-z][a-z0-9.+-]{0,20}@[a-z]{2,12}\.(ca|example|org)", fullmatch=True),
    st.text(max_size=30),
)
def test_no_address_survives_whatever_stands_around_it(email: str, around: str) -> None:
    assert email not in scrub(f"{around} {email} {around}")
    assert email not in sentence(RuntimeError(f"{around} {email}"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgresql://winnow:hunter2@db/winnow", "postgresql://winnow:[password]@db/winnow"),
        ("code 7K3M-Q9XD typed", "code [code] typed"),
        (f"token {'a1' * 16} given", "token [token] given"),
        ("from 203.0.113.77 and 2001:db8:0:1:1:1:1:1", "from [address] and [address]"),
        ("at 10:15:30 on 127.0.0.1:8000, Django 5.2.19", "at 10:15:30 on 127.0.0.1:8000, Django 5.2.19"),
        ("engagement.idea_received 12 was sent", "engagement.idea_received 12 was sent"),
    ],
)
def test_what_goes_and_what_stays(text: str, left: str) -> None:
    assert scrub(text) == left


def test_an_error_that_was_caused_by_another_tells_both() -> None:
    try:
        try:
            raise OSError("disk full")
        except OSError as error:
            raise RuntimeError("not written") from error
    except RuntimeError as error:
        told = trace(error)
    assert [line for line in told if " in " not in line] == [
        "OSError: disk full",
        "RuntimeError: not written",
    ]
    assert not any(str(ROOT) in line for line in told)


def test_a_format_that_is_none_stops_the_start(tmp_path: Path) -> None:
    environ = {**os.environ, "WINNOW_LOG_FORMAT": "xml", "WINNOW_VAR": str(tmp_path)}
    asked = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "WINNOW_LOG_FORMAT=xml: expected json or plain" in asked.stderr
