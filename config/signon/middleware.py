"""Around the pages of django-allauth: who must have a second factor, and what if the sign-on is away."""

import logging

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from config.middleware import Answer
from engagement.models import User

logger = logging.getLogger(__name__)


class SignOnAway:
    """The city's sign-on does not answer: a page that says so, as the password still works.

    It may be away (OSError), or answer with something else than what OpenID Connect says.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        asked = match is not None and str(match.url_name).startswith("openid_connect_")
        if not asked or not isinstance(exception, OSError | ValueError | KeyError):
            return None
        logger.warning("the sign-on is away: %s", type(exception).__name__)
        return render(request, "account/sign_on_away.html", status=503)


class RequireSecondFactor:
    """With WINNOW_REQUIRE_SECOND_FACTOR: who is signed in by a password alone is led to the setup page.

    Who came through the city's own sign-on has proved there what the city asks for.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and self._lacks(request):
            messages.warning(request, _("Your city asks for a second factor. Set one up to go on."))
            return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)

    @staticmethod
    def _lacks(request: HttpRequest) -> bool:
        user = request.user
        if not settings.WINNOW_REQUIRE_SECOND_FACTOR or not isinstance(user, User):
            return False
        free = (reverse("mfa_index"), reverse("account_reauthenticate"), reverse("admin:logout"))
        if request.path.startswith((*free, reverse("admin:jsi18n"))):
            return False
        used = {record["method"] for record in get_authentication_records(request, user)}
        return not used & {"socialaccount", "mfa"} and not get_adapter().is_mfa_enabled(user)
