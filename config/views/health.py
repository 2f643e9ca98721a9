"""`/healthz` for people and monitoring; `/healthz/web` for a load balancer."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker, timetable, outbox and jobs, each with `ok`. 200 when all are well, else 503.

    Without broker or worker the site still takes everything in: that is for somebody to look at, and no
    reason to take the web server out of service (see `web`).
    """
    parts = health.everything(timezone.now())
    well = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": well, **parts}, status=200 if well else 503)


@never_cache
@require_safe
def web(request: HttpRequest) -> JsonResponse:
    """Can this web server answer residents? It can as long as there is a database."""
    well = health.database()["ok"]
    return JsonResponse({"ok": well}, status=200 if well else 503)
