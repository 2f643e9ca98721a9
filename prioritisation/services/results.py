"""Immutable results: the inputs of a round frozen and hashed, the ranking made from them."""

from datetime import datetime
from typing import Any

from engagement.models import User
from prioritisation import __version__, rankings
from prioritisation.models import Assessment, Initiative, Result, Round
from prioritisation.policies import schema


def frozen_inputs(round: Round) -> dict[str, Any]:
    """Everything the ranking is made from, as JSON: one read per table, one row per assessment."""
    entries = list(
        round.entries.select_related("initiative")
        .prefetch_related("gate_checks", "initiative__cost_lines")
        .order_by("initiative__reference")
    )
    reviews: dict[int, list[dict[str, Any]]] = {entry.pk: [] for entry in entries}
    rows = (
        Assessment.objects.counted()
        .filter(assignment__entry__round=round)
        .order_by("pk")
        .values_list("assignment__entry_id", "pk", "version", "scores")
    )
    for entry_id, key, version, scores in rows:
        reviews[entry_id].append({"id": key, "version": version, "scores": scores})
    return {
        "policy": round.policy_version.sha256,
        "places": round.places,
        "initiatives": [
            {
                "reference": entry.initiative.reference,
                "figures": _figures(entry.initiative),
                "checks": {check.gate: check.verdict for check in entry.gate_checks.all()},
                "reviews": reviews[entry.pk],
            }
            for entry in entries
        ],
    }


def _figures(initiative: Initiative) -> dict[str, float | None]:
    """What staff measured: months, and the sum of all cost lines (null where none is stated)."""
    lines = list(initiative.cost_lines.all())
    return {
        "timeframe_months": initiative.timeframe_months,
        "cost_total": float(sum(line.amount for line in lines)) if lines else None,
    }


def make_result(*, round: Round, by: User, at: datetime) -> Result:
    """Computes the ranking of a closed round and keeps it, with the hash of what it was made from."""
    inputs = frozen_inputs(round)
    policy = schema.parse(round.policy_version.document)
    return Result.objects.create(
        round=round,
        policy_version=round.policy_version,
        inputs=inputs,
        inputs_sha256=rankings.fingerprint(inputs),
        seed=round.seed,
        code_version=__version__,
        output=rankings.rank(policy, inputs),
        made_at=at,
        made_by=by,
    )


def recompute(result: Result) -> dict[str, Any]:
    """The ranking made again from the frozen inputs, to be compared with `result.output`."""
    policy = schema.parse(result.policy_version.document)
    return rankings.rank(policy, result.inputs)
