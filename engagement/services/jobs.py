"""Long work as rows: asked for by an interface, claimed by a worker, told about on a page."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from engagement.models import Job, User

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
