"""Large rounds are closed, previewed and published by the worker: the same refusals, the same end."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from engagement.models import Job
from prioritisation import services, tasks
from prioritisation.models import PlanVersion, Round
from prioritisation.services import long_work
from tests import panels
from tests.prioritisation.test_decisions import CLEAR, named
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    made = panels.make(now)
    made.work_up(len(CLEAR))
    return made


@pytest.fixture(autouse=True)
def _every_round_is_large(monkeypatch: Any) -> None:
    monkeypatch.setattr(long_work, "AT_ONCE", 1)


def page(name: str, round: Round) -> str:
    return reverse(f"admin:prioritisation_{name}", args=[round.pk])


def follow(client: Client, answer: Any) -> tuple[Job, str]:
    """Has the worker do the job that the page made; the job, and what its page says then."""
    assert answer.status_code == 302
    tasks.run_jobs()
    shown = client.get(answer["Location"])
    job = Job.objects.order_by("-pk").first()
    assert job is not None
    assert answer["Location"] == f"/admin/engagement/job/{job.pk}/change/"
    return job, shown.content.decode()


def test_a_large_round_is_closed_by_the_worker(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: CLEAR[index])
    client = signed_in(panel.manager)
    job, shown = follow(client, client.post(page("round_close", round), {"version": round.version}))
    round.refresh_from_db()
    assert (job.state, round.state, round.results.count()) == ("done", "closed", 1)
    assert page("ranking", round) in shown


def test_two_presses_are_one_job_and_a_second_closing_fails_in_words(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: CLEAR[index])
    client = signed_in(panel.manager)
    first = client.post(page("round_close", round), {"version": round.version})
    second = client.post(page("round_close", round), {"version": round.version})
    assert first["Location"] == second["Location"]
    panel.close(round)
    job, shown = follow(client, second)
    assert job.state == "failed"
    assert "The round is as it was." in shown
    assert round.results.count() == 1


def test_a_plan_is_previewed_and_published_by_the_worker(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    named(panel)
    round.refresh_from_db()
    client = signed_in(panel.publisher)
    address = page("publish", round)
    assert "Work out what readers will see" in client.get(address).content.decode()
    job, shown = follow(client, client.post(address, {"action": "rehearse", "version": round.version}))
    assert job.state == "done"
    assert not PlanVersion.objects.exists()
    assert address in shown
    preview = client.get(address).content.decode()
    assert "What readers will see" in preview
    assert "Work the preview out anew" in preview
    job, shown = follow(client, client.post(address, {"action": "publish", "version": round.version}))
    assert job.state == "done"
    assert PlanVersion.objects.count() == 1
    assert page("published", round) in shown


def test_a_preview_holds_only_as_long_as_nothing_changed(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    named(panel)
    services.queue_rehearsal(round=round, by=panel.publisher, at=panel.now, version=round.version)
    tasks.run_jobs()
    assert services.rehearsed(round) is not None
    decision = round.decisions.filter(outcome="set_aside").first()
    assert decision is not None
    services.save_texts(decisions=[decision], text={"en": "Otherwise."}, by=panel.manager, at=panel.now)
    assert services.rehearsed(round) is None


def test_what_would_be_refused_is_refused_before_there_is_a_job(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    client = signed_in(panel.publisher)
    for action in ("publish", "rehearse"):
        answer = client.post(page("publish", round), {"action": action, "version": round.version})
        assert answer.status_code == 422
    stale = client.post(page("publish", round), {"action": "rehearse", "version": round.version - 1})
    assert stale.status_code == 422
    assert signed_in(panel.analyst).post(page("publish", round), {"action": "publish"}).status_code == 403
    assert not Job.objects.exists()
    assert round.state == "closed"
