"""Invitations: what is asked, until when, how answers are judged."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from engagement.forms.ideas import WORDS_LIMIT
from engagement.forms.questions import question_label
from engagement.models import Call
from engagement.qr import qr_code
from engagement.views.forgery import without_cookies

CARRIED = WORDS_LIMIT
"""Characters of a problem report that go along when it becomes an idea."""
SLIPS = 6
"""To tear off at the foot of a sheet."""


def when(call: Call, at: datetime) -> str:
    """`open`, `coming` or `closed`."""
    if call.is_open(at):
        return "open"
    return "coming" if at < call.opens_at else "closed"


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def call_list(request: HttpRequest) -> HttpResponse:
    """With a text from the other door (in the body) the buttons take it along to the form."""
    at = timezone.now()
    groups: dict[str, list[Call]] = {"open": [], "coming": [], "closed": []}
    for call in Call.objects.public():
        groups[when(call, at)].append(call)
    carried = request.POST.get("description", "")[:CARRIED] if "carry" in request.POST else ""
    return render(request, "engagement/call_list.html", {"groups": groups, "carried": carried})


@require_safe
def call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_object_or_404(Call.objects.public().prefetch_related("themes"), slug=slug)
    return render(request, "engagement/call_detail.html", call_context(call, timezone.now()))


@require_safe
def call_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """A sheet of paper for a meeting: what is asked, room to write, and how to send more later."""
    call = get_object_or_404(Call.objects.public(), slug=slug)
    address = request.build_absolute_uri(reverse("engagement:call_detail", args=[call.slug]))
    questions = [question_label(one) for one in call.questions if not one.get("confidential")]
    context = {
        "call": call,
        "address": address,
        "qr": qr_code(address),
        "questions": questions,
        "themes": list(call.themes.filter(active=True)),
        "slips": range(SLIPS),
    }
    return render(request, "engagement/call_sheet.html", context)


def call_context(call: Call, at: datetime) -> dict[str, Any]:
    """What the page of an invitation shows, shared with the page that says it is closed."""
    return {
        "call": call,
        "when": when(call, at),
        "meetings": list(call.meetings.all()),
        "steps": call.steps(at),
        "judging": [entry.get("text") or entry.get("label") or entry for entry in call.judging_questions],
        "confidential": [question_label(q) for q in call.questions if q.get("confidential")],
        "is_innovation": call.kind == Call.Kind.INNOVATION,
        "late": call.cutoff_at is not None and at > call.cutoff_at and call.is_open(at),
    }
