"""Rounds: a set of initiatives, a panel, frozen rules; opened, closed, and then computed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from engagement.localized import localized
from engagement.models import User
from engagement.services import Refused, Stale, queue_notice
from prioritisation.models import (
    Assignment,
    Entry,
    GateCheck,
    Initiative,
    PolicyVersion,
    Programme,
    Round,
)
from prioritisation.policies import schema
from prioritisation.scoring import draws
from prioritisation.services.access import (
    hold_initiatives,
    hold_programme,
    hold_round,
    record,
    require_move,
    require_role,
)
from prioritisation.services.assigning import Distribution, distribute, write_assignments
from prioritisation.services.evidence import Gathered, freeze_evidence, gather_evidence
from prioritisation.services.figures import freeze_figures
from prioritisation.services.initiatives import revise
from prioritisation.services.letters import give_letters
from prioritisation.services.panels import Seat, require_preparing, set_panel
from prioritisation.services.results import make_result
from prioritisation.workflow import ROUND_MOVES, InitiativeState, Role, RoundState

CALIBRATION_MOST = 20
DISCLOSED_PANEL = 5
"""The least panel of which every score may be published: in a smaller one letters hide nobody."""


@dataclass(frozen=True)
class Terms:
    """What a round does with its figures. Fixed at opening, before a score is known."""

    severity: str = Round.Severity.BESIDE
    severity_reason: str = ""
    disclosure: str = Round.Disclosure.SUMS
    top_up: int = 0

    def values(self) -> dict[str, Any]:
        used = self.severity == Round.Severity.USED
        return {
            "severity": self.severity,
            "severity_reason": self.severity_reason.strip() if used else "",
            "disclosure": self.disclosure,
            "top_up": self.top_up,
        }


def _require_terms(terms: Terms, panel: int) -> None:
    if terms.severity == Round.Severity.USED and not terms.severity_reason.strip():
        raise Refused(_("Say why strict and lenient assessors change the ranking."), field="severity_reason")
    if terms.disclosure == Round.Disclosure.SCORES and panel < DISCLOSED_PANEL:
        raise Refused(
            _("Every score may be published of panels of %(n)d or more people only.")
            % {"n": DISCLOSED_PANEL},
            field="disclosure",
        )


@transaction.atomic
def prepare_round(
    *,
    programme: Programme,
    policy_version: PolicyVersion,
    stage: str,
    initiatives: Iterable[Initiative],
    panel: Iterable[User | Seat],
    by: User,
    at: datetime,
    seed: int,
    per_initiative: int | None = None,
    places: int | None = None,
    due_at: datetime | None = None,
    title: dict[str, str] | None = None,
    terms: Terms | None = None,
    calibration: Iterable[Initiative] = (),
    calibration_size: int = 0,
) -> Round:
    """Makes a round for one stage of the funnel. Nothing is assigned and nobody is told yet.

    `calibration` are for the whole panel; more are drawn by the round's seed, spread over themes, until
    there are `calibration_size`.
    """
    terms, panel = terms or Terms(), list(panel)
    _require_terms(terms, len(panel))
    require_role(by, programme, Role.MANAGER)
    if policy_version.programme_id != programme.pk or policy_version.approved_at is None:
        raise Refused(_("Approve the scoring rules first."), field="policy_version")
    policy = schema.parse(policy_version.document)
    stages = {one.key: one for one in policy.stages if one.unit == "initiatives"}
    if stage not in stages:
        raise Refused(_("Choose a stage of these scoring rules."), field="stage")
    hold_programme(programme)
    last = programme.rounds.aggregate(last=Max("number"))["last"] or 0
    made = Round.objects.create(
        programme=programme,
        number=last + 1,
        title=title or {},
        stage=stage,
        policy_version=policy_version,
        per_initiative=per_initiative or policy.assessors_per_initiative,
        places=places if places is not None else programme.places or stages[stage].keep,
        seed=seed,
        due_at=due_at,
        created_at=at,
        **terms.values(),
    )
    set_entries(round=made, initiatives=initiatives, by=by, at=at)
    set_panel(round=made, users=panel, by=by, at=at)
    set_calibration(round=made, initiatives=calibration, size=calibration_size, by=by, at=at)
    record(programme, "prepare_round", at=at, by=by, round=made)
    return made


@transaction.atomic
def set_entries(*, round: Round, initiatives: Iterable[Initiative], by: User, at: datetime) -> None:
    """Which initiatives the round assesses. All must be ready and of its programme."""
    require_role(by, round.programme, Role.MANAGER)
    require_preparing(round)
    initiatives = list(initiatives)
    for initiative in initiatives:
        if initiative.programme_id != round.programme_id or initiative.state != InitiativeState.READY:
            raise Refused(
                _("%(reference)s is not ready for assessment.") % {"reference": initiative.reference},
                field="initiatives",
            )
    # Entries that stay keep what was noted on them beforehand: findings, conflicts.
    round.entries.exclude(initiative__in=initiatives).delete()
    there = set(round.entries.values_list("initiative_id", flat=True))
    Entry.objects.bulk_create(
        Entry(round=round, initiative=initiative) for initiative in initiatives if initiative.pk not in there
    )


@transaction.atomic
def set_calibration(
    *, round: Round, initiatives: Iterable[Initiative], size: int, by: User, at: datetime
) -> list[Entry]:
    """Which entries the whole panel scores: `initiatives`, and more by draw until there are `size`."""
    require_role(by, round.programme, Role.MANAGER)
    require_preparing(round)
    named = {initiative.pk for initiative in initiatives}
    entries = list(
        round.entries.select_related("initiative")
        .prefetch_related("initiative__theme_impacts")
        .order_by("initiative__reference")
    )
    if named - {entry.initiative_id for entry in entries}:
        raise Refused(_("What everybody scores has to be in the round."), field="calibration")
    chosen = [entry for entry in entries if entry.initiative_id in named]
    if max(size, len(chosen)) > CALIBRATION_MOST:
        raise Refused(
            _("At most %(n)d initiatives for everyone: each costs the whole panel its time.")
            % {"n": CALIBRATION_MOST},
            field="calibration_size",
        )
    chosen += _drawn([entry for entry in entries if entry not in chosen], chosen, size, round.seed)
    for entry in entries:
        entry.calibration = entry in chosen
    Entry.objects.bulk_update(entries, ["calibration"])
    return chosen


def _drawn(free: list[Entry], chosen: list[Entry], size: int, seed: int) -> list[Entry]:
    """By chance, each time from a theme that has the fewest so far."""
    order = [free[int(place)] for place in draws.shuffled(draws.stream(seed), len(free))]
    counts = Counter(_main_theme(entry) for entry in chosen)
    drawn: list[Entry] = []
    while order and len(chosen) + len(drawn) < size:
        fewest = min(order, key=lambda entry: counts[_main_theme(entry)])
        order.remove(fewest)
        counts[_main_theme(fewest)] += 1
        drawn.append(fewest)
    return drawn


def _main_theme(entry: Entry) -> int | None:
    impacts = list(entry.initiative.theme_impacts.all())
    return impacts[0].theme_id if impacts else None


@transaction.atomic
def change_round(
    *,
    round: Round,
    initiatives: Iterable[Initiative],
    panel: Iterable[User | Seat],
    by: User,
    at: datetime,
    per_initiative: int,
    places: int | None,
    due_at: datetime | None,
    title: dict[str, str],
    version: int | None = None,
    terms: Terms | None = None,
    calibration: Iterable[Initiative] = (),
    calibration_size: int = 0,
) -> Round:
    """Changes a round that is not open yet. Its stage and scoring rules stay: prepare another for others."""
    terms, panel = terms or Terms(), list(panel)
    _require_terms(terms, len(panel))
    require_role(by, round.programme, Role.MANAGER)
    require_preparing(round)
    seen = round.version if version is None else version
    changed = Round.objects.filter(pk=round.pk, state=RoundState.PREPARING, version=seen).update(
        per_initiative=per_initiative,
        places=places,
        due_at=due_at,
        title=title,
        version=F("version") + 1,
        **terms.values(),
    )
    if not changed:
        raise Stale(_("Somebody else changed this round. Look again before you save."))
    round.refresh_from_db()
    set_entries(round=round, initiatives=initiatives, by=by, at=at)
    set_panel(round=round, users=panel, by=by, at=at)
    set_calibration(round=round, initiatives=calibration, size=calibration_size, by=by, at=at)
    record(round.programme, "change_round", at=at, by=by, round=round)
    return round


def open_round(*, round: Round, by: User, at: datetime, version: int | None = None) -> list[Entry]:
    """Freezes the wordings and the evidence, assigns the panel evenly (METHOD 5.10) and tells it.

    An assessor is never asked about an initiative that the own department would carry out. Gives the
    entries that could not be filled, so that the manager can add somebody.
    """
    require_move(ROUND_MOVES["open"], state=round.state, by=by, programme=round.programme)
    # Counted before the transaction, which would keep others waiting meanwhile.
    return _open(round, gather_evidence(round, at=at), by=by, at=at, version=version)


@transaction.atomic
def _open(round: Round, evidence: Gathered, *, by: User, at: datetime, version: int | None) -> list[Entry]:
    hold_programme(round.programme)  # of two rounds opened at once one assesses an initiative
    if hold_round(round) != round.state:
        raise _moved_on()
    hold_initiatives(round.entries.values_list("initiative", flat=True))
    spread = distribute(round)
    if not spread.entries or not spread.panel:
        raise Refused(_("A round needs initiatives and a panel."))
    _require_judges(round, spread)
    _require_free(spread.entries)
    _move_round(round, to=RoundState.OPEN, at=at, version=version, opened_at=at)
    for entry in spread.entries:
        entry.revision = revise(entry.initiative, by=by, at=at)
    Entry.objects.bulk_update(spread.entries, ["revision"])
    give_letters(round)
    freeze_evidence(round=round, gathered=evidence, at=at)
    freeze_figures(round=round, evidence=evidence)
    write_assignments(spread, origin=Assignment.Origin.FIRST, at=at, seed=round.seed)
    for member in spread.panel:
        queue_notice(kind="prioritisation.round_opened", at=at, user=member.user, context={"round": round.pk})
    record(round.programme, "open_round", at=at, by=by, round=round, to_state=RoundState.OPEN, public=True)
    return spread.unfilled()


def _require_judges(round: Round, spread: Distribution) -> None:
    """Refuses a round in which nobody is asked about one of the criteria, or a seat has nothing to judge."""
    policy = schema.parse(round.policy_version.document)
    asked = {one.key for team in spread.groups for one in policy.asked_of(team)}
    for criterion in policy.assessed_criteria():
        if criterion.key not in asked:
            name = {"criterion": localized(dict(criterion.label))}
            raise Refused(_("Nobody on the panel judges “%(criterion)s”. Give somebody its team.") % name)
    _require_terms(Terms(round.severity, round.severity_reason, round.disclosure), len(spread.panel))


def _require_free(entries: list[Entry]) -> None:
    """Refuses what is no longer ready since the round was prepared, or is assessed in another round: two
    rounds would each decide it, and the plan would tell of the one and the initiative of the other."""
    busy = Round.objects.filter(state__in=(RoundState.OPEN, RoundState.CLOSED))
    elsewhere = set(Entry.objects.filter(round__in=busy).values_list("initiative_id", flat=True))
    for entry in entries:
        reference = {"reference": entry.initiative.reference}
        if entry.initiative.state != InitiativeState.READY:
            raise Refused(_("%(reference)s is not ready for assessment.") % reference)
        if entry.initiative_id in elsewhere:
            raise Refused(_("%(reference)s is being assessed in another round.") % reference)


def _move_round(round: Round, *, to: str, at: datetime, version: int | None, **stamps: Any) -> None:
    seen = round.version if version is None else version
    moved = Round.objects.filter(pk=round.pk, state=round.state, version=seen).update(
        state=to, version=F("version") + 1, **stamps
    )
    if not moved:
        raise _moved_on()
    round.refresh_from_db()


def _moved_on() -> Stale:
    return Stale(_("Somebody else moved this round on. Look again before you decide."))


@transaction.atomic
def check_gate(
    *,
    entry: Entry,
    gate: str,
    verdict: str,
    text: dict[str, str],
    by: User,
    at: datetime,
    reason: str = "",
) -> None:
    """Notes what staff found on one gate, with a public text; an empty verdict takes the note back.

    A "no" and a waiver have a reason code of the rules; without one it is the gate's own.
    """
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    state = hold_round(round)  # a round that closes meanwhile must not rank without what is being noted
    policy = schema.parse(round.policy_version.document)
    found = next((one for one in policy.gates if one.key == gate), None)
    if found is None:
        raise Refused(_("These scoring rules have no such gate."), field="gate")
    needed = verdict in (GateCheck.Verdict.FAIL, GateCheck.Verdict.WAIVED)
    reason = (reason or found.reason or "") if needed else ""
    if needed and reason not in {one.code for one in policy.reasons}:
        raise Refused(_("Choose a reason."), code="reason", field="reason")
    if state == RoundState.DECIDED or round.results.exists():
        raise Refused(_("The ranking is made. Decide the initiative itself instead."), code="wrong_state")
    if not verdict:
        entry.gate_checks.filter(gate=gate).delete()
    elif not any(text.values()):
        raise Refused(_("Write what the public will read."), field="text")
    else:
        GateCheck.objects.update_or_create(
            entry=entry,
            gate=gate,
            defaults={"verdict": verdict, "reason": reason, "text": text, "at": at, "by": by},
        )
    record(
        round.programme,
        "check_gate",
        at=at,
        by=by,
        round=round,
        initiative=entry.initiative,
        note=f"{gate}: {verdict or 'cleared'}",
    )


@transaction.atomic
def close_round(*, round: Round, by: User, at: datetime, version: int | None = None) -> Round:
    """Ends scoring and computes the ranking from what was handed in. Drafts do not count."""
    require_move(ROUND_MOVES["close"], state=round.state, by=by, programme=round.programme)
    _move_round(round, to=RoundState.CLOSED, at=at, version=version, closed_at=at)
    make_result(round=round, by=by, at=at)
    record(round.programme, "close_round", at=at, by=by, round=round, to_state=RoundState.CLOSED, public=True)
    return round
