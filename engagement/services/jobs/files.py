"""Files that jobs are given and make: where they lie, and when they go."""

import re
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from engagement.models import Job, User
from engagement.services.jobs.kinds import JobFile, kind_of
from engagement.services.jobs.rows import may_act

_OF_JOB = re.compile(r"job-(\d+)-")
_UNKNOWN_KEPT = timedelta(days=1)


def uploads() -> Path:
    return Path(settings.VAR) / "uploads"


def made() -> Path:
    return Path(settings.VAR) / "exports"


def upload_path(stored: str) -> Path:
    """Where an upload is kept, by the name we gave it ourselves: `Job.parameters["stored"]`."""
    return uploads() / Path(stored).name


def made_path(job: Job, name: str) -> Path:
    """Where a job keeps a file that it makes: named by the job, beside no name that a person gave."""
    return made() / f"job-{job.pk}-{Path(name).name}"


def files_for(user: User, job: Job) -> list[JobFile]:
    """The files of a job that is done, as far as they are still there, and this person may take them away."""
    if job.state != Job.State.DONE or not may_act(user, job):
        return []
    found = kind_of(job).files(job)
    return [one for one in found if _may_take(user, one) and one.path.exists()]


def _may_take(user: User, file: JobFile) -> bool:
    return (not file.permission or user.has_perm(file.permission)) and file.allowed(user)


def forget_job_files(*, at: datetime) -> int:
    """Removes the files whose jobs are over for a week, and what no job names; gives how many."""
    removed = 0
    for folder in (uploads(), made()):
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.is_file() and not _wanted(file, at):
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def _wanted(file: Path, at: datetime) -> bool:
    named = _OF_JOB.match(file.name)
    whose = Q(pk=int(named[1])) if named else Q(parameters__stored=file.name)
    jobs = list(Job.objects.filter(whose)[:2])
    if not jobs:
        return at.timestamp() - file.stat().st_mtime < _UNKNOWN_KEPT.total_seconds()
    return any(_names(job, file, at) for job in jobs)


def _names(job: Job, file: Path, at: datetime) -> bool:
    """Does the job still need this file? Of attempts that were lost it keeps none once it is over."""
    if not job.is_over:
        return True
    if job.expires_at is None or job.expires_at <= at:
        return False
    kind = kind_of(job)
    if kind.run is None:
        return True
    ours = [one.path for one in kind.files(job)] if job.state == Job.State.DONE else kind.inputs(job)
    return file.name in {path.name for path in ours}
