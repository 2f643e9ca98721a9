"""Choosing scoring rules: a shipped one, or a file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prioritisation.models import Programme
from prioritisation.policies import tomlfile
from prioritisation.policies.schema import Fault, PolicyError

LARGEST_FILE = 1_000_000


class AdoptForm(forms.Form):
    """For which programme: asked only of who manages several."""

    programme = forms.TypedChoiceField(label=_("For the programme"), coerce=int)

    def __init__(self, *args: Any, programmes: Sequence[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programmes = {one.pk: one for one in programmes}
        field = self.fields["programme"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(pk, str(programme)) for pk, programme in self.programmes.items()]
        if len(self.programmes) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(self.programmes))

    @property
    def programme_chosen(self) -> Programme:
        return self.programmes[self.cleaned_data["programme"]]


class ApproveForm(forms.Form):
    """A tick that says: read, and to be locked."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)
    sure = forms.BooleanField(
        label=_("I have read these rules. Lock them."),
        error_messages={"required": _("Tick this box: what is approved no longer changes.")},
    )

    def __init__(self, data: Any = None, *, version: int) -> None:
        super().__init__(data, initial={"version": version})

    def look_again(self, version: int) -> None:
        """The page shows the rules as they now are: the tick that was sent was for others."""
        if self.is_bound and self.data.get("version") != str(version):
            self.data = {"version": str(version)}


class ImportForm(AdoptForm):
    """Rules as a TOML file. A file with faults changes nothing; `faults` lists them with their lines."""

    file = forms.FileField(
        label=_("Rules as a file"),
        help_text=_("A TOML file, as this page gives it out."),
        allow_empty_file=True,
    )
    faults: Sequence[Fault] = ()
    document: dict[str, Any]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than scoring rules can be (1 MB)."))
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("This file is not text in UTF-8. Save it again as UTF-8.")
            ) from error
        try:
            self.document = tomlfile.loads(text)
        except PolicyError as error:
            self.faults = error.faults
            raise forms.ValidationError(_("These rules have faults. Nothing was changed.")) from error
        return file
