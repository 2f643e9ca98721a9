"""/healthz: is everything there? For monitoring; `/healthz/web` for a load balancer."""

from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import app
from engagement.models import Heartbeat, Notice

WORKER_SILENT = timedelta(seconds=60)
"""After so long without a sign of life the worker counts as away; it gives one every ten seconds."""
NOTICE_LATE = timedelta(minutes=15)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    """Opening a channel asks Redis for a sign of life; whether a queue is there yet does not matter."""
    try:
        with app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            channel: Any = broker.channel()
            channel.close()
    except Exception:
        return False
    return True


def _seconds(now: datetime, then: datetime | None) -> int | None:
    return None if then is None else max(0, int((now - then).total_seconds()))


def _outbox_and_worker(now: datetime) -> dict[str, Any]:
    seen = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    oldest = Notice.objects.due(now).order_by("created_at").values_list("created_at", flat=True).first()
    return {
        "worker": {
            "ok": seen is not None and now - seen < WORKER_SILENT,
            "seen_seconds_ago": _seconds(now, seen),
        },
        "mail": {
            "ok": oldest is None or now - oldest < NOTICE_LATE,
            "oldest_unsent_seconds": _seconds(now, oldest),
            "failed": Notice.objects.failed().count(),
        },
    }


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker and outbox, each with `ok`. 200 when all are well, else 503.

    Without broker or worker the site still takes everything in: that is for somebody to look at, and no
    reason to take the web server out of service (see `web`).
    """
    parts: dict[str, Any] = {"database": {"ok": _database()}, "broker": {"ok": _broker()}}
    if parts["database"]["ok"]:
        parts |= _outbox_and_worker(timezone.now())
    well = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": well, **parts}, status=200 if well else 503)


@never_cache
@require_safe
def web(request: HttpRequest) -> JsonResponse:
    """Can this web server answer residents? It can as long as there is a database."""
    well = _database()
    return JsonResponse({"ok": well}, status=200 if well else 503)
