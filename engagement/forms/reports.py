"""The form that reports a problem of one service, and the search for the service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.forms.photo import PHOTO_FIELDS, PhotoFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.forms.words import WordsField
from engagement.models import ReportService
from engagement.services import ReportDraft


class ReportForm(HygieneFields, SenderFields, QuestionFields, PlaceFields, PhotoFields):
    """What is wrong, where, and (optional) who says so."""

    whole_city_offered = False
    place_required = True

    description = WordsField(
        label=_("What is wrong?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Describe the problem in a few words.")},
    )

    similar_seen = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, service: ReportService, **kwargs: Any) -> None:
        super().__init__(*args, questions=service.questions, **kwargs)
        self.in_order("description", "answers", "where", "address", *PHOTO_FIELDS, "email")

    def draft(self, language: str) -> ReportDraft:
        return ReportDraft(
            description=self.cleaned_data["description"],
            language=language,
            place=self.place(),
            answers=self.answers(),
            sender=self.sender(),
        )


class NearForm(PlaceFields):
    """Where a report that is being written lies: asked by its page's script."""

    whole_city_offered = False


class DescribeForm(forms.Form):
    description = WordsField(
        label=_("What is wrong?"),
        max_length=4000,
        help_text=_("In your own words. We look for the kind of problem that it is."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Describe the problem in a few words.")},
    )


class ServiceSearchForm(forms.Form):
    q = forms.CharField(label=_("What is it about?"), required=False, max_length=100)
