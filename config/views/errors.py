"""When an answer fails: a page that says whether trying again helps, and that nothing typed is lost."""

import sys
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from engagement.open311.answers import Fault, faults, format_of

RETRY_SECONDS = 30
MOST_READ = 32_000_000
"""Bytes of a form that is too large which are still read, and thrown away."""
CHUNK = 64 * 1024
OURS = {"csrfmiddlewaretoken", "form_key", "website", "do", "wish", "carry", "version", "next"}
SHORTEST_TEXT = 2
OPEN311 = "/open311/"


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours; 503 where the database is away, which passes: nothing sent is half kept.

    Django calls it while the error is being handled. It asks no database, no session and no cache.
    """
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = 503 if away else 500
    said = "The database is away. Try again in a minute." if away else "Something went wrong on our side."
    answer: HttpResponse
    if request.path_info.startswith("/api/"):
        answer = JsonResponse({"detail": said}, status=status)
        answer["Access-Control-Allow-Origin"] = "*"
    elif request.path_info.startswith(OPEN311):
        answer = faults(format_of(request), Fault(status, said))
    else:
        answer = _alone(request, status)
    if away:
        answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 where a form is larger than we take, 400 for whatever else cannot be read."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    if too_large:
        _read_to_the_end(request)
    status = 413 if too_large else 400
    if request.path_info.startswith(OPEN311):
        said = "The request is larger than we take." if too_large else "The request cannot be read."
        answer = faults(format_of(request), Fault(status, said))
    else:
        answer = _alone(request, status)
    answer["Cache-Control"] = "no-store"
    return answer


def _read_to_the_end(request: HttpRequest) -> None:
    """Takes what the browser still sends: one that is cut off while it sends shows its own error page."""
    left = MOST_READ
    with suppress(Exception):
        while left > 0 and (chunk := request.read(min(CHUNK, left))):
            left -= len(chunk)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its cookie: why, what helps, and every text that was typed, to be copied."""
    typed = [
        text
        for name, texts in request.POST.lists()
        if name not in OURS and "password" not in name
        for text in texts
        if len(text.split()) >= SHORTEST_TEXT
    ]
    return render(request, "403_csrf.html", {"typed": typed}, status=403)


def _alone(request: HttpRequest, status: int) -> HttpResponse:
    # The error may have come before anything looked at the address' language.
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        return HttpResponse(render_to_string(f"{status}.html"), status=status)
