"""How a list was made, as facts for the one page that tells it, to staff and to everybody. Pure: no Django.

`told` reads a result's output; the words are in templates/prioritisation/how_made.html. What an output of the
first format does not have (severity, agreement, draws) is simply not told. `frozen` is the same as JSON: a
published plan keeps it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prioritisation.policies.schema import Criterion, Gate, LocalizedText, Policy
from prioritisation.shares import whole_parts

AGREE, LEAN = 0.667, 0.8
"""Krippendorff 2004: from .8 on one may rely on the scores, from .667 on draw tentative conclusions."""


@dataclass(frozen=True)
class Agreement:
    """How far assessors agreed on a criterion. `word`: good | fair | low | unknown; shares in hundredths."""

    label: LocalizedText
    word: str
    alpha: float | None
    initiative: float | None
    assessor: float | None
    rest: float | None
    reliability: float | None


@dataclass(frozen=True)
class Stability:
    """The criterion whose weight turns the list over first: from `now` to `at`, in hundredths."""

    label: LocalizedText
    now: float
    at: float


@dataclass(frozen=True)
class Clarified:
    """A level that was put in clearer words while the round was open, and what had been read differently."""

    label: LocalizedText
    level: float
    before: LocalizedText
    after: LocalizedText
    reason: str


@dataclass(frozen=True)
class HowMade:
    initiatives: int
    reviews: int
    places: int | None
    coverage: float
    heavy: float
    tie_break: LocalizedText | None
    criteria: list[tuple[Criterion, float]]
    balanced: list[Criterion]
    gates: tuple[Gate, ...]
    severity: Mapping[str, Any] | None
    agreement: list[Agreement]
    stability: Stability | None
    draws: Mapping[str, Any] | None
    tolerance: float | None
    changed_weights: bool
    clarified: list[Clarified]
    severity_reason: str
    again: str
    """Why the list was made again; empty for the one made at closing."""

    @property
    def bands(self) -> bool:
        """Was the noise of assessors drawn, so that rows have bands and groups?"""
        return bool(self.draws and self.draws.get("noise"))


def told(
    policy: Policy,
    output: Mapping[str, Any],
    *,
    initiatives: int,
    reviews: int,
    clarified: Iterable[Any] = (),
    severity_reason: str = "",
    again: str = "",
) -> HowMade:
    """What the page says. Weights are those of the output: an adopted what-if has its own.

    `clarified`: rows with criterion, level, before, after and reason, in the order in which it was done.
    """
    scored = policy.scored_criteria()
    weights = dict(zip(output["criteria"], output["weights"], strict=True))
    stated = dict(zip((one.key for one in scored), policy.weights(), strict=True))
    draws = output.get("draws")
    return HowMade(
        initiatives=initiatives,
        reviews=reviews,
        places=output["places"],
        coverage=100 * policy.rankable.coverage,
        heavy=100 * policy.rankable.weight,
        tie_break=policy.criterion(policy.tie_break).label if policy.tie_break else None,
        criteria=list(zip(scored, _shown([weights.get(one.key, 0.0) for one in scored]), strict=True)),
        balanced=[one for one in policy.criteria if one.use == "balance"],
        gates=policy.gates,
        severity=output.get("severity"),
        agreement=agreements(policy, output),
        stability=stability(policy, output),
        draws=draws,
        tolerance=None if not draws or draws.get("tolerance") is None else 100 * draws["tolerance"],
        changed_weights=any(abs(weights.get(key, 0.0) - share) > 1e-9 for key, share in stated.items()),
        clarified=[
            Clarified(policy.criterion(one.criterion).label, one.level, one.before, one.after, one.reason)
            for one in clarified
        ],
        severity_reason=severity_reason,
        again=again,
    )


def frozen(how: HowMade) -> dict[str, Any]:
    """The same for a published document, field by field: what assessors do one by one stays out."""
    severity, draws = how.severity, how.draws
    return {
        "initiatives": how.initiatives,
        "reviews": how.reviews,
        "places": how.places,
        "coverage": how.coverage,
        "heavy": how.heavy,
        "tie_break": dict(how.tie_break) if how.tie_break else None,
        "criteria": [
            [{"label": dict(one.label), "question": dict(one.question)}, weight]
            for one, weight in how.criteria
        ],
        "balanced": [{"label": dict(one.label)} for one in how.balanced],
        "gates": [{"label": dict(one.label), "public_text": dict(one.public_text)} for one in how.gates],
        "severity": severity and {name: severity.get(name) for name in ("policy", "applied")},
        "severity_reason": how.severity_reason,
        "agreement": [{**vars(one), "label": dict(one.label)} for one in how.agreement],
        "stability": how.stability and {**vars(how.stability), "label": dict(how.stability.label)},
        "draws": draws and {name: draws.get(name) for name in ("noise", "weights", "kind")},
        "bands": how.bands,
        "tolerance": how.tolerance,
        "changed_weights": how.changed_weights,
        "clarified": [{**vars(one), "label": dict(one.label)} for one in how.clarified],
        "again": how.again,
    }


def agreements(policy: Policy, output: Mapping[str, Any]) -> list[Agreement]:
    """In the policy's order; only criteria that assessors judged."""
    found = output.get("agreement") or {}
    return [
        Agreement(
            label=one.label,
            word=_word(found[one.key].get("alpha")),
            alpha=found[one.key].get("alpha"),
            reliability=_hundred(found[one.key].get("reliability")),
            **{name: _hundred(found[one.key]["shares"].get(name)) for name in _SHARES},
        )
        for one in policy.assessed_criteria()
        if one.key in found
    ]


_SHARES = ("initiative", "assessor", "rest")


def _word(alpha: float | None) -> str:
    if alpha is None:
        return "unknown"
    return "good" if alpha >= LEAN else "fair" if alpha >= AGREE else "low"


def _shown(weights: Sequence[float]) -> list[float]:
    """In hundredths to one decimal that add up to 100: who checks the sum finds it."""
    return [part / 10 for part in whole_parts(weights, whole=1000)]


def _hundred(number: float | None) -> float | None:
    return None if number is None else 100 * number


def stability(policy: Policy, output: Mapping[str, Any]) -> Stability | None:
    """What the stability interval says; nothing where no weight turns the list over."""
    found = output.get("stability")
    if not found or found.get("at") is None:
        return None
    now, at = found["weight"], found["at"]
    # To one decimal, away from now: at the figure that is told the list has changed.
    tenths = round(10 * at, 6)
    at = (math.ceil(tenths) if at > now else math.floor(tenths)) / 10
    return Stability(policy.criterion(found["criterion"]).label, now, at)
