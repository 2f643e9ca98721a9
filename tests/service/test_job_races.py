"""Two workers and one job, on PostgreSQL: one that was thought dead wakes up in the middle of its commit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from engagement import services
from engagement.models import Event, Idea, Job, Notice
from engagement.services import imports, jobs
from tests import factories
from tests.patience import soon

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


def queue(by: Any) -> Job:
    return imports.queue_import(
        by=by,
        at=timezone.now(),
        upload=SimpleUploadedFile("ideas.csv", b"id,text\n1,No shade at the stop.\n2,No light.\n"),
        call=factories.Call(),
        mapping={},
        language="en",
        state=imports.STATES[0],
    )


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def pool() -> Any:
    with ThreadPoolExecutor(2) as made:
        yield made


def in_thread(work: Any) -> Any:
    def own() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return own


def test_a_worker_that_wakes_up_before_its_commit_commits_nothing(
    pool: Any, clerk: Any, monkeypatch: Any
) -> None:
    """The first holds its rows, written and not committed, while its lease runs out and another begins."""
    job = queue(clerk)
    written, wake = threading.Event(), threading.Event()
    tell_by_mail = imports.jobs._tell_by_mail

    def frozen(claimed: Job, report: Any) -> None:
        tell_by_mail(claimed, report)
        if claimed.attempts == 1:
            written.set()
            assert wake.wait(60)

    monkeypatch.setattr(imports.jobs, "_tell_by_mail", frozen)
    later = timezone.now() + 2 * jobs.lease()
    first = pool.submit(
        in_thread(lambda: services.work_off_jobs(app="engagement", clock=timezone.now, limit=1))
    )
    assert written.wait(60)
    second = pool.submit(
        in_thread(lambda: services.work_off_jobs(app="engagement", clock=lambda: later, limit=1))
    )
    assert soon(somebody_waits), "the second worker did not come to the rows of the first"
    wake.set()
    assert (first.result(60), second.result(60)) == (1, 1)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result["created"]) == ("done", 2, 2)
    assert Idea.objects.count() == Event.objects.count() == 2
    assert Notice.objects.count() == 1


def test_cancelling_in_the_middle_of_the_commit_keeps_nothing(
    pool: Any, clerk: Any, monkeypatch: Any
) -> None:
    job = queue(clerk)
    written, wake = threading.Event(), threading.Event()

    def frozen(*_: Any) -> None:
        written.set()
        assert wake.wait(60)

    monkeypatch.setattr(imports.jobs, "_tell_by_mail", frozen)
    work = pool.submit(
        in_thread(lambda: services.work_off_jobs(app="engagement", clock=timezone.now, limit=1))
    )
    assert written.wait(60)
    services.cancel_job(job=Job.objects.get(pk=job.pk), by=clerk, at=timezone.now())
    wake.set()
    assert work.result(60) == 1
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Idea.objects.exists()
    assert not Notice.objects.exists()


def test_two_workers_never_take_the_same_job(pool: Any) -> None:
    now = timezone.now()
    for _ in range(60):
        services.queue_job(kind="engagement.import_ideas", parameters={}, at=now)
    start = threading.Barrier(2)

    def claim_all() -> list[int]:
        start.wait(60)
        taken = []
        for _ in range(200):
            job = services.claim_job(app="engagement", at=now + timedelta(seconds=1))
            if job is not None:
                taken.append(job.pk)
        return taken

    one, two = [future.result(60) for future in [pool.submit(in_thread(claim_all)) for _ in range(2)]]
    assert len(one) + len(two) == len({*one, *two}) == 60
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
