"""Rules of a portfolio, and what would make one fit, in words."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from engagement.localized import localized, money
from engagement.localized import percent as localized_percent
from prioritisation.models import BudgetLine, Initiative
from prioritisation.policies import schema
from prioritisation.portfolios import Model, Row

RELATIONS = ("requires", "excludes")
"""Rules between two initiatives: kept or not, nothing to count."""


class Names:
    """What keys are called: themes, time frames, groups of a scale, districts, departments, budget lines,
    and initiatives by their titles."""

    def __init__(
        self,
        policy: schema.Policy,
        inputs: Mapping[str, Any],
        districts: Mapping[str, Any],
        titles: Mapping[str, str],
    ) -> None:
        self.titles = titles
        self.themes = {one.key: localized(dict(one.label)) for one in policy.themes}
        self.bands = {one.key: localized(dict(one.label)) for one in policy.bands}
        self.mix = {one["key"]: localized(one["label"]) for one in inputs["mix"]}
        self.groups = {
            (rule["key"], one["key"]): localized(one["label"])
            for rule in inputs["mix"]
            for one in rule["groups"]
        }
        self.districts = {code: localized(name) for code, name in districts.items()}

    def initiative(self, reference: Any) -> str:
        """Title and number: the number alone tells nobody which one it is."""
        title = self.titles.get(str(reference))
        return f"{title} ({reference})" if title else str(reference)

    def about(self, kind: str, about: Mapping[str, Any]) -> str:
        """What a row names, in words."""
        key = about.get("key")
        if kind.startswith("band"):
            return self.bands.get(str(key), str(key))
        if kind.startswith("group"):
            return self.groups.get((str(about["rule"]), str(key)), str(key))
        if kind == "district":
            return self.districts.get(str(key), str(key))
        if kind in ("capacity", "effort"):
            return localized(about["label"]) or str(key)
        if kind == "budget":
            return line_name(about)
        return self.themes.get(str(key), str(key))


def line_name(line: Mapping[str, Any]) -> str:
    """A budget line by its label, else by kind and year."""
    if named := localized(line["label"] or {}):
        return named
    kind = str(dict(BudgetLine.Kind.choices)[line["kind"]])
    return f"{kind}, {line['year']}" if line["year"] else kind


def cents(amount: float) -> str:
    return money(Decimal(round(amount)) / 100)


def percent(share: float) -> str:
    return localized_percent(100 * share, -1)


def name_of(row: Row, names: Names) -> str:
    """The rule that a row stands for, in a few words."""
    what = names.about(row.kind, row.about)
    given = {"what": what, "level": row.about.get("key", "")}
    two = {name: names.initiative(row.about.get(name)) for name in ("reference", "other")}
    kinds = dict(Initiative.Kind.choices)
    words = {
        "count": lambda: _("Initiatives in all"),
        "budget": lambda: _("Budget: %(what)s") % given,
        "budget_together": lambda: _("Budget: capital of all years together"),
        "capacity": lambda: _("Initiatives of %(what)s") % given,
        "effort": lambda: _("Points of effort of %(what)s") % given,
        "theme_minimum": lambda: _("Theme: %(what)s") % given,
        "theme_maximum": lambda: _("Theme: %(what)s") % given,
        "quick_win": lambda: _("Quick wins: %(what)s") % given,
        "longer_play": lambda: _("Longer plays: %(what)s") % given,
        "band": lambda: _("Time frame: %(what)s") % given,
        "band_low": lambda: _("Time frame: %(what)s") % given,
        "band_high": lambda: _("Time frame: %(what)s") % given,
        "group": lambda: _("Mix: %(what)s") % given,
        "group_low": lambda: _("Mix: %(what)s") % given,
        "group_high": lambda: _("Mix: %(what)s") % given,
        "kind_minimum": lambda: _("Kind: %(what)s") % {"what": kinds.get(str(row.about.get("key")), "")},
        "deprived": lambda: _("In districts of deprivation quintile %(level)s or more") % given,
        "district": lambda: _("In %(what)s") % given,
        "risk_low": lambda: _("Risk of %(level)s or more") % given,
        "risk_high": lambda: _("Risk of %(level)s or more, or not stated") % given,
        "requires": lambda: _("“%(reference)s” requires “%(other)s”") % two,
        "excludes": lambda: _("“%(reference)s” and “%(other)s” exclude each other") % two,
        "no_cost": lambda: _("Stated cost of “%(reference)s”") % two,
    }
    return str(words[row.kind]()) if row.kind in words else row.key


def limit_of(row: Row) -> str:
    """What is asked: "exactly 70", "at most $1,200,000", "at least 3", "at most 42 %"."""
    if row.kind in RELATIONS or row.kind == "no_cost":
        return ""
    if row.unit == "share":
        share = percent(row.about["share"])
        return (_("at least %(n)s") if row.lower == 0 else _("at most %(n)s")) % {"n": share}
    low, high = row.lower, row.upper
    write = cents if row.unit == "money" else lambda number: number_format(number, 0)
    if low == high:
        return _("exactly %(n)s") % {"n": write(low)}
    if high != float("inf"):
        return _("at most %(n)s") % {"n": write(high)}
    return _("at least %(n)s") % {"n": write(low)}


def used_of(row: Row, used: float, chosen: int) -> str:
    if row.kind in RELATIONS:
        return pgettext("a rule", "not kept") if used > row.upper else pgettext("a rule", "kept")
    if row.unit == "money":
        return cents(used)
    if row.unit == "share":
        base = row.lower if row.lower != float("-inf") else row.upper
        inside = used - base + row.about["share"] * chosen
        return _("%(n)s of %(all)s") % {"n": number_format(inside, 0), "all": chosen}
    return number_format(used, 0)


def broken_of(row: Row, used: float, names: Names) -> str:
    """How a selection breaks a rule, in its own terms: how many or how much too much or too little, or which
    of two to tick or not."""
    two = {name: names.initiative(row.about.get(name)) for name in ("reference", "other")}
    if row.kind == "requires":
        return _("tick “%(other)s” too, or untick “%(reference)s”") % two
    if row.kind == "excludes":
        return _("both are ticked: untick one of them")
    if row.kind == "no_cost":
        return _("it has none: state it, allow it without one, or untick it")
    over = used > row.upper
    amount = used - row.upper if over else row.lower - used
    if row.unit == "money":
        return _("%(amount)s too much") % {"amount": cents(amount)}
    n = math.ceil(amount - 1e-6)
    if row.unit == "effort":
        return ngettext("%(n)d point too many", "%(n)d points too many", n) % {"n": n}
    if over:
        return ngettext("%(n)d too many", "%(n)d too many", n) % {"n": n}
    return ngettext("%(n)d too few", "%(n)d too few", n) % {"n": n}


def whole_name(row: Row, names: Names) -> str:
    """The rule with what it asks: "Theme: Getting around (at least 3)"."""
    limit = limit_of(row)
    return f"{name_of(row, names)} ({limit})" if limit else name_of(row, names)


def broken_by(model: Model, places: Sequence[int], names: Names, rows: Sequence[Row]) -> list[str]:
    """Every rule that these initiatives break, by name and with the figures; and every lock.

    `rows`: the model's in the order in which they are read.
    """
    chosen = model.chosen(places)
    told = []
    for row in rows:
        if not row.broken(chosen):
            continue
        used = row.used(chosen)
        given = {"rule": whole_name(row, names), "broken": broken_of(row, used, names)}
        told.append(_("%(rule)s: %(broken)s") % given)
    for index in model.locked_in:
        if chosen[index] == 0:
            one = {"reference": names.initiative(model.references[index])}
            told.append(_("“%(reference)s” is locked in and not ticked") % one)
    for index in model.locked_out:
        if chosen[index] > 0:
            one = {"reference": names.initiative(model.references[index])}
            told.append(_("“%(reference)s” is locked out and ticked") % one)
    return told


def step_words(row: Row, amount: float, names: Names) -> str:
    """One way out: what to give, and how much."""
    n = round(amount)
    given = {"rule": whole_name(row, names), "n": n, "amount": cents(amount)}
    if row.kind == "lock":
        one = {"reference": names.initiative(row.about["reference"])}
        if row.about["lock"] == "out":
            return _("unlock “%(reference)s”, which is locked out") % one
        return _("unlock “%(reference)s”, which is locked in") % one
    if row.unit == "money":
        return _("raise “%(rule)s” by %(amount)s") % given
    if row.unit == "effort":
        return ngettext("raise “%(rule)s” by %(n)d point", "raise “%(rule)s” by %(n)d points", n) % given
    if row.lower == row.upper or row.unit == "share":
        return (
            ngettext(
                "let “%(rule)s” differ by %(n)d initiative", "let “%(rule)s” differ by %(n)d initiatives", n
            )
            % given
        )
    if row.upper != float("inf"):
        return ngettext("raise “%(rule)s” by %(n)d", "raise “%(rule)s” by %(n)d", n) % given
    return ngettext("lower “%(rule)s” by %(n)d", "lower “%(rule)s” by %(n)d", n) % given
