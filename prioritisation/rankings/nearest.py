"""What would have changed it: the smallest single change that brings an initiative to the line."""

import copy
import itertools
import math
from collections.abc import Mapping
from typing import Any

from prioritisation.policies.schema import Criterion, Policy
from prioritisation.rankings.gates import CLEARED
from prioritisation.rankings.inputs import DIGITS, Inputs
from prioritisation.rankings.ranking import preview
from prioritisation.scoring import values

Change = dict[str, Any]


def nearest_changes(
    policy: Policy, inputs: Inputs, output: Mapping[str, Any], reference: str, most: int = 3
) -> list[Change]:
    """At most so many single changes that bring it to the line, the smallest first; each was tried.

    `{"kind": "level", "criterion", "from", "to", "level", "one_assessor"}`: the mean would have to be `to`;
    `level` is the level of the scale there, `one_assessor` how many points one assessor alone would have to
    add, or null where the scale has no room. `{"kind": "figure", "criterion", "figure", "from", "to"}`: a
    figure in its unit. `{"kind": "gate", "gate", "verdict", "from", "to", "to_line"}`: a must-have that
    alone keeps it out, with figures where it is a minimum; `to_line` says whether it would be in then.
    `{"kind": "missing", "criteria"}`: what has to be known first.

    Empty for what has a place, and where no single change is enough. KeyError for an unknown reference.
    """
    rows = {row["reference"]: row for row in output["rows"]}
    row = rows[reference]
    if row["status"] == "in" or output["places"] == 0:
        return []
    if row["status"] == "gate":
        return _gates(policy, inputs, row)
    if row["status"] == "needs_assessment":
        missing = [
            key for key, one in row["criteria"].items() if key in output["criteria"] and one["value"] is None
        ]
        return [{"kind": "missing", "criteria": missing}]
    line = _line(output, reference)
    if line is None:
        return []
    changes = [
        change
        for criterion, weight in zip(policy.scored_criteria(), output["weights"], strict=True)
        if weight > 0 and (change := _candidate(policy, inputs, row, criterion, weight, line))
    ]
    changes.sort(key=lambda change: (change["effort"], change["criterion"]))
    verified: list[Change] = []
    for change in changes:
        if len(verified) < most and _reaches(policy, inputs, reference, change):
            verified.append({key: value for key, value in change.items() if key != "effort"})
    return verified


def _line(output: Mapping[str, Any], reference: str) -> float | None:
    """The utility of the last place among all others; None where there is no line to reach."""
    places = output["places"]
    others = [
        row["utility"] for row in output["rows"] if row["rank"] is not None and row["reference"] != reference
    ]
    if not places or places > len(others):
        return None
    return float(sorted(others, reverse=True)[places - 1])


def _candidate(
    policy: Policy, inputs: Inputs, row: Mapping[str, Any], criterion: Criterion, weight: float, line: float
) -> Change | None:
    figures = row["criteria"][criterion.key]
    if figures["value"] is None:
        return None
    needed = figures["value"] + max(0.0, line - row["utility"]) * row["coverage"] / weight
    if round(needed, DIGITS) > 1 or round(needed, DIGITS) <= figures["value"]:
        return None
    if criterion.source != "assessor":
        return _figure(criterion, float(figures["mean"]), needed)
    return _level(policy, inputs, row, criterion, needed)


def _level(
    policy: Policy, inputs: Inputs, row: Mapping[str, Any], criterion: Criterion, needed: float
) -> Change | None:
    """From the mean that counts, up to the next tenth of a point at which it is enough."""
    figures = row["criteria"][criterion.key]
    used = figures["mean"]
    if "raw_utility" in row and figures.get("adjusted") is not None:
        used = figures["adjusted"]
    up = 1 if criterion.best > criterion.worst else -1
    exact = criterion.worst + needed * (criterion.best - criterion.worst)
    target = up * math.ceil(round(10 * up * exact, 6)) / 10
    if (target - criterion.best) * up > 0:
        target = criterion.best
    levels = [one for one in policy.scale.levels() if (one - target) * up >= -1e-9]
    column = [one.key for one in policy.assessed_criteria()].index(criterion.key)
    reviews = next(one for one in inputs["initiatives"] if one["reference"] == row["reference"])["reviews"]
    scores = [one["scores"][column] for one in reviews if one["scores"][column] is not None]
    wanted = math.ceil(round(abs(exact - used) * len(scores) / policy.scale.step, 6)) * policy.scale.step
    room = max(((criterion.best - score) * up for score in scores), default=0.0)
    return {
        "kind": "level",
        "criterion": criterion.key,
        "from": used,
        "to": round(target, 1),
        "level": min(levels, key=lambda one: abs(one - target)) if levels else criterion.best,
        "one_assessor": wanted if wanted <= room else None,
        "effort": abs(target - used) / abs(criterion.best - criterion.worst),
    }


def _figure(criterion: Criterion, stated: float, needed: float) -> Change | None:
    """The nearest figure worth enough: whole months and counts, hundreds of money."""
    points = sorted(criterion.value_points) or sorted([(criterion.worst, 0.0), (criterion.best, 1.0)])
    xs = [x for x, _worth in points]
    reached = [x for x, worth in points if worth >= needed - 1e-12]
    for (left, low), (right, high) in itertools.pairwise(points):
        if min(low, high) < needed < max(low, high):
            reached.append(left + (needed - low) / (high - low) * (right - left))
    if not reached:
        return None
    exact = min(reached, key=lambda x: abs(x - stated))
    step = 100.0 if criterion.figure == "cost_total" else 1.0
    target = step * (math.floor if exact < stated else math.ceil)(round(exact / step, 6))
    if float(values.piecewise([target], points)[0]) < needed - 10**-DIGITS:
        target = exact
    span = max(xs) - min(xs)
    return {
        "kind": "figure",
        "criterion": criterion.key,
        "figure": criterion.figure,
        "from": stated,
        "to": target,
        "effort": abs(target - stated) / span if span else 0.0,
    }


def _reaches(policy: Policy, inputs: Inputs, reference: str, change: Change) -> bool:
    """The list made again with the change: is the initiative at the line or above?"""
    rows = preview(policy, _changed(policy, inputs, reference, change))["rows"]
    return next(row for row in rows if row["reference"] == reference)["status"] in ("in", "tie")


def _changed(policy: Policy, inputs: Inputs, reference: str, change: Change) -> dict[str, Any]:
    """The inputs with one initiative changed: all its scores on the criterion move alike, or its figure."""
    initiatives = []
    for one in inputs["initiatives"]:
        if one["reference"] == reference:
            one = copy.deepcopy(one)
            if change["kind"] == "figure":
                one["figures"][change["figure"]] = change["to"]
            else:
                column = [each.key for each in policy.assessed_criteria()].index(change["criterion"])
                for review in one["reviews"]:
                    if review["scores"][column] is not None:
                        review["scores"][column] += change["to"] - change["from"]
        initiatives.append(one)
    return {**inputs, "initiatives": initiatives}


def _gates(policy: Policy, inputs: Inputs, row: Mapping[str, Any]) -> list[Change]:
    """The one must-have that keeps it out; nothing where there are several: no single change is enough."""
    failed = [one for one in row["gates"] if one["verdict"] not in CLEARED]
    if len(failed) != 1:
        return []
    gate = {one.key: one for one in policy.gates}[failed[0]["key"]]
    measured = None
    if gate.kind == "criterion_minimum" and gate.criterion:
        measured = row["criteria"][gate.criterion]["mean"]
    elif gate.kind != "check":
        name = {"total_minimum": "utility", "reviews_minimum": "reviews", "coverage_minimum": "coverage"}
        measured = row[name[gate.kind]]
    waived = [
        {**one, "checks": {**one.get("checks", {}), gate.key: "waived"}}
        if one["reference"] == row["reference"]
        else one
        for one in inputs["initiatives"]
    ]
    rows = preview(policy, {**inputs, "initiatives": waived})["rows"]
    after = next(one for one in rows if one["reference"] == row["reference"])["status"]
    return [
        {
            "kind": "gate",
            "gate": gate.key,
            "verdict": failed[0]["verdict"],
            "from": measured,
            "to": gate.minimum,
            "to_line": after in ("in", "tie"),
        }
    ]
