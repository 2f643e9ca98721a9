"""The way in: two doors, what is asked now, and where earlier ideas went."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from engagement.models import Call, Idea
from prioritisation.models import PlanVersion
from prioritisation.views.wording import idea_outcome_rows, picture

RECENT = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    calls = list(Call.objects.public().open(timezone.now()).order_by("opens_at", "pk"))
    # Only the parts of the document that are shown: the whole of it can be large.
    newest = (
        PlanVersion.objects.newest()
        .values("plan__slug", "document__plan__title", "document__funnel", "published_at")
        .first()
    )
    recent = (
        Idea.objects.public()
        .readable()
        .select_related("district")
        .defer("district__boundary")
        .order_by("-published_at", "-pk")[:RECENT]
    )
    context: dict[str, Any] = {"calls": calls, "recent": recent}
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
        }
    return render(request, "prioritisation/home.html", context)
