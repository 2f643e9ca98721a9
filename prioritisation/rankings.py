"""From frozen inputs to a ranking (METHOD 5.1-5.4, 5.11, 5.14). Pure: no Django.

`inputs` is JSON: `{"policy": sha256, "places": 70, "initiatives": [{"reference", "figures":
{"timeframe_months": 14}, "checks": {"powers": "fail"}, "reviews": [{"id", "version", "scores": [..]}]}]}`,
where `scores` follows `policy.assessed_criteria()` and null is missing, never zero. Equal inputs give equal
outputs, on any database and any day.
"""

import hashlib
import json
import math
from typing import Any

import numpy as np

from prioritisation.policies.schema import Criterion, Gate, Policy
from prioritisation.scoring import ranking, values

DIGITS = 9
CLEARED = {"pass", "close", "waived", "missing"}
"""Gate verdicts that do not take an initiative out by themselves."""


def fingerprint(inputs: dict[str, Any]) -> str:
    """Sha256 of the inputs in one spelling: sorted keys, no spaces."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def rank(policy: Policy, inputs: dict[str, Any]) -> dict[str, Any]:
    """The ranking: `{"criteria", "weights", "places", "rows": [...]}`, rows in published order.

    A row: reference, status (in | tie | out | gate | needs_assessment), rank or null, tied, utility (0..1),
    coverage, lower, upper, reviews, gates `[{"key", "verdict"}]`, criteria `{key: {"mean", "se", "value",
    "share", "reviews"}}`, where `share` is the part of the utility that the criterion brings.
    """
    scored = policy.scored_criteria()
    weights = policy.weights()
    initiatives = inputs["initiatives"]
    if not initiatives:
        return {"criteria": [one.key for one in scored], "weights": weights, "places": None, "rows": []}
    figures = [_criterion_figures(policy, one) for one in initiatives]
    table = np.array([[_value(c, row[c.key]["mean"]) for c in scored] for row in figures], dtype=float)
    result = ranking.weighted_mean(table, weights)
    rows = []
    for index, (initiative, row) in enumerate(zip(initiatives, figures, strict=True)):
        coverage = float(result.coverage[index])
        rows.append(
            {
                "reference": initiative["reference"],
                "utility": _number(result.utility[index]),
                "coverage": _number(coverage),
                "lower": _number(result.lower[index]),
                "upper": _number(result.upper[index]),
                "reviews": len(initiative["reviews"]),
                "criteria": _with_values(policy, row, table[index], weights, coverage),
                "gates": _gates(policy, initiative, row, coverage, result.utility[index]),
                "rankable": _rankable(policy, weights, table[index], coverage),
            }
        )
    places = inputs.get("places")
    _place(policy, rows, places)
    return {"criteria": [one.key for one in scored], "weights": weights, "places": places, "rows": rows}


def _number(number: float) -> float | None:
    """A number as it is stored and compared: nine digits, and null for what is not known."""
    return None if math.isnan(number) else round(float(number), DIGITS)


def _criterion_figures(policy: Policy, initiative: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Mean, standard error and number of scores of every criterion of one initiative."""
    assessed = [one.key for one in policy.assessed_criteria()]
    found: dict[str, dict[str, Any]] = {}
    for criterion in policy.criteria:
        if criterion.source == "assessor":
            column = assessed.index(criterion.key)
            scores = [review["scores"][column] for review in initiative["reviews"]]
            known = [float(score) for score in scores if score is not None]
        else:
            figure = initiative["figures"].get(criterion.figure)
            known = [] if figure is None else [float(figure)]
        spread = float(np.std(known, ddof=1)) / math.sqrt(len(known)) if len(known) > 1 else None
        found[criterion.key] = {
            "mean": float(np.mean(known)) if known else math.nan,
            "se": spread,
            "reviews": len(known),
        }
    return found


def _value(criterion: Criterion, mean: float) -> float:
    if criterion.value_points:
        return float(values.piecewise([mean], criterion.value_points)[0])
    return float(values.value([mean], criterion.worst, criterion.best)[0])


def _with_values(
    policy: Policy, row: dict[str, dict[str, Any]], table: Any, weights: list[float], coverage: float
) -> dict[str, dict[str, Any]]:
    shown: dict[str, dict[str, Any]] = {}
    scored = [one.key for one in policy.scored_criteria()]
    for key, figures in row.items():
        worth = float(table[scored.index(key)]) if key in scored else math.nan
        part = weights[scored.index(key)] * worth / coverage if key in scored and coverage > 0 else math.nan
        shown[key] = {
            "mean": _number(figures["mean"]),
            "se": None if figures["se"] is None else round(figures["se"], DIGITS),
            "reviews": figures["reviews"],
            "value": _number(worth),
            "share": _number(part),
        }
    return shown


def _rankable(policy: Policy, weights: list[float], table: Any, coverage: float) -> bool:
    """Enough is known: the coverage, and every criterion that weighs much (METHOD 5.3)."""
    heavy = [index for index, weight in enumerate(weights) if weight >= policy.rankable.weight]
    known = all(not math.isnan(table[index]) for index in heavy)
    return known and round(coverage, DIGITS) >= policy.rankable.coverage


def _gates(
    policy: Policy,
    initiative: dict[str, Any],
    row: dict[str, dict[str, Any]],
    coverage: float,
    utility: float,
) -> list[dict[str, Any]]:
    return [
        {"key": gate.key, "verdict": _verdict(gate, initiative, row, coverage, utility)}
        for gate in policy.gates
    ]


def _verdict(
    gate: Gate, initiative: dict[str, Any], row: dict[str, dict[str, Any]], coverage: float, utility: float
) -> str:
    """pass, fail, close (within one standard error of the limit), missing, needs_information or waived.

    What staff noted by hand comes first: a waived gate stays waived, a yes/no gate fails only by a "no".
    """
    noted = initiative.get("checks", {}).get(gate.key)
    if noted:
        return str(noted)
    if gate.kind == "check" or gate.minimum is None:
        return "pass"
    if gate.kind == "criterion_minimum" and gate.criterion:
        figures = row[gate.criterion]
        return _against(figures["mean"], gate.minimum, figures["se"])
    measured = {
        "total_minimum": utility,
        "reviews_minimum": float(len(initiative["reviews"])),
        "coverage_minimum": coverage,
    }[gate.kind]
    return _against(measured, gate.minimum, None)


def _against(measured: float, minimum: float, spread: float | None) -> str:
    if math.isnan(measured):
        return "missing"
    short = round(minimum - measured, DIGITS)
    if short <= 0:
        return "pass"
    return "close" if spread is not None and short <= round(spread, DIGITS) else "fail"


def _place(policy: Policy, rows: list[dict[str, Any]], places: int | None) -> None:
    """Ranks the rows that passed, says who is in, and puts all in published order."""
    for row in rows:
        failed = [gate for gate in row["gates"] if gate["verdict"] not in CLEARED]
        row["status"] = "gate" if failed else "out" if row["rankable"] else "needs_assessment"
        row["rank"], row["tied"] = None, False
    ranked = [row for row in rows if row["status"] == "out"]
    if ranked:
        ranks = ranking.competition_rank([row["utility"] for row in ranked], DIGITS)
        counts = {int(number): int((ranks == number).sum()) for number in ranks}
        for row, number in zip(ranked, ranks, strict=True):
            row["rank"], row["tied"] = int(number), counts[int(number)] > 1
            last = row["rank"] + counts[row["rank"]] - 1
            if places is None or last <= places:
                row["status"] = "in"
            elif row["rank"] <= places:
                row["status"] = "tie"
    order = {"in": 0, "tie": 0, "out": 0, "needs_assessment": 1, "gate": 2}
    deciding = policy.tie_break
    rows.sort(
        key=lambda row: (
            order[row["status"]],
            row["rank"] or 0,
            -(row["criteria"].get(deciding, {}).get("value") or 0.0) if deciding else 0.0,
            row["reference"],
        )
    )


def costliest(policy: Policy, row: dict[str, Any], count: int = 2) -> list[tuple[str, float]]:
    """The criteria that cost a row most of a perfect score: `[(key, lost share of the utility)]`."""
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    lost = [
        (key, weights[key] * (1 - row["criteria"][key]["value"]))
        for key in weights
        if row["criteria"][key]["value"] is not None
    ]
    return sorted(lost, key=lambda pair: (-round(pair[1], DIGITS), pair[0]))[:count]
