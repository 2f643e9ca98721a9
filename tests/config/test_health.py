"""/healthz tells what is wrong and stays cheap; /healthz/web tells only whether residents get answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from config.views import health
from engagement import services
from engagement.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db


def waiting_mail(minutes: int) -> Notice:
    at = timezone.now() - timedelta(minutes=minutes)
    notice = services.queue_notice(
        kind="engagement.idea_received", at=at, contact=factories.Contact(), idea=factories.Idea()
    )
    assert notice is not None
    return notice


def test_all_is_well_with_a_living_worker(client: Client) -> None:
    services.beat_heart(name="worker", at=timezone.now())
    waiting_mail(2)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ok"]
    assert 110 <= told["mail"]["oldest_unsent_seconds"] <= 180


def test_a_silent_worker_is_told_and_residents_still_get_answers(client: Client) -> None:
    services.beat_heart(name="worker", at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["ok"] is False
    assert client.get("/healthz/web").status_code == 200


def test_mail_that_does_not_leave_is_told(client: Client) -> None:
    services.beat_heart(name="worker", at=timezone.now())
    waiting_mail(20)
    told = client.get("/healthz").json()
    assert told["mail"]["ok"] is False
    assert told["worker"]["ok"] is True


def test_a_broker_that_is_away_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> Any:
        raise ConnectionRefusedError

    services.beat_heart(name="worker", at=timezone.now())
    monkeypatch.setattr(health.app, "connection_for_write", away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == {"ok": False}


def test_without_a_database_both_say_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def cursor(self) -> Any:
            raise OperationalError("away")

    monkeypatch.setattr(health, "connection", Away())
    assert client.get("/healthz/web").status_code == 503
    assert client.get("/healthz").json()["database"] == {"ok": False}
