"""What the worker does for this app: its mail and its jobs."""

import threading

from celery import shared_task
from django.utils import timezone

from engagement.services import JobKind, deliver_notices, work_off_jobs
from engagement.tasks import nudge, one_at_a_time
from prioritisation import emails
from prioritisation.exports import SHORTLIST
from prioritisation.services import long_work, remind_due

KINDS: tuple[JobKind, ...] = (*long_work.KINDS, SHORTLIST)
"""The jobs that this app's worker does. Naming them here has them registered in every process."""

_jobs_lock = threading.Lock()


@shared_task(name="prioritisation.send_notices", ignore_result=True)
def send_notices() -> None:
    deliver_notices(app="prioritisation", compose=emails.compose, clock=timezone.now)


@shared_task(name="prioritisation.remind_assessors", ignore_result=True)
def remind_assessors() -> None:
    """By the date alone: nobody can tell from a mail's hour what others did."""
    remind_due(at=timezone.now())


@shared_task(name="prioritisation.run_jobs", ignore_result=True)
def run_jobs() -> None:
    one_at_a_time(_jobs_lock, lambda: work_off_jobs(app="prioritisation", clock=timezone.now))


def nudge_jobs() -> None:
    """Asks the worker to look for jobs of this app now; never fails, never waits."""
    nudge(run_jobs.apply_async)
