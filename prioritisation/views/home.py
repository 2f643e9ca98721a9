"""The way in: two doors, what is asked now, and where earlier ideas went."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from engagement.models import Call, Idea
from prioritisation import services
from prioritisation.models import PlanVersion
from prioritisation.views.wording import idea_outcome_rows, picture

RECENT = 3


def _open(call: Call, at: datetime) -> dict[str, Any]:
    """What the page says of an open invitation: its texts, until when, and its next date."""
    return {
        "slug": call.slug,
        "title": call.title,
        "intro": call.intro,
        "closes_at": call.closes_at,
        "next": call.next_step(at),
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    calls = Call.objects.public().open(now).order_by("opens_at", "pk")
    # Only the parts of the document that are shown: the whole of it can be large.
    newest = (
        PlanVersion.objects.newest()
        .values("plan__slug", "plan__programme", "document__plan__title", "document__funnel", "published_at")
        .first()
    )
    recent = (
        Idea.objects.public()
        .readable()
        .select_related("district")
        .defer("district__boundary")
        .with_translated_words(get_language() or "")
        .order_by("-published_at", "-pk")[:RECENT]
    )
    context: dict[str, Any] = {"calls": [_open(call, now) for call in calls], "recent": recent}
    if newest is not None:
        funnel = newest["document__funnel"]
        context["plan"] = {
            "slug": newest["plan__slug"],
            "title": newest["document__plan__title"],
            "published_at": newest["published_at"],
            "funnel": picture(funnel),
            "outcomes": idea_outcome_rows(funnel["ideas_by_outcome"]),
            "ideas": funnel["stages"][0]["in"],
            "chosen": funnel["stages"][-1]["onward"],
            "delivery": services.delivery_counts(
                services.followed(newest["plan__programme"], timezone.localdate(now)).values()
            ),
        }
    return render(request, "prioritisation/home.html", context)
