"""Is everything well? One answer for each part, for `/healthz` and for whoever looks into what is wrong.

Each part is a small dictionary for JSON with `ok` and the figures behind it; times are whole seconds.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection

from config.celery import app
from engagement.models import Heartbeat, Job, Notice

Part = dict[str, Any]

SILENT = timedelta(seconds=60)
"""After so long without a sign of life worker and timetable count as away; each gives one every 10 s."""
NOTICE_LATE = timedelta(minutes=15)
JOB_LATE = timedelta(minutes=15)
"""A job may wait for another that takes long; no longer than this without somebody looking."""


def database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"ok": False}
    return {"ok": True}


def broker() -> Part:
    """Opening a channel asks Redis for a sign of life; whether a queue is there yet does not matter."""
    try:
        with app.connection_for_write(connect_timeout=1) as opened:
            opened.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            channel: Any = opened.channel()
            channel.close()
    except Exception:
        return {"ok": False}
    return {"ok": True}


def worker(now: datetime) -> Part:
    return _heart("worker", now)


def beat(now: datetime) -> Part:
    """The timetable. Its word is passed on by a worker: without any worker it is silent too."""
    return _heart("beat", now)


def mail(now: datetime) -> Part:
    due = Notice.objects.due(now).order_by("created_at").values_list("created_at", flat=True)
    oldest = due.first()
    return {
        "ok": oldest is None or now - oldest < NOTICE_LATE,
        "oldest_unsent_seconds": _seconds(now, oldest),
        "failed": Notice.objects.failed().count(),
    }


def jobs(now: datetime) -> Part:
    """Jobs that nobody does: waiting, or without a sign of life since their lease ran out."""
    oldest = Job.objects.waiting(now).order_by("created_at").values_list("created_at", flat=True).first()
    return {
        "ok": oldest is None or now - oldest < JOB_LATE,
        "oldest_waiting_seconds": _seconds(now, oldest),
        "running": Job.objects.running(now).count(),
    }


PARTS: dict[str, Callable[[datetime], Part]] = {"worker": worker, "beat": beat, "mail": mail, "jobs": jobs}
"""What can be asked as long as there is a database."""


def everything(now: datetime) -> dict[str, Part]:
    """All parts by name. Without a database only the first two can be asked."""
    parts = {"database": database(), "broker": broker()}
    if parts["database"]["ok"]:
        parts |= {name: ask(now) for name, ask in PARTS.items()}
    return parts


def _heart(name: str, now: datetime) -> Part:
    seen = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return {"ok": seen is not None and now - seen < SILENT, "seen_seconds_ago": _seconds(now, seen)}


def _seconds(now: datetime, then: datetime | None) -> int | None:
    return None if then is None else max(0, int((now - then).total_seconds()))
