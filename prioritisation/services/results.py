"""Immutable results: the inputs of a round frozen and hashed, the ranking made from them."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import __version__, rankings
from prioritisation.collecting import uncollected
from prioritisation.models import Assessment, Assignment, CostLine, Entry, GateCheck, Result, Round
from prioritisation.policies import schema
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.figures import stated_costs
from prioritisation.services.letters import draw_letters, give_letters
from prioritisation.workflow import Role, RoundState

CHANGES = {"weights", "dropped_criteria", "dropped_assessors", "places", "budget"}
"""What a what-if may change. A budget is for portfolios; a ranking keeps it, and goes by the others."""


@uncollected()
def frozen_inputs(round: Round) -> dict[str, Any]:
    """Everything the ranking is made from, as JSON: one read per table, one row per assessment.

    Assessors stand in it as the letters of this round; whoever has none draws one now. What comes in a list
    is put in order here: databases compare letters in ways of their own.
    """
    entries = sorted(
        round.entries.values_list(
            "pk", "initiative_id", "initiative__reference", "figures", "initiative__timeframe_months"
        ),
        key=lambda entry: entry[2],
    )
    costs = _costs(round)
    checks: dict[int, dict[str, str]] = {}
    for entry, gate, verdict in GateCheck.objects.filter(entry__round=round).values_list(
        "entry_id", "gate", "verdict"
    ):
        checks.setdefault(entry, {})[gate] = verdict
    reviews = _reviews(round)
    return {
        "format": 2,
        "policy": round.policy_version.sha256,
        "places": round.places,
        "severity": round.severity,
        "seed": round.seed,
        "initiatives": [
            {
                "reference": reference,
                "figures": {"timeframe_months": months, "cost_total": costs.get(initiative)}
                if figures is None
                else figures,
                "checks": dict(sorted(checks.get(entry, {}).items())),
                "reviews": reviews.get(entry, []),
            }
            for entry, initiative, reference, figures, months in entries
        ],
    }


def _reviews(round: Round) -> dict[int, list[dict[str, Any]]]:
    """What was handed in, by entry: only what counts, under letters."""
    letters = give_letters(round)
    rows = list(
        Assessment.objects.counted()
        .filter(assignment__entry__round=round)
        .annotate(text=Cast("scores", TextField()))
        .values_list("assignment__entry_id", "assignment__assessor_id", "pk", "version", "text")
    )
    # read as one text: 50,000 short ones take three times as long
    every = json.loads(f"[{','.join(row[4] for row in rows)}]")
    # whoever assessed without a seat on the panel is lettered for this result alone
    seatless = sorted({row[1] for row in rows} - set(letters))
    letters |= zip(seatless, draw_letters(len(seatless), set(letters.values())), strict=True)
    reviews: dict[int, list[dict[str, Any]]] = {}
    for (entry, assessor, key, version, _text), scores in zip(rows, every, strict=True):
        review = {"id": key, "version": version, "assessor": letters[assessor], "scores": scores}
        reviews.setdefault(entry, []).append(review)
    for own in reviews.values():
        own.sort(key=lambda review: str(review["assessor"]))
    return reviews


def _costs(round: Round) -> dict[int, float]:
    """The sum of all cost lines of each initiative that has one, as stated today."""
    own = Entry.objects.filter(round=round, figures__isnull=True).values("initiative")
    return stated_costs(CostLine.objects.filter(initiative__in=own))


def make_result(
    *, round: Round, by: User, at: datetime, parent: Result | None = None, reason: str = ""
) -> Result:
    """Computes the ranking of a closed round and keeps it, with the hash of what it was made from.

    In the place of another one (`parent`), it is made from the scores as they now stand, with the changes
    that were adopted there.
    """
    inputs = frozen_inputs(round)
    if parent is not None and parent.inputs.get("changes"):
        inputs["changes"] = parent.inputs["changes"]
    return _keep(round, inputs, by=by, at=at, parent=parent, reason=reason)


def _keep(
    round: Round,
    inputs: dict[str, Any],
    *,
    by: User,
    at: datetime,
    parent: Result | None = None,
    reason: str = "",
) -> Result:
    policy = schema.parse(round.policy_version.document)
    return Result.objects.create(
        round=round,
        policy_version=round.policy_version,
        parent=parent,
        reason=reason,
        inputs=inputs,
        inputs_sha256=rankings.fingerprint(inputs),
        seed=round.seed,
        code_version=__version__,
        numpy_version=np.__version__,
        output=rankings.rank(policy, inputs),
        made_at=at,
        made_by=by,
    )


def latest_result(round: Round) -> Result:
    """The newest ranking of a round; portfolios and ballots are results of other kinds."""
    result = round.results.filter(kind=Result.Kind.RANKING).order_by("-pk").first()
    if result is None:
        raise Refused(_("There is no ranking yet."), code="wrong_state")
    return result


def places_of(round: Round) -> int | None:
    """For how many the line is drawn: as the newest ranking has it, since other places may be adopted; the
    round's own before there is one."""
    made = round.results.filter(kind=Result.Kind.RANKING).order_by("-pk")
    found = made.values_list("output__places", flat=True)[:1]
    return found[0] if found else round.places


@transaction.atomic
def adopt_result(
    *,
    round: Round,
    changes: Mapping[str, Any],
    reason: str,
    by: User,
    at: datetime,
    seen: int | None = None,
) -> Result:
    """Makes a tried change the ranking that decisions go by: a new result beside the old one.

    Decisions drafted from the old one stay as they are; their `result` tells that they are of another.
    `seen` is the number of the ranking that the change was tried on: on another one it would give a list
    that nobody has looked at.
    """
    parent = _require_open_to_change(round, reason, by)
    if seen is not None and seen != parent.pk:
        raise Stale(_("Somebody made the list again meanwhile. Look at the new one first."))
    if unknown := set(changes) - CHANGES:
        raise Refused(_("This can't be changed: %(names)s") % {"names": ", ".join(sorted(unknown))})
    inputs = parent.inputs if "format" in parent.inputs else frozen_inputs(round)
    every = {key: value for key, value in rankings.merged(inputs, changes).items() if _says(key, value)}
    try:
        made = _keep(
            round,
            {**{key: value for key, value in inputs.items() if key != "changes"}, "changes": every},
            parent=parent,
            reason=reason.strip(),
            by=by,
            at=at,
        )
    except ValueError as error:
        raise Refused(_("No list can be made of these changes."), code="changes") from error
    record(round.programme, "adopt_result", at=at, by=by, round=round, note=reason.strip())
    return made


def _says(key: str, value: Any) -> bool:
    """Empty is nothing changed, but no places is a change."""
    return key == "places" or bool(value)


def _require_open_to_change(round: Round, reason: str, by: User) -> Result:
    """The ranking to be replaced, held. Refuses without a reason, and once anything is published."""
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED or round.decisions.published().exists():
        raise Refused(
            _("A ranking is made anew between closing and publishing, not before and not after."),
            code="wrong_state",
        )
    if not reason.strip():
        raise Refused(_("Say why. The reason stays with the ranking."), code="reason", field="reason")
    return latest_result(round)


def _ranked_again(result: Result) -> dict[str, Any]:
    draws = result.output.get("draws", {})
    numbers = {"noise_draws": draws["noise"], "weight_draws": draws["weights"]} if draws else {}
    return rankings.rank(schema.parse(result.policy_version.document), result.inputs, **numbers)


RECOMPUTED: dict[str, Callable[[Result], dict[str, Any]]] = {Result.Kind.RANKING: _ranked_again}
"""How each kind of result is made again from its inputs. Whoever makes another kind adds to it."""


def recompute(result: Result) -> dict[str, Any] | None:
    """The output made again from the frozen inputs, to be compared with `result.output`; None for a kind
    that nobody said how to make again."""
    again = RECOMPUTED.get(result.kind)
    return again(result) if again else None


@transaction.atomic
def strike_assessments(
    *, round: Round, assignments: Iterable[Assignment], reason: str, by: User, at: datetime
) -> Result:
    """Records a conflict of interest that came to light after closing: these scores leave every figure,
    their rows stay. Makes the ranking anew, with the reason."""
    parent = _require_open_to_change(round, reason, by)
    chosen = [one.pk for one in assignments]
    struck = Assignment.objects.filter(pk__in=chosen, entry__round=round).without_conflict()
    changed = struck.update(conflict_at=at, conflict_reason=reason.strip()[:300])
    if not changed or changed != len(set(chosen)):
        raise Refused(_("Choose assessments of this round that still count."), code="assignments")
    made = make_result(round=round, by=by, at=at, parent=parent, reason=reason.strip())
    record(round.programme, "strike_assessments", at=at, by=by, round=round, note=str(changed))
    return made
