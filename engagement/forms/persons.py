"""What somebody without an account types in to be known by an address."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.models import Person
from engagement.services import normal_address


class AddressForm(HygieneFields):
    """An e-mail address, to which a link is sent."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("This is no e-mail address. It looks like name@example.org."),
        },
    )

    def clean_email(self) -> str:
        return normal_address(self.cleaned_data["email"])


class SupportByMailForm(AddressForm):
    tell = forms.BooleanField(label=_("Tell me what becomes of it"), required=False)


class RhythmForm(forms.Form):
    rhythm = forms.ChoiceField(
        label=_("How often do we tell you what happens to what you follow?"),
        choices=Person.Rhythm.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often.")},
    )
    language = forms.ChoiceField(label=_("In which language?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
