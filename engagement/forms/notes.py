"""A note on an idea, its author's answer, and a reader's report of abuse."""

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.forms.words import WordsField
from engagement.models import AbuseReport, Note


class NoteForm(HygieneFields):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Note.Kind.choices,
        initial=Note.Kind.ME_TOO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    text = WordsField(
        label=_("Your note"),
        help_text=_("Up to 1,000 characters. Everybody can read it; there are no answers to answers."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your note.")},
    )


class AnswerNoteForm(forms.Form):
    answer = WordsField(
        label=_("Your answer to the city"),
        help_text=_("Only staff read it. Your note is then looked at again."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write your answer.")},
    )


class AbuseForm(HygieneFields):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=AbuseReport.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    text = WordsField(
        label=_("Tell us more, if you like"),
        help_text=_("Only staff read it. Do not write who you are."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
