"""Decisions before they are published, their texts in bulk, and the name of the plan."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.localized import LocalizedFormField, localized
from prioritisation.models import Decision, DecisionMeeting, Initiative
from prioritisation.policies.schema import Policy
from prioritisation.services import wording
from prioritisation.workflow import Outcome


class _Reasons(forms.Select):
    """Each reason carries its draft texts, so that a script can fill them in at once."""

    drafts: Mapping[str, Mapping[str, str]] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        for language, words in self.drafts.get(str(value), {}).items():
            option["attrs"][f"data-text-{language}"] = words
        return option


if TYPE_CHECKING:
    InitiativeField = forms.ModelChoiceField[Initiative]
else:
    InitiativeField = forms.ModelChoiceField


class _Initiative(InitiativeField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} {localized(obj.title)}"


if TYPE_CHECKING:
    SittingField = forms.ModelChoiceField[DecisionMeeting]
else:
    SittingField = forms.ModelChoiceField


class SittingChoice(SittingField):
    def label_from_instance(self, obj: Any) -> str:
        day = date_format(obj.held_on, "DATE_FORMAT")
        return ", ".join(part for part in (localized(obj.body), day, obj.resolution) if part)


class SittingForm(forms.Form):
    """A sitting in which decisions were taken."""

    body = LocalizedFormField(
        label=gettext_lazy("Body"), rows=1, help_text=gettext_lazy("For example: City council.")
    )
    held_on = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    resolution = forms.CharField(label=gettext_lazy("Resolution"), max_length=100, required=False)
    present = forms.CharField(
        label=gettext_lazy("Who was there"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=gettext_lazy("Names of people in a public office. They are published."),
    )
    stood_aside = forms.CharField(
        label=gettext_lazy("Who stood aside"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=gettext_lazy("Who took no part in which decision, and why. It is published."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)


class DecisionForm(forms.Form):
    """The decision on one initiative; `row` is its line in the ranking."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=Decision.OUTCOMES, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed unless it goes on. Choosing one fills in its standard text."),
        required=False,
    )
    text = LocalizedFormField(
        label=gettext_lazy("What the public and the authors will read"), rows=5, required=False
    )
    merge_into = _Initiative(
        Initiative.objects.none(), label=gettext_lazy("Merged into"), required=False, empty_label="–"
    )
    override_reason = LocalizedFormField(
        label=gettext_lazy("Why against the ranking"),
        help_text=gettext_lazy("Needed when the ranking says otherwise. It is published."),
        rows=2,
        required=False,
    )
    meeting = SittingChoice(
        DecisionMeeting.objects.none(),
        label=gettext_lazy("Decided in the sitting"),
        required=False,
        empty_label="–",
    )
    stood_aside = forms.CharField(
        label=gettext_lazy("Who stood aside in this decision"),
        help_text=gettext_lazy("Names of people in a public office, and why. It is published."),
        max_length=500,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: Any,
        policy: Policy,
        row: Mapping[str, Any],
        medians: Mapping[str, float],
        initiative: Initiative,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reason", "text", "override_reason"):  # not called optional: their help says when
            self.fields[name].one_of_several = True  # type: ignore[attr-defined]
        self.drafts = {
            one.code: wording.decision_draft(policy, dict(row), one.code, medians) for one in policy.reasons
        }
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        widget = _Reasons(attrs={"data-fills": "text"})
        widget.drafts = self.drafts
        reason.widget = widget
        labels: dict[str, str] = {code: str(label) for code, label in Decision.OUTCOMES}
        by_outcome: dict[str, list[tuple[str, str]]] = {}
        for one in policy.reasons:
            by_outcome.setdefault(labels[one.outcome], []).append((one.code, localized(dict(one.label))))
        reason.choices = [("", _("None: it goes on")), *by_outcome.items()]
        sitting = self.fields["meeting"]
        assert isinstance(sitting, forms.ModelChoiceField)
        sitting.queryset = DecisionMeeting.objects.filter(programme=initiative.programme_id)
        into = self.fields["merge_into"]
        assert isinstance(into, forms.ModelChoiceField)
        into.queryset = (
            Initiative.objects.standing()
            .filter(programme=initiative.programme_id)
            .exclude(pk=initiative.pk)
            .order_by("reference")
        )

    def fill_in(self) -> None:
        """Puts the chosen reason's draft in the text boxes, for pages without script."""
        field = self.fields["text"]
        assert isinstance(field, LocalizedFormField)
        draft = self.drafts.get(self.data.get(self.add_prefix("reason"), ""), {})
        data = QueryDict(mutable=True)
        data.update(self.data)
        for code in field.codes:
            data[f"{self.add_prefix('text')}_{code}"] = draft.get(code, "")
        self.data = data

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        outcome = cleaned.get("outcome")
        if outcome and outcome != Outcome.ADVANCE:
            if not cleaned.get("reason"):
                self.add_error("reason", _("Choose a reason."))
            if not cleaned.get("text"):
                self.add_error("text", _("Write what the public will read."))
        return cleaned


class TextsForm(forms.Form):
    """One public text for several decisions."""

    text = LocalizedFormField(
        label=gettext_lazy("New public text for those ticked"),
        help_text=gettext_lazy("A language left empty keeps its text."),
        rows=3,
    )


class PlanForm(forms.Form):
    title = LocalizedFormField(label=gettext_lazy("Name of the plan"), rows=1)
    slug = forms.SlugField(
        label=gettext_lazy("Short name in addresses"), help_text=gettext_lazy("For example action-plan-2026.")
    )
    intro = LocalizedFormField(label=gettext_lazy("Introduction"), rows=4, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
