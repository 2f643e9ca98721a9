"""What the holder of a private link may ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TrackingLoginForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"),
        max_length=20,
        help_text=_("For example 2026-00123, or R2026-000123 for a problem report."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the reference.")},
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The 8 letters and digits that you were given when you sent it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the code.")},
    )

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).strip().upper().replace(" ", "")


class EraseForm(forms.Form):
    words = forms.ChoiceField(
        label=_("What about your words?"),
        choices=[
            ("keep", _("My words may stay, without anything about me")),
            ("remove", _("Remove my words too")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to your words.")},
    )
