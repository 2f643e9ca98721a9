"""Invitations: what is asked, until when, how answers are judged."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from engagement.forms.questions import question_label
from engagement.models import Call
from engagement.views.wording import dated_steps


def when(call: Call, at: datetime) -> str:
    """`open`, `coming` or `closed`."""
    if call.is_open(at):
        return "open"
    return "coming" if at < call.opens_at else "closed"


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    groups: dict[str, list[Call]] = {"open": [], "coming": [], "closed": []}
    for call in Call.objects.public():
        groups[when(call, at)].append(call)
    return render(request, "engagement/call_list.html", {"groups": groups})


@require_safe
def call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_object_or_404(Call.objects.public().prefetch_related("themes"), slug=slug)
    return render(request, "engagement/call_detail.html", call_context(call, timezone.now()))


def call_context(call: Call, at: datetime) -> dict[str, Any]:
    """What the page of an invitation shows, shared with the page that says it is closed."""
    return {
        "call": call,
        "when": when(call, at),
        "steps": dated_steps(call, at),
        "judging": [entry.get("text") or entry.get("label") or entry for entry in call.judging_questions],
        "confidential": [question_label(q) for q in call.questions if q.get("confidential")],
        "is_innovation": call.kind == Call.Kind.INNOVATION,
        "late": call.cutoff_at is not None and at > call.cutoff_at and call.is_open(at),
    }
