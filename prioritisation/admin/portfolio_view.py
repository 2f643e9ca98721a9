"""What the pages of a portfolio show: the best selection beside one's own, rule by rule and name by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from engagement.localized import in_languages, localized
from engagement.models import District
from engagement.services import Refused
from prioritisation import bar_picture, portfolios, services
from prioritisation.admin import portfolio_words as words
from prioritisation.models import Result, Round, Scenario
from prioritisation.policies import schema
from prioritisation.portfolios.analysis import bounds_of_prices, group, price

PAGE_SECONDS = 5.0
POINTS = 100
"""Ten-thousandths in one point of 100."""


@dataclass
class Line:
    """One initiative in the builder."""

    reference: str
    title: str
    points: float
    cost: str
    months: int | None
    best: bool
    ticked: bool
    lock: str
    why: str
    """Of a lock, or why the rules cannot take it."""
    blocked: str
    price: float | None
    price_exact: bool
    share: float | None
    group: str
    url: str
    groups: set[str] = field(default_factory=set)


@dataclass
class Rule:
    """One rule: what it asks, what the best selection and one's own have."""

    name: str
    limit: str
    best: str
    own: str
    best_full: bool
    own_broken: str
    gain: float | None
    bar: float | None = None
    own_bar: float | None = None


@dataclass
class View:
    status: str
    unique: bool
    best: dict[str, Any] | None
    own: dict[str, Any]
    broken: list[str]
    """The rules that one's own breaks, in words; it is adopted only with a reason for that."""
    gap: float | None
    """By how much one's own is worth less than the best, in % of the best."""
    bound_gap: float | None
    budget: list[Rule]
    rules: list[Rule]
    ways: list[list[str]]
    rows: list[Line]
    missing: list[Line]
    extra: list[Line]
    grid: dict[str, Any]
    no_cost: list[Line]
    no_months: int
    excluded: int
    candidates: int
    risk: dict[str, Any]
    analysis: Mapping[str, Any] | None
    alternatives: list[dict[str, Any]]

    @property
    def chain(self) -> list[str]:
        """Steps of which none alone is enough; empty where single ones are."""
        return self.ways[0] if len(self.ways) == 1 and len(self.ways[0]) > 1 else []

    @property
    def more(self) -> float:
        """By how much one's own is worth more than the best that keeps the rules, in % of it."""
        return -(self.gap or 0.0)


def _as_read(rows: Sequence[portfolios.Row], names: words.Names) -> list[portfolios.Row]:
    """Time frames from the shortest to the longest: the model has them by their keys."""
    bands = list(names.bands)
    first: dict[str, int] = {}

    def place(pair: tuple[int, portfolios.Row]) -> tuple[int, int]:
        number, row = pair
        if not row.kind.startswith("band"):
            return number, 0
        return first.setdefault("band", number), bands.index(str(row.about["key"]))

    return [row for _number, row in sorted(enumerate(rows), key=place)]


def _names(round: Round, inputs: Mapping[str, Any], titles: Mapping[str, str] | None = None) -> words.Names:
    policy = schema.parse(round.policy_version.document)
    districts = dict(District.objects.values_list("code", "name"))
    return words.Names(policy, inputs, districts, _titles(round) if titles is None else titles)


def _titles(round: Round) -> dict[str, str]:
    rows = round.entries.values_list("initiative__reference", "initiative__title")
    return {reference: localized(title) for reference, title in rows}


def view(scenario: Scenario, inputs: dict[str, Any], analysis: dict[str, Any] | None) -> View:
    round = scenario.round
    model = portfolios.build(inputs)
    best = portfolios.choose(model, seconds=PAGE_SECONDS)
    own_places = model.indexes(scenario.selection)
    mine = _shown(model, own_places)
    theirs = _shown(model, best.selected) if best.value is not None else None
    titles = _titles(round)
    names = _names(round, inputs, titles)
    lines = _lines(scenario, inputs, model, best, analysis, titles)
    rows = [row for row in _as_read(model.rows, names) if row.kind != "no_cost"]
    every = [_rule(row, model, names, best, own_places, analysis) for row in rows]
    kinds = [row.unit == "money" for row in rows]
    return View(
        status=best.status,
        unique=best.unique,
        best=theirs,
        own=mine,
        broken=words.broken_by(model, own_places, names, rows) if own_places else [],
        gap=100 * (best.value - mine["value"]) / best.value if best.value and own_places else None,
        bound_gap=100 * (best.bound - best.value) / best.value
        if best.value and best.bound is not None and best.status == "feasible"
        else None,
        budget=[one for one, money in zip(every, kinds, strict=True) if money],
        rules=[one for one, money in zip(every, kinds, strict=True) if not money],
        ways=[
            [words.step_words(row, amount, names) for row, amount in way.steps] for way in _ways(model, best)
        ],
        rows=lines,
        missing=[one for one in lines if one.best and not one.ticked],
        extra=[one for one in lines if one.ticked and not one.best],
        grid=_grid(inputs, names, best, own_places),
        no_cost=[lines[index] for index in model.no_cost],
        no_months=len(model.no_months),
        excluded=round.entries.count() - len(lines),
        candidates=len(lines),
        risk=_risk(inputs, best, own_places),
        analysis=analysis,
        alternatives=_alternatives(analysis, lines, best, model),
    )


def _ways(model: portfolios.Model, best: Any) -> list[Any]:
    return portfolios.ways_out(model)[:8] if best.status == "infeasible" else []


def _shown(model: portfolios.Model, places: Any) -> dict[str, Any]:
    found = portfolios.evaluate(model, places)
    return {
        **found,
        "count": len(found["selected"]),
        "points": found["value"] / POINTS,
        "money": words.cents(found["cost"]),
    }


def _rule(
    row: portfolios.Row,
    model: portfolios.Model,
    names: words.Names,
    best: Any,
    own: list[int],
    analysis: Mapping[str, Any] | None,
) -> Rule:
    chosen, mine = model.chosen(best.selected), model.chosen(own)
    used, mine_used = row.used(chosen), row.used(mine)
    there = best.value is not None
    room = min(row.upper - used, used - row.lower)
    smallest = min((abs(one) for one in row.weights.tolist() if abs(one) > 1e-9), default=1.0)
    broken = row.broken(mine)
    gain = None if analysis is None else analysis["binding"].get(row.key)
    whole = row.upper if row.unit == "money" else 0
    return Rule(
        name=words.name_of(row, names),
        limit=words.limit_of(row),
        best=words.used_of(row, used, len(best.selected)) if there else "–",
        own=words.used_of(row, mine_used, len(own)) if own else "–",
        best_full=there and room < smallest and row.kind not in words.RELATIONS,
        own_broken=words.broken_of(row, mine_used, names) if broken and own else "",
        gain=None if gain is None else gain / POINTS,
        bar=bar_picture.share(used, whole) if whole and there else None,
        own_bar=bar_picture.share(mine_used, whole) if whole and own else None,
    )


def _lines(
    scenario: Scenario,
    inputs: dict[str, Any],
    model: portfolios.Model,
    best: Any,
    analysis: Mapping[str, Any] | None,
    titles: Mapping[str, str],
) -> list[Line]:
    ticked, chosen = set(scenario.selection), set(best.selected)
    locks = {one["reference"]: one for one in inputs["rules"]["locks"]}
    free = {one["reference"]: one for one in inputs["rules"]["without_cost"]}
    bounds = bounds_of_prices(model, best)
    exact = analysis["prices"] if analysis else {}
    shares = analysis["inclusion"] if analysis else {"share": {}, "group": {}}
    found = []
    for index, one in enumerate(inputs["initiatives"]):
        reference = one["reference"]
        known = exact.get(reference, {})
        proved = known.get("price") is not None and known.get("status") == "optimal"
        cost = model.costs[index]
        lock = locks.get(reference) or free.get(reference) or {}
        line = Line(
            reference=reference,
            title=titles.get(reference, reference),
            points=float(model.values[index]) / POINTS,
            cost="" if one["costs"] is None else words.cents(float(cost)),
            months=one["months"],
            best=index in chosen,
            ticked=reference in ticked,
            lock=lock.get("lock", "without_cost" if lock else ""),
            why=lock.get("reason", ""),
            blocked="no_cost" if index in model.no_cost else "",
            price=known["price"] / POINTS if proved else _points(bounds[index]),
            price_exact=proved,
            share=None if reference not in shares["share"] else 100 * shares["share"][reference],
            group="" if reference not in shares["share"] else group(shares["share"][reference]),
            url=reverse("admin:prioritisation_scenario_lock", args=(scenario.pk, reference)),
        )
        line.groups = {
            name
            for name, holds in (
                ("best", line.best),
                ("yours", line.ticked),
                ("differs", line.best != line.ticked),
                ("locked", bool(line.lock)),
                ("no_cost", one["costs"] is None),
                *((f"theme:{key}", True) for key in one["themes"]),
            )
            if holds
        }
        found.append(line)
    return sorted(found, key=lambda line: (-line.points, line.reference)) if found else []


def _points(bound: int | None) -> float | None:
    return None if bound is None else bound / POINTS


def _grid(inputs: dict[str, Any], names: words.Names, best: Any, own: list[int]) -> dict[str, Any]:
    """Themes by time frames: how many the best selection has, and one's own."""
    rows = inputs["initiatives"]
    limits = inputs["rules"]["themes"]
    bands = list(names.bands)

    def cell(places: Any, theme: str, band: str | None) -> int:
        return sum(
            1 for index in places if theme in rows[index]["themes"] and band in (None, rows[index]["band"])
        )

    return {
        "bands": [names.bands[key] for key in bands],
        "rows": [
            {
                "label": names.themes[theme],
                "cells": [(cell(best.selected, theme, key), cell(own, theme, key)) for key in bands],
                "all": (cell(best.selected, theme, None), cell(own, theme, None)),
                "minimum": limits.get(theme, {}).get("minimum"),
                "maximum": limits.get(theme, {}).get("maximum"),
            }
            for theme in names.themes
        ],
    }


def _risk(inputs: dict[str, Any], best: Any, own: list[int]) -> dict[str, Any]:
    """How many of each selection carry a high risk, by the staff's own figure."""
    level = (inputs["rules"]["risk"] or {}).get("level", 4)
    rows = inputs["initiatives"]

    def high(places: Any) -> int:
        return sum(1 for index in places if (rows[index]["risk"] or 0) >= level)

    unknown = sum(1 for index in best.selected if rows[index]["risk"] is None)
    return {
        "level": level,
        "best": high(best.selected),
        "best_all": len(best.selected),
        "own": high(own),
        "own_all": len(own),
        "unknown": unknown,
    }


def _alternatives(
    analysis: Mapping[str, Any] | None, lines: list[Line], best: Any, model: portfolios.Model
) -> list[dict[str, Any]]:
    if analysis is None or best.value is None:
        return []
    by_reference = {line.reference: line for line in lines}
    chosen = {model.references[index] for index in best.selected}
    found = []
    for one in analysis["alternatives"]:
        there = set(one["selected"])
        found.append(
            {
                "points": one["value"] / POINTS,
                "less": 100 * (best.value - one["value"]) / best.value if best.value else 0,
                "proved": one["proved"],
                "enter": [by_reference[ref] for ref in sorted(there - chosen) if ref in by_reference],
                "leave": [by_reference[ref] for ref in sorted(chosen - there) if ref in by_reference],
            }
        )
    return found


def one(scenario: Scenario, reference: str) -> dict[str, Any]:
    """One initiative under the scenario's rules, with its exact price; why there is none, where there is."""
    title = _titles(scenario.round).get(reference, reference)
    try:
        inputs = services.read_rules(scenario.round, scenario.rules)
    except Refused as refusal:
        return {"title": title, "why_not": str(refusal.message)}
    model = portfolios.build(inputs)
    if reference not in model.references:
        return {"title": title, "why_not": "", "candidate": False}
    best = portfolios.choose(model, seconds=PAGE_SECONDS)
    index = model.references.index(reference)
    found = price(model, best, index)
    return {
        "title": title,
        "candidate": True,
        "best": index in best.selected,
        "points": float(model.values[index]) / POINTS,
        "price": None if found["price"] is None else found["price"] / POINTS,
        "status": found["status"],
        "no_cost": index in model.no_cost,
        "fits": best.value is not None,
    }


def broken_own(scenario: Scenario) -> list[str]:
    """The rules that what is ticked breaks, in words; nothing where nothing is ticked."""
    inputs = services.read_rules(scenario.round, scenario.rules)
    model = portfolios.build(inputs)
    places = model.indexes(scenario.selection)
    names = _names(scenario.round, inputs)
    return words.broken_by(model, places, names, _as_read(model.rows, names)) if places else []


def feasible(scenario: Scenario) -> bool:
    """May there be a selection that keeps every rule? Unknown, after the time of a page, is yes."""
    model = portfolios.build(services.read_rules(scenario.round, scenario.rules))
    return portfolios.choose(model, seconds=PAGE_SECONDS).status != "infeasible"


def adopted(round: Round, result: Result) -> dict[str, Any]:
    """An adopted selection with titles, its rules, and what it breaks of them."""
    titles, output = _titles(round), result.output
    names = _names(round, result.inputs, titles)
    model = portfolios.build(result.inputs)
    rows = _as_read(model.rows, names)
    kept, best = output["kept"], output["best"]
    return {
        "own": output["own"],
        "names": [(reference, titles.get(reference, reference)) for reference in kept["selected"]],
        "points": kept["value"] / POINTS,
        "money": words.cents(kept["cost"]),
        "less": 100 * (best["value"] - kept["value"]) / best["value"] if best and best["value"] else 0,
        "without_cost": kept["without_cost"],
        "unique": output["unique"],
        "rules": [
            {
                "name": words.name_of(row, names),
                "limit": words.limit_of(row),
                "used": words.used_of(row, kept["used"][row.key], len(kept["selected"])),
                "broken": row.key in kept["broken"],
            }
            for row in rows
            if row.key in kept["used"]
        ],
        "locks": [
            {**one, "title": names.initiative(one["reference"])} for one in result.inputs["rules"]["locks"]
        ],
        "broken": words.broken_by(model, model.indexes(kept["selected"]), names, rows),
        "despite": in_languages(result.inputs.get("despite")),
        "reason": services.adoption_reason(result),
    }
