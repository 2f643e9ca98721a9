"""A real worker with a real Redis: what was accepted leaves, also when the broker was away meanwhile."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from engagement import services, tasks
from engagement.models import Heartbeat, Idea, Notice
from engagement.services import imports
from tests import factories
from tests.patience import soon
from tests.service.processes import ROOT, OwnRedis, environment

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@contextmanager
def worker(redis: str, log: Path, *extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on this test's database, with `redis` as its broker."""
    environ = environment(redis)
    command = [
        *(sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "-P", "threads", "-c", "2"),
        *("--without-gossip", "--without-mingle", "-l", "WARNING", *extra),
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def sent_mails() -> int:
    return len(list(Path(settings.VAR, "mail").glob("*.eml")))


@pytest.fixture(autouse=True)
def _no_mails_yet() -> None:
    for mail in Path(settings.VAR, "mail").glob("*.eml"):
        mail.unlink()


def an_idea_with_mail() -> Idea:
    sender = services.Sender(email="resident@mail.example")
    draft = services.IdeaDraft(problem="The bench is gone.", language="en", sender=sender)
    return services.submit_idea(call=factories.Call(), draft=draft, at=timezone.now())


def test_a_worker_sends_mail_and_does_a_job_when_told(tmp_path: Path, clerk: Any) -> None:
    an_idea_with_mail()
    upload = SimpleUploadedFile("ideas.csv", b"problem\nNo bench at the stop.\nNo light.\n")
    job = imports.queue_import(
        by=clerk,
        at=timezone.now(),
        upload=upload,
        call=factories.Call(),
        mapping={},
        language="en",
        state=imports.STATES[0],
    )
    log = tmp_path / "worker.log"
    with worker(settings.REDIS_URL, log):
        tasks.nudge_mail()
        tasks.nudge_jobs()
        assert soon(lambda: Notice.objects.get(kind="engagement.idea_received").state == "sent"), (
            log.read_text()
        )
        assert soon(lambda: type(job).objects.get(pk=job.pk).finished_at), log.read_text()
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert job.result["created"] == 2
    assert sent_mails() >= 1
    assert Heartbeat.objects.get(name="worker").at


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    own = OwnRedis(tmp_path)
    own.start()
    yield own
    own.stop()


def test_what_was_accepted_while_redis_was_away_leaves_when_it_is_back(
    tmp_path: Path, redis: OwnRedis
) -> None:
    """The worker's own timetable finds it: nobody tells it again."""
    log = tmp_path / "worker.log"
    with worker(redis.url, log, "-B", "-s", str(tmp_path / "beat")) as process:
        assert soon(Heartbeat.objects.filter(name="worker").exists), log.read_text()
        redis.stop()
        assert soon(lambda: "onnection" in log.read_text()), "the worker did not notice"
        an_idea_with_mail()
        assert not soon(lambda: Notice.objects.get().state == "sent", 1)
        assert process.poll() is None
        redis.start()
        assert soon(lambda: Notice.objects.get().state == "sent", 90), log.read_text()
    assert sent_mails() == 1
