"""django-allauth's forms for a code, with tries counted in the database: no cache, no process forgets."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import count_attempt

TRIES = 10
TRIES_WINDOW = 15 * 60


def _count(user: User) -> None:
    within = count_attempt(
        what="second-factor", who=str(user.pk), limit=TRIES, seconds=TRIES_WINDOW, at=timezone.now()
    )
    if not within:
        raise forms.ValidationError(_("That was too many tries. Please wait 15 minutes, then try again."))


class CountedAuthenticateForm(AuthenticateForm):  # type: ignore[misc] # it has no types
    def clean_code(self) -> str:
        _count(self.user)
        return str(super().clean_code())


class CountedReauthenticateForm(ReauthenticateForm):  # type: ignore[misc] # it has no types
    def clean_code(self) -> str:
        _count(self.user)
        return str(super().clean_code())
