"""What the worker does for this app: mail, jobs, tidying. It claims rows that services wrote; without
it everything is still accepted and waits."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from engagement import emails, services
from engagement.exports import KINDS as EXPORTS
from engagement.services import archive, imports

logger = logging.getLogger(__name__)

KINDS: tuple[services.JobKind, ...] = (imports.IMPORT, archive.IMPORT, *EXPORTS)
"""The jobs that this app's worker does. Naming them here has them registered in every process."""

_jobs_lock = threading.Lock()
_archive_lock = threading.Lock()
_similar_lock = threading.Lock()


@shared_task(name="engagement.send_notices", ignore_result=True)
def send_notices() -> None:
    """Sends the mails that are due, and with that gives the worker's sign of life."""
    services.beat_heart(name="worker", at=timezone.now())
    services.deliver_notices(app="engagement", compose=emails.compose, clock=timezone.now)


@shared_task(name="engagement.tell_persons", ignore_result=True)
def tell_persons() -> None:
    """Writes the mails about what people follow, to those who are due."""
    if services.tell_persons(at=timezone.now()):
        nudge_mail()


@shared_task(name="engagement.tell_departments", ignore_result=True)
def tell_departments() -> None:
    """Writes the departments' mails about their own problem reports, to those that are due."""
    if services.tell_departments(at=timezone.now()):
        nudge_mail()


@shared_task(name="engagement.publish_due", ignore_result=True)
def publish_due() -> None:
    """Publishes the ideas whose set hour has come."""
    services.publish_due_ideas(at=timezone.now())


@shared_task(name="engagement.note_beat", ignore_result=True)
def note_beat() -> None:
    """Gives the timetable's sign of life: nobody but the timetable sends this."""
    services.beat_heart(name="beat", at=timezone.now())


@shared_task(name="engagement.run_jobs", ignore_result=True)
def run_jobs() -> None:
    """Does the jobs that wait, and those whose worker is gone: sent now and then, this is their sweeper."""
    one_at_a_time(_jobs_lock, lambda: services.work_off_jobs(app="engagement", clock=timezone.now))


def one_at_a_time(lock: threading.Lock, work: Callable[[], object]) -> None:
    """Long work takes one thread of a worker, never all of them: mail must not wait behind it."""
    if not lock.acquire(blocking=False):
        return
    try:
        work()
    finally:
        lock.release()


@shared_task(name="engagement.archive_reports", ignore_result=True)
def archive_reports() -> None:
    """Brings the archive up to date with the city's own problem reports."""
    one_at_a_time(_archive_lock, lambda: archive.archive_own_reports(at=timezone.now()))


@shared_task(name="engagement.refresh_similar", ignore_result=True)
def refresh_similar() -> None:
    """Takes into the index of similar texts what came, changed or went since."""
    one_at_a_time(_similar_lock, services.refresh_similar)


@shared_task(name="engagement.tidy", ignore_result=True)
def tidy() -> None:
    """Forgets what nobody needs: old counts of attempts, sessions that ended, read messages, jobs' files."""
    now = timezone.now()
    services.forget_job_files(at=now)
    archive.sweep_archive(at=now)
    services.forget_attempts(before=now - timedelta(days=1))
    call_command("clearsessions")
    remove_old_files(Path(settings.VAR) / "broker/processed", older_than=timedelta(hours=1))


@shared_task(name="engagement.purge_expired", ignore_result=True)
def purge_expired() -> None:
    """Removes personal data whose time is over, of every app that keeps any."""
    services.purge_expired(at=timezone.now())


def remove_old_files(folder: Path, *, older_than: timedelta) -> int:
    """Removes the files directly in `folder` last changed before then; gives how many."""
    removed = 0
    border = time.time() - older_than.total_seconds()
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.is_file() and file.stat().st_mtime < border:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


_QUIET_SECONDS = 30
"""How long a broker that failed is left in peace."""
_SAID_SECONDS = 1.0
"""How long "look now" has been said enough: one look empties the outbox, whoever else just wrote to it."""
_broker_failed_at = 0.0
_mail_said_at = 0.0


def nudge_mail() -> None:
    """Asks the worker to send mail now. Interfaces call it after a service; it never fails and never waits.

    Said at most once a second by each process, and not for half a minute after the broker was found away:
    the worker's timetable does the rest.
    """
    global _mail_said_at
    if _mail_said_at and time.monotonic() - _mail_said_at < _SAID_SECONDS:
        return
    _mail_said_at = time.monotonic()
    nudge(send_notices.apply_async)


def nudge_jobs() -> None:
    """Asks the worker to look for jobs of this app now; never fails, never waits."""
    nudge(run_jobs.apply_async)


def nudge(ask: Callable[..., object]) -> None:
    """Sends the worker a message that may be lost: it only makes it look sooner."""
    global _broker_failed_at
    if time.monotonic() - _broker_failed_at < _QUIET_SECONDS and _broker_failed_at:
        return
    try:
        ask(expires=60, retry=False)
    except Exception as error:
        _broker_failed_at = time.monotonic()
        logger.warning("the worker could not be told at once, its timetable will: %s", type(error).__name__)
    else:
        _broker_failed_at = 0.0
