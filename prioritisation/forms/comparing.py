"""Two initiatives to compare: read from the address, where both have the name `with`."""

from collections.abc import Container
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class _With(forms.TextInput):
    """One of several boxes of the name `with`, by its place."""

    def __init__(self, place: int) -> None:
        super().__init__(attrs={"list": "references", "autocomplete": "off"})
        self.place = place

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        found = data.getlist("with")
        return found[self.place][:40] if len(found) > self.place else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context("with", value, attrs)


class CompareForm(forms.Form):
    """`references`: those of the ranking. Where only one is given, the other is still to be chosen."""

    first = forms.CharField(label=gettext_lazy("Number of the first"), max_length=40, widget=_With(0))
    second = forms.CharField(label=gettext_lazy("Number of the second"), max_length=40, widget=_With(1))

    def __init__(self, asked: QueryDict, *, references: Container[str]) -> None:
        given = asked.getlist("with")
        if len(given) > 1:
            super().__init__(asked)
        else:
            super().__init__(initial={"first": given[0][:40] if given else ""})
        self.references = references

    def clean_first(self) -> str:
        return self._known("first")

    def clean_second(self) -> str:
        found = self._known("second")
        if found and found == self.cleaned_data.get("first"):
            raise ValidationError(_("Choose two different initiatives."))
        return found

    def _known(self, name: str) -> str:
        typed: str = self.cleaned_data[name].strip().upper()
        if typed and typed not in self.references:
            raise ValidationError(_("There is no %(one)s in this ranking.") % {"one": typed})
        return typed
