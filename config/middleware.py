"""What every answer says to the browser about safety, and how long a sign-in lasts."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

from config.sessions import BEGAN, SEEN

Answer = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "encrypted-media"),
        *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)
"""What no page of ours ever asks a browser for, so that nothing that sneaks in can ask for it either."""
NOTED_EVERY = 60
"""Seconds between two notes of when a session was last used: not every page writes."""


class SafetyHeaders:
    """Closes browser features that nobody needs; pages of whoever is signed in are kept by no cache.

    Django's own and django-csp's middleware say the rest: see "Safety" in the settings.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SessionLimits:
    """Signs staff out who were away for long, and everybody some hours after they signed in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Residents have no session: theirs is not even looked for.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._check(request, int(time.time()))
        return self.get_response(request)

    @staticmethod
    def _check(request: HttpRequest, now: int) -> None:
        session = request.session
        began, seen = session.get(BEGAN, now), session.get(SEEN, now)
        idle = settings.WINNOW_SESSION_IDLE_MINUTES * 60
        if now - seen > idle or now - began > settings.WINNOW_SESSION_HOURS * 3600:
            logout(request)
        elif SEEN not in session or now - seen >= NOTED_EVERY:
            session[BEGAN], session[SEEN] = began, now
