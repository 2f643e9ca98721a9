"""What every address has in common: formats, methods, languages, how often, and how a fault is told."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from engagement.client import client_address
from engagement.open311.answers import MIME, Fault, faults, format_of
from engagement.open311.parameters import given
from engagement.services import count_attempt, end_of_window

READS = 1_200
WINDOW = 10 * 60
"""So many answers for one network in so many seconds, as in the API."""

View = Callable[..., HttpResponse]


def resource(*methods: str) -> Callable[[View], View]:
    """A view of `request` and `format` that raises `Fault`. HEAD goes with GET.

    Nothing here goes by a cookie, so there is nothing that another site could have a browser do: what is
    sent needs a key.
    """
    allowed = {*methods, "HEAD"}

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def told(request: HttpRequest, format: str, **where: str) -> HttpResponse:
            try:
                _check(request, format, allowed)
                with translation.override(language(request.GET)):
                    return view(request, format, **where)
            except Fault as fault:
                return faults(format_of(request), fault)

        return told

    return decorate


def _check(request: HttpRequest, format: str, methods: set[str]) -> None:
    if not settings.WINNOW_REPORTS_ENABLED:
        elsewhere = settings.WINNOW_REPORTS_URL
        raise Fault(404, f"This city takes problem reports elsewhere: {elsewhere}".rstrip(": "))
    if format not in MIME:
        raise Fault(404, "Not here: addresses end in .json or .xml")
    if request.method not in methods:
        named = ", ".join(sorted(methods))
        raise Fault(405, f"Not possible here: ask with {named}", headers={"Allow": named})
    check_jurisdiction(request.GET)
    if request.method != "POST":
        count("open311", client_address(request), READS, WINDOW)


def check_jurisdiction(data: QueryDict) -> None:
    """There is one, so nobody has to name it; who names another is at the wrong city."""
    asked = given(data, "jurisdiction_id")
    own = settings.WINNOW_OPEN311_JURISDICTION or urlsplit(settings.WINNOW_BASE_URL).hostname or ""
    if asked and asked.lower() != own.lower():
        raise Fault(404, f"jurisdiction_id: not known here; it is {own}, and may be left out")


def count(what: str, who: str, limit: int, seconds: int) -> None:
    """Counts one request of `who`, and refuses those above the limit until the window ends."""
    at = timezone.now()
    if not count_attempt(what=what, who=who, limit=limit, seconds=seconds, at=at):
        left = int((end_of_window(seconds=seconds, at=at) - at).total_seconds()) + 1
        told = f"Too many requests: {limit} are taken in {seconds // 60} minutes"
        raise Fault(429, told, headers={"Retry-After": str(left)})


def language(data: QueryDict) -> str:
    """`locale`, where the city speaks it; else the city's first language."""
    asked = given(data, "locale").lower().partition("-")[0]
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@csrf_exempt
def not_there(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for below the root."""
    return faults(format_of(request), Fault(404, "Not here"))
