"""Strict and lenient assessors, and how far they agree, criterion by criterion (METHOD 5.5, 5.7, 5.8)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from prioritisation.rankings.figures import means
from prioritisation.rankings.inputs import DIGITS, Case
from prioritisation.scoring import agreement, severity
from prioritisation.scoring.inputs import FloatArray, IntArray

LEAST = 8
"""Scores on a criterion from which an assessor's severity is estimated."""

WHY = ("off", "no_scores", "one_assessor", "too_few", "disconnected", "cannot_tell")
"""Why scores are not adjusted, gravest last; "" where they are."""


@dataclass(frozen=True)
class Study:
    """What one criterion's scores say of its assessors.

    adjusted   (initiatives,) means with severity taken out; the plain means where it is not applied
    effect     (letters,) points above colleagues on the same initiatives; nan where nobody can say
    variances  between initiatives, between assessors, and the rest; nan where nobody can say
    parts      (initiatives,) connected part as far as assessors with enough scores go, -1 without
    """

    adjusted: FloatArray
    effect: FloatArray
    variances: severity.Components
    grand_mean: float
    why: str
    parts: IntArray
    alpha: float
    each: float
    """Scores an initiative, on average of those that have one."""


def study(case: Case, column: int) -> Study:
    """Studies one column of the assessed criteria."""
    known = ~np.isnan(case.given[:, column])
    rows, who, scores = case.initiative[known], case.assessor[known], case.given[known, column]
    size = len(case.initiatives)
    count = np.bincount(rows, minlength=size)
    raw = means(scores, rows, count)
    effect: FloatArray = np.full(len(case.letters), np.nan)
    parts: IntArray = np.full(size, -1, dtype=np.int64)
    found, variances = severity.adjust_and_vary(rows, who, scores)
    why = "off" if case.severity == "off" else "" if scores.size else "no_scores"
    adjusted = raw
    if not why:
        why, effect, parts = _effects(case, rows, who, scores, (found, variances))
        if not why:
            taken = scores - np.where(np.isnan(effect), 0.0, effect)[who]
            adjusted = means(taken, rows, count)
    filled = count[count > 0]
    return Study(
        adjusted=adjusted,
        effect=effect,
        variances=variances,
        grand_mean=float(scores.mean()) if scores.size else np.nan,
        why=why,
        parts=parts,
        alpha=agreement.alpha_of_scores(rows, scores),
        each=float(filled.mean()) if filled.size else 0.0,
    )


def _effects(
    case: Case,
    rows: IntArray,
    who: IntArray,
    scores: FloatArray,
    of_all: tuple[severity.Severity, severity.Components],
) -> tuple[str, FloatArray, IntArray]:
    """(why not, effect per letter, parts): only assessors with enough scores; others count as average.

    `of_all`: what the scores of everybody say, which is the same where everybody has enough.
    """
    enough = np.bincount(who, minlength=len(case.letters)) >= LEAST
    effect: FloatArray = np.full(len(case.letters), np.nan)
    parts: IntArray = np.full(len(case.initiatives), -1, dtype=np.int64)
    if np.unique(who).size < 2:
        return "one_assessor", effect, parts
    if enough.sum() < 2:
        return "too_few", effect, parts
    usable = enough[who]
    found, variances = of_all
    if not usable.all():
        found, variances = severity.adjust_and_vary(rows[usable], who[usable], scores[usable])
    parts[: found.components.size] = found.components
    if found.components.max(initial=-1) > 0:
        return "disconnected", effect, parts
    if np.isnan(variances.residual):
        return "cannot_tell", effect, parts
    effect[: found.assessor_effect.size] = found.assessor_effect
    return "", effect, parts


def report(case: Case, studies: dict[str, Study]) -> dict[str, Any]:
    """`severity` of the output: whether, why not, every letter's effect, reviews that would connect."""
    whys = {key: one.why for key, one in studies.items()}
    held = [why for why in WHY if why in whys.values()]
    return {
        "policy": case.severity,
        "applied": any(not why for why in whys.values()),
        "why": held[-1] if held else "" if whys else "no_scores",
        "criteria": {key: {"applied": not why, "why": why} for key, why in whys.items()},
        "assessors": [] if case.severity == "off" else _lettered(case, studies),
        "connecting": _connecting(case, studies),
    }


def _lettered(case: Case, studies: dict[str, Study]) -> list[dict[str, Any]]:
    reviews = np.bincount(case.assessor, minlength=len(case.letters))
    return [
        {
            "letter": letter,
            "reviews": int(reviews[index]),
            "effect": {key: number(one.effect[index]) for key, one in studies.items()},
        }
        for index, letter in enumerate(case.letters)
    ]


def _connecting(case: Case, studies: dict[str, Study]) -> list[dict[str, Any]]:
    """One review for each part that hangs loose: who of it should read which initiative of the largest one.

    Each pair once, though several criteria may want it.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for key, one in studies.items():
        if one.why == "disconnected":
            for pair in _bridges(case, one.parts):
                found.setdefault(pair, []).append(key)
    return [
        {"reference": reference, "letter": letter, "criteria": keys}
        for (reference, letter), keys in sorted(found.items())
    ]


def _bridges(case: Case, parts: IntArray) -> list[tuple[str, str]]:
    """Of the largest part the initiative with the fewest reviews, and of each other part its first letter."""
    sizes = np.bincount(parts[parts >= 0])
    main = int(sizes.argmax())
    reviews = np.array(case.reviews)
    inside = np.flatnonzero(parts == main)
    target = int(inside[np.argmin(reviews[inside])])
    pairs = []
    for part in range(sizes.size):
        if part == main:
            continue
        of_part = case.assessor[parts[case.initiative] == part]
        busy = np.bincount(case.assessor, minlength=len(case.letters))
        # whoever has least to do among those of the part with enough scores, so that the bridge counts
        able = [int(who) for who in np.unique(of_part) if busy[who] >= LEAST]
        who = min(able, key=lambda index: (busy[index], case.letters[index]))
        pairs.append((str(case.initiatives[target]["reference"]), case.letters[who]))
    return pairs


def agreements(studies: dict[str, Study]) -> dict[str, Any]:
    """`agreement` of the output: alpha, where scores vary, and how far a mean of so many can be relied on."""
    return {key: _agreement(one) for key, one in studies.items()}


def _agreement(one: Study) -> dict[str, Any]:
    initiative, assessor, rest = one.variances
    total = initiative + assessor + rest
    known = bool(np.isfinite(total)) and total > 0
    noise = initiative + rest / one.each if one.each else np.nan
    return {
        "alpha": number(one.alpha),
        "shares": {
            "initiative": number(initiative / total) if known else None,
            "assessor": number(assessor / total) if known else None,
            "rest": number(rest / total) if known else None,
        },
        "reliability": number(initiative / noise) if np.isfinite(noise) and noise > 0 else None,
        "each": number(one.each),
    }


def number(given: float) -> float | None:
    """A number as it is stored and compared: nine digits, and null for what is not known."""
    # adding 0 turns -0.0 into 0.0, which databases do not tell apart
    return None if np.isnan(given) else round(float(given), DIGITS) + 0.0
