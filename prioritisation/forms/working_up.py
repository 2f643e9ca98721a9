"""Starting initiatives: in which programme, and one of all ideas or one of each."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField
from engagement.models import Idea
from prioritisation.models import Programme

ONE_OF_ALL = "all"
ONE_OF_EACH = "each"


class StartForm(forms.Form):
    """Asks only what is not plain from the ideas: each question disappears where there is one answer."""

    programme = forms.TypedChoiceField(label=_("Programme"), coerce=int, required=False)
    how = forms.ChoiceField(
        label=_("How many initiatives"),
        choices=[(ONE_OF_ALL, _("one initiative of all of them")), (ONE_OF_EACH, _("one of each"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether they become one initiative or several.")},
    )
    title = LocalizedFormField(label=_("Title"), rows=1)

    def __init__(
        self, *args: Any, programmes: Sequence[Programme], ideas: Sequence[Idea], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.programmes = {programme.pk: programme for programme in programmes}
        if len(self.programmes) == 1:
            del self.fields["programme"]
        else:
            field = self.fields["programme"]
            assert isinstance(field, forms.TypedChoiceField)
            field.required = True
            field.choices = [
                ("", _("Choose a programme")),
                *((pk, str(p)) for pk, p in self.programmes.items()),
            ]
        if len(ideas) < 2:
            del self.fields["how"]
        if ideas:
            del self.fields["title"]

    @property
    def programme_chosen(self) -> Programme:
        """The one asked for, or the only one there is. Only of a valid form."""
        key = self.cleaned_data.get("programme")
        return self.programmes[key] if key else next(iter(self.programmes.values()))
