"""“Me too” to a problem report: one button, once a browser, known by the signed cookie of supports."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from engagement import links, services
from engagement.forms.hygiene import HygieneFields
from engagement.models import Report
from engagement.views.responses import SeeOther
from engagement.views.supports import COOKIE, COOKIE_AGE, SALT, new_token

PRESSES_AN_HOUR = 60


def me_too_context(request: HttpRequest, report: Report) -> dict[str, Any]:
    token = _token(request)
    return {
        "me_toos": services.count_me_toos(report),
        "me_too_form": HygieneFields(auto_id="me_too_%s"),
        "may_me_too": services.may_me_too(report),
        "says_me_too": bool(token) and services.says_me_too(report, token),
    }


def _token(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT) or "")


def press(request: HttpRequest, report: Report) -> HttpResponse:
    """Says it or takes it back for this browser, and leads to the report's page. Raises Refused."""
    token = _token(request) or new_token(request)
    if request.POST.get("wish") == "take":
        services.withdraw_me_too(report=report, voter=token, at=timezone.now())
    else:
        services.say_me_too(report=report, voter=token, at=timezone.now())
    answer = SeeOther(f"{links.public_path(report, get_language())}#me-too")
    answer.set_signed_cookie(
        COOKIE,
        token,
        salt=SALT,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer
