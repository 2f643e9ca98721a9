"""Rules as rows of a 0/1 program. Every row has a name, so that what binds can be said in words.

`inputs` is JSON: {"format": 1, "policy", "ranking", "mix": [...], "themes", "weights": {criterion: w},
"rules": as `rules.read` gives them, "budget": [{"key", "kind", "year", "amount", "reserve", "label"}],
"capacities": [{"department", "initiatives", "effort", "label"}], "relations": [[kind, a, b]],
"initiatives": [{"reference", "benefit": {criterion: value}, "costs": [[kind, year, amount]] or null,
"months", "band", "themes", "districts", "quintile", "owner", "effort", "risk", "quick_win", "kind",
"means"}]}.
Amounts are whole cents. Initiatives come in the order of their references.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from prioritisation import spending
from prioritisation.scoring import ranking

FloatArray = npt.NDArray[np.float64]
UNIT = 10_000
"""Values are compared in ten-thousandths."""
CENTS = 100
Initiative = Mapping[str, Any]
Test = Callable[[Initiative], bool]


@dataclass(frozen=True)
class Row:
    """lower <= weights @ selection <= upper.

    `kind` says which rule it is, `about` what it names (a theme's key, a budget line's). `unit` is
    "initiatives", "money" (cents), "effort" or "share" (initiatives more or fewer than the share allows).
    A soft row may give way when nothing fits, a hard one may not.
    """

    key: str
    kind: str
    weights: FloatArray
    lower: float
    upper: float
    unit: str = "initiatives"
    about: Mapping[str, Any] = field(default_factory=dict)
    soft: bool = True

    def used(self, chosen: FloatArray) -> float:
        return float(math.fsum((self.weights * chosen).tolist()))

    def broken(self, chosen: FloatArray) -> float:
        """By how much this selection breaks the row, in its unit; 0 if it keeps it."""
        used = self.used(chosen)
        over = max(used - self.upper, self.lower - used, 0.0)
        return over if over > 1e-6 else 0.0

    def scale(self) -> float:
        """What the solver divides by, so that rows of money and of counts are of one size."""
        return max(1.0, float(np.abs(self.weights).max(initial=0.0)))


@dataclass(frozen=True)
class Model:
    references: tuple[str, ...]
    values: FloatArray
    """(n,) benefit in ten-thousandths, whole numbers."""
    costs: FloatArray
    """(n,) all cost lines in cents; nan where none is stated."""
    rows: tuple[Row, ...]
    locked_in: tuple[int, ...]
    locked_out: tuple[int, ...]
    no_cost: tuple[int, ...]
    """Without a stated cost, under a budget, and not allowed explicitly: they cannot be taken."""
    no_months: tuple[int, ...]
    """Without months: outside every time frame."""

    def indexes(self, references: Any) -> list[int]:
        place = {reference: index for index, reference in enumerate(self.references)}
        return sorted(place[one] for one in set(references) if one in place)

    def chosen(self, indexes: Any) -> FloatArray:
        x = np.zeros(len(self.references))
        x[list(indexes)] = 1.0
        return x


def build(inputs: Mapping[str, Any]) -> Model:
    """The rows of these inputs; the inputs' rules were read before."""
    return _Builder(inputs).model()


def benefit(weights: Mapping[str, float], values: Mapping[str, float | None]) -> float | None:
    """Weighted mean of the known values of the criteria of kind benefit; None where none is known."""
    known = [(weights[key], value) for key, value in values.items() if value is not None and key in weights]
    total = sum(weight for weight, _value in known)
    return sum(weight * value for weight, value in known) / total if total > 0 else None


class _Builder:
    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self.inputs = inputs
        self.rules = inputs["rules"]
        self.initiatives: list[Initiative] = inputs["initiatives"]
        self.n = len(self.initiatives)
        self.rows: list[Row] = []
        self.place = {one["reference"]: index for index, one in enumerate(self.initiatives)}

    def model(self) -> Model:
        self._count()
        self._budget()
        self._capacity()
        self._themes()
        self._mix()
        self._places()
        self._relations()
        locks = {one["reference"]: one["lock"] for one in self.rules["locks"]}
        locked_in = [self.place[key] for key, lock in sorted(locks.items()) if lock == "in"]
        locked_out = [self.place[key] for key, lock in sorted(locks.items()) if lock == "out"]
        no_cost = self._without_cost(set(locked_in))
        for index in no_cost:
            weights = self._indicator(lambda _one: False)
            weights[index] = 1.0
            reference = self.initiatives[index]["reference"]
            self._add("no_cost", weights, -math.inf, 0, about={"reference": reference}, soft=False)
        return Model(
            references=tuple(self.place),
            values=np.array([self._value(one) for one in self.initiatives], dtype=np.float64),
            costs=np.array([self._cost(one) for one in self.initiatives], dtype=np.float64),
            rows=tuple(self.rows),
            locked_in=tuple(sorted(locked_in)),
            locked_out=tuple(sorted(locked_out)),
            no_cost=tuple(no_cost),
            no_months=tuple(i for i, one in enumerate(self.initiatives) if one["months"] is None),
        )

    # Pieces --------------------------------------------------------------------------------------

    def _value(self, one: Initiative) -> float:
        worth = benefit(self.inputs["weights"], one["benefit"])
        return 0.0 if worth is None else float(round(UNIT * worth))

    def _cost(self, one: Initiative) -> float:
        return math.nan if one["costs"] is None else float(sum(amount for _k, _y, amount in one["costs"]))

    def _indicator(self, test: Test) -> FloatArray:
        return np.array([1.0 if test(one) else 0.0 for one in self.initiatives], dtype=np.float64)

    def _add(self, kind: str, weights: FloatArray, lower: float, upper: float, **more: Any) -> None:
        about = more.get("about", {})
        name = ":".join(
            [kind, *(str(about[part]) for part in ("key", "reference", "other") if part in about)]
        )
        self.rows.append(Row(name, kind, weights, float(lower), float(upper), **more))

    def _shares(self, kind: str, parts: list[tuple[str, float, Test]], tolerance: float, rule: str) -> None:
        """Each part's share of all: exact counts where the number of all is exact, else from a to b."""
        count = self.rules["count"]
        whole = count is not None and count["exact"] and abs(sum(share for _k, share, _t in parts) - 1) < 5e-3
        if whole:
            counts = ranking.largest_remainder(count["number"], [share for _key, share, _test in parts])
        for position, (key, share, test) in enumerate(parts):
            part = self._indicator(test)
            about = {"key": key, "rule": rule, "share": share, "tolerance": tolerance}
            if whole:
                self._add(kind, part, counts[position], counts[position], about=about)
                continue
            low, high = max(0.0, share - tolerance), min(1.0, share + tolerance)
            if low > 0:
                self._add(f"{kind}_low", part - low, 0, math.inf, unit="share", about={**about, "share": low})
            if high < 1:
                about = {**about, "share": high}
                self._add(f"{kind}_high", part - high, -math.inf, 0, unit="share", about=about)

    # Rules ---------------------------------------------------------------------------------------

    def _count(self) -> None:
        count = self.rules["count"]
        if count is not None:
            low = count["number"] if count["exact"] else -math.inf
            self._add("count", np.ones(self.n), low, count["number"], about={"exact": count["exact"]})

    def _budget(self) -> None:
        """A row for each budget line, in cents, as `spending` says what counts against it."""
        lines = {line["key"]: line for line in (self.inputs["budget"] if self.rules["budget"] else [])}
        budget = [
            spending.Budget(key, line["label"] or {}, line["kind"], line["year"], Decimal(available(line)))
            for key, line in lines.items()
        ]
        costs = [(kind, year) for one in self.initiatives for kind, year, _a in one["costs"] or []]
        for line, counts in spending.against(budget, costs):
            known = lines.get(line.key)
            told = ("key", "kind", "year", "reserve", "label")
            about = {"key": "capital", "kind": "capital", "year": None, "reserve": None, "label": None}
            self._add(
                "budget" if known else "budget_together",
                self._money(counts),
                -math.inf,
                float(line.available),
                unit="money",
                about={name: known[name] for name in told} if known else about,
            )

    def _money(self, counts: spending.Counts) -> FloatArray:
        """Cents of each initiative that count."""
        return np.array(
            [float(sum(a for k, y, a in one["costs"] or [] if counts(k, y))) for one in self.initiatives]
        )

    def _without_cost(self, locked_in: set[int]) -> list[int]:
        if not self.rules["budget"] or not self.inputs["budget"]:
            return []
        allowed = {one["reference"] for one in self.rules["without_cost"]}
        return [
            index
            for index, one in enumerate(self.initiatives)
            if one["costs"] is None and one["reference"] not in allowed and index not in locked_in
        ]

    def _capacity(self) -> None:
        for one in self.inputs["capacities"] if self.rules["capacity"] else []:
            mine = self._indicator(lambda row, code=one["department"]: row["owner"] == code)  # type: ignore[misc]
            about = {"key": one["department"], "label": one["label"]}
            if one["initiatives"] is not None:
                self._add("capacity", mine, -math.inf, one["initiatives"], about=about)
            if one["effort"] is not None:
                # an effort that is not stated counts as the largest: missing is never zero
                effort = mine * np.array([float(row["effort"] or 5) for row in self.initiatives])
                self._add("effort", effort, -math.inf, one["effort"], unit="effort", about=about)

    def _themes(self) -> None:
        for key, limits in sorted(self.rules["themes"].items()):
            inside = self._indicator(lambda row, key=key: key in row["themes"])  # type: ignore[misc]
            if limits["minimum"]:
                self._add("theme_minimum", inside, limits["minimum"], math.inf, about={"key": key})
            if limits["maximum"] is not None:
                self._add("theme_maximum", inside, -math.inf, limits["maximum"], about={"key": key})
        wins = self.rules["quick_wins"]
        if wins is not None:
            first = self.inputs["themes"][0]["kind"] if self.inputs["themes"] else ""
            self._each_theme(first, wins["minimum"], self._cheap(wins["most_cost"]), "quick_win")

    def _cheap(self, most: int | None) -> Test:
        """A quick win; with a limit, one whose stated cost is within it."""

        def test(row: Initiative) -> bool:
            cost = self._cost(row)
            return bool(row["quick_win"]) and (most is None or cost <= most * CENTS)

        return test

    def _each_theme(self, theme_kind: str, minimum: int, test: Test, kind: str, rule: str = "") -> None:
        for theme in self.inputs["themes"]:
            if theme["kind"] == theme_kind:
                key = theme["key"]
                inside = self._indicator(lambda row, key=key: key in row["themes"] and test(row))  # type: ignore[misc]
                self._add(kind, inside, minimum, math.inf, about={"key": key, "rule": rule})

    def _mix(self) -> None:
        for rule in self.inputs["mix"]:
            if rule["key"] in self.rules["policy_mix"]:
                getattr(self, f"_mix_{rule['rule']}")(rule)
        own = self.rules["bands"]
        if own is not None:
            shares = {key: share / 100 for key, share in sorted(own["shares"].items())}
            self._mix_band_shares({"key": "", "shares": shares, "tolerance": own["tolerance"] / 100})
        risk = self.rules["risk"]
        if risk is not None:
            self._risk(risk)

    def _mix_band_shares(self, rule: Mapping[str, Any]) -> None:
        parts: list[tuple[str, float, Test]] = [
            (key, share, lambda row, key=key: row["band"] == key)  # type: ignore[misc]
            for key, share in sorted(rule["shares"].items())
        ]
        self._shares("band", parts, rule["tolerance"], rule["key"])

    def _mix_criterion_shares(self, rule: Mapping[str, Any]) -> None:
        """Groups of the scale; a mean between two groups is in the nearer one, in the middle in the lower."""
        groups, criterion = rule["groups"], rule["criterion"]
        ends = [(low["high"] + high["low"]) / 2 for low, high in pairwise(groups)]

        def group_of(row: Initiative) -> str | None:
            mean = row["means"].get(criterion)
            if mean is None:
                return None
            return str(groups[sum(1 for end in ends if mean > end)]["key"])

        parts: list[tuple[str, float, Test]] = [
            (group["key"], rule["shares"][group["key"]], lambda row, k=group["key"]: group_of(row) == k)  # type: ignore[misc]
            for group in groups
        ]
        self._shares("group", parts, rule["tolerance"], rule["key"])

    def _mix_theme_minimum(self, rule: Mapping[str, Any]) -> None:
        tests: dict[str, Test] = {
            "any": lambda _row: True,
            "quick_win": lambda row: bool(row["quick_win"]),
            "longer_play": lambda row: not row["quick_win"],
        }
        kind = {"any": "theme_minimum", "quick_win": "quick_win", "longer_play": "longer_play"}[rule["of"]]
        self._each_theme(rule["theme_kind"], rule["minimum"], tests[rule["of"]], kind, rule["key"])

    def _mix_kind_minimum(self, rule: Mapping[str, Any]) -> None:
        kind = rule["initiative_kind"]
        inside = self._indicator(lambda row: row["kind"] == kind)
        self._add("kind_minimum", inside, rule["minimum"], math.inf, about={"key": kind, "rule": rule["key"]})

    def _mix_deprivation_minimum(self, rule: Mapping[str, Any]) -> None:
        """A policy counts quintiles from the most deprived, a district from the least."""
        self._deprived(6 - rule["quintile"], rule["minimum"], rule["key"])

    def _deprived(self, quintile: int, minimum: int, rule: str = "") -> None:
        inside = self._indicator(lambda row: row["quintile"] is not None and row["quintile"] >= quintile)
        self._add("deprived", inside, minimum, math.inf, about={"key": quintile, "rule": rule})

    def _risk(self, risk: Mapping[str, Any]) -> None:
        """Risk that nobody stated is neither high nor low: it cannot help to reach a minimum, and counts as
        high against a maximum."""
        level, low, high = risk["level"], risk["low"] / 100, risk["high"] / 100
        sure = self._indicator(lambda row: row["risk"] is not None and row["risk"] >= level)
        possible = self._indicator(lambda row: row["risk"] is None or row["risk"] >= level)
        about = {"key": level}
        if low > 0:
            self._add("risk_low", sure - low, 0, math.inf, unit="share", about={**about, "share": low})
        if high < 1:
            about = {**about, "share": high}
            self._add("risk_high", possible - high, -math.inf, 0, unit="share", about=about)

    def _places(self) -> None:
        for code, minimum in sorted(self.rules["districts"].items()):
            inside = self._indicator(lambda row, code=code: code in row["districts"])  # type: ignore[misc]
            if minimum:
                self._add("district", inside, minimum, math.inf, about={"key": code})
        if self.rules["deprived"] is not None and self.rules["deprived"]["minimum"]:
            self._deprived(self.rules["deprived"]["quintile"], self.rules["deprived"]["minimum"])

    def _relations(self) -> None:
        for kind, first, second in self.inputs["relations"]:
            if first not in self.place or (kind == "excludes" and second not in self.place):
                continue
            weights = np.zeros(self.n)
            weights[self.place[first]] = 1.0
            if second in self.place:
                weights[self.place[second]] = -1.0 if kind == "requires" else 1.0
            upper = 0 if kind == "requires" else 1
            about = {"reference": first, "other": second}
            self._add(kind, weights, -math.inf, upper, about=about, soft=False)


def available(line: Mapping[str, Any]) -> int:
    """Cents of a budget line that may be spent: without what is kept back, rounded down."""
    return int(line["amount"]) * (100 - int(line["reserve"])) // 100
