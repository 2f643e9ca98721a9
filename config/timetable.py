"""When the worker is told to look for what: the timetable, as code. Pure: no Django, no Celery."""

from typing import Any

LOOK_SECONDS = 10.0


def look_for_jobs(lease: float) -> float:
    """Seconds between two looks for jobs. One whose worker was killed is resumed within a lease and this."""
    return min(LOOK_SECONDS, lease / 3)


def timetable(*, lease: float) -> dict[str, dict[str, Any]]:
    """What beat sends, by name. `lease` is that of a job, in seconds."""
    jobs = look_for_jobs(lease)
    return {
        "note that the timetable runs": _every(LOOK_SECONDS, "engagement.note_beat"),
        "send notices": _every(LOOK_SECONDS, "engagement.send_notices"),
        "send prioritisation's notices": _every(LOOK_SECONDS, "prioritisation.send_notices"),
        "run engagement's jobs": _every(jobs, "engagement.run_jobs"),
        "run prioritisation's jobs": _every(jobs, "prioritisation.run_jobs"),
        "publish at a set hour": _every(60.0, "engagement.publish_due"),
        "keep similar texts up to date": _every(60.0, "engagement.refresh_similar"),
        "archive the city's own problem reports": _every(3600.0, "engagement.archive_reports"),
        "remind assessors": _every(3600.0, "prioritisation.remind_assessors"),
        "keep personal data no longer than the rules say": _every(6 * 3600.0, "engagement.purge_expired"),
        "tell people what happened to what they follow": _every(600.0, "engagement.tell_persons"),
        "tell departments of their problem reports": _every(1800.0, "engagement.tell_departments"),
        "tidy": _every(3600.0, "engagement.tidy"),
    }


def _every(seconds: float, task: str) -> dict[str, Any]:
    """One line. Its message expires before the next is due: a worker that was away wakes to no backlog."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds * 0.9}}
