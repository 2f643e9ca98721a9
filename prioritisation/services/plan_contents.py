"""What a published plan says, as JSON: how it came about, every initiative, its decision. No persons."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from prioritisation import evidence_documents
from prioritisation.models import Decision, Initiative, Plan, Programme, Result, Round
from prioritisation.policies import schema
from prioritisation.services import funnel
from prioritisation.services.evidence import frozen_evidence
from prioritisation.services.initiatives import content
from prioritisation.workflow import Outcome


def plan_document(plan: Plan, round: Round, *, second_person: bool, at: datetime) -> dict[str, Any]:
    """What a plan says, as JSON: how it came about, and every initiative with its decision. No persons."""
    programme = plan.programme
    version = round.policy_version
    policy = schema.parse(version.document)
    result = round.results.filter(kind=Result.Kind.RANKING).order_by("-pk").first()
    return {
        "format": 1,
        "plan": {"slug": plan.slug, "title": plan.title, "intro": plan.intro},
        "programme": {"slug": programme.slug, "title": programme.title, "body": programme.body},
        "published_on": at.isoformat(),
        "second_person": second_person,
        "policy": _policy_summary(policy, version.number, version.sha256),
        "round": {"number": round.number, "stage": round.stage, "places": round.places},
        "result": {"sha256": result.inputs_sha256, "code_version": result.code_version} if result else None,
        "funnel": funnel.count_funnel(programme),
        "ideas": funnel.references_by_outcome(programme),
        "initiatives": _initiatives(programme, policy, result.output["rows"] if result else []),
    }


def _policy_summary(policy: schema.Policy, number: int, sha256: str) -> dict[str, Any]:
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    return {
        "key": policy.key,
        "title": dict(policy.title),
        "number": number,
        "sha256": sha256,
        "source": policy.source.title,
        "criteria": [
            {
                "key": one.key,
                "label": dict(one.label),
                "question": dict(one.question),
                "weight": round(weights[one.key], 6) if one.key in weights else None,
            }
            for one in policy.criteria
        ],
        "bands": [
            {"key": band.key, "label": dict(band.label), "from": band.from_months, "to": band.to_months}
            for band in policy.bands
        ],
    }


def _initiatives(
    programme: Programme, policy: schema.Policy, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Every initiative with a published decision: chosen ones first, each by rank."""
    ranked = {row["reference"]: row for row in rows}
    decisions: dict[int, Decision] = {}
    for decision in (
        Decision.objects.published()
        .filter(initiative__programme=programme)
        .select_related("initiative__owner", "merge_into", "round")
        .order_by("published_at", "pk")
    ):
        decisions[decision.initiative_id] = decision
    documents = []
    for decision in decisions.values():
        row = ranked.get(decision.initiative.reference)
        documents.append(
            {
                **_public_content(decision.initiative),
                "evidence": _evidence(decision),
                "outcome": decision.outcome,
                "reason": decision.reason,
                "reason_label": funnel.reason_label(policy, decision.reason) if decision.reason else {},
                "text": decision.text,
                "merged_into": decision.merge_into.reference if decision.merge_into else None,
                "override_reason": decision.override_reason,
                "rank": decision.rank,
                "score": _score(row),
            }
        )
    order = {Outcome.ADVANCE: 0, Outcome.HOLD: 1, Outcome.SET_ASIDE: 2, Outcome.MERGE: 3}
    documents.sort(key=lambda one: (order[one["outcome"]], one["rank"] or 10**9, one["reference"]))
    return documents


def _evidence(decision: Decision) -> list[dict[str, Any]]:
    """What the panel read about problem reports, without the cells that tell of a few."""
    if decision.round is None:
        return []
    read = frozen_evidence(round=decision.round, initiative=decision.initiative)
    return [evidence_documents.public(one) for one in read]


_INTERNAL = {"champion", "owner_agreed", "effort", "risk"}


def _public_content(initiative: Initiative) -> dict[str, Any]:
    return {key: value for key, value in content(initiative).items() if key not in _INTERNAL}


def _score(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The figures behind a rank, to one decimal of 100; none with fewer than three reviews (METHOD 6)."""
    if row is None or row["utility"] is None or row["reviews"] < 3:
        return None
    return {
        "points": _one_decimal(100 * row["utility"]),
        "reviews": row["reviews"],
        "tied": row["tied"],
        "criteria": {
            key: _one_decimal(100 * one["share"])
            for key, one in row["criteria"].items()
            if one["share"] is not None
        },
    }


def _one_decimal(points: float) -> float:
    """Half up, as pages round: 16.25 is 16.3 wherever it is read."""
    exact = Decimal(repr(round(points, 7)))
    return float(exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
