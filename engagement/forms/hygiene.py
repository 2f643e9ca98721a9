"""Two invisible fields of every public form: one against sending twice, one against robots."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from engagement.flags import Signs

_SIGNER = signing.TimestampSigner(salt="engagement.form")
TOO_QUICK = 2.0  # seconds


def new_form_key() -> str:
    """A fresh random key with the time, signed: what one opened form carries."""
    return _SIGNER.sign(secrets.token_urlsafe(12))


class HygieneFields(forms.Form):
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(
        required=False,
        label=_("Leave this field empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = new_form_key

    def _opened_at(self) -> float | None:
        """When the form was opened (seconds since 1970), or None for a key that we did not sign."""
        given = self.cleaned_data.get("form_key", "")
        try:
            _SIGNER.unsign(given)
        except signing.BadSignature:
            return None
        return signing.b62_decode(given.rsplit(":", 2)[1])

    def key_for(self, *words: str, browser: str = "") -> str | None:
        """The key that makes a second post of the same words from the same form, or `browser`, one record.

        The words are part of it: who goes back in the browser, writes something else and sends again
        has a second idea, not a lost one. A key that we did not sign counts as none.
        """
        if self._opened_at() is None:
            return None
        of = browser or self.cleaned_data["form_key"]
        return hashlib.sha256("\x1f".join((of, *words)).encode()).hexdigest()

    def token(self, *words: str) -> str:
        """A new visitor's token: the same for a form that is sent twice before a cookie could come back."""
        return self.key_for("token", *words) or secrets.token_urlsafe(24)

    def signs(self, at: datetime, from_network: int) -> Signs:
        """How the text came, for the flags."""
        return Signs(trap=self.trapped, quick=self._quick(at), from_network=from_network)

    @property
    def trapped(self) -> bool:
        """Was the field filled in that people do not see?"""
        return bool(self.cleaned_data.get("website"))

    def _quick(self, at: datetime) -> bool:
        """Was it sent back faster than anybody types? The visitor's clock has no part in it.

        A form that seems to come from the future was opened at another server, whose clock is ahead: that
        tells nothing.
        """
        opened = self._opened_at()
        return opened is not None and 0 <= at.timestamp() - opened < TOO_QUICK
