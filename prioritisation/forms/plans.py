"""The filters of a published plan."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from engagement.text import choose, fold
from prioritisation import delivery_words, plan_documents
from prioritisation.plan_documents import Document, Wanted
from prioritisation.services import LATE

MOST_WORDS = 200
"""Characters that are looked for; what is longer is cut."""


class InitiativeFilters(forms.Form):
    """A value that does not exist is passed over, not an error: an old link still shows the plan."""

    q = forms.CharField(label=_("Words or reference"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    timeframe = forms.ChoiceField(label=_("Time frame"), required=False)
    district = forms.ChoiceField(label=_("Part of the city"), required=False)
    owner = forms.ChoiceField(label=_("Department"), required=False)
    delivery = forms.ChoiceField(
        label=_("Carried out"),
        required=False,
        choices=[
            ("", _("All")),
            *((state, words) for state, (words, _tone) in delivery_words.STATES.items()),
            (LATE, pgettext_lazy("one initiative", "Late")),
        ],
    )

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter_%s"
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "maxlength": MOST_WORDS})
        language = get_language() or "en"
        for name, offered in plan_documents.choices(document).items():
            if not offered:
                del self.fields[name]
                continue
            named = [(key, choose(texts, language) or key) for key, texts in offered]
            if name != "timeframe":
                named.sort(key=lambda pair: pair[1].casefold())
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("All")), *named]

    def wanted(self) -> Wanted:
        self.is_valid()
        named = {name: value for name, value in self.cleaned_data.items() if value and name != "q"}
        words = str(self.data.get("q", "")).replace("\0", "").strip()[:MOST_WORDS]
        return Wanted(words=words if fold(words) else "", **named)
