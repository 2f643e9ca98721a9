"""What the holder of a private link may ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.words import WordsField


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


class AppealForm(forms.Form):
    text = WordsField(
        label=_("Why should we look again?"),
        help_text=_("What we overlooked or did not know. Only staff read it."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Tell us why we should look again.")},
    )


class FixedForm(forms.Form):
    """ "Is it fixed?" Whoever says no says what is still wrong: staff start from there."""

    fixed = forms.ChoiceField(
        label=_("Is it fixed?"),
        choices=[("yes", _("Yes, it is fixed")), ("no", _("No, it is not fixed"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    words = WordsField(
        label=_("If not: what is still wrong?"),
        required=False,
        max_length=2000,
        help_text=_("Everybody can read it, without addresses and phone numbers of people."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        silent = "words" not in self.errors and not self.cleaned_data.get("words", "").strip()
        if self.cleaned_data.get("fixed") == "no" and silent:
            self.add_error("words", _("Tell us in a few words what is still wrong."))
        return cleaned


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
