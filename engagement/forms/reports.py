"""The form that reports a problem of one service, and the search for the service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.models import ReportService
from engagement.services import ReportDraft


class ReportForm(HygieneFields, SenderFields, QuestionFields, PlaceFields):
    """What is wrong, where, and (optional) who says so."""

    whole_city_offered = False
    place_required = True

    description = forms.CharField(
        label=_("What is wrong?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Describe the problem in a few words.")},
    )

    def __init__(self, *args: Any, service: ReportService, **kwargs: Any) -> None:
        super().__init__(*args, questions=service.questions, **kwargs)

    def draft(self, language: str) -> ReportDraft:
        return ReportDraft(
            description=self.cleaned_data["description"],
            language=language,
            place=self.place(),
            answers=self.answers(),
            sender=self.sender(),
        )


class ServiceSearchForm(forms.Form):
    q = forms.CharField(label=_("What is it about?"), required=False, max_length=100)
