"""The filters of a published plan."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from engagement.text import choose
from prioritisation import plan_documents
from prioritisation.plan_documents import Document, Wanted


class InitiativeFilters(forms.Form):
    """A value that does not exist is passed over, not an error: an old link still shows the plan."""

    theme = forms.ChoiceField(label=_("Theme"), required=False)
    timeframe = forms.ChoiceField(label=_("Time frame"), required=False)
    district = forms.ChoiceField(label=_("Part of the city"), required=False)
    owner = forms.ChoiceField(label=_("Department"), required=False)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter_%s"
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
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})
