"""Two initiatives of one ranking side by side (METHOD 5.6: pairwise winning index). Pure: no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from prioritisation.policies.schema import Criterion, Level, Policy
from prioritisation.scoring import robustness

DRAWS = 10_000
TOLERANCE = 0.2


@dataclass(frozen=True)
class Side:
    """One initiative on one criterion; None is not known. `points` of 100, `level` the nearest anchor."""

    mean: float | None
    level: Level | None
    points: float | None


@dataclass(frozen=True)
class Difference:
    """`lead` is what the criterion adds to the first's points over the second's; None if one is not known."""

    criterion: Criterion
    first: Side
    second: Side
    lead: float | None

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second


def differences(policy: Policy, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Criterion by criterion, where they differ most first."""
    found = []
    for criterion in policy.scored_criteria():
        one, other = _side(criterion, first), _side(criterion, second)
        known = one.points is not None and other.points is not None
        lead = one.points - other.points if known else None  # type: ignore[operator]
        found.append(Difference(criterion, one, other, lead))
    return sorted(found, key=lambda one: -abs(one.lead or 0.0))


def _side(criterion: Criterion, row: Mapping[str, Any]) -> Side:
    figures = row["criteria"][criterion.key]
    mean, share = figures["mean"], figures["share"]
    return Side(mean, nearest_level(criterion, mean), None if share is None else 100 * share)


def nearest_level(criterion: Criterion, mean: float | None) -> Level | None:
    """The anchor nearest to a mean score: how the score reads in words."""
    if mean is None:
        return None
    return min(criterion.levels, key=lambda level: abs(level.value - mean), default=None)


def winning_shares(
    policy: Policy, output: Mapping[str, Any], first: Mapping[str, Any], second: Mapping[str, Any], seed: int
) -> tuple[float, float] | None:
    """(first wins, second wins) over many sets of weights, as shares; what is missing to 1 is a draw.

    The weights are drawn as the result's own draws were. None where nothing is known of one of the two.
    """
    if first["utility"] is None or second["utility"] is None:
        return None
    keys, weights = output["criteria"], output["weights"]
    drawn = output.get("draws") or {}
    groups = policy.group_weights()
    kind: robustness.Kind = "groups" if drawn.get("kind") == "groups" and groups else "tolerance"
    samples = robustness.sample_weights(
        weights,
        DRAWS,
        kind=kind,
        tolerance=drawn.get("tolerance") or TOLERANCE,
        groups=groups or None,
        seed=seed,
    )
    table = np.array([_values(keys, first), _values(keys, second)])
    lead = np.round(samples @ (table[0] - table[1]), 9)
    return float((lead > 0).mean()), float((lead < 0).mean())


def _values(keys: list[str], row: Mapping[str, Any]) -> list[float]:
    """Values of a row; what is missing counts as the row's own utility (METHOD 5.6)."""
    found = [row["criteria"][key]["value"] for key in keys]
    return [float(row["utility"] if value is None else value) for value in found]
