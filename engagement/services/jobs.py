"""Long work as rows: asked for by an interface, claimed by a worker, told about on a page."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from engagement.models import Job, User

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5


def queue_job(
    *, kind: str, parameters: dict[str, Any], at: datetime, by: User | None = None, total: int | None = None
) -> Job:
    """Writes down work to do. `kind` begins with the name of the app whose worker does it."""
    return Job.objects.create(kind=kind, parameters=parameters, created_at=at, by=by, total=total)


@transaction.atomic
def claim_job(*, app: str, at: datetime) -> Job | None:
    """The next job of an app's kinds, now this worker's as long as it gives a sign of life."""
    for key in Job.objects.due(at, app).locked().order_by("pk").values_list("pk", flat=True)[:5]:
        claimed = (
            Job.objects.due(at, app)
            .filter(pk=key)
            .update(
                state=Job.State.RUNNING, lease_until=at + LEASE, heartbeat_at=at, attempts=F("attempts") + 1
            )
        )
        if claimed:
            job = Job.objects.get(pk=key)
            if job.attempts > MAX_ATTEMPTS:
                fail_job(job=job, error="given up after five attempts", at=at)
                continue
            return job
    return None


def beat_job(*, job: Job, progress: int, at: datetime, total: int | None = None) -> bool:
    """A sign of life with how far it got. False when the job was cancelled: stop then."""
    changes: dict[str, Any] = {"progress": progress, "heartbeat_at": at, "lease_until": at + LEASE}
    if total is not None:
        changes["total"] = total
    return bool(Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(**changes))


def finish_job(*, job: Job, result: dict[str, Any], at: datetime) -> None:
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        state=Job.State.DONE, result=result, finished_at=at, lease_until=None
    )


def fail_job(*, job: Job, error: str, at: datetime) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.FAILED, error=error[:2000], finished_at=at, lease_until=None
    )


class Cancelled(Exception):  # noqa: N818 - it is said as a word
    """Somebody cancelled the job while it ran: stop, keep nothing half done."""


Tell = Callable[..., None]
"""`tell(done, total=None)`: a job says how far it got, at least every minute. Raises Cancelled."""

Clock = Callable[[], datetime]

JobFunction = Callable[[Job, Tell], dict[str, Any]]
"""Does the work of one job, telling its progress, and gives what its page shows as the result."""


def _teller(job: Job, clock: Clock) -> Tell:
    """Writes at most once a second, so that a job may tell as often as it likes."""
    told: list[datetime] = []

    def tell(done: int, total: int | None = None) -> None:
        at = clock()
        if told and (at - told[0]).total_seconds() < 1 and done != total:
            return
        told[:] = [at]
        if not beat_job(job=job, progress=done, total=total, at=at):
            raise Cancelled

    return tell


def work_off_jobs(*, app: str, functions: Mapping[str, JobFunction], clock: Clock, limit: int = 20) -> int:
    """Does up to `limit` waiting jobs of an app, one after another; gives how many it took.

    What goes wrong in one job is written on its row and keeps no other from being done.
    """
    for taken in range(limit):
        job = claim_job(app=app, at=clock())
        if job is None:
            return taken
        function = functions.get(job.kind)
        if function is None:
            fail_job(job=job, error=f"nothing here does jobs of the kind {job.kind}", at=clock())
            continue
        try:
            result = function(job, _teller(job, clock))
        except Cancelled:
            continue
        except Exception as error:
            logger.exception("job %s (%s) failed", job.pk, job.kind)
            fail_job(job=job, error=f"{type(error).__name__}: {error}", at=clock())
        else:
            finish_job(job=job, result=result, at=clock())
    return limit
