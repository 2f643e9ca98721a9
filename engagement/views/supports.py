"""Supporting an idea: one button, once a browser, known by a signed cookie that is set only then."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement import links, services
from engagement.forms.hygiene import HygieneFields
from engagement.forms.persons import SupportByMailForm
from engagement.models import Call, Idea, Person, Support
from engagement.views.known import known_person
from engagement.views.responses import SeeOther

COOKIE, SALT = "support", "engagement.support"
COOKIE_AGE = 400 * 24 * 3600
PRESSES_AN_HOUR = 60
TOKEN, CONFIRMED = Support.Kind.TOKEN, Support.Kind.CONFIRMED


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


def supporters_of(ideas: Iterable[Idea], calls: set[int]) -> dict[int, Supporters]:
    """The counts of those ideas whose invitation takes supports: one query if any does."""
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
    by_mail = idea.call.supports == Call.Supports.CONFIRMED
    person = known_person(request) if by_mail else None
    kind, voter = (CONFIRMED, person.email if person else "") if by_mail else (TOKEN, token_of(request))
    return {
        "supporters": supporters,
        "may_support": services.may_support(idea, kind),
        "supported": supporters is not None and bool(voter) and _supports(idea, kind, voter),
        "support_by_mail": by_mail and person is None,
        "support_form": _form(by_mail, person),
        "support_rules": services.support_rules(idea),
    }


def _form(by_mail: bool, person: Person | None) -> HygieneFields | None:
    """What the button sends along: an address where one is asked for, else only what keeps it single."""
    if by_mail:
        return SupportByMailForm(auto_id="support_%s") if person is None else None
    return HygieneFields(auto_id="support_%s")


def token_of(request: HttpRequest) -> str:
    """What this browser was given when it supported something first; nothing for any other cookie."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT) or "")


def new_token(request: HttpRequest) -> str:
    """What a browser is given whose press comes without the cookie: pressed twice, it is one."""
    form = HygieneFields(request.POST)
    form.is_valid()
    return form.token()


def _supports(idea: Idea, kind: str, voter: str) -> bool:
    key = services.voter_key(kind=kind, voter=voter)
    return Support.objects.standing().filter(idea=idea, voter=key).exists()


def press(request: HttpRequest, idea: Idea) -> HttpResponse:
    """Gives or takes back this browser's support, and leads to the idea's page. Raises Refused."""
    token = token_of(request) or new_token(request)
    if request.POST.get("wish") == "take":
        services.withdraw_support(idea=idea, voter=token, kind=TOKEN, at=timezone.now())
    else:
        services.support_idea(idea=idea, voter=token, kind=TOKEN, at=timezone.now())
    answer = SeeOther(f"{links.public_path(idea, get_language())}#support")
    remember(answer, token)
    return answer


def remember(answer: HttpResponse, token: str) -> None:
    """This browser is known again by the token, for supports and for its note."""
    answer.set_signed_cookie(
        COOKIE,
        token,
        salt=SALT,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
