"""The rows of long work, and who may move them on.

A worker claims a job for the length of a lease and gives signs of life. When the lease ran out another may
take it over. `Job.attempts` is the token of whoever is in charge: every write of a worker asks for its own,
so that one that was thought dead can no longer tell, finish or commit (docs/adr/0009).
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Job, User
from engagement.services.errors import Refused, Stale
from engagement.services.jobs.kinds import Cancelled, kind_of

KEPT = timedelta(days=7)
"""How long files of a job that is over can be taken away, and it can be tried again."""

SAME_PLACE = 6
"""So many attempts in a row that end at the same place are given up: the work itself ends the worker."""
MOST_ATTEMPTS = 50
NEAR = 0.1
"""Two attempts ended at the same place when they are no further apart than this part of the whole."""

ACT_ON_OTHERS = "engagement.change_job"
"""The permission to cancel, repeat and take away files of jobs that others asked for."""


def lease() -> timedelta:
    return timedelta(seconds=settings.WINNOW_JOB_LEASE)


def line(what: str, at: datetime, by: User | None = None, **more: Any) -> dict[str, Any]:
    """One line of a job's or a mail's history."""
    return {"at": at.isoformat(), "what": what, **({"by": by.pk} if by else {}), **more}


def queue_job(
    *, kind: str, parameters: dict[str, Any], at: datetime, by: User | None = None, total: int | None = None
) -> Job:
    """Writes down work to do. `kind` begins with the name of the app whose worker does it."""
    return Job.objects.create(
        kind=kind, parameters=parameters, created_at=at, by=by, total=total, history=[line("ask", at, by)]
    )


def open_job(*, kind: str, parameters: dict[str, Any], at: datetime, by: User | None = None) -> Job:
    """A job that this process does itself, at once: it begins as claimed."""
    return Job.objects.create(
        kind=kind,
        parameters=parameters,
        created_at=at,
        by=by,
        state=Job.State.RUNNING,
        attempts=1,
        heartbeat_at=at,
        lease_until=at + lease(),
        history=[line("ask", at, by), line("start", at)],
    )


@transaction.atomic
def claim_job(*, app: str, at: datetime) -> Job | None:
    """The next job of an app's kinds, now this worker's as long as it gives a sign of life."""
    job: Job
    for job in Job.objects.due(at, app).locked().order_by("pk")[:5]:
        if _claim(job, at):
            job.refresh_from_db()
            return job
    return None


def _claim(job: Job, at: datetime) -> bool:
    ended = job.state == Job.State.RUNNING
    history = [*job.history, line("resume", at, reached=job.progress) if ended else line("start", at)]
    if ended and (why := _given_up(job, history)):
        _mine(job).update(
            state=Job.State.FAILED,
            error=why,
            finished_at=at,
            expires_at=at + KEPT,
            lease_until=None,
            history=[*job.history, line("give_up", at)],
        )
        return False
    return bool(
        _same(job).update(
            state=Job.State.RUNNING,
            lease_until=at + lease(),
            heartbeat_at=at,
            attempts=job.attempts + 1,
            progress=0,
            history=history,
        )
    )


def _given_up(job: Job, history: list[dict[str, Any]]) -> str:
    """Why a job whose worker ended once more is not tried again; empty when it is.

    Workers are stopped for many reasons, and a job that was only in the way of one goes on from a new place
    each time. One that ends its worker does so at the same place.
    """
    ends = []
    for one in reversed(history):
        if one["what"] == "resume":
            ends.append(one["reached"])
        elif one["what"] in {"retry", "ask"}:
            break
    last = ends[:SAME_PLACE]
    room = NEAR * (job.total or 0)
    if len(last) == SAME_PLACE and max(last) - min(last) <= room:
        return _(
            "The worker ended %(n)s times at the same place of this job, so it was given up. "
            "Nothing was kept. Look at the file and at the worker’s memory before you try again."
        ) % {"n": SAME_PLACE}
    if len(ends) >= MOST_ATTEMPTS:
        return _("The worker ended %(n)s times during this job, so it was given up. Nothing was kept.") % {
            "n": len(ends)
        }
    return ""


def _same(job: Job) -> Any:
    """The row as long as it is as it was read."""
    return Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)


def _mine(job: Job) -> Any:
    """The row as long as this worker is in charge of it."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


def beat_job(*, job: Job, progress: int, at: datetime, total: int | None = None) -> bool:
    """A sign of life with how far it got. False when the job is no longer this worker's: stop then."""
    changes: dict[str, Any] = {"progress": progress, "heartbeat_at": at, "lease_until": at + lease()}
    if total is not None:
        changes["total"] = total
    return bool(_mine(job).update(**changes))


def finish_job(*, job: Job, result: dict[str, Any], at: datetime) -> None:
    """Done. Raises `Cancelled` when the job is no longer this worker's: then nothing it did may be kept.

    Call it inside the transaction that holds the work, as its last step.
    """
    done = _mine(job).update(
        state=Job.State.DONE,
        result=result,
        finished_at=at,
        expires_at=at + KEPT,
        lease_until=None,
        history=[*job.history, line("finish", at)],
    )
    if not done:
        raise Cancelled


def fail_job(*, job: Job, error: str, at: datetime) -> None:
    """Failed, with words for who asked. Nothing happens when the job is no longer this worker's."""
    _mine(job).update(
        state=Job.State.FAILED,
        error=error[:2000],
        finished_at=at,
        expires_at=at + KEPT,
        lease_until=None,
        history=[*job.history, line("fail", at)],
    )


def release_job(*, job: Job, at: datetime) -> None:
    """Gives a job back that this worker cannot go on with: it counts as ended, and is soon resumed."""
    _mine(job).update(lease_until=at)


def may_act(user: User, job: Job) -> bool:
    """May this person cancel the job, have it done again, and take its files away?

    Who asked for it, and administrators; each needs what asking for it needs.
    """
    permission = kind_of(job).permission
    return (job.by_id == user.pk or user.has_perm(ACT_ON_OTHERS)) and (
        not permission or user.has_perm(permission)
    )


def _require(by: User | None, job: Job) -> None:
    if by is not None and not may_act(by, job):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


@transaction.atomic
def cancel_job(*, job: Job, by: User | None, at: datetime) -> None:
    """Ends a job that waits or runs; its worker stops and keeps nothing. `by` is absent for the operator."""
    _require(by, job)
    if job.is_over:
        raise Refused(_("This job is over already."), code="over")
    ended = _same(job).update(
        state=Job.State.CANCELLED,
        finished_at=at,
        expires_at=at + KEPT,
        lease_until=None,
        history=[*job.history, line("cancel", at, by)],
    )
    if not ended:
        raise Stale(_("The job moved on meanwhile. Look again."))
    job.refresh_from_db()


@transaction.atomic
def retry_job(*, job: Job, by: User | None, at: datetime) -> None:
    """Has a job that failed or was cancelled done again, from its beginning."""
    _require(by, job)
    if job.state not in {Job.State.FAILED, Job.State.CANCELLED}:
        raise Refused(_("Only a job that failed or was cancelled can be tried again."), code="wrong_state")
    if why := no_way_back(job):
        raise Refused(why, code="gone")
    again = _same(job).update(
        state=Job.State.QUEUED,
        progress=0,
        error="",
        finished_at=None,
        expires_at=None,
        heartbeat_at=None,
        history=[*job.history, line("retry", at, by)],
    )
    if not again:
        raise Stale(_("The job moved on meanwhile. Look again."))
    job.refresh_from_db()


def no_way_back(job: Job) -> str:
    """Why a job cannot be tried again; empty when it can."""
    kind = kind_of(job)
    if kind.run is None:
        return _("It was started in a terminal: start it there again.")
    if not all(path.exists() for path in kind.inputs(job)):
        return _("The file is no longer there. Send it again.")
    return ""
