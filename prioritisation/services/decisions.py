"""Decisions: drafted from the ranking, edited by staff, kept pending until published together."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.localized import in_languages, said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import rankings
from prioritisation.models import Decision, DecisionMeeting, Draw, Initiative, Result, Round
from prioritisation.policies import schema
from prioritisation.services import wording
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.results import latest_result
from prioritisation.services.writers import keep_writer, own
from prioritisation.workflow import InitiativeState, Outcome, Role, RoundState

UNKNOWN = "not_enough_information"
"""The reason of what is held over until more is known."""


def proposed_outcome(
    policy: schema.Policy, row: dict[str, Any], found: dict[str, str] | None = None
) -> tuple[str, str] | None:
    """What the ranking says: (outcome, reason code). None for a tie across the line: people decide that.

    `found`: by gate the reason code that staff noted with a "no".
    """
    if row["status"] == "in":
        return Outcome.ADVANCE, ""
    if row["status"] == "out":
        return Outcome.SET_ASIDE, "below_line"
    if row["status"] == "needs_assessment":
        return Outcome.HOLD, UNKNOWN
    if row["status"] == "gate":
        return _gate_outcome(policy, row, found or {})
    return None


def _gate_outcome(policy: schema.Policy, row: dict[str, Any], found: dict[str, str]) -> tuple[str, str]:
    """A condition not met decides before one of which too little is known: that one holds it over."""
    gates = {gate.key: gate for gate in policy.gates}
    failed = next((gate["key"] for gate in row["gates"] if gate["verdict"] == "fail"), None)
    if failed is None:
        open_one = next(gate["key"] for gate in row["gates"] if gate["verdict"] == "needs_information")
        return _known_outcome(policy, found.get(open_one) or UNKNOWN, Outcome.HOLD)
    return _known_outcome(
        policy, found.get(failed) or gates[failed].reason or "gate_failed", Outcome.SET_ASIDE
    )


def _known_outcome(policy: schema.Policy, reason: str, otherwise: Outcome) -> tuple[str, str]:
    try:
        return Outcome(policy.reason(reason).outcome), reason
    except KeyError:
        return otherwise, reason


@transaction.atomic
def draft_decisions(
    *,
    round: Round,
    by: User,
    at: datetime,
) -> int:
    """One pending decision for every initiative of a closed round that has none yet. Gives how many.

    Where a selection is adopted, those in it go on and other ranked ones are set aside; where the ranking
    says otherwise the draft carries the selection and why it was adopted. Else drafts follow the ranking.
    """
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(_("Close the round first."), code="wrong_state")
    result = latest_result(round)
    policy = schema.parse(round.policy_version.document)
    adopted = adopted_selection(round)
    selection = None if adopted is None else selected(adopted)
    medians = rankings.chosen_medians(result.output["rows"], selection)
    entries = list(_entries(round).prefetch_related("gate_checks"))
    initiatives = {entry.initiative.reference: entry.initiative for entry in entries}
    decided = set(round.decisions.values_list("initiative__reference", flat=True)) | waiting_for_lots(round)
    noted: dict[str, dict[str, str]] = {}
    for entry in entries:
        noted[entry.initiative.reference] = {one.gate: one.reason for one in entry.gate_checks.all()}
    drafts = []
    for row in result.output["rows"]:
        proposal = proposed_outcome(policy, row, noted.get(row["reference"]))
        if selection is not None:
            proposal = _selected_outcome(row, selection, proposal)
        if proposal is None or row["reference"] in decided:
            continue
        (outcome, reason), override = proposal, {}
        if adopted is not None and against_ranking(row, outcome):
            override = _said(adopted)
        drafts.append(
            Decision(
                round=round,
                initiative=initiatives[row["reference"]],
                outcome=outcome,
                reason=reason,
                override_reason=override,
                text={}
                if outcome == Outcome.ADVANCE
                else wording.decision_draft(policy, row, reason, medians),
                result=result,
                rank=row["rank"],
                prepared_at=at,
                prepared_by=by,
            )
        )
    Decision.objects.bulk_create(drafts)
    record(round.programme, "draft_decisions", at=at, by=by, round=round, note=str(len(drafts)))
    return len(drafts)


def adopted_selection(round: Round) -> Result | None:
    """The selection adopted last for this round, which drafts follow."""
    found = round.results.filter(kind=Result.Kind.PORTFOLIO).select_related("scenario")
    return found.order_by("-pk").first()


def selected(adopted: Result) -> set[str]:
    """The references in an adopted selection: staff's own one where that was adopted, else the best."""
    return set(adopted.output["kept"]["selected"])


def astray_of_selection(adopted: Result, decisions: Iterable[Decision]) -> list[str]:
    """References of pending decisions that say otherwise than the adopted selection, lots apart."""
    inside = selected(adopted)
    return sorted(
        one.initiative.reference
        for one in decisions
        if one.published_at is None
        and one.draw_id is None
        and (one.outcome == Outcome.ADVANCE) != (one.initiative.reference in inside)
        and (one.rank is not None or one.outcome == Outcome.ADVANCE)
    )


def _said(adopted: Result) -> dict[str, str]:
    """Why the ranking is not followed, in each language that the adoption's reason is written in."""
    reasons = adoption_reason(adopted)

    def make(language: str) -> str:
        words = _("Weighed with the others, under rules for the selection (result %(number)d): %(reason)s")
        return words % {"number": adopted.pk, "reason": reasons[language]} if language in reasons else ""

    return said(wording.in_each_language(make))


def adoption_reason(adopted: Result) -> dict[str, str]:
    """Why a selection was adopted, by language."""
    return in_languages(adopted.inputs.get("reason") or adopted.reason)


def draws_of(round: Round) -> list[Draw]:
    """The draws of a round that were not called off."""
    return list(Draw.objects.filter(round=round, cancelled_at__isnull=True))


def waiting_for_lots(round: Round) -> set[str]:
    """References in an announced draw: nobody decides on them before it."""
    return {one for draw in draws_of(round) if draw.drawn_at is None for one in draw.among}


def _selected_outcome(
    row: dict[str, Any], selection: Collection[str], proposal: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Those selected go on, other ranked ones do not; what is not ranked stays as the ranking proposes."""
    if row["reference"] in selection:
        return Outcome.ADVANCE, ""
    return (Outcome.SET_ASIDE, "below_line") if row["rank"] is not None else proposal


def _entries(round: Round) -> Any:
    return round.entries.select_related("initiative")


@transaction.atomic
def save_decision(
    *,
    round: Round,
    initiative: Initiative,
    outcome: str,
    by: User,
    at: datetime,
    reason: str = "",
    text: dict[str, str] | None = None,
    override_reason: dict[str, str] | None = None,
    merge_into: Initiative | None = None,
    meeting: DecisionMeeting | None = None,
    stood_aside: str = "",
    version: int | None = None,
) -> Decision:
    """Makes or changes the pending decision on one initiative; whoever looked it through has to look again.

    Against the ranking, or against the lots, it needs a reason, and carries the rank it overrides. Everything
    but "goes on" needs a reason code and a public text.
    """
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(_("Decisions are made after the round is closed."), code="wrong_state")
    result = latest_result(round)
    row = next((one for one in result.output["rows"] if one["reference"] == initiative.reference), None)
    if row is None:
        raise Refused(_("This initiative is not in the round."), code="unknown")
    policy = schema.parse(round.policy_version.document)
    text, why = said(text), said(override_reason)
    draw = next((one for one in draws_of(round) if initiative.reference in one.among), None)
    if draw is not None and draw.drawn_at is None:
        raise Refused(_("Lots will decide on it: a draw is announced."), code="draw")
    if meeting is not None and meeting.programme_id != round.programme_id:
        raise Refused(_("The sitting is of another programme."), field="meeting")
    against = _against_lots(draw, initiative, outcome) if draw else against_ranking(row, outcome)
    _check(policy, outcome, reason, text, initiative, merge_into)
    if against and not why:
        raise Refused(
            _("The ranking says otherwise. Say why you decide against it."),
            code="override",
            field="override_reason",
        )
    decision = Decision.objects.filter(round=round, initiative=initiative).first()
    if outcome == Outcome.ADVANCE and decision and decision.outcome != outcome and decision.text == text:
        text = {}  # what was drafted for leaving it out is no word on its going on
    values = {
        "outcome": outcome,
        "reason": "" if outcome == Outcome.ADVANCE else reason,
        "text": text,
        # Only what is against the ranking overrides it: the plan must not say so of anything else.
        "override_reason": why if against else {},
        "merge_into": merge_into if outcome == Outcome.MERGE else None,
        "meeting": meeting,
        "stood_aside": stood_aside.strip(),
        "draw": draw,
        "checked_at": None,
        "checked_by": None,
        "result": result,
        "rank": row["rank"],
        "prepared_at": at,
        "prepared_by": by,
    }
    if decision is None:
        decision = Decision.objects.create(round=round, initiative=initiative, **values)
    else:
        seen = decision.version if version is None else version
        if (
            not Decision.objects.pending()
            .filter(pk=decision.pk, version=seen)
            .update(version=F("version") + 1, **values)
        ):
            raise Stale(_("Somebody else changed this decision. Look again before you save."))
        keep_writer(decision, decision.prepared_by_id, by=by)
        decision.refresh_from_db()
    record(
        round.programme,
        "decide",
        at=at,
        by=by,
        round=round,
        initiative=initiative,
        reason=reason,
        note=outcome,
    )
    return decision


def _check(
    policy: schema.Policy,
    outcome: str,
    reason: str,
    text: dict[str, str],
    initiative: Initiative,
    merge_into: Initiative | None,
) -> None:
    if outcome not in set(Outcome):
        raise Refused(_("Choose an outcome."), field="outcome")
    if outcome != Outcome.ADVANCE:
        if reason not in {one.code for one in policy.reasons}:
            raise Refused(_("Choose a reason."), code="reason", field="reason")
        if not text:
            raise Refused(_("Write what the public will read."), code="text", field="text")
    if outcome == Outcome.MERGE and (
        merge_into is None
        or merge_into.pk == initiative.pk
        or merge_into.programme_id != initiative.programme_id
    ):
        raise Refused(_("Choose the initiative that it goes into."), field="merge_into")
    if (
        outcome == Outcome.MERGE
        and merge_into is not None
        and merge_into.state in (InitiativeState.MERGED, InitiativeState.SET_ASIDE)
    ):
        raise Refused(_("Choose an initiative that is still standing."), field="merge_into")


def against_ranking(row: dict[str, Any], outcome: str) -> bool:
    """Does the ranking say otherwise? Then the decision needs a reason."""
    return (outcome == Outcome.ADVANCE and row["status"] in ("out", "gate", "needs_assessment")) or (
        outcome != Outcome.ADVANCE and row["status"] == "in"
    )


def _against_lots(draw: Draw, initiative: Initiative, outcome: str) -> bool:
    drawn = draw.order.index(initiative.reference) < draw.places
    return bool((outcome == Outcome.ADVANCE) != drawn)


@transaction.atomic
def save_texts(
    *, decisions: Iterable[Decision], text: dict[str, str], by: User, at: datetime
) -> tuple[int, list[tuple[Decision, str]]]:
    """Gives several pending decisions one public text. Tells how many were done, and which not and why."""
    done, refused = 0, []
    for decision in decisions:
        if decision.round is None:
            refused.append((decision, _("It was decided before the round.")))
            continue
        try:
            save_decision(
                round=decision.round,
                initiative=decision.initiative,
                outcome=decision.outcome,
                reason=decision.reason,
                text={**decision.text, **text},
                override_reason=decision.override_reason,
                merge_into=decision.merge_into,
                meeting=decision.meeting,
                stood_aside=decision.stood_aside,
                by=by,
                at=at,
                version=decision.version,
            )
        except Refused as refusal:
            refused.append((decision, str(refusal)))
        else:
            done += 1
    return done, refused


@transaction.atomic
def check_decisions(
    *, decisions: Iterable[Decision], by: User, at: datetime
) -> tuple[int, list[tuple[Decision, str]]]:
    """A second pair of eyes: `by` looked these pending decisions through. How many, and which not and why.

    Nobody looks through what they prepared, the sitting included, and what changed since it was seen has to
    be seen again.
    """
    done, refused = 0, []
    decisions = list(decisions)
    mine = own(Decision.objects.filter(pk__in=[one.pk for one in decisions]), by)
    for decision in decisions:
        programme = decision.initiative.programme
        require_role(by, programme, Role.MANAGER, Role.PUBLISHER)
        if decision.pk in mine:
            refused.append((decision, _("You prepared it or its sitting: another person looks it through.")))
            continue
        seen = Decision.objects.pending().filter(pk=decision.pk, version=decision.version)
        if not seen.update(checked_at=at, checked_by=by, version=F("version") + 1):
            refused.append((decision, _("Somebody else changed this decision. Look again before you save.")))
            continue
        done += 1
        record(
            programme, "check_decision", at=at, by=by, round=decision.round, initiative=decision.initiative
        )
    return done, refused


def undecided(round: Round) -> Any:
    """Initiatives of a round without a decision: a tie across the line, until people decide it."""
    return Initiative.objects.filter(entries__round=round).exclude(decisions__round=round)
