"""Steps of a programme's checklist: one, or the standard ones to choose from."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField, localized
from prioritisation.forms.programmes import DateInput
from prioritisation.models import ChecklistItem
from prioritisation.services import StepDraft


class StepForm(forms.Form):
    """What is to be done, and by when."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    label = LocalizedFormField(label=_("What is to be done"), rows=1)
    due_on = forms.DateField(label=_("By"), required=False, widget=DateInput())

    def __init__(self, *args: Any, item: ChecklistItem | None = None, **kwargs: Any) -> None:
        if item is not None:
            kwargs["initial"] = {"version": item.version, "label": item.label, "due_on": item.due_on}
        super().__init__(*args, **kwargs)

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data


class ProposalForm(forms.Form):
    """The standard steps: each may be taken, with its date. `take_<key>` and `due_<key>`."""

    def __init__(self, *args: Any, proposed: Sequence[StepDraft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = {one.key: one for one in proposed}
        for key, one in self.proposed.items():
            self.fields[f"take_{key}"] = forms.BooleanField(
                label=localized(one.label), required=False, initial=True
            )
            self.fields[f"due_{key}"] = forms.DateField(
                label=_("By"), required=False, initial=one.due_on, widget=DateInput()
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"take_{key}"], self[f"due_{key}"]) for key in self.proposed]

    def chosen(self) -> list[StepDraft]:
        """For `services.add_steps`."""
        return [
            StepDraft(label=one.label, due_on=self.cleaned_data[f"due_{key}"], key=key)
            for key, one in self.proposed.items()
            if self.cleaned_data[f"take_{key}"]
        ]
