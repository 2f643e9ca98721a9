"""Forms that ask nothing of a browser's cookies work where it keeps none."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


def browser_of(request: HttpRequest, at: datetime) -> str:
    """What is the same for all that one browser sends in a day; nothing where it keeps no cookie.

    Who goes back after sending often finds a new form with the old words in it: sent again, it is the same.
    """
    cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    return f"{timezone.localdate(at)} {cookie}" if cookie else ""


def without_cookies(view: View) -> View:
    """For a form that acts for nobody whom a cookie names: whoever has its page, or its secret, may send it.

    The browser itself says from where a form comes (`Sec-Fetch-Site`; no page of another site can change
    that), so a form of another site is still refused. A browser that does not say it needs the cookie.
    """
    guarded = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from_here = request.headers.get("Sec-Fetch-Site") == "same-origin"
        return (view if from_here else guarded)(request, *args, **kwargs)

    return answer
