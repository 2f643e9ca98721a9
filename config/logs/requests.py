"""One line a request: what was asked for, what came of it, how long it took. Nothing of who asked."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.logs.formatting import REQUEST_ID, request_id

logger = logging.getLogger("winnow.request")

_GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}")


def _number(request: HttpRequest) -> str:
    """The request's number: the one that the city's own proxy gave, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    if settings.TRUSTED_PROXIES and _GIVEN.fullmatch(given):
        return given
    return uuid.uuid4().hex[:16]


def _route(request: HttpRequest) -> str:
    """The name of the page that was asked for, which says nothing of the record on it."""
    if request.resolver_match:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


class RequestLog:
    """Writes the line, and gives every line written meanwhile the same number; the answer bears it as
    `X-Request-ID`, so that who reports a fault can say which it was.

    The first of all middleware: what others answer by themselves is told too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request.META[REQUEST_ID] = _number(request)
        token = request_id.set(request.META[REQUEST_ID])
        try:
            response = self._get_response(request)
            response["X-Request-ID"] = request_id.get()
            self._tell(request, response, (time.perf_counter() - started) * 1000)
            return response
        finally:
            request_id.reset(token)

    def _tell(self, request: HttpRequest, response: HttpResponseBase, milliseconds: float) -> None:
        route = _route(request)
        quiet = route.startswith(("healthz", "static")) and response.status_code < 400
        content = None if response.streaming else getattr(response, "content", None)
        logger.log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            extra={
                "facts": {
                    "method": request.method if request.method in _METHODS else "other",
                    "route": route,
                    "status": response.status_code,
                    "ms": round(milliseconds, 1),
                    "bytes": None if content is None else len(content),
                }
            },
        )


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
