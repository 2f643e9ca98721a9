"""Supporting an idea: one button, once a browser, known by a signed cookie that is set only then."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement import links, services
from engagement.client import client_address
from engagement.models import Call, Idea, Support
from engagement.views.responses import SeeOther

COOKIE, SALT = "support", "engagement.support"
COOKIE_AGE = 400 * 24 * 3600
PRESSES_AN_HOUR = 60
TOKEN = Support.Kind.TOKEN


@dataclass(frozen=True)
class Supporters:
    """How many people support an idea, by how we know; those of joined ideas among them."""

    confirmed: int
    token: int
    paper: int

    @property
    def total(self) -> int:
        return self.confirmed + self.token + self.paper

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """By how we know, where there is anybody."""
        counts = (
            (_("with a confirmed e-mail address"), self.confirmed),
            (_("on this site"), self.token),
            (_("on paper"), self.paper),
        )
        return [(how, count) for how, count in counts if count]


def supporters_of(ideas: Iterable[Idea]) -> dict[int, Supporters]:
    """The counts of those ideas whose invitation takes supports: one query more if any does."""
    calls = set(Call.objects.exclude(supports=Call.Supports.NONE).values_list("pk", flat=True))
    return _counted([idea.pk for idea in ideas if idea.call_id in calls])


def _counted(asked: list[int]) -> dict[int, Supporters]:
    if not asked:
        return {}
    columns = [f"supporters_{kind}" for kind in Support.Kind.values]
    counted = Idea.objects.filter(pk__in=asked).with_supporters().order_by().values_list("pk", *columns)
    return {key: Supporters(*counts) for key, *counts in counted}


def support_context(request: HttpRequest, idea: Idea) -> dict[str, Any]:
    asked = [] if idea.call.supports == Call.Supports.NONE else [idea.pk]
    supporters = _counted(asked).get(idea.pk)
    token = _token(request)
    return {
        "supporters": supporters,
        "may_support": services.may_support(idea, TOKEN),
        "supported": supporters is not None and bool(token) and _supports(idea, token),
    }


def _token(request: HttpRequest) -> str:
    """What this browser was given when it supported something first; nothing for any other cookie."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT) or "")


def _supports(idea: Idea, token: str) -> bool:
    key = services.voter_key(kind=TOKEN, voter=token)
    return Support.objects.standing().filter(idea=idea, voter=key).exists()


def too_many(request: HttpRequest) -> bool:
    """Was pressed too often within the hour? Generous: a library has one address for many."""
    return not services.count_attempt(
        what="support", who=client_address(request), limit=PRESSES_AN_HOUR, seconds=3600, at=timezone.now()
    )


def press(request: HttpRequest, idea: Idea) -> HttpResponse:
    """Gives or takes back this browser's support, and leads to the idea's page. Raises Refused."""
    token = _token(request) or secrets.token_urlsafe(24)
    if request.POST.get("wish") == "take":
        services.withdraw_support(idea=idea, voter=token, kind=TOKEN, at=timezone.now())
    else:
        services.support_idea(idea=idea, voter=token, kind=TOKEN, at=timezone.now())
    answer = SeeOther(f"{links.public_path(idea, get_language())}#support")
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
