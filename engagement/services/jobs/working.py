"""Doing the work: one job after another, with signs of life from a thread of their own."""

import errno
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from engagement.models import Job, User
from engagement.services.errors import Refused
from engagement.services.jobs.kinds import Cancelled, JobFailed, JobFunction, kind_of
from engagement.services.jobs.rows import (
    beat_job,
    cancel_job,
    claim_job,
    fail_job,
    finish_job,
    lease,
    open_job,
    release_job,
)

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Show = Callable[[int, int | None], None]


TICK = 0.25
"""Seconds. So soon after it was told is progress written, so that one who looks, and one who takes over a job
whose worker was killed, knows how far it was."""


class Pulse:
    """Says every sixth of a lease that a job's worker lives, also while a single step takes long.

    It is the job's `tell` too. All of it is written from a thread with a connection of its own: inside the
    work's transaction a write would be seen by nobody, and would lock the row.
    """

    def __init__(self, job: Job, clock: Clock, show: Show | None = None) -> None:
        self._job, self._clock, self._show = job, clock, show
        self._told: tuple[int, int | None] = (0, job.total)
        self._written = self._told
        self._beaten = time.monotonic()
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"job {job.pk}", daemon=True)
        # Begun inside somebody's transaction, the job is a row that no other connection can see yet.
        self._seen = not connection.in_atomic_block

    def __enter__(self) -> "Pulse":
        if self._seen:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._seen:
            self._thread.join()

    def __call__(self, done: int, total: int | None = None) -> None:
        self._told = (done, self._told[1] if total is None else total)
        if self._show is not None:
            self._show(*self._told)
        if self._lost.is_set():
            raise Cancelled

    def _live(self) -> None:
        every = lease().total_seconds() / 6
        try:
            while not self._ended.wait(min(TICK, every)):
                if self._told != self._written or time.monotonic() - self._beaten >= every:
                    self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        told = self._told
        try:
            mine = beat_job(job=self._job, progress=told[0], total=told[1], at=self._clock())
        except DatabaseError as error:
            # SQLite while the work itself is being written, or a database that restarts: the next beat tells.
            logger.debug("job %s: no sign of life: %s", self._job.pk, error)
            connection.close()
            return
        self._written, self._beaten = told, time.monotonic()
        if not mine:
            self._lost.set()


def work_off_jobs(*, app: str, clock: Clock, limit: int = 20) -> int:
    """Does up to `limit` waiting jobs of an app, one after another; gives how many it took.

    What goes wrong in one job is written on its row and keeps no other from being done.
    """
    for taken in range(limit):
        job = claim_job(app=app, at=clock())
        if job is None:
            return taken
        function = kind_of(job).run
        if function is None:
            fail_job(job=job, error=_("The process that did this ended. Start it again."), at=clock())
            continue
        with translation.override(_language(job.by)):
            _do(job, function, clock)
    return limit


def _language(user: User | None) -> str:
    """What a job writes down in words is for who asked."""
    known = dict(settings.LANGUAGES)
    return user.language if user is not None and user.language in known else settings.LANGUAGE_CODE


def _do(job: Job, function: JobFunction, clock: Clock) -> None:
    try:
        with Pulse(job, clock) as tell:
            result = function(job, tell)
        _finish(job, result, clock())
    except Cancelled:
        logger.info("job %s (%s) is no longer this worker's", job.pk, job.kind)
    except (JobFailed, Refused) as failure:
        fail_job(job=job, error=str(failure), at=clock())
    except (OperationalError, InterfaceError) as error:
        logger.warning("job %s (%s) lost the database: %s", job.pk, job.kind, error)
        _give_back(job, clock)
    except Exception as error:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        fail_job(job=job, error=_in_words(job, error), at=clock())


def _finish(job: Job, result: dict[str, Any], at: datetime) -> None:
    """Writes the result, unless the work was committed together with it."""
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, state=Job.State.DONE, attempts=job.attempts).exists():
            finish_job(job=job, result=result, at=at)


def _give_back(job: Job, clock: Clock) -> None:
    """The database went away in the middle: the job is resumed once it is back."""
    try:
        if not connection.in_atomic_block:
            connection.close()
        release_job(job=job, at=clock())
    except DatabaseError:
        logger.warning("job %s waits for its lease to run out", job.pk)


def _in_words(job: Job, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("The disk is full. Nothing was kept. Make room, then try again.")
    if isinstance(error, MemoryError):
        return _("There was not enough memory. Nothing was kept. Give the worker more, then try again.")
    return _(
        "Winnow made a mistake (%(what)s). Nothing was kept. Try again; if it happens again, the log of the "
        "worker tells more under job %(job)s."
    ) % {"what": type(error).__name__, "job": job.pk}


def do_here(
    *,
    kind: str,
    parameters: dict[str, Any],
    function: JobFunction,
    clock: Clock,
    by: User | None = None,
    show: Show | None = None,
) -> Job:
    """Does long work in this process, as a job that others can watch; for commands.

    What goes wrong is written on the row and raised again; Ctrl-C cancels the job. `Cancelled` is raised
    where somebody cancelled it from elsewhere.
    """
    job = open_job(kind=kind, parameters=parameters, at=clock(), by=by)
    try:
        with Pulse(job, clock, show) as tell:
            result = function(job, tell)
        _finish(job, result, clock())
    except KeyboardInterrupt:
        job.refresh_from_db()
        if not job.is_over:
            cancel_job(job=job, by=None, at=clock())
        raise
    except Cancelled:
        raise
    except Exception as error:
        said = str(error) if isinstance(error, Refused | JobFailed) else _in_words(job, error)
        fail_job(job=job, error=said, at=clock())
        raise
    job.refresh_from_db()
    return job
