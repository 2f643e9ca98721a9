"""Twenty rows in two queries, one row in one, one insert and a redirect: no form, no words, no layout.

Templates are rendered without the request, so that not even Winnow's own context is made for them.
"""

import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from engagement.models import Idea


def rows(request: HttpRequest) -> HttpResponse:
    """The same twenty ideas as the public list, with their themes. It does not even count."""
    ideas = Idea.objects.public().prefetch_related("themes")[:20]
    return HttpResponse(render_to_string("bare/list.html", {"ideas": ideas}))


def row(request: HttpRequest, reference: str) -> HttpResponse:
    idea = get_object_or_404(Idea.objects.public(), reference=reference)
    return HttpResponse(render_to_string("bare/detail.html", {"idea": idea}))


def send(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "bare/form.html")
    at, key = timezone.now(), secrets.token_hex(16)
    idea = Idea.objects.create(
        reference=key[:20],
        call_id=request.POST["call"],
        language="en",
        title=request.POST["problem"][:200],
        problem=request.POST["problem"],
        public_title=request.POST["problem"][:200],
        public_problem=request.POST["problem"],
        received_at=at,
        changed_at=at,
        nonce=key,
    )
    return HttpResponseRedirect(f"/bare/{idea.reference}/")
