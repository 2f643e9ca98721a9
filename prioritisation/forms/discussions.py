"""What is written down after a panel compared: clearer words for an anchor, and what was agreed."""

from django import forms
from django.utils.translation import gettext_lazy

from engagement.localized import LocalizedFormField
from prioritisation.models import Discussion


class ClarifyForm(forms.Form):
    """One level of a criterion in clearer words. It can mean nothing else: only words change."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    text = LocalizedFormField(
        label=gettext_lazy("The level in clearer words"),
        help_text=gettext_lazy("Say more plainly what was meant. It must not mean anything else."),
        rows=3,
    )
    reason = forms.CharField(
        label=gettext_lazy("What was read differently"),
        help_text=gettext_lazy("It is published with the rules."),
        max_length=500,
    )


class DiscussionForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("What was agreed"), choices=Discussion.Verdict.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AgainForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why the ranking is made again"),
        help_text=gettext_lazy("It stays with the new ranking. The old one is kept."),
        max_length=500,
    )
