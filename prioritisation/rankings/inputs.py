"""Frozen inputs as arrays: which initiatives, whose scores, which weights, after what is changed in them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from prioritisation.policies.schema import Policy
from prioritisation.scoring.inputs import FloatArray, IntArray

DIGITS = 9
Inputs = Mapping[str, Any]
Changes = Mapping[str, Any]


def fingerprint(inputs: Inputs) -> str:
    """Sha256 of the inputs in one spelling: sorted keys, no spaces."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def merged(inputs: Inputs, changes: Changes | None) -> dict[str, Any]:
    """The changes that stand in `inputs`, with `changes` in place of those of the same name."""
    return {**inputs.get("changes", {}), **(changes or {})}


@dataclass(frozen=True)
class Case:
    """What one ranking is made from. Initiatives stand in the order of their references, assessors in that
    of their letters, so that the order of the inputs cannot matter.

    given       (reviews, assessed criteria) scores as given, nan where there is none
    initiative  (reviews,) index into `initiatives`
    assessor    (reviews,) index into `letters`
    weights     (scored criteria,) sum 1; 0 for a criterion that was dropped
    groups      weights of stakeholder groups, one row each
    """

    policy: Policy
    first_format: bool
    initiatives: list[Mapping[str, Any]]
    letters: list[str]
    reviews: list[int]
    initiative: IntArray
    assessor: IntArray
    given: FloatArray
    weights: FloatArray
    groups: FloatArray
    places: int | None
    severity: str
    seed: int
    changes: Changes


def read(policy: Policy, inputs: Inputs, changes: Changes | None = None) -> Case:
    """Reads the inputs and applies what is changed. ValueError when no weight is left."""
    every = merged(inputs, changes)
    initiatives = sorted(inputs["initiatives"], key=lambda one: str(one["reference"]))
    dropped = set(every.get("dropped_assessors", ()))
    kept = [
        [one for one in initiative["reviews"] if not dropped or one.get("assessor") not in dropped]
        for initiative in initiatives
    ]
    counts = [len(reviews) for reviews in kept]
    names = [str(one.get("assessor", "")) for reviews in kept for one in reviews]
    letters = sorted(set(names))
    places = {letter: index for index, letter in enumerate(letters)}
    width = len(policy.assessed_criteria())
    scores = [one["scores"] for reviews in kept for one in reviews]
    given = np.array(scores, dtype=np.float64).reshape(len(scores), width)
    return Case(
        policy=policy,
        first_format="format" not in inputs,
        initiatives=initiatives,
        letters=letters,
        reviews=counts,
        initiative=np.repeat(np.arange(len(initiatives)), counts),
        assessor=np.fromiter((places[name] for name in names), dtype=np.int64, count=len(names)),
        given=np.where(np.isfinite(given), given, np.nan),
        weights=_weights(policy, every),
        groups=_groups(policy, every),
        places=every["places"] if "places" in every else inputs.get("places"),
        severity=str(inputs.get("severity", "off")),
        seed=int(inputs.get("seed", 0)),
        changes=every,
    )


def _weights(policy: Policy, changes: Changes) -> FloatArray:
    """The stated weights; those named in the changes take the share given there, the others the rest, in
    their proportions."""
    keys = [one.key for one in policy.scored_criteria()]
    stated = np.array(policy.weights())
    if not changes.get("weights") and not changes.get("dropped_criteria"):
        return stated
    named: Mapping[str, float] = changes.get("weights") or {}
    for key, share in named.items():
        if key not in keys or not 0 <= float(share) <= 1:
            raise ValueError("weights must be shares from 0 to 1 of scored criteria")
    chosen = np.array([key in named for key in keys], dtype=bool)
    if chosen.any():
        shares = np.array([float(named.get(key, 0.0)) for key in keys])
        rest = max(0.0, 1.0 - float(shares.sum()))
        others = float(stated[~chosen].sum())
        stated = np.where(chosen, shares, stated * rest / others if others > 0 else 0.0)
    stated = np.where([key in changes.get("dropped_criteria", ()) for key in keys], 0.0, stated)
    total = float(stated.sum())
    if not total > 0:
        raise ValueError("at least one criterion must weigh something")
    scaled: FloatArray = stated / total
    return scaled


def _groups(policy: Policy, changes: Changes) -> FloatArray:
    """Weights of the stakeholder groups without dropped criteria; none once other weights are tried."""
    keys = [one.key for one in policy.scored_criteria()]
    rows: FloatArray = np.array(policy.group_weights(), dtype=np.float64).reshape(-1, len(keys))
    if changes.get("weights"):
        return rows[:0]
    rows = np.where([key in changes.get("dropped_criteria", ()) for key in keys], 0.0, rows)
    rows = rows[rows.sum(axis=1) > 0]
    scaled: FloatArray = rows / rows.sum(axis=1, keepdims=True)
    return scaled
