"""What staff type about an initiative: texts and figures, themes with impact, cost lines."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import SeveralField
from engagement.localized import LocalizedFormField
from engagement.models import Department, District, Theme
from prioritisation.amounts import NotAnAmountError, plain_amount
from prioritisation.models import CostLine, Initiative

if TYPE_CHECKING:
    BaseFormSet = forms.BaseFormSet["CostForm"]
else:
    BaseFormSet = forms.BaseFormSet

SPARE_COST_LINES = 5
IMPACTS = [("0", _("none")), ("1", _("some")), ("2", _("clear")), ("3", _("main"))]

TEXTS = ("title", "need", "need_of", "need_evidence", "summary", "who_gains")
FIGURES = (
    "kind",
    "whole_city",
    "owner",
    "champion",
    "timeframe_months",
    "effort",
    "risk",
    "quick_win",
    "foundational",
)


class InitiativeForm(forms.Form):
    """One initiative. `theme_<key>` says what it does for each theme in use."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = LocalizedFormField(label=_("Title"), rows=1)
    need = LocalizedFormField(
        label=_("The need"),
        help_text=_("The problem in one sentence. Needed before it is ready."),
        required=False,
        rows=2,
    )
    need_of = LocalizedFormField(label=_("Whose need it is"), required=False, rows=1)
    need_evidence = LocalizedFormField(
        label=_("What shows the need"),
        help_text=_("Figures, counts of problem reports, a study, what people said."),
        required=False,
        rows=3,
    )
    summary = LocalizedFormField(label=_("What would be done"), required=False, rows=5)
    who_gains = LocalizedFormField(label=_("Who gains"), required=False, rows=2)
    kind = forms.ChoiceField(label=_("Kind"), choices=Initiative.Kind.choices)
    whole_city = forms.BooleanField(label=_("The whole city"), required=False)
    districts = SeveralField(
        label=_("Or these districts"),
        queryset=District.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    owner = forms.ModelChoiceField(
        label=_("Owner department"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("none yet"),
        help_text=_("Who would carry it out; needed before it is ready. Another owner has to agree anew."),
    )
    champion = forms.CharField(
        label=_("Champion"),
        help_text=_("Who speaks for it. Only staff see this."),
        required=False,
        max_length=200,
    )
    timeframe_months = forms.IntegerField(
        label=_("Months until residents can use it"), required=False, min_value=0, max_value=1200
    )
    effort = forms.TypedChoiceField(
        label=_("Effort"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("not known")),
            (1, _("1: days")),
            (2, _("2: weeks")),
            (3, _("3: months")),
            (4, _("4: about a year")),
            (5, _("5: several years, many teams")),
        ],
    )
    risk = forms.TypedChoiceField(
        label=_("Risk"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("not known")),
            (0, _("0: none")),
            (1, _("1: very low")),
            (2, _("2: low")),
            (3, _("3: some")),
            (4, _("4: high")),
            (5, _("5: very high, never done before")),
        ],
    )
    quick_win = forms.BooleanField(label=_("A quick win"), required=False)
    foundational = forms.BooleanField(label=_("Other initiatives build on it"), required=False)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_of(initiative))
        super().__init__(*args, **kwargs)
        self.initiative = initiative
        districts, owner = self.fields["districts"], self.fields["owner"]
        assert isinstance(districts, forms.ModelMultipleChoiceField)
        assert isinstance(owner, forms.ModelChoiceField)
        districts.queryset = District.objects.all()
        owner.queryset = Department.objects.filter(active=True) | Department.objects.filter(
            pk=initiative.owner_id or 0
        )
        used = {impact.theme_id for impact in initiative.theme_impacts.all()}
        self.themes = {theme.pk: theme for theme in Theme.objects.all() if theme.active or theme.pk in used}
        for key, theme in self.themes.items():
            self.fields[f"theme_{key}"] = forms.TypedChoiceField(
                label=str(theme), choices=IMPACTS, coerce=int, required=False, empty_value=None
            )

    def texts(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in TEXTS)

    def theme_rows(self) -> Iterator[forms.BoundField]:
        return (self[f"theme_{key}"] for key in self.themes)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("whole_city") and cleaned.get("districts"):
            self.add_error("districts", _("Choose the whole city or some districts, not both."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """For `services.save_initiative`."""
        return {name: self.cleaned_data[name] for name in (*TEXTS, *FIGURES)}

    def impacts(self) -> dict[Theme, int]:
        chosen = {theme: self.cleaned_data[f"theme_{key}"] for key, theme in self.themes.items()}
        return {theme: impact for theme, impact in chosen.items() if impact}

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(version)
        self.data = data

    def saved_otherwise(self) -> list[tuple[Any, str]]:
        """Where what is stored now differs from what was typed: the label, and the stored value."""
        stored = initial_of(self.initiative)
        other = []
        for name, field in self.fields.items():
            value = stored.get(name, 0)  # a theme without an impact is not stored
            if isinstance(field, forms.TypedChoiceField):
                value = "" if value is None else str(value)
            if name != "version" and field.has_changed(value, self[name].data):
                other.append((field.label, _shown(field, value)))
        return other


def _shown(field: forms.Field, value: Any) -> str:
    """A stored value in words."""
    if isinstance(value, dict):
        return " / ".join(str(text) for text in value.values())
    if isinstance(field, forms.ModelMultipleChoiceField | forms.ModelChoiceField):
        keys = [key for key in (value if isinstance(value, list) else [value]) if key]
        model = field.queryset.model if field.queryset is not None else None
        return ", ".join(str(one) for one in model._default_manager.filter(pk__in=keys)) if model else ""
    if isinstance(field, forms.ChoiceField):
        words = {str(key): label for key, label in field.choices}  # type: ignore[misc, union-attr]
        return str(words.get(str(value), value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return "" if value is None else str(value)


def initial_of(initiative: Initiative) -> dict[str, Any]:
    """What stands in the record, as the form's fields hold it."""
    values: dict[str, Any] = {name: getattr(initiative, name) for name in (*TEXTS, *FIGURES)}
    return {
        **values,
        "owner": initiative.owner_id,
        "version": initiative.version,
        "districts": [district.pk for district in initiative.districts.all()],
        **{f"theme_{impact.theme_id}": impact.impact for impact in initiative.theme_impacts.all()},
    }


class AmountField(forms.DecimalField):
    """An amount of money, typed and shown with or without thousands parted, in the reader's way."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write an amount in figures, for example 1,250,000.50.")}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            try:
                value = plain_amount(value, get_language() or "en")
            except NotAnAmountError as error:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        places = 0 if value == value.to_integral_value() else 2
        return number_format(value, places, use_l10n=True, force_grouping=True)


class CostForm(forms.Form):
    """One line of what it costs. A line without an amount and without words is no line."""

    label = LocalizedFormField(label=_("What for"), rows=1, required=False)
    amount = AmountField(
        label=_("Amount"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=2
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=CostLine.Kind.choices, required=False, initial=CostLine.Kind.CAPITAL
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1990, max_value=2200)
    funding = forms.ChoiceField(
        label=_("Funding"), choices=CostLine.Funding.choices, required=False, initial=CostLine.Funding.NONE
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "amount" not in self.errors and cleaned.get("amount") is None and self.filled:
            self.add_error("amount", _("Write the amount, or empty the whole line."))
        return cleaned

    @property
    def filled(self) -> bool:
        return bool(self.cleaned_data.get("label") or self.cleaned_data.get("year"))


class _Costs(BaseFormSet):
    """The cost lines of one initiative."""

    def add_fields(self, form: "CostForm", index: int | None) -> None:
        """A line is empty or whole: "(optional)" beside each of its fields would say less than that."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.one_of_several = True  # type: ignore[attr-defined]

    def lines(self) -> list[dict[str, Any]]:
        """For `services.save_initiative`: the lines with an amount."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("amount") is not None]


def cost_lines(data: Any, initiative: Initiative) -> Any:
    """The cost lines as forms, with spare ones at the end."""
    made = forms.formset_factory(
        CostForm, formset=_Costs, extra=SPARE_COST_LINES, max_num=200, absolute_max=200
    )
    initial = [
        {"label": c.label, "amount": c.amount, "kind": c.kind, "year": c.year, "funding": c.funding}
        for c in initiative.cost_lines.all()
    ]
    return made(data, initial=initial, prefix="costs")
