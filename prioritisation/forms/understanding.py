"""Did we understand you? The answer of an idea's sender to what an initiative made of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prioritisation.models import Understanding


class UnderstandingForm(forms.Form):
    """Whoever says partly or no says what is missing: the city reads that first."""

    answer = forms.ChoiceField(
        label=_("Did we understand you?"),
        choices=[
            (Understanding.Answer.YES, _("Yes, that is what I meant")),
            (Understanding.Answer.PARTLY, _("Partly")),
            (Understanding.Answer.NO, _("No, I meant something else")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the answers.")},
    )
    why = forms.CharField(
        label=_("What is missing or different?"),
        required=False,
        max_length=2000,
        help_text=_("Staff and assessors read it, without your name."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        silent = "why" not in self.errors and not any(one.isalnum() for one in said.get("why", ""))
        if said.get("answer") in (Understanding.Answer.PARTLY, Understanding.Answer.NO) and silent:
            self.add_error("why", _("Tell us in a few words what is missing or different."))
        return cleaned
