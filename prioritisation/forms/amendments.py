"""The amendment of a published plan, as its page sends it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField
from prioritisation.forms.decisions import SittingChoice
from prioritisation.models import DecisionMeeting, Programme


class ReasonForm(forms.Form):
    """One change: its reason, and whether it stays in the amendment."""

    reason = LocalizedFormField(
        label=_("Why, in words for the public"),
        help_text=_("A draft is kept without it; nothing is adopted without it."),
        rows=2,
        required=False,
    )
    reason.one_of_several = True  # type: ignore[attr-defined]  # not called optional: adopting asks for it
    keep = forms.BooleanField(label=_("Keep this change"), required=False, initial=True)


class AmendmentForm(forms.Form):
    """Sitting and vote; changes have a `ReasonForm` each, `prefix` the reference."""

    meeting = SittingChoice(
        DecisionMeeting.objects.none(),
        label=_("Adopted in the sitting"),
        help_text=_("With its resolution: write the sitting down first."),
        required=False,
        empty_label="–",
    )
    vote = forms.CharField(
        label=_("How the vote went"), help_text=_("For example: 7 to 4."), max_length=200, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting = self.fields["meeting"]
        assert isinstance(meeting, forms.ModelChoiceField)
        meeting.queryset = programme.decision_meetings.all()
