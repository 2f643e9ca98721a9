"""The outbox against a mail server that refuses, hangs up, and then works: from the first try to the last."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import emails, services
from engagement.models import Notice
from engagement.services.notices import MAX_ATTEMPTS
from tests import factories

pytestmark = pytest.mark.django_db


class Conversation(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs. `server.refuses` is what it says to each recipient, if anything."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 mail.example")
        for line in self.rfile:
            word = line.strip().upper()
            if word.startswith(b"RCPT") and server.refuses:
                self._say(server.refuses)
            elif word == b"DATA":
                self._say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                server.taken.append(text.decode())
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 well")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp(settings: Any) -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
    server.daemon_threads = True
    server.refuses, server.taken = "", []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_USE_TLS = False
    yield server
    server.shutdown()
    server.server_close()


def test_a_mail_that_is_refused_is_tried_given_up_sent_again_and_arrives_once(
    smtp: Any, administrator: Any
) -> None:
    contact = factories.Contact(email="ana@mail.example")
    first = services.queue_notice(
        kind="engagement.idea_received", at=timezone.now(), contact=contact, idea=factories.Idea()
    )
    assert first is not None
    smtp.refuses = "550 <ana@mail.example> no such user"
    clock = timezone.now()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda at=clock: at)
        first.refresh_from_db()
        assert first.attempts == attempt
        assert first.lease_until is None
        assert first.state == ("failed" if attempt == MAX_ATTEMPTS else "waiting")
        assert first.next_try_at >= clock + timedelta(minutes=2**attempt)
        clock = first.next_try_at + timedelta(seconds=1)
    assert "550" in first.last_error
    assert "ana@" not in first.last_error
    assert smtp.taken == []

    client = Client()
    client.force_login(administrator)
    listed = client.get("/admin/engagement/notice/?state__exact=failed").content.decode()
    assert "550" in listed
    smtp.refuses = ""
    client.post(f"/admin/engagement/notice/{first.pk}/again/")
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)
    first.refresh_from_db()
    assert (first.state, first.attempts, first.last_error) == ("sent", 1, "")
    (text,) = smtp.taken
    assert first.message_id in text
    (line,) = first.history
    assert (line["what"], line["by"]) == ("again", administrator.pk)
    page = client.get(f"/admin/engagement/notice/{first.pk}/change/").content.decode()
    assert "Sent again after it failed" in page
    assert str(administrator) in page
    assert "550" in page


def test_one_refused_recipient_keeps_no_other_mail_back(smtp: Any) -> None:
    for _ in range(3):
        services.queue_notice(
            kind="engagement.idea_received",
            at=timezone.now(),
            contact=factories.Contact(),
            idea=factories.Idea(),
        )
    refused = Notice.objects.order_by("pk")[1]
    Notice.objects.filter(pk=refused.pk).update(kind="engagement.no_such_mail")
    assert services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now) == 2
    assert len(smtp.taken) == 2


def test_a_mail_server_that_is_away_loses_nothing(smtp: Any, settings: Any) -> None:
    services.queue_notice(
        kind="engagement.idea_received",
        at=timezone.now(),
        contact=factories.Contact(),
        idea=factories.Idea(),
    )
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)
    assert Notice.objects.get().state == "waiting"
    settings.EMAIL_PORT = port
    later = timezone.now() + timedelta(hours=1)
    assert services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: later) == 1
    assert len(smtp.taken) == 1
