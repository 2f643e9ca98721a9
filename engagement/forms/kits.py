"""What a volunteer types in at a meeting."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.forms.photo import PHOTO_BYTES
from engagement.forms.words import WordsField
from engagement.photos import MEGABYTE, PHOTO_ERRORS, CleanPhoto, PhotoError
from engagement.photos import clean as clean_photo
from engagement.services import LineWords

LONGEST_LINE = 2000
LINES_AT_ONCE = 50


class LinesForm(forms.Form):
    """Sticky notes, one a line. The key is the browser's own, so that what it sends twice is one idea."""

    lines = WordsField(
        label=_("What stands on the notes? One note a line."),
        help_text=_("As it is written there. No names, please."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "true"}),
        error_messages={"required": _("Write what stands on the note.")},
    )
    language = forms.ChoiceField(label=_("Language of the notes"), required=False)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    def clean_lines(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        if len(lines) > LINES_AT_ONCE:
            raise forms.ValidationError(
                _("These are %(n)d lines. At most %(most)d go in at a time: nothing was sent."),
                params={"n": len(lines), "most": LINES_AT_ONCE},
            )
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                raise forms.ValidationError(
                    _("Line %(n)d has more than %(most)d characters: begin a new line for each note."),
                    params={"n": number, "most": LONGEST_LINE},
                )
        return lines

    def words(self, default: str) -> list[LineWords]:
        language = self.cleaned_data["language"] or default
        return [LineWords(problem=line, language=language) for line in self.cleaned_data["lines"]]


class LineForm(forms.Form):
    """One note that is there already: its words, and the hands raised for it."""

    problem = WordsField(
        label=_("Words"),
        max_length=LONGEST_LINE,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write what stands on the note.")},
    )
    hands = forms.IntegerField(
        label=_("Hands or dots for it"),
        min_value=0,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def words(self, language: str) -> LineWords:
        said = self.cleaned_data
        return LineWords(problem=said["problem"], language=language, hands=said["hands"] or 0)


class HeadsForm(forms.Form):
    count = forms.IntegerField(
        label=_("About how many people are in the room?"),
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _("Write a number.")),
    )


class WallForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo of the wall"),
        help_text=_("JPEG, PNG or WebP, up to 12 MB. Only staff see it."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Choose a photo."), "empty": _("The file is empty.")},
    )
    photo_rights = forms.BooleanField(
        label=_("I took this photo or may share it, and nobody can be recognised in it"), required=False
    )

    def clean_photo(self) -> CleanPhoto:
        given = self.cleaned_data["photo"]
        try:
            if given.size > PHOTO_BYTES:
                raise PhotoError("too_many_bytes", limit_mb=PHOTO_BYTES // MEGABYTE)
            return clean_photo(given.read(), max_bytes=PHOTO_BYTES)
        except PhotoError as error:
            raise forms.ValidationError(gettext(PHOTO_ERRORS[error.code]).format(**error.params)) from error
