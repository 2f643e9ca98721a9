"""Rules of a portfolio, and what would make one fit, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from engagement.localized import localized, money
from prioritisation.models import BudgetLine, Initiative
from prioritisation.policies import schema
from prioritisation.portfolios import Row

RELATIONS = ("requires", "excludes")
"""Rules between two initiatives: kept or not, nothing to count."""


class Names:
    """What keys are called: themes, time frames, groups of a scale, districts, departments, budget lines."""

    def __init__(
        self, policy: schema.Policy, inputs: Mapping[str, Any], districts: Mapping[str, Any]
    ) -> None:
        self.themes = {one.key: localized(dict(one.label)) for one in policy.themes}
        self.bands = {one.key: localized(dict(one.label)) for one in policy.bands}
        self.mix = {one["key"]: localized(one["label"]) for one in inputs["mix"]}
        self.groups = {
            (rule["key"], one["key"]): localized(one["label"])
            for rule in inputs["mix"]
            for one in rule["groups"]
        }
        self.districts = {code: localized(name) for code, name in districts.items()}

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
    return number_format(100 * share, 0 if round(1000 * share) % 10 == 0 else 1)


def name_of(row: Row, names: Names) -> str:
    """The rule that a row stands for, in a few words."""
    what = names.about(row.kind, row.about)
    share = percent(row.about["share"]) if "share" in row.about else ""
    given = {"what": what, "share": share, "level": row.about.get("key", "")}
    kinds = dict(Initiative.Kind.choices)
    words = {
        "count": lambda: _("Initiatives in all"),
        "budget": lambda: _("Budget: %(what)s") % given,
        "budget_together": lambda: _("Budget: capital of all years together"),
        "capacity": lambda: _("Initiatives of %(what)s") % given,
        "effort": lambda: _("Points of effort of %(what)s") % given,
        "theme_minimum": lambda: _("At least: %(what)s") % given,
        "theme_maximum": lambda: _("At most: %(what)s") % given,
        "quick_win": lambda: _("Quick wins: %(what)s") % given,
        "longer_play": lambda: _("Longer plays: %(what)s") % given,
        "band": lambda: _("Time frame: %(what)s") % given,
        "band_low": lambda: _("Time frame, at least %(share)s %%: %(what)s") % given,
        "band_high": lambda: _("Time frame, at most %(share)s %%: %(what)s") % given,
        "group": lambda: _("Mix: %(what)s") % given,
        "group_low": lambda: _("Mix, at least %(share)s %%: %(what)s") % given,
        "group_high": lambda: _("Mix, at most %(share)s %%: %(what)s") % given,
        "kind_minimum": lambda: _("Kind: %(what)s") % {"what": kinds.get(str(row.about.get("key")), "")},
        "deprived": lambda: _("In districts of deprivation quintile %(level)s or more") % given,
        "district": lambda: _("In %(what)s") % given,
        "risk_low": lambda: _("Risk of %(level)s or more: at least %(share)s %%") % given,
        "risk_high": lambda: _("Risk of %(level)s or more, or not stated: at most %(share)s %%") % given,
        "requires": lambda: _("%(reference)s requires %(other)s") % row.about,
        "excludes": lambda: _("%(reference)s excludes %(other)s") % row.about,
    }
    return str(words[row.kind]()) if row.kind in words else row.key


def limit_of(row: Row) -> str:
    """What is asked: "exactly 70", "at most $1,200,000", "at least 3"."""
    if row.unit == "share" or row.kind in RELATIONS:
        return ""
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


def step_words(row: Row, amount: float, names: Names) -> str:
    """One way out: what to give, and how much."""
    n = round(amount)
    given = {"rule": name_of(row, names), "n": n, "amount": cents(amount)}
    if row.kind == "lock":
        word = _("lock out") if row.about["lock"] == "out" else _("lock in")
        return _("take away: %(word)s of %(reference)s") % {"word": word, **row.about}
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
