"""What the panel should talk about: initiatives scored far apart, nearest to the line first (METHOD 5.9)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from prioritisation.policies.schema import Policy
from prioritisation.rankings.inputs import DIGITS, Inputs, read
from prioritisation.scoring.inputs import FloatArray

FAR = 0.6
"""Part of the scale: three of five points."""


def disagreements(policy: Policy, inputs: Inputs, output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All initiatives with two scores or more on a criterion, those to talk about first.

    `{"reference", "criterion", "range", "sd", "far_apart", "gates", "closeness", "weight", "criteria":
    {key: {"range", "sd", "scores": [[letter, score, adjusted score]]}}}`. Ranges and deviations (ddof 1) are
    those of scores with severity taken out where it could be, in points of the scale; `criterion` has the
    widest. `gates` names the minimums between which and whose other side the two halves of the panel fall.
    `closeness` is 1 at the line and 0 where the draws are sure; `weight`, by which they are sorted, is
    range times closeness.
    """
    case = read(policy, inputs)
    effects = {one["letter"]: one["effect"] for one in output.get("severity", {}).get("assessors", [])}
    rows = {row["reference"]: row for row in output["rows"]}
    start, found = 0, []
    for place, initiative in enumerate(case.initiatives):
        end = start + case.reviews[place]
        letters = [case.letters[index] for index in case.assessor[start:end]]
        one = _one(policy, letters, case.given[start:end], effects)
        start = end
        if not one:
            continue
        widest = max(one, key=lambda key: (one[key]["range"], key))
        closeness = _closeness(rows[initiative["reference"]])
        far = one[widest]["range"] >= round(FAR * _span(policy), DIGITS)
        found.append(
            {
                "reference": initiative["reference"],
                "criterion": widest,
                "range": one[widest]["range"],
                "sd": max(figures["sd"] for figures in one.values()),
                "far_apart": far,
                "gates": _split(policy, one),
                "closeness": closeness,
                "weight": round(one[widest]["range"] * closeness, DIGITS),
                "criteria": one,
            }
        )
    found.sort(key=lambda one: (-one["weight"], -one["range"], one["reference"]))
    return found


def _span(policy: Policy) -> float:
    return policy.scale.maximum - policy.scale.minimum


def _one(
    policy: Policy, letters: list[str], given: FloatArray, effects: Mapping[str, Mapping[str, float | None]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, criterion in enumerate(policy.assessed_criteria()):
        scores = [
            [
                letter,
                float(score),
                round(float(score) - (effects.get(letter, {}).get(criterion.key) or 0.0), DIGITS),
            ]
            for letter, score in zip(letters, given[:, column], strict=True)
            if not np.isnan(score)
        ]
        if len(scores) < 2:
            continue
        adjusted = np.array([score[2] for score in scores])
        found[criterion.key] = {
            "range": round(float(np.ptp(adjusted)), DIGITS),
            "sd": round(float(np.std(adjusted, ddof=1)), DIGITS),
            "scores": scores,
        }
    return found


def _closeness(row: Mapping[str, Any]) -> float:
    share = row.get("p_noise")
    if share is None:
        return 1.0 if row.get("rank") is not None or row["status"] == "needs_assessment" else 0.0
    return float(round(1 - abs(share - 0.5) * 2, DIGITS))


def _split(policy: Policy, one: Mapping[str, Any]) -> list[str]:
    """Minimums of a criterion that the lower half of the scores misses and the upper half meets."""
    split = []
    for gate in policy.gates:
        if gate.kind != "criterion_minimum" or gate.minimum is None:
            continue
        if gate.criterion is None or gate.criterion not in one:
            continue
        scores = sorted(score[2] for score in one[gate.criterion]["scores"])
        half = len(scores) // 2
        lower, upper = float(np.mean(scores[:half])), float(np.mean(scores[-half:]))
        if round(lower, DIGITS) < gate.minimum <= round(upper, DIGITS):
            split.append(gate.key)
    return split
