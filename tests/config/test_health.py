"""/healthz tells what is wrong and stays cheap; /healthz/web tells only whether residents get answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from config import health
from engagement import services
from engagement.models import Job, Notice
from tests import factories

pytestmark = pytest.mark.django_db


def waiting_mail(minutes: int) -> Notice:
    at = timezone.now() - timedelta(minutes=minutes)
    notice = services.queue_notice(
        kind="engagement.idea_received", at=at, contact=factories.Contact(), idea=factories.Idea()
    )
    assert notice is not None
    return notice


def all_alive() -> None:
    for name in ("worker", "beat"):
        services.beat_heart(name=name, at=timezone.now())


def test_all_is_well_with_a_living_worker(client: Client) -> None:
    all_alive()
    waiting_mail(2)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ok"]
    assert set(told) == {"ok", "database", "broker", "worker", "beat", "mail", "jobs"}
    assert 110 <= told["mail"]["oldest_unsent_seconds"] <= 180


def test_a_silent_worker_is_told_and_residents_still_get_answers(client: Client) -> None:
    services.beat_heart(name="worker", at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["ok"] is False
    assert client.get("/healthz/web").status_code == 200


def test_a_timetable_that_stopped_is_told_apart_from_the_worker(client: Client) -> None:
    all_alive()
    services.beat_heart(name="beat", at=timezone.now() - timedelta(minutes=5))
    told = client.get("/healthz").json()
    assert (told["ok"], told["worker"]["ok"], told["beat"]["ok"]) == (False, True, False)
    assert told["beat"]["seen_seconds_ago"] >= 300


def test_a_job_that_nobody_does_is_told(client: Client) -> None:
    all_alive()
    old = timezone.now() - timedelta(hours=1)
    job = services.queue_job(kind="engagement.import_ideas", parameters={}, at=old)
    assert client.get("/healthz").json()["jobs"]["ok"] is False
    alive = timezone.now() + timedelta(seconds=20)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=alive)
    assert client.get("/healthz").json()["jobs"] == {
        "ok": True,
        "oldest_waiting_seconds": None,
        "running": 1,
    }
    Job.objects.filter(pk=job.pk).update(lease_until=old)
    assert client.get("/healthz").json()["jobs"]["oldest_waiting_seconds"] >= 3600


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
