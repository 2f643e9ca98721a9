"""A photo with what is sent: cleaned here, with the sender's word that it may be shared."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.photos import MEGABYTE, PHOTO_ERRORS, CleanPhoto, PhotoError
from engagement.photos import clean as clean_photo

PHOTO_BYTES = 12 * MEGABYTE
PHOTO_FIELDS = ("photo", "photo_caption", "photo_rights")


def cleaned_photo(sent: "UploadedFile[Any]") -> CleanPhoto:
    """The photo, drawn anew from its pixels; size is told before the file is read."""
    try:
        if (sent.size or 0) > PHOTO_BYTES:
            raise PhotoError("too_many_bytes", limit_mb=PHOTO_BYTES // MEGABYTE)
        return clean_photo(sent.read(), max_bytes=PHOTO_BYTES)
    except PhotoError as error:
        raise forms.ValidationError(gettext(PHOTO_ERRORS[error.code]).format(**error.params)) from error


class PhotoFields(forms.Form):
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 12 MB. We remove where and when it was taken."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "data-photo": "1600"}),
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

    def clean_photo(self) -> CleanPhoto | None:
        given = self.cleaned_data.get("photo")
        return cleaned_photo(given) if given else None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("photo") and not self.cleaned_data.get("photo_rights"):
            self.add_error("photo_rights", _("Tick that you may share this photo, or take it away."))
        return cleaned

    @property
    def photo_was_lost(self) -> bool:
        """Browsers forget a chosen file when a form comes back: the page has to say so."""
        return bool(self.files.get("photo"))
