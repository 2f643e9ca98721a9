"""A worker killed in the middle of an import, again and again: resumed each time, every row exactly once."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from engagement.models import Call, Event, Idea, Job, Notice
from engagement.services import imports
from tests import factories
from tests.patience import soon
from tests.service.processes import OwnRedis, Stable, environment

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

KILLS = 20
ROWS = 1_000
SEED = 20_261
LEASE = int(os.environ.get("WINNOW_TEST_JOB_LEASE", "1"))
"""Seconds. The same code with a shorter lease, so that nobody waits; run it with 30 for a city's figures."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    own = OwnRedis(tmp_path)
    own.start()
    yield own
    own.stop()


@pytest.fixture
def stable(redis: OwnRedis, tmp_path: Path) -> Iterator[Stable]:
    environ = {**environment(redis.url), "WINNOW_VAR": str(settings.VAR), "WINNOW_JOB_LEASE": str(LEASE)}
    made = Stable(environ, tmp_path)
    yield made
    made.close()


def queue(call: Call, by: Any) -> Job:
    lines = [f"{n},The lamp {n} on Example Street is dark and people fall.\n" for n in range(ROWS)]
    return imports.queue_import(
        by=by,
        at=timezone.now(),
        upload=SimpleUploadedFile("ideas.csv", ("id,text\n" + "".join(lines)).encode()),
        call=call,
        mapping={},
        language="en",
        state=imports.STATES[0],
    )


def state(job: Job) -> tuple[str, int]:
    return Job.objects.values_list("state", "attempts").get(pk=job.pk)


def test_twenty_kills_and_every_row_exactly_once(stable: Stable, clerk: Any, capsys: Any) -> None:
    draw = random.Random(SEED)
    # One moment in each twentieth of an import, in an order of chance.
    moments = [(n + draw.random()) / KILLS for n in range(KILLS)]
    draw.shuffle(moments)
    calls = [factories.Call()]
    worker, whole = stable.worker(), None
    job, seen, waits, missed, struck = queue(calls[-1], clerk), 0, [], 0, False
    asked = began = time.monotonic()
    while len(waits) < KILLS:
        now, attempts = state(job)
        if (
            now == "done"
        ):  # before the blow fell, or the first one: it is left alone, to see how long it takes
            whole = whole or time.monotonic() - began
            calls.append(factories.Call())
            job, seen, missed, struck = queue(calls[-1], clerk), 0, missed + 1, False
            asked = time.monotonic()
        elif attempts > seen:
            began, seen = time.monotonic(), attempts
            if struck:
                waits.append(began - asked)
                missed, struck = 0, False
            if whole is None or len(waits) == KILLS:
                continue
            time.sleep(moments[len(waits)] * whole * 0.8**missed)
            if state(job) == ("running", attempts):
                stable.kill(worker)
                asked, struck = time.monotonic(), True
                worker = stable.worker()
        else:
            assert now in {"queued", "running"}, Job.objects.get(pk=job.pk).error
            assert time.monotonic() - asked < 120, stable.log.read_text()
            time.sleep(0.01)
    assert soon(lambda: state(job)[0] == "done", 120), Job.objects.get(pk=job.pk).error
    assert whole is not None
    with capsys.disabled():
        print(
            f"\nlease {LEASE} s: {len(waits)} kills in {len(calls)} imports of {ROWS:,} ideas "
            f"({whole:.1f} s each); resumed after {sum(waits) / len(waits):.1f} s on average, "
            f"{max(waits):.1f} s at most"
        )
    assert len(waits) == KILLS
    assert max(waits) < 60
    for call in calls:
        ideas = Idea.objects.filter(call=call)
        assert ideas.count() == ideas.values("problem").distinct().count() == ROWS
        assert Event.objects.filter(idea__call=call).count() == ROWS
    assert Idea.objects.count() == len(calls) * ROWS
    assert Notice.objects.filter(kind="engagement.import_done").count() == len(calls)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
