"""What a published plan says, as JSON: how it came about, every initiative, its decision. No persons."""

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q

from engagement.localized import in_languages
from prioritisation import evidence_documents, how_made, rankings
from prioritisation.models import (
    Amendment,
    Decision,
    DecisionMeeting,
    Draw,
    GateCheck,
    Initiative,
    Plan,
    PolicyVersion,
    Programme,
    Result,
    Round,
)
from prioritisation.policies import schema
from prioritisation.services import funnel
from prioritisation.services.ballots import ballots_document
from prioritisation.services.decisions import adopted_selection, adoption_reason
from prioritisation.services.evidence import frozen_evidence
from prioritisation.services.initiatives import content
from prioritisation.services.method import how_it_was_made
from prioritisation.services.nearest import what_would_have_changed
from prioritisation.services.results import places_of
from prioritisation.services.understanding import published_answers
from prioritisation.workflow import Outcome


def plan_document(plan: Plan, round: Round, *, second_person: bool, at: datetime) -> dict[str, Any]:
    """What a plan says, as JSON: how it came about, and every initiative with its decision. No persons."""
    programme = plan.programme
    version = round.policy_version
    policy = schema.parse(version.document)
    result = round.results.filter(kind=Result.Kind.RANKING).order_by("-pk").first()
    decisions = _decisions(programme)
    changed = funnel.amended(programme)
    amendments = list(_amendments(plan))
    votes = ballots_document(round)
    return {
        "format": 1,
        "plan": {"slug": plan.slug, "title": plan.title, "intro": plan.intro},
        "programme": {"slug": programme.slug, "title": programme.title, "body": programme.body},
        "published_on": at.isoformat(),
        "second_person": second_person,
        "policy": _policy_summary(policy, version, result),
        "round": {"number": round.number, "stage": round.stage, "places": places_of(round)},
        "result": {"sha256": result.inputs_sha256, "code_version": result.code_version} if result else None,
        "method": _method(policy, round, result),
        "figures": _figures(policy, round, result),
        "selection": _selection(round),
        "funnel": funnel.count_funnel(programme),
        "ideas": funnel.references_by_outcome(programme),
        "looked_through": sum(one.checked_at is not None for one in decisions),
        "sittings": [
            _sitting(one)
            for one in sorted(
                {one.meeting for one in (*decisions, *amendments) if one.meeting is not None},
                key=lambda one: (one.held_on, one.pk),
            )
        ],
        "draws": [_draw(one) for one in _draws(programme)],
        "amendments": [_amendment(number, one) for number, one in enumerate(amendments, start=1)],
        "initiatives": _initiatives(policy, decisions, changed, amendments),
        "understood": published_answers(one.initiative for one in decisions),
        **({"ballots": votes} if votes else {}),
    }


def _decisions(programme: Programme) -> list[Decision]:
    """Of each initiative the published decision that counts."""
    found: dict[int, Decision] = {}
    for decision in (
        Decision.objects.published()
        .filter(initiative__programme=programme)
        .select_related("initiative__owner", "merge_into", "round", "meeting", "draw", "result")
        .order_by("published_at", "pk")
    ):
        found[decision.initiative_id] = decision
    return list(found.values())


def _amendments(plan: Plan) -> Any:
    adopted = Amendment.objects.filter(plan=plan, adopted_at__isnull=False)
    return adopted.select_related("meeting").order_by("adopted_at", "pk")


def _draws(programme: Programme) -> Any:
    """Those drawn, and those called off: whoever waits for another seed is seen to have done so."""
    held = Q(drawn_at__isnull=False) | Q(cancelled_at__isnull=False)
    return Draw.objects.filter(held, round__programme=programme).order_by("pk")


def _sitting(meeting: DecisionMeeting) -> dict[str, Any]:
    return {
        "id": meeting.pk,
        "body": meeting.body,
        "held_on": meeting.held_on.isoformat(),
        "resolution": meeting.resolution,
        "present": meeting.present,
        "stood_aside": meeting.stood_aside,
    }


def _draw(draw: Draw) -> dict[str, Any]:
    return {
        "id": draw.pk,
        "places": draw.places,
        "seed_rule": draw.seed_rule,
        "seed": draw.seed,
        "announced_on": draw.announced_at.isoformat(),
        "drawn_on": draw.drawn_at.isoformat() if draw.drawn_at else None,
        "order": draw.order,
        "cancelled_on": draw.cancelled_at.isoformat() if draw.cancelled_at else None,
        "cancel_reason": draw.cancel_reason,
    }


def _amendment(number: int, amendment: Amendment) -> dict[str, Any]:
    return {
        "number": number,
        "adopted_on": amendment.adopted_at.isoformat() if amendment.adopted_at else None,
        "sitting": amendment.meeting_id,
        "vote": amendment.vote,
        "changes": amendment.changes,
    }


def _method(policy: schema.Policy, round: Round, result: Result | None) -> dict[str, Any] | None:
    """How the ranking was made, as the page tells staff; of two people nobody learns how far they agreed."""
    if result is None:
        return None
    reviews = (review for one in result.inputs["initiatives"] for review in one["reviews"])
    few = len({one.get("assessor") for one in reviews}) < rankings.LEAST_SCORES
    told = how_made.frozen(how_it_was_made(policy, round, result))
    return {**told, "agreement": []} if few else told


def _selection(round: Round) -> dict[str, Any] | None:
    """The selection that was adopted before the decisions: why, how many rules it breaks, and why it may."""
    adopted = adopted_selection(round)
    if adopted is None:
        return None
    return {
        "number": adopted.pk,
        "sha256": adopted.inputs_sha256,
        "adopted_on": adopted.made_at.isoformat(),
        "best": not adopted.output["own"],
        "reason": adoption_reason(adopted),
        "rules_broken": len(adopted.output["kept"]["broken"]),
        "broken_because": in_languages(adopted.inputs.get("despite")),
    }


def _figures(policy: schema.Policy, round: Round, result: Result | None) -> dict[str, Any] | None:
    """What the list was worked out from, as far as the round said at opening that it would be published."""
    if result is None:
        return None
    return rankings.disclosed(policy, result.inputs, result.output, round.disclosure)


def _policy_summary(policy: schema.Policy, version: PolicyVersion, result: Result | None) -> dict[str, Any]:
    """The rules in short. Weights are those of the ranking: one that was adopted later has its own."""
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    if result is not None:
        weights = dict(zip(result.output["criteria"], result.output["weights"], strict=True))
    return {
        "key": policy.key,
        "title": dict(policy.title),
        "number": version.number,
        "sha256": version.sha256,
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
    policy: schema.Policy,
    decisions: list[Decision],
    changed: dict[int, tuple[Amendment, dict[str, Any]]],
    amendments: list[Amendment],
) -> list[dict[str, Any]]:
    """Every initiative with a published decision: chosen ones first, each by rank."""
    rows: dict[int, dict[str, dict[str, Any]]] = {}
    numbers = {one.pk: number for number, one in enumerate(amendments, start=1)}
    gates = _gate_findings(policy, decisions)
    assessed = [one.key for one in policy.assessed_criteria()]
    documents = []
    for decision in decisions:
        if decision.result is not None and decision.result_id not in rows:
            output = decision.result.output["rows"]
            rows[decision.result.pk] = {row["reference"]: row for row in output}
        reference = decision.initiative.reference
        row = rows.get(decision.result_id or 0, {}).get(reference)
        entry = {
            **_public_content(decision.initiative),
            "evidence": _evidence(decision),
            "outcome": decision.outcome,
            "reason": decision.reason,
            "reason_label": funnel.reason_label(policy, decision.reason) if decision.reason else {},
            "text": decision.text,
            "merged_into": decision.merge_into.reference if decision.merge_into else None,
            "override_reason": decision.override_reason,
            "override": _override(decision),
            "rank": decision.rank,
            "score": _score(assessed, row),
            "gates": gates.get((decision.round_id, decision.initiative_id), []),
            "sitting": decision.meeting_id,
            "stood_aside": decision.stood_aside,
            "draw": _drawn(decision),
            "reply": decision.reply,
            "nearest": _nearest(assessed, decision, row),
            "recommended": None,
            "amendment": None,
        }
        if decision.initiative_id in changed:
            amendment, change = changed[decision.initiative_id]
            entry |= _as_amended(entry, change, numbers[amendment.pk])
        documents.append(entry)
    order = {Outcome.ADVANCE: 0, Outcome.HOLD: 1, Outcome.SET_ASIDE: 2, Outcome.MERGE: 3}
    documents.sort(key=lambda one: (order[one["outcome"]], one["rank"] or 10**9, one["reference"]))
    return documents


def _as_amended(entry: dict[str, Any], change: dict[str, Any], number: int) -> dict[str, Any]:
    """What an amendment made of a decision; what was recommended stands beside it."""
    out = change["outcome"] == Outcome.SET_ASIDE
    return {
        "recommended": {key: entry[key] for key in ("outcome", "reason", "reason_label", "text")},
        "amendment": number,
        "outcome": change["outcome"],
        "reason": funnel.COUNCIL if out else "",
        "reason_label": funnel.reason_label(None, funnel.COUNCIL) if out else {},
        "text": change["reason"],
        # The council has said what it comes to: what the figures lacked is no longer what decided.
        "nearest": [],
    }


def _override(decision: Decision) -> dict[str, Any] | None:
    """A decision against the ranking, with the rank that it replaces; who it was is the sitting's body."""
    if not decision.override_reason:
        return None
    places = decision.result.output["places"] if decision.result else None
    return {"reason": decision.override_reason, "rank": decision.rank, "places": places}


def _nearest(
    assessed: Collection[str], decision: Decision, row: dict[str, Any] | None
) -> list[dict[str, str]]:
    """What would have brought it to the line; nothing that tells of the scores of fewer than three people."""
    if decision.outcome == Outcome.ADVANCE or decision.result is None or row is None:
        return []
    if row["status"] != "gate" and _score(assessed, row) is None:
        return []
    if rankings.withheld(assessed, row["criteria"]):
        return []
    return what_would_have_changed(decision.result, row["reference"], most=1)


def _drawn(decision: Decision) -> dict[str, Any] | None:
    draw = decision.draw
    if draw is None or draw.drawn_at is None:
        return None
    place = draw.order.index(decision.initiative.reference) + 1
    return {"id": draw.pk, "place": place, "among": len(draw.order), "places": draw.places}


def _gate_findings(
    policy: schema.Policy, decisions: list[Decision]
) -> dict[tuple[int | None, int], list[dict[str, Any]]]:
    """By round and initiative what staff noted on conditions: in words for the public, with the reason."""
    labels = {gate.key: dict(gate.label) for gate in policy.gates}
    found: dict[tuple[int | None, int], list[dict[str, Any]]] = {}
    rounds = {decision.round_id for decision in decisions if decision.round_id}
    checks = GateCheck.objects.filter(entry__round__in=rounds).select_related("entry").order_by("pk")
    for check in checks:
        found.setdefault((check.entry.round_id, check.entry.initiative_id), []).append(
            {
                "key": check.gate,
                "label": labels.get(check.gate, {}),
                "verdict": check.verdict,
                "reason": check.reason,
                "reason_label": funnel.reason_label(policy, check.reason) if check.reason else {},
                "text": check.text,
            }
        )
    return found


def _evidence(decision: Decision) -> list[dict[str, Any]]:
    """What the panel read about problem reports, without the cells that tell of a few."""
    if decision.round is None:
        return []
    read = frozen_evidence(round=decision.round, initiative=decision.initiative)
    return [evidence_documents.public(one) for one in read]


_INTERNAL = {"champion", "owner_agreed", "effort", "risk"}


def _public_content(initiative: Initiative) -> dict[str, Any]:
    return {key: value for key, value in content(initiative).items() if key not in _INTERNAL}


def _score(assessed: Collection[str], row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The figures behind a rank, to one decimal of 100; none that rest on fewer than three (METHOD 6)."""
    if row is None or row["utility"] is None or row["reviews"] < rankings.LEAST_SCORES:
        return None
    if rankings.withheld(assessed, row["criteria"]):  # the points alone would tell them
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
