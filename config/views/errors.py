"""When an answer fails: a page that says whether trying again helps."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

RETRY_SECONDS = 30


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours; 503 where the database is away, which passes: nothing sent is half kept.

    Django calls it while the error is being handled. It asks no database, no session and no cache.
    """
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = 503 if away else 500
    if request.path_info.startswith("/api/"):
        said = "The database is away. Try again in a minute." if away else "Something went wrong on our side."
        answer: HttpResponse = JsonResponse({"detail": said}, status=status)
        answer["Access-Control-Allow-Origin"] = "*"
    else:
        # The error may have come before anything looked at the address' language.
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            answer = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if away:
        answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer
