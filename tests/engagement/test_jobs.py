"""Long work as rows: leases, takeovers, the fence around a lost worker, cancel, try again, files that go."""

import errno
import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from engagement import services
from engagement.models import Job
from engagement.services import jobs
from engagement.services.jobs import working
from tests import factories

KIND = "engagement.test_work"


@pytest.fixture
def work() -> Iterator[Any]:
    """Registers a kind of job that does what the test says: `work(function, **kind)`."""

    def register(function: Any, **more: Any) -> Any:
        return services.add_kind(services.JobKind(name=KIND, title="Work", run=function, **more))

    yield register
    services.kinds.pop(KIND, None)


def queued(at: datetime, **parameters: Any) -> Job:
    return services.queue_job(kind=KIND, parameters=parameters, at=at, by=None)


def run(at: datetime) -> int:
    return services.work_off_jobs(app="engagement", clock=lambda: at)


pytestmark = pytest.mark.django_db


def test_a_job_is_done_and_tells_what_it_did(now: datetime, work: Any) -> None:
    def count(job: Job, tell: Any) -> dict[str, Any]:
        for n in range(3):
            tell(n + 1, 3)
        return {"counted": 3}

    work(count)
    job = queued(now)
    assert run(now) == 1
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == ("done", {"counted": 3}, 1)
    assert job.expires_at == now + timedelta(days=7)
    assert [row["what"] for row in job.history] == ["ask", "start", "finish"]


def test_a_job_is_taken_over_when_its_lease_ran_out_and_no_sooner(now: datetime) -> None:
    queued(now)
    first = services.claim_job(app="engagement", at=now)
    assert first is not None
    assert services.claim_job(app="engagement", at=now + jobs.lease()) is None
    assert services.beat_job(job=first, progress=4, at=now + timedelta(seconds=20))
    assert services.claim_job(app="engagement", at=now + jobs.lease() + timedelta(seconds=10)) is None
    second = services.claim_job(app="engagement", at=now + jobs.lease() + timedelta(seconds=21))
    assert second is not None
    assert (second.pk, second.attempts, second.progress) == (first.pk, 2, 0)
    assert jobs.lease() + timedelta(seconds=10) < timedelta(minutes=1)


def test_who_lost_a_job_can_neither_tell_nor_finish_nor_fail(now: datetime) -> None:
    queued(now)
    lost = services.claim_job(app="engagement", at=now)
    later = now + timedelta(minutes=2)
    owner = services.claim_job(app="engagement", at=later)
    assert lost is not None
    assert owner is not None
    assert not services.beat_job(job=lost, progress=9, at=later)
    with pytest.raises(services.Cancelled):
        services.finish_job(job=lost, result={"by": "the lost"}, at=later)
    services.fail_job(job=lost, error="the lost", at=later)
    services.release_job(job=lost, at=later)
    owner.refresh_from_db()
    assert (owner.state, owner.progress, owner.result, owner.error) == ("running", 0, {}, "")
    assert owner.lease_until == later + jobs.lease()
    services.finish_job(job=owner, result={"by": "the owner"}, at=later)
    owner.refresh_from_db()
    assert owner.result == {"by": "the owner"}


def dies(at: datetime, times: int, place: Any, total: int = 1000) -> datetime:
    """Workers that claim the job, get to `place(n)`, and are never heard of again."""
    for n in range(times):
        job = services.claim_job(app="engagement", at=at)
        if job is None:
            break
        services.beat_job(job=job, progress=place(n), total=total, at=at)
        at += timedelta(minutes=1)
    return at


def test_a_job_that_ends_its_worker_at_the_same_place_is_given_up(now: datetime) -> None:
    job = queued(now)
    dies(now, 20, lambda n: 400 + n)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 6)
    assert "ended 6 times at the same place" in job.error
    assert job.history[-1]["what"] == "give_up"


def test_kills_here_and_there_do_not_end_a_job(now: datetime) -> None:
    """Twenty kills at places of their own, as by a machine that is restarted again and again."""
    job = queued(now)
    at = dies(now, 20, lambda n: 61 + 379 * n % 900)
    last = services.claim_job(app="engagement", at=at)
    assert last is not None
    assert (last.pk, last.attempts) == (job.pk, 21)


def test_even_kills_here_and_there_are_not_for_ever(now: datetime) -> None:
    job = queued(now)
    dies(now, 80, lambda n: 379 * n % 1000)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 50)


def test_a_job_that_was_given_up_may_be_tried_again(now: datetime, work: Any, administrator: Any) -> None:
    work(lambda job, tell: {})
    job = queued(now)
    at = dies(now, 7, lambda n: 0)
    job.refresh_from_db()
    services.retry_job(job=job, by=administrator, at=at)
    assert (job.state, job.error, job.finished_at) == ("queued", "", None)
    run(at)
    job.refresh_from_db()
    assert job.state == "done"


def test_what_goes_wrong_is_told_in_words_in_the_language_of_who_asked(now: datetime, work: Any) -> None:
    def broken(job: Job, tell: Any) -> dict[str, Any]:
        raise ValueError("with ana@mail.example in it")

    work(broken)
    user = factories.User(language="fr")
    job = services.queue_job(kind=KIND, parameters={}, at=now, by=user)
    other = queued(now)
    assert run(now) == 2
    job.refresh_from_db()
    other.refresh_from_db()
    assert job.state == other.state == "failed"
    assert "Winnow made a mistake (ValueError)" in other.error
    assert "erreur" in job.error
    assert "ana@" not in job.error + other.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (MemoryError(), "not enough memory"),
        (services.JobFailed("The file has no columns."), "The file has no columns."),
        (services.Refused("You may not."), "You may not."),
    ],
)
def test_usual_faults_say_what_to_do(now: datetime, work: Any, error: Exception, words: str) -> None:
    def broken(job: Job, tell: Any) -> dict[str, Any]:
        raise error

    work(broken)
    job = queued(now)
    run(now)
    job.refresh_from_db()
    assert words in job.error


def test_a_job_that_loses_the_database_is_resumed(now: datetime, work: Any) -> None:
    tries: list[int] = []

    def once_broken(job: Job, tell: Any) -> dict[str, Any]:
        tries.append(job.attempts)
        if len(tries) == 1:
            raise OperationalError("server closed the connection unexpectedly")
        return {}

    work(once_broken)
    job = queued(now)
    run(now)
    job.refresh_from_db()
    assert job.state == "running"
    run(now + timedelta(seconds=1))
    job.refresh_from_db()
    assert (job.state, tries) == ("done", [1, 2])


def test_a_cancelled_job_stops_at_its_next_word_and_keeps_nothing(now: datetime, work: Any) -> None:
    def go_on(job: Job, tell: Any) -> dict[str, Any]:
        services.cancel_job(job=Job.objects.get(pk=job.pk), by=None, at=now)
        factories.Department(code="half-done")
        services.finish_job(job=job, result={"done": True}, at=now)
        return {}

    work(go_on)
    job = queued(now)
    run(now)
    job.refresh_from_db()
    assert (job.state, job.result) == ("cancelled", {})
    with pytest.raises(services.Refused, match="over already"):
        services.cancel_job(job=job, by=None, at=now)


def test_a_job_that_waits_is_cancelled_before_it_begins(now: datetime, work: Any) -> None:
    work(lambda job, tell: pytest.fail("it was cancelled"))
    job = queued(now)
    services.cancel_job(job=job, by=None, at=now)
    assert run(now) == 0


def test_only_who_asked_and_administrators_cancel_and_repeat(now: datetime, work: Any, clerk: Any) -> None:
    work(lambda job, tell: {}, permission="engagement.import_idea")
    other = factories.staff("other", permissions=["engagement.import_idea", "engagement.view_job"])
    chief = factories.staff("chief", permissions=["engagement.import_idea", "engagement.change_job"])
    job = services.queue_job(kind=KIND, parameters={}, at=now, by=clerk)
    for refused in (other, factories.staff("chief2", permissions=["engagement.change_job"])):
        with pytest.raises(services.Refused) as told:
            services.cancel_job(job=job, by=refused, at=now)
        assert told.value.code == "forbidden"
    services.cancel_job(job=job, by=clerk, at=now)
    services.retry_job(job=job, by=chief, at=now)
    assert job.state == "queued"
    assert [row.get("by") for row in job.history] == [clerk.pk, clerk.pk, chief.pk]


def test_of_two_who_decide_over_a_job_one_is_told(now: datetime, clerk: Any) -> None:
    job = queued(now)
    seen = Job.objects.get(pk=job.pk)
    services.claim_job(app="engagement", at=now)
    with pytest.raises(services.Stale):
        services.cancel_job(job=seen, by=None, at=now)


# Files --------------------------------------------------------------------------------------------------


def test_files_go_after_a_week_and_the_row_stays(now: datetime, work: Any, clerk: Any) -> None:
    def one_file(job: Job) -> Any:
        path = jobs.made_path(job, "list.csv")
        return [services.JobFile("list", "List", "list.csv", path, "text/csv", "engagement.import_idea")]

    def write(job: Job, tell: Any) -> dict[str, Any]:
        one_file(job)[0].path.write_text("a")
        return {}

    work(write, files=one_file)
    job = services.queue_job(kind=KIND, parameters={}, at=now, by=clerk)
    run(now)
    job.refresh_from_db()
    lost = jobs.made_path(job, "left-by-a-lost-attempt.csv")
    lost.write_text("b")
    assert [one.name for one in services.files_for(clerk, job)] == ["list.csv"]
    services.forget_job_files(at=now + timedelta(days=6))
    assert not lost.exists()
    assert one_file(job)[0].path.exists()
    services.forget_job_files(at=now + timedelta(days=7, seconds=1))
    assert services.files_for(clerk, job) == []
    assert Job.objects.filter(pk=job.pk, state="done").exists()


def test_an_upload_is_kept_as_long_as_its_job_may_need_it(now: datetime) -> None:
    path = jobs.upload_path("sent.table")
    path.write_text("id,text\n")
    job = services.queue_job(kind="engagement.import_ideas", parameters={"stored": "sent.table"}, at=now)
    services.forget_job_files(at=now + timedelta(days=30))
    assert path.exists()
    services.cancel_job(job=job, by=None, at=now)
    assert services.no_way_back(job) == ""
    services.forget_job_files(at=now + timedelta(days=8))
    assert not path.exists()
    assert "no longer there" in services.no_way_back(job)
    with pytest.raises(services.Refused, match="no longer there"):
        services.retry_job(job=job, by=None, at=now)


def test_a_file_that_no_job_names_goes_after_a_day(now: datetime) -> None:
    path = Path(jobs.made_path(Job(pk=987654), "x.csv"))
    path.write_text("x")
    services.forget_job_files(at=timezone.now())
    assert path.exists()
    services.forget_job_files(at=timezone.now() + timedelta(days=2))
    assert not path.exists()


# In the terminal ----------------------------------------------------------------------------------------


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("jobs", *args, stdout=out)
    return out.getvalue()


def test_the_terminal_lists_shows_cancels_and_repeats(now: datetime, work: Any) -> None:
    work(lambda job, tell: {"rows": 7})
    job = queued(now, name="ideas.csv")
    assert f"{job.pk}" in command("list")
    assert "waiting" in command("show", str(job.pk))
    assert "Cancelled" in command("cancel", str(job.pk))
    with pytest.raises(CommandError, match="over already"):
        command("cancel", str(job.pk))
    command("retry", str(job.pk))
    run(now)
    said = command("show", str(job.pk), "--watch")
    assert "done" in said
    assert '"rows": 7' in said
    with pytest.raises(CommandError, match="no job 999"):
        command("show", "999")


def test_watching_a_job_that_fails_ends_with_its_error(now: datetime, work: Any) -> None:
    def broken(job: Job, tell: Any) -> dict[str, Any]:
        raise services.JobFailed("The file is broken.")

    work(broken)
    job = queued(now)
    run(now)
    with pytest.raises(CommandError, match="The file is broken"):
        command("show", str(job.pk), "--watch")


def test_work_done_in_a_terminal_is_a_job_too(now: datetime) -> None:
    shown = []
    job = services.do_here(
        kind="engagement.unknown",
        parameters={},
        function=lambda job, tell: tell(1, 2) or {"n": 1},
        clock=lambda: now,
        show=lambda done, total: shown.append((done, total)),
    )
    assert (job.state, job.result, shown) == ("done", {"n": 1}, [(1, 2)])


def test_work_of_a_terminal_that_was_closed_is_not_taken_over(now: datetime) -> None:
    job = jobs.rows.open_job(kind="engagement.unknown", parameters={}, at=now)
    run(now + timedelta(minutes=2))
    job.refresh_from_db()
    assert job.state == "failed"
    assert "Start it again" in job.error


def test_ctrl_c_in_a_terminal_cancels_the_job(now: datetime) -> None:
    def stopped(job: Job, tell: Any) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.do_here(kind="engagement.unknown", parameters={}, function=stopped, clock=lambda: now)
    assert Job.objects.get().state == "cancelled"


# Signs of life ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_long_step_gives_signs_of_life_all_the_same(settings: Any, monkeypatch: Any, work: Any) -> None:
    """The work tells nothing while it is busy: its pulse says that it lives, and learns that it was lost."""
    monkeypatch.setattr(working, "lease", lambda: timedelta(seconds=0.3))
    beats: list[tuple[int, int | None]] = []
    seen = threading.Event()

    def beat(*, job: Job, progress: int, at: datetime, total: int | None = None) -> bool:
        beats.append((progress, total))
        if len(beats) >= 3:
            seen.set()
        return len(beats) < 4

    monkeypatch.setattr(working, "beat_job", beat)

    def busy(job: Job, tell: Any) -> dict[str, Any]:
        tell(5, 9)
        assert seen.wait(30)
        while True:  # until it is told that it lost the job
            tell(6, 9)

    work(busy)
    job = queued(timezone.now())
    services.work_off_jobs(app="engagement", clock=timezone.now)
    job.refresh_from_db()
    assert beats[:3] == [(5, 9)] * 3
    assert job.state == "running"
