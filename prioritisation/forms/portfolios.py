"""What staff ask of a selection, lock and adopt; budget lines, capacities and relations."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField, localized, percent
from engagement.models import Department, District
from prioritisation.amounts import NotAnAmountError, plain_amount
from prioritisation.models import BudgetLine, Capacity, Initiative, Relation
from prioritisation.policies.schema import MixRule, Policy
from prioritisation.shares import whole_parts


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31)

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("For example: with 10% kept back."))


class RulesForm(VersionForm):
    """All rules of a scenario. Fields of themes, time frames and districts are named by their keys."""

    number = forms.IntegerField(
        label=_("How many initiatives"), required=False, min_value=0, max_value=100_000
    )
    exact = forms.ChoiceField(
        label=_("Exactly or at most"),
        choices=[("1", _("exactly so many")), ("0", _("at most so many"))],
        widget=forms.RadioSelect,
    )
    budget = forms.BooleanField(label=_("The programme’s budget lines hold"), required=False)
    capacity = forms.BooleanField(label=_("The departments’ capacities hold"), required=False)
    quick_wins = forms.IntegerField(
        label=_("Quick wins in each theme, at least"), required=False, min_value=1, max_value=1000
    )
    quick_wins_cost = forms.IntegerField(
        label=_("A quick win costs at most"), required=False, min_value=0, max_value=10**9
    )
    tolerance = forms.FloatField(
        label=_("A share may lie off by so many points"), required=False, min_value=0, max_value=100
    )
    risk_level = forms.TypedChoiceField(
        label=_("High risk begins at"), coerce=int, choices=[(n, n) for n in range(1, 6)], required=False
    )
    risk_low = forms.FloatField(
        label=_("Share of high risk, at least %"), required=False, min_value=0, max_value=100
    )
    risk_high = forms.FloatField(
        label=_("Share of high risk, at most %"), required=False, min_value=0, max_value=100
    )
    quintile = forms.TypedChoiceField(
        label=_("Deprived districts begin at quintile"),
        coerce=int,
        choices=[(5, _("5, the most deprived")), (4, "4"), (3, "3")],
        required=False,
    )
    deprived = forms.IntegerField(
        label=_("Initiatives in deprived districts, at least"), required=False, min_value=0, max_value=1000
    )

    def __init__(self, *args: Any, rules: dict[str, Any], policy: Policy, **kwargs: Any) -> None:
        self.policy, self.rules = policy, rules
        self.districts = {one.code: one.name for one in District.objects.filter(active=True)}
        kwargs.setdefault("initial", self._initial())
        super().__init__(*args, **kwargs)
        for rule in policy.mix:
            label = localized(dict(rule.label))
            self.fields[f"mix_{rule.key}"] = forms.BooleanField(
                label=label, required=False, help_text=mix_words(rule, policy)
            )
        for theme in policy.themes:
            for side in ("minimum", "maximum"):
                self.fields[f"theme_{side}_{theme.key}"] = _count(localized(dict(theme.label)))
        for band in policy.bands:
            self.fields[f"band_{band.key}"] = forms.FloatField(
                label=localized(dict(band.label)), required=False, min_value=0, max_value=100
            )
        for code, name in self.districts.items():
            self.fields[f"district_{code}"] = _count(localized(name))

    def _initial(self) -> dict[str, Any]:
        rules = self.rules
        count, wins = rules.get("count") or {}, rules.get("quick_wins") or {}
        bands, risk = rules.get("bands") or {}, rules.get("risk") or {}
        deprived = rules.get("deprived") or {}
        return {
            "number": count.get("number"),
            "exact": "1" if count.get("exact", True) else "0",
            "budget": rules.get("budget", True),
            "capacity": rules.get("capacity", True),
            "quick_wins": wins.get("minimum"),
            "quick_wins_cost": wins.get("most_cost"),
            "tolerance": bands.get("tolerance", 5),
            "risk_level": risk.get("level", 4),
            "risk_low": risk.get("low") or None,
            "risk_high": risk.get("high"),
            "quintile": deprived.get("quintile", 5),
            "deprived": deprived.get("minimum"),
            **{f"mix_{key}": True for key in rules.get("policy_mix") or []},
            **{
                f"theme_{side}_{key}": limits.get(side)
                for key, limits in (rules.get("themes") or {}).items()
                for side in ("minimum", "maximum")
            },
            **{f"band_{key}": share for key, share in (bands.get("shares") or {}).items()},
            **{f"district_{code}": n for code, n in (rules.get("districts") or {}).items()},
        }

    def document(self) -> dict[str, Any]:
        """The rules as `prioritisation.portfolios` reads them; locks stay as they are."""
        given = self.cleaned_data
        kept = {name: self.rules.get(name) or [] for name in ("locks", "without_cost")}
        themes = {
            theme.key: {side: given[f"theme_{side}_{theme.key}"] for side in ("minimum", "maximum")}
            for theme in self.policy.themes
        }
        shares = {
            band.key: given[f"band_{band.key}"]
            for band in self.policy.bands
            if given[f"band_{band.key}"] is not None
        }
        risk = given["risk_low"] is not None or given["risk_high"] is not None
        return {
            **kept,
            "count": None
            if given["number"] is None
            else {"number": given["number"], "exact": given["exact"] == "1"},
            "budget": given["budget"],
            "capacity": given["capacity"],
            "policy_mix": [one.key for one in self.policy.mix if given[f"mix_{one.key}"]],
            "themes": {k: v for k, v in themes.items() if any(one is not None for one in v.values())},
            "quick_wins": given["quick_wins"]
            and {"minimum": given["quick_wins"], "most_cost": given["quick_wins_cost"]},
            "bands": {"shares": shares, "tolerance": given["tolerance"] or 0} if shares else None,
            "risk": {
                "level": given["risk_level"] or 4,
                "low": given["risk_low"] or 0,
                "high": 100 if given["risk_high"] is None else given["risk_high"],
            }
            if risk
            else None,
            "districts": {
                code: given[f"district_{code}"] for code in self.districts if given[f"district_{code}"]
            },
            "deprived": given["deprived"]
            and {"quintile": given["quintile"] or 5, "minimum": given["deprived"]},
        }

    def mixes(self) -> list[Any]:
        return [self[f"mix_{one.key}"] for one in self.policy.mix]

    def themes(self) -> list[Any]:
        return [
            (self[f"theme_minimum_{one.key}"], self[f"theme_maximum_{one.key}"]) for one in self.policy.themes
        ]

    def bands(self) -> list[Any]:
        return [self[f"band_{one.key}"] for one in self.policy.bands]

    def places(self) -> list[Any]:
        return [self[f"district_{code}"] for code in self.districts]


def mix_words(rule: MixRule, policy: Policy) -> str:
    """What a mix rule of the scoring rules asks, in figures."""
    said: dict[str, Any] = {"n": rule.minimum, "level": rule.quintile}
    if rule.rule == "theme_minimum":
        labels = [localized(dict(one.label)) for one in policy.themes if one.kind == rule.theme_kind]
        said["themes"] = ", ".join(labels)
        words = {
            "any": gettext("At least %(n)s in each: %(themes)s."),
            "quick_win": gettext("At least %(n)s quick wins in each: %(themes)s."),
            "longer_play": gettext("At least %(n)s longer plays in each: %(themes)s."),
        }
        return words[rule.of] % said
    if rule.rule == "kind_minimum":
        kind = str(dict(Initiative.Kind.choices).get(str(rule.initiative_kind), ""))
        return gettext("At least %(n)s of this kind: %(kind)s.") % {**said, "kind": kind}
    if rule.rule == "deprivation_minimum":
        # a policy counts quintiles from the most deprived, a district from the least
        said["level"] = 6 - (rule.quintile or 1)
        return gettext("At least %(n)s in districts of deprivation quintile %(level)s or more.") % said
    bands = {one.key: localized(dict(one.label)) for one in policy.bands}
    named = {one.key: localized(dict(one.label)) for one in rule.groups} or bands
    keys = [key for key in named if key in rule.shares]
    parts = zip(keys, whole_parts([rule.shares[key] for key in keys], whole=1000), strict=True)
    shares = [
        gettext("%(name)s %(share)s") % {"name": named[key], "share": percent(part / 10, -1)}
        for key, part in parts
    ]
    off = _tenths(round(1000 * rule.tolerance))
    return gettext("%(shares)s; each may lie off by %(off)s points.") % {
        "shares": ", ".join(shares),
        "off": off,
    }


def _tenths(tenths: int) -> str:
    return number_format(tenths / 10, 1 if tenths % 10 else 0)


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=100_000)


class LockForm(VersionForm):
    lock = forms.ChoiceField(
        label=_("What holds for it"),
        choices=[
            ("", _("nothing: the rules decide")),
            ("in", _("always in")),
            ("out", _("always out")),
            ("without_cost", _("may be chosen without a stated cost")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Needed for anything but “nothing”.")
    )


class AdoptForm(VersionForm):
    own = forms.ChoiceField(
        label=_("Which selection"),
        choices=[("0", _("the best one under these rules")), ("1", _("what is ticked"))],
        widget=forms.RadioSelect,
    )
    reason = LocalizedFormField(
        label=_("Why this one"),
        rows=2,
        help_text=_("Drafts that go against the ranking carry it, and it is published with them."),
    )
    accept = forms.BooleanField(
        label=_("What is ticked is adopted although it breaks these rules"), required=False
    )
    despite = LocalizedFormField(
        label=_("Why these rules may be broken"),
        rows=2,
        required=False,
        help_text=_("It stays with the selection, beside the rules that it breaks."),
    )
    draft = forms.BooleanField(
        label=_("Draft decisions from this selection"),
        required=False,
        help_text=_(
            "Where the ranking says otherwise, the draft carries this reason. You can change each one."
        ),
    )

    def __init__(self, *args: Any, broken: Sequence[str], feasible: bool = True, **kwargs: Any) -> None:
        """`broken`: the rules that what is ticked breaks. Where there are some, it is asked whether that is
        meant, and why. `feasible`: does any selection keep every rule? Else there is no best one to adopt."""
        super().__init__(*args, **kwargs)
        if not feasible:
            which = self.fields["own"]
            assert isinstance(which, forms.ChoiceField)
            which.choices = [("1", _("what is ticked"))]
            which.help_text = _("No selection keeps every rule, so there is no best one.")
        self.broken = list(broken)
        if not self.broken:
            del self.fields["accept"], self.fields["despite"]
            return
        self.fields["despite"].one_of_several = True  # type: ignore[attr-defined]  # needed with the tick

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.broken and given.get("own") == "1":
            if not given.get("accept"):
                self.add_error("accept", _("What is ticked breaks rules. Tick this if it is meant."))
            if not given.get("despite"):
                self.add_error("despite", _("Say why these rules may be broken."))
        return given

    def asked(self) -> list[Any]:
        """The fields about broken rules: asked apart, beside the rules."""
        return [self[name] for name in ("accept", "despite") if name in self.fields]

    def plain(self) -> list[Any]:
        return [self[name] for name in ("own", "reason", "draft")]


class AmountField(forms.CharField):
    """Money as people type it, in their language."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        try:
            return Decimal(plain_amount(typed, get_language() or "en"))
        except NotAnAmountError as error:
            raise forms.ValidationError(_("Write an amount such as 1,250,000.")) from error


class BudgetLineForm(VersionForm):
    label = LocalizedFormField(label=_("Name"), rows=1, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=BudgetLine.Kind.choices)
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1900,
        max_value=2200,
        help_text=_("Empty: all years together."),
    )
    amount = AmountField(label=_("Amount"), max_length=30)
    reserve = forms.IntegerField(
        label=_("Kept back, %"),
        min_value=0,
        max_value=100,
        initial=0,
        help_text=_("For what cannot be foreseen yet."),
    )

    def __init__(self, *args: Any, line: BudgetLine | None = None, **kwargs: Any) -> None:
        if line is not None:
            kwargs["initial"] = {
                name: getattr(line, name)
                for name in ("version", "label", "kind", "year", "amount", "reserve")
            }
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("label", "kind", "year", "amount", "reserve")}


class CapacityForm(VersionForm):
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), empty_label=_("choose one")
    )
    initiatives = forms.IntegerField(
        label=_("Initiatives at most"), required=False, min_value=0, max_value=100_000
    )
    effort = forms.IntegerField(
        label=_("Points of effort at most"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("An initiative whose effort is not stated counts 5."),
    )

    def __init__(self, *args: Any, capacity: Capacity | None = None, **kwargs: Any) -> None:
        if capacity is not None:
            kwargs["initial"] = {
                name: getattr(capacity, name) for name in ("version", "department", "initiatives", "effort")
            }
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.order_by("code")  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("department", "initiatives", "effort")}


class RelationForm(forms.Form):
    kind = forms.ChoiceField(label=_("This initiative"), choices=Relation.Kind.choices)
    other = forms.ModelChoiceField(
        Initiative.objects.none(), label=_("The other initiative"), empty_label=_("choose one")
    )

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Initiative.objects.standing().filter(programme=initiative.programme_id)
        self.fields["other"].queryset = others.exclude(pk=initiative.pk).order_by("reference")  # type: ignore[attr-defined]
