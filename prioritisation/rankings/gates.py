"""Verdicts of the gates on one initiative (METHOD 5.11)."""

import math
from collections.abc import Mapping
from typing import Any

from prioritisation.policies.schema import Gate
from prioritisation.rankings.inputs import DIGITS

CLEARED = {"pass", "close", "waived", "missing"}
"""Gate verdicts that do not take an initiative out by themselves."""


def verdict(
    gate: Gate,
    initiative: Mapping[str, Any],
    criteria: Mapping[str, tuple[float, float]],
    coverage: float,
    utility: float,
    reviews: int,
) -> str:
    """pass, fail, close (within one standard error of the limit), missing, needs_information or waived.

    `criteria` gives (mean, standard error) by key. What staff noted by hand comes first: a waived gate stays
    waived, a yes/no gate fails only by a "no".
    """
    noted = initiative.get("checks", {}).get(gate.key)
    if noted:
        return str(noted)
    if gate.kind == "check" or gate.minimum is None:
        return "pass"
    if gate.kind == "criterion_minimum" and gate.criterion:
        mean, spread = criteria[gate.criterion]
        return _against(mean, gate.minimum, spread)
    measured = {
        "total_minimum": utility,
        "reviews_minimum": float(reviews),
        "coverage_minimum": coverage,
    }[gate.kind]
    return _against(measured, gate.minimum, math.nan)


def _against(measured: float, minimum: float, spread: float) -> str:
    if math.isnan(measured):
        return "missing"
    short = round(minimum - measured, DIGITS)
    if short <= 0:
        return "pass"
    return "close" if not math.isnan(spread) and short <= round(spread, DIGITS) else "fail"
