"""How far a job is, how long it took so far, and roughly how much longer it takes."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from engagement.models import Job

SURE_AFTER = 3
"""Seconds. Before that the pace of a job says little about how long it takes."""


@dataclass(frozen=True)
class Progress:
    percent: int | None
    """0 to 100, rounded down; None where nobody knows how much there is."""
    seconds: int | None
    """Since the attempt began; of a job that is over, how long the last one took. None before the first."""
    left: int | None
    """Seconds, at the pace so far."""


def progress_of(job: Job, at: datetime) -> Progress:
    began = job.began_at()
    seconds = None
    if began is not None:
        seconds = max(0, int(((job.finished_at or at) - began).total_seconds()))
    percent = min(100, 100 * job.progress // job.total) if job.total else None
    if job.state == Job.State.DONE:
        percent = 100  # the last of it was done and told together
    left = None
    if not job.is_over and job.total and job.progress and seconds is not None and seconds >= SURE_AFTER:
        left = max(0, seconds * (job.total - job.progress) // job.progress)
    return Progress(percent, seconds, left)


def in_words(seconds: int) -> str:
    """A span of time: “45 s”, “3 min”, “3 min 20 s”, “2 h 5 min”."""
    minutes, rest = divmod(seconds, 60)
    hours, over = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": over}
    if minutes and not rest:
        return _("%(minutes)s min") % {"minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)s s") % {"seconds": rest}
