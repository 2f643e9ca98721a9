"""What staff ask of a selection: one document, read and checked, with every fault in words.

{"count": {"number": 70, "exact": true}, "budget": true, "capacity": true, "policy_mix": ["time_frames"],
 "themes": {"mobility": {"minimum": 3, "maximum": 20}}, "quick_wins": {"minimum": 1, "most_cost": 100000},
 "bands": {"shares": {"short": 37}, "tolerance": 5}, "risk": {"level": 4, "low": 0, "high": 20},
 "districts": {"north": 2}, "deprived": {"quintile": 5, "minimum": 10},
 "locks": [{"reference", "lock": "in" | "out", "reason"}], "without_cost": [{"reference", "reason"}]}

Everything may be left out. Shares are percentages; money is in whole units of the currency. A quintile of 5
is the most deprived, as on a district.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST = 10**9
NUMBERS = {"count": 100_000, "share": 100, "money": LARGEST}


def gettext_noop(message: str) -> str:
    """Mark a message for translation; whoever shows it translates it."""
    return message


NOT_WHOLE = gettext_noop("“%(where)s” must be a whole number from %(low)s to %(high)s.")


@dataclass(frozen=True)
class Fault:
    """What is wrong. `part` is the part of the document; show `gettext(message) % params`."""

    part: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


class RulesError(ValueError):
    """Rules that nothing can be chosen by. `faults` holds all that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(str(fault) for fault in faults))


@dataclass(frozen=True)
class Known:
    """What rules may name: keys of themes, time frames, districts and mix rules, and the candidates."""

    themes: frozenset[str]
    bands: frozenset[str]
    districts: frozenset[str]
    mix: frozenset[str]
    references: frozenset[str]


def default(places: int | None, candidates: int, mix: list[str]) -> dict[str, Any]:
    """What a new scenario begins with: the round's places, its own mix rules, budgets and capacities."""
    return {
        "count": None if not places else {"number": places, "exact": places <= candidates},
        "budget": True,
        "capacity": True,
        "policy_mix": list(mix),
    }


def read(document: object, known: Known) -> dict[str, Any]:
    """The rules with every part filled in; RulesError with all faults."""
    reader = _Reader(known)
    rules = reader.read(document)
    if reader.faults:
        raise RulesError(reader.faults)
    return rules


class _Reader:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.faults: list[Fault] = []

    def fault(self, part: str, message: str, /, **params: object) -> None:
        self.faults.append(Fault(part, message, params))

    def read(self, document: object) -> dict[str, Any]:
        given = self.table("rules", document)
        parts = {
            "count": self.count(given.get("count")),
            "budget": self.flag("budget", given.get("budget", True)),
            "capacity": self.flag("capacity", given.get("capacity", True)),
            "policy_mix": self.names("policy_mix", given.get("policy_mix") or [], self.known.mix),
            "themes": self.themes(given.get("themes") or {}),
            "quick_wins": self.quick_wins(given.get("quick_wins")),
            "bands": self.bands(given.get("bands")),
            "risk": self.risk(given.get("risk")),
            "districts": self.districts(given.get("districts") or {}),
            "deprived": self.deprived(given.get("deprived")),
            "locks": self.reasons("locks", given.get("locks") or []),
            "without_cost": self.reasons("without_cost", given.get("without_cost") or []),
        }
        for name in sorted(set(map(str, given)) - set(parts)):
            self.fault(name, gettext_noop("There is no rule called “%(name)s”."), name=name)
        return parts

    def table(self, where: str, value: object) -> Mapping[Any, Any]:
        if isinstance(value, Mapping):
            return value
        self.fault(where, gettext_noop("“%(where)s” must be a table of fields."), where=where)
        return {}

    def flag(self, where: str, value: object) -> bool:
        if not isinstance(value, bool):
            self.fault(where, gettext_noop("“%(where)s” must be yes or no."), where=where)
        return value is True

    def whole(self, where: str, value: object, low: int, high: int) -> int:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or value != int(value) or not low <= value <= high:  # type: ignore[call-overload, operator]
            self.fault(where, NOT_WHOLE, where=where, low=low, high=high)
            return low
        return int(value)  # type: ignore[call-overload, no-any-return]

    def share(self, where: str, value: object) -> float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not 0 <= value <= 100:  # type: ignore[operator]
            self.fault(where, gettext_noop("“%(where)s” must be a percentage from 0 to 100."), where=where)
            return 0.0
        return float(value)  # type: ignore[arg-type]

    def names(self, where: str, given: object, known: frozenset[str]) -> list[str]:
        names = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
        for name in names:
            self.is_known(where, name, known)
        return list(dict.fromkeys(names))

    def is_known(self, where: str, name: object, known: frozenset[str]) -> bool:
        if name in known:
            return True
        message = gettext_noop("“%(name)s” is not there, or no longer (in “%(where)s”).")
        self.fault(where, message, name=name, where=where)
        return False

    def count(self, given: object) -> dict[str, Any] | None:
        if given is None:
            return None
        table = self.table("count", given)
        number = self.whole("count", table.get("number"), 0, NUMBERS["count"])
        exact = self.flag("count", table.get("exact", False))
        there = len(self.known.references)
        if number == 0 and not self.faults:
            self.fault("count", gettext_noop("A selection of 0 holds nothing: ask for at least 1."))
        elif exact and number > there:
            message = gettext_noop(
                "Exactly %(number)s are asked for, and there are only %(there)s to choose."
            )
            self.fault("count", message, number=number, there=there)
        return {"number": number, "exact": exact}

    def themes(self, given: object) -> dict[str, dict[str, int | None]]:
        found: dict[str, dict[str, int | None]] = {}
        for key, asked in self.table("themes", given).items():
            table = self.table("themes", asked)
            if not self.is_known("themes", key, self.known.themes):
                continue
            limits = {
                name: None
                if table.get(name) is None
                else self.whole("themes", table[name], 0, NUMBERS["count"])
                for name in ("minimum", "maximum")
            }
            low, high = limits["minimum"], limits["maximum"]
            if low is not None and high is not None and low > high:
                message = gettext_noop("“%(name)s”: at least %(low)s and at most %(high)s is not possible.")
                self.fault("themes", message, name=key, low=low, high=high)
            found[key] = limits
        return found

    def quick_wins(self, given: object) -> dict[str, Any] | None:
        if given is None:
            return None
        table = self.table("quick_wins", given)
        most = table.get("most_cost")
        return {
            "minimum": self.whole("quick_wins", table.get("minimum"), 1, NUMBERS["count"]),
            "most_cost": None if most is None else self.whole("quick_wins", most, 0, NUMBERS["money"]),
        }

    def bands(self, given: object) -> dict[str, Any] | None:
        if given is None:
            return None
        table = self.table("bands", given)
        shares = {
            str(key): self.share("bands", value)
            for key, value in self.table("bands", table.get("shares") or {}).items()
            if self.is_known("bands", key, self.known.bands)
        }
        total = sum(shares.values())
        if shares and total > 100.5:
            message = gettext_noop("The shares of the time frames add up to %(total)s%%, more than all.")
            self.fault("bands", message, total=round(total, 1))
        tolerance = self.share("bands", table.get("tolerance", 5))
        return {"shares": shares, "tolerance": tolerance} if shares else None

    def risk(self, given: object) -> dict[str, Any] | None:
        if given is None:
            return None
        table = self.table("risk", given)
        low, high = self.share("risk", table.get("low", 0)), self.share("risk", table.get("high", 100))
        if low > high:
            message = gettext_noop("Risk: at least %(low)s%% and at most %(high)s%% is not possible.")
            self.fault("risk", message, low=low, high=high)
        return {"level": self.whole("risk", table.get("level", 4), 1, 5), "low": low, "high": high}

    def districts(self, given: object) -> dict[str, int]:
        return {
            key: self.whole("districts", value, 0, NUMBERS["count"])
            for key, value in self.table("districts", given).items()
            if self.is_known("districts", key, self.known.districts)
        }

    def deprived(self, given: object) -> dict[str, int] | None:
        if given is None:
            return None
        table = self.table("deprived", given)
        return {
            "quintile": self.whole("deprived", table.get("quintile", 5), 1, 5),
            "minimum": self.whole("deprived", table.get("minimum"), 0, NUMBERS["count"]),
        }

    def reasons(self, where: str, given: object) -> list[dict[str, str]]:
        """Locks, or initiatives that may be taken without a cost: each once, with a reason."""
        found: dict[str, dict[str, str]] = {}
        for one in given if isinstance(given, list) else [given]:
            table = self.table(where, one)
            reference, reason = table.get("reference"), str(table.get("reason") or "").strip()
            if not self.is_known(where, reference, self.known.references):
                continue
            entry = {"reference": str(reference), "reason": reason[:500]}
            if where == "locks":
                entry["lock"] = str(table.get("lock"))
                if entry["lock"] not in ("in", "out"):
                    self.fault(where, gettext_noop("%(name)s must be locked in or out."), name=reference)
            if not reason:
                self.fault(where, gettext_noop("Say why for %(name)s."), name=reference)
            if entry["reference"] in found:
                self.fault(where, gettext_noop("%(name)s is named twice."), name=reference)
            found[entry["reference"]] = entry
        return [found[reference] for reference in sorted(found)]
