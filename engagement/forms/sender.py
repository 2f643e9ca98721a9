"""Who sends it: all of it optional, each use of an address agreed to apart."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.services import Sender


class SenderFields(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("We send your private link there. It is never made public."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wants_updates = forms.BooleanField(label=_("Tell me by e-mail what becomes of it"), required=False)
    may_be_asked = forms.BooleanField(label=_("You may ask me questions about it"), required=False)
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=200,
        help_text=_("It is never made public."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone number, if you want us to call you back"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, asks_phone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_phone:
            del self.fields["phone"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        if "email" in self.errors or said.get("email"):
            return cleaned
        if said.get("wants_updates") or (said.get("may_be_asked") and not said.get("phone")):
            self.add_error("email", _("Write your e-mail address, or untick the boxes below it."))
        return cleaned

    def sender(self) -> Sender:
        said = self.cleaned_data
        return Sender(
            name=said.get("name", ""),
            email=said.get("email", ""),
            phone=said.get("phone", ""),
            wants_updates=said.get("wants_updates", False),
            may_be_asked=said.get("may_be_asked", False),
        )
