"""Draws by lot among equals: announced with where the seed will come from, drawn once, never again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import lots
from prioritisation.models import Decision, Draw, Initiative, Round
from prioritisation.policies import schema
from prioritisation.services import wording
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.decisions import draws_of
from prioritisation.services.results import latest_result
from prioritisation.workflow import Outcome, Role, RoundState

TIED, BORDERLINE = "tied", "borderline"
MOST_SEED = 200


def all_equals(round: Round) -> dict[str, tuple[list[str], int]]:
    """By each basis who may be drawn among, and for how many places; the ranking is read once."""
    output = latest_result(round).output
    return {basis: _equals(output, basis) for basis in (TIED, BORDERLINE)}


def equals(round: Round, basis: str) -> tuple[list[str], int]:
    """Who may be drawn among, and for how many places: nobody chooses either.

    `tied`: those of one rank across the line. `borderline`: those whom the ranking cannot tell apart with
    enough certainty; places are those that the safe ones leave.
    """
    return _equals(latest_result(round).output, basis)


def outdated(draw: Draw) -> bool:
    """Was the ranking made again, so that those drawn among are no longer the equals at the line?"""
    return (draw.among, draw.places) not in all_equals(draw.round).values()


def _equals(output: Mapping[str, Any], basis: str) -> tuple[list[str], int]:
    rows, places = output["rows"], output["places"]
    if places is None:
        return [], 0
    ranked = [row for row in rows if row["rank"] is not None]
    if basis == TIED:
        among = [row["reference"] for row in ranked if row["status"] == "tie"]
        free = places - sum(row["status"] == "in" for row in ranked)
    else:
        among = [row["reference"] for row in ranked if row.get("group") == "borderline"]
        free = places - sum(row.get("group") == "core" for row in ranked)
    return sorted(among), free


@transaction.atomic
def announce_draw(*, round: Round, basis: str, seed_rule: dict[str, str], by: User, at: datetime) -> Draw:
    """Says in public who will be drawn among, for how many places, and where the seed will come from.

    Decisions drafted on them before are taken back: the lots decide. One draw a round.
    """
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(
            _("Lots are drawn after the round is closed and before it is published."), code="wrong_state"
        )
    seed_rule = said(seed_rule)
    if not seed_rule:
        raise Refused(_("Say which number to come will be the seed."), field="seed_rule")
    if basis not in (TIED, BORDERLINE):
        raise Refused(_("Choose who is drawn among."), field="basis")
    among, places = equals(round, basis)
    if len(among) < 2 or not 0 < places < len(among):
        raise Refused(_("There is nothing to draw: nobody is equal at the line."), field="basis")
    if draws_of(round):
        raise Refused(_("A draw is announced already. There is one draw a round."), code="twice")
    draw = Draw.objects.create(
        round=round, among=among, places=places, seed_rule=seed_rule, announced_at=at, announced_by=by
    )
    Decision.objects.pending().filter(round=round, initiative__reference__in=among).delete()
    record(round.programme, "announce_draw", at=at, by=by, round=round, public=True, text=seed_rule)
    return draw


@transaction.atomic
def draw_lots(*, draw: Draw, seed: str, by: User, at: datetime, version: int | None = None) -> Draw:
    """Enters the seed as it became known, draws, and drafts the decisions. It is done once."""
    round = draw.round
    require_role(by, round.programme, Role.MANAGER)
    seed = " ".join(seed.split())
    if not seed or len(seed) > MOST_SEED or not seed.isprintable():
        raise Refused(_("Enter the seed as it was published, at most 200 characters."), field="seed")
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(
            _("Lots are drawn after the round is closed and before it is published."), code="wrong_state"
        )
    if outdated(draw):
        raise Refused(
            _("The ranking changed since. Call this draw off, and announce another."), code="changed"
        )
    order = lots.order(seed, draw.among)
    _once(draw, version, seed=seed, order=order, drawn_at=at, drawn_by=by)
    _draft(draw, by=by, at=at)
    record(round.programme, "draw_lots", at=at, by=by, round=round, public=True, note=seed)
    return draw


@transaction.atomic
def cancel_draw(
    *, draw: Draw, reason: dict[str, str], by: User, at: datetime, version: int | None = None
) -> Draw:
    """Calls off a draw. The announcement stays public, with the reason, and with the lots if they were drawn.

    Once drawn it stands, but for a ranking made again in which those drawn among are no longer the equals.
    """
    require_role(by, draw.round.programme, Role.MANAGER)
    reason = said(reason)
    if not reason:
        raise Refused(_("Say why, in words for the public."), field="reason")
    drawn = hold_round(draw.round) == RoundState.CLOSED and draw.drawn_at is not None and outdated(draw)
    _once(draw, version, drawn=drawn, cancelled_at=at, cancelled_by=by, cancel_reason=reason)
    Decision.objects.pending().filter(draw=draw).delete()  # they are decided anew
    programme = draw.round.programme
    record(programme, "cancel_draw", at=at, by=by, round=draw.round, public=True, text=reason)
    return draw


def _once(draw: Draw, version: int | None, *, drawn: bool = False, **values: Any) -> None:
    seen = draw.version if version is None else version
    changed = Draw.objects.filter(
        pk=draw.pk, version=seen, drawn_at__isnull=not drawn, cancelled_at__isnull=True
    ).update(version=F("version") + 1, **values)
    if not changed:
        raise Stale(_("The lots were drawn, or the draw was called off meanwhile. Look again."))
    draw.refresh_from_db()


def _draft(draw: Draw, *, by: User, at: datetime) -> None:
    """The first ones go on, the others are set aside, each told its place."""
    round = draw.round
    result = latest_result(round)
    policy = schema.parse(round.policy_version.document)
    ranks = {row["reference"]: row["rank"] for row in result.output["rows"]}
    initiatives = {one.reference: one for one in Initiative.objects.filter(reference__in=draw.among)}
    Decision.objects.pending().filter(round=round, initiative__reference__in=draw.among).delete()
    Decision.objects.bulk_create(
        Decision(
            round=round,
            initiative=initiatives[reference],
            outcome=Outcome.ADVANCE if place <= draw.places else Outcome.SET_ASIDE,
            reason="" if place <= draw.places else _below_line(policy),
            text=wording.draw_text(place, len(draw.order), draw.places),
            result=result,
            rank=ranks[reference],
            draw=draw,
            prepared_at=at,
            prepared_by=by,
        )
        for place, reference in enumerate(draw.order, start=1)
    )


def _below_line(policy: schema.Policy) -> str:
    codes = [one.code for one in policy.reasons if one.outcome == "set_aside"]
    return "below_line" if "below_line" in codes else codes[0]


def shown(draw: Draw) -> list[dict[str, Any]]:
    """What was drawn, line by line: `[{"place", "reference", "lot", "chosen"}]`."""
    return [
        {"place": place, "reference": one, "lot": lots.lot(draw.seed, one), "chosen": place <= draw.places}
        for place, one in enumerate(draw.order, start=1)
    ]
