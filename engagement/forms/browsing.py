"""The filters of the public lists, and their order. A value that does not exist is passed over."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _

from engagement import orders
from engagement.boundaries import middle
from engagement.forms.choices import PlainSelect
from engagement.localized import localized
from engagement.models import Call, District, Idea, Theme
from engagement.querysets import IdeaQuerySet
from engagement.workflow import PUBLIC_IDEA_STATES, IdeaState

NOT_FILTERS = frozenset({"order", "near"})
ALL = _("All")
HERE = _("My position, to about 100 m")


def named_choices(rows: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, str]]:
    """Short names and texts as choices in the page's language."""
    return [(key, localized(texts) or key) for key, texts in rows]


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class Filters(forms.Form):
    """What the filters of every public list do alike: what is chosen, in words, with numbers beside it."""

    def _choose(self, name: str, choices: Iterable[Any], none: Any = ALL) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", none), *choices]

    def _choose_near(self, districts: list[tuple[str, str]]) -> None:
        here = orders.position(str(self.data.get("near", "")))
        self._choose("near", [*([(str(self.data["near"]), HERE)] if here else []), *districts], _("Choose"))

    def _said(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def chosen(self) -> dict[str, Any]:
        """What narrows the list: neither its order nor the place that the order begins at."""
        return {name: value for name, value in self._said().items() if name not in NOT_FILTERS}

    def named(self) -> list[dict[str, Any]]:
        """Each filter that is on, in words."""
        found = []
        for name, value in self.chosen().items():
            choices = dict(_flat(getattr(self.fields[name], "choices", ())))
            words = localized_day(value) if name in ("since", "until") else choices.get(value, value)
            found.append({"name": name, "label": self.fields[name].label, "value": words})
        return found

    def count(self, numbers: Mapping[str, Mapping[str, int]]) -> None:
        """Puts beside each value how many rows it would show."""
        for name, by_value in numbers.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            (none, every), *others = cast(list[Any], field.choices)
            field.choices = [(none, every), *(_counted(one, by_value) for one in others)]

    @property
    def in_order(self) -> str:
        return str(self._said().get("order", ""))

    @property
    def near_place(self) -> orders.Position | None:
        """The position told, or the middle of the district chosen."""
        text = self._said().get("near", "")
        here = orders.position(text)
        if here is not None or not text or self.in_order != orders.NEAR:
            return here
        boundary = District.objects.values_list("boundary", flat=True).filter(code=text).first()
        found = middle(boundary or {})
        return orders.Position(*found) if found else None


def _flat(choices: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Choices without their groups."""
    return [
        one
        for value, label in choices
        for one in (label if isinstance(label, list | tuple) else [(value, label)])
    ]


def _counted(choice: tuple[Any, Any], numbers: Mapping[str, int]) -> tuple[Any, Any]:
    value, label = choice
    if isinstance(label, list | tuple):
        return value, [_counted(one, numbers) for one in label]
    return value, f"{label} ({number_format(numbers.get(value, 0), force_grouping=True)})"


def in_period(rows: Any, since: date | None, until: date | None) -> Any:
    """What was received in the period, both its days whole."""
    if since:
        rows = rows.filter(received_at__gte=_midnight(since))
    if until:
        rows = rows.filter(received_at__lt=_midnight(min(max(until, MIN_DAY), MAX_DAY) + timedelta(days=1)))
    return rows


def districts_named() -> list[tuple[str, str]]:
    return named_choices(District.objects.filter(active=True).values_list("code", "name"))


class IdeaFilters(Filters):
    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    order = forms.ChoiceField(label=_("Order"), required=False, widget=PlainSelect, choices=orders.ORDERS)
    call = forms.ChoiceField(label=_("Invitation"), required=False, widget=PlainSelect)
    theme = forms.ChoiceField(label=_("Theme"), required=False, widget=PlainSelect)
    district = forms.ChoiceField(label=_("Part of the city"), required=False, widget=PlainSelect)
    state = forms.ChoiceField(label=_("What became of it"), required=False, widget=PlainSelect)
    since = day_field(_("Sent from"))
    until = day_field(_("Sent until"))
    near = forms.ChoiceField(label=_("Near"), required=False, widget=PlainSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {*PUBLIC_IDEA_STATES, IdeaState.WITHDRAWN}
        states = [(value, label.capitalize()) for value, label in Idea.State.choices if value in shown]
        outcomes = [(value, label.capitalize()) for value, label in Idea.Outcome.choices]
        calls = list(Call.objects.public().values_list("slug", "title", "pk", "supports"))
        districts = districts_named()
        self.with_supports = {key for _slug, _title, key, supports in calls if supports != "none"}
        self._choose("call", named_choices((slug, title) for slug, title, _key, _supports in calls))
        self._choose("theme", named_choices(Theme.objects.filter(active=True).values_list("key", "label")))
        self._choose("district", districts)
        self._choose("state", [*outcomes, *states])
        self._choose_near(districts)

    def apply(self, ideas: IdeaQuerySet, without: frozenset[str] = frozenset()) -> IdeaQuerySet:
        chosen = {name: value for name, value in self.chosen().items() if name not in without}
        if call := chosen.get("call"):
            ideas = ideas.filter(call__slug=call)
        if theme := chosen.get("theme"):
            ideas = ideas.filter(themes__key=theme)
        if district := chosen.get("district"):
            ideas = ideas.filter(district__code=district)
        if state := chosen.get("state"):
            # What a plan made of an idea counts before its state in intake, as on the idea's page.
            in_plans = state in Idea.Outcome.values
            ideas = ideas.filter(outcome=state) if in_plans else ideas.filter(state=state, outcome="")
        ideas = in_period(ideas, chosen.get("since"), chosen.get("until"))
        words = chosen.get("q", "")
        return ideas.readable().matching(words) if words else ideas


MIN_DAY, MAX_DAY = date(1900, 1, 1), date(9000, 1, 1)


def _midnight(day: date, *, days: int = 0) -> datetime:
    known = min(max(day, MIN_DAY), MAX_DAY) + timedelta(days=days)
    return timezone.make_aware(datetime.combine(known, time.min))


def localized_day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
