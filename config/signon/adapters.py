"""Where django-allauth asks what Winnow wants."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse

from config.signon.sealing import InvalidToken, seal, unseal
from engagement.client import client_address
from engagement.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # it has no types
    """Nobody signs up: accounts are made by administrators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # it has no types
    """TOTP keys and the seed of recovery codes are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except InvalidToken as error:
            raise PermissionDenied("this second factor was sealed under another WINNOW_SECRET_KEY") from error

    def _get_site_name(self) -> str:
        return str(settings.WINNOW_CITY_NAME)


class SignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # it has no types
    """The city's own sign-on opens accounts that are there, and makes none.

    A first sign-in is linked to the one active staff account with the address that the sign-on says it
    verified. An administrator's account is never linked so: who holds it links it, signed in.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        sociallogin.account.extra_data = {}  # names and groups of the sign-on are not ours to keep
        if sociallogin.is_existing:
            if not sociallogin.user.is_staff:
                raise _refused(request)
        elif not request.user.is_authenticated:
            user = _account_for(sociallogin)
            if user is None:
                raise _refused(request)
            sociallogin.connect(request, user)


def _account_for(sociallogin: Any) -> User | None:
    verified = {one.email.lower() for one in sociallogin.email_addresses if one.verified and one.email}
    if len(verified) != 1:
        return None
    found = User.objects.filter(email__iexact=verified.pop(), is_active=True, is_staff=True)[:2]
    return found[0] if len(found) == 1 and not found[0].is_superuser else None


def _refused(request: HttpRequest) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
