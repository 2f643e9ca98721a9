"""The form that reports a problem of one service, and the search for the service."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.models import ReportService
from engagement.photos import MEGABYTE, PHOTO_ERRORS, CleanPhoto, PhotoError
from engagement.photos import clean as clean_photo
from engagement.services import ReportDraft

PHOTO_BYTES = 12 * MEGABYTE


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

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 12 MB. We remove where and when it was taken."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"empty": _("The file is empty.")},
    )
    photo_caption = forms.CharField(
        label=_("What does the photo show?"),
        required=False,
        max_length=300,
        help_text=_("For people who cannot see it."),
    )
    photo_rights = forms.BooleanField(
        label=_("I took this photo or may share it, and nobody can be recognised in it"), required=False
    )

    def __init__(self, *args: Any, service: ReportService, **kwargs: Any) -> None:
        super().__init__(*args, questions=service.questions, **kwargs)
        photo = ("photo", "photo_caption", "photo_rights")
        self.in_order("description", "answers", "where", "address", *photo, "email")

    def clean_photo(self) -> CleanPhoto | None:
        """The photo, drawn anew from its pixels; size is told before the file is read."""
        given = self.cleaned_data.get("photo")
        if not given:
            return None
        try:
            if given.size > PHOTO_BYTES:
                raise PhotoError("too_many_bytes", limit_mb=PHOTO_BYTES // MEGABYTE)
            return clean_photo(given.read(), max_bytes=PHOTO_BYTES)
        except PhotoError as error:
            raise forms.ValidationError(gettext(PHOTO_ERRORS[error.code]).format(**error.params)) from error

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("photo") and not self.cleaned_data.get("photo_rights"):
            self.add_error("photo_rights", _("Tick that you may share this photo, or take it away."))
        return cleaned

    @property
    def photo_was_lost(self) -> bool:
        """Browsers forget a chosen file when a form comes back: the page has to say so."""
        return bool(self.errors and self.files.get("photo"))

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
