"""Rounds: a set of initiatives, a panel, frozen rules; opened, closed, and then computed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, Stale, queue_notice
from prioritisation.models import (
    Assignment,
    Entry,
    GateCheck,
    Initiative,
    PanelMember,
    PolicyVersion,
    Programme,
    Round,
)
from prioritisation.policies import schema
from prioritisation.scoring import assignment as assigning
from prioritisation.scoring import draws
from prioritisation.services.access import has_role, hold_programme, record, require_move, require_role
from prioritisation.services.evidence import Gathered, freeze_evidence, gather_evidence
from prioritisation.services.figures import freeze_figures
from prioritisation.services.initiatives import revise
from prioritisation.services.letters import give_letters
from prioritisation.services.results import make_result
from prioritisation.workflow import ROUND_MOVES, InitiativeState, Role, RoundState

SECONDS_AN_INITIATIVE = 90
"""What one assessment takes, for telling a panel how long it will be busy."""


@transaction.atomic
def prepare_round(
    *,
    programme: Programme,
    policy_version: PolicyVersion,
    stage: str,
    initiatives: Iterable[Initiative],
    panel: Iterable[User],
    by: User,
    at: datetime,
    seed: int,
    per_initiative: int | None = None,
    places: int | None = None,
    due_at: datetime | None = None,
    title: dict[str, str] | None = None,
) -> Round:
    """Makes a round for one stage of the funnel. Nothing is assigned and nobody is told yet."""
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
    )
    set_entries(round=made, initiatives=initiatives, by=by, at=at)
    set_panel(round=made, users=panel, by=by, at=at)
    record(programme, "prepare_round", at=at, by=by, round=made)
    return made


def _require_preparing(round: Round) -> None:
    if round.state != RoundState.PREPARING:
        raise Refused(_("The round is open: what it assesses and by whom is fixed."), code="wrong_state")


@transaction.atomic
def set_entries(*, round: Round, initiatives: Iterable[Initiative], by: User, at: datetime) -> None:
    """Which initiatives the round assesses. All must be ready and of its programme."""
    require_role(by, round.programme, Role.MANAGER)
    _require_preparing(round)
    initiatives = list(initiatives)
    for initiative in initiatives:
        if initiative.programme_id != round.programme_id or initiative.state != InitiativeState.READY:
            raise Refused(
                _("%(reference)s is not ready for assessment.") % {"reference": initiative.reference},
                field="initiatives",
            )
    round.entries.all().delete()
    Entry.objects.bulk_create(Entry(round=round, initiative=initiative) for initiative in initiatives)


@transaction.atomic
def set_panel(*, round: Round, users: Iterable[User], by: User, at: datetime) -> None:
    """Who assesses. Each must be an assessor of the programme."""
    require_role(by, round.programme, Role.MANAGER)
    _require_preparing(round)
    users = list(users)
    for user in users:
        if not has_role(user, round.programme, Role.ASSESSOR):
            raise Refused(_("%(name)s is not an assessor of this programme.") % {"name": user}, field="panel")
    round.panel.all().delete()
    PanelMember.objects.bulk_create(PanelMember(round=round, user=user) for user in users)


@transaction.atomic
def change_round(
    *,
    round: Round,
    initiatives: Iterable[Initiative],
    panel: Iterable[User],
    by: User,
    at: datetime,
    per_initiative: int,
    places: int | None,
    due_at: datetime | None,
    title: dict[str, str],
    version: int | None = None,
) -> Round:
    """Changes a round that is not open yet. Its stage and scoring rules stay: prepare another for others."""
    require_role(by, round.programme, Role.MANAGER)
    _require_preparing(round)
    seen = round.version if version is None else version
    changed = Round.objects.filter(pk=round.pk, state=RoundState.PREPARING, version=seen).update(
        per_initiative=per_initiative, places=places, due_at=due_at, title=title, version=F("version") + 1
    )
    if not changed:
        raise Stale(_("Somebody else changed this round. Look again before you save."))
    round.refresh_from_db()
    set_entries(round=round, initiatives=initiatives, by=by, at=at)
    set_panel(round=round, users=panel, by=by, at=at)
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
    spread = distribute(round)
    if not spread.entries or not spread.panel:
        raise Refused(_("A round needs initiatives and a panel."))
    _require_free(spread.entries)
    _move_round(round, to=RoundState.OPEN, at=at, version=version, opened_at=at)
    for entry in spread.entries:
        entry.revision = revise(entry.initiative, by=by, at=at)
    Entry.objects.bulk_update(spread.entries, ["revision"])
    give_letters(round)
    freeze_evidence(round=round, gathered=evidence, at=at)
    freeze_figures(round=round, evidence=evidence)
    _write_assignments(spread, seed=round.seed)
    for member in spread.panel:
        queue_notice(kind="prioritisation.round_opened", at=at, user=member.user, context={"round": round.pk})
    record(round.programme, "open_round", at=at, by=by, round=round, to_state=RoundState.OPEN, public=True)
    return spread.unfilled()


def _require_free(entries: "list[Entry]") -> None:
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


@dataclass(frozen=True)
class Distribution:
    """Who is asked about what: for each entry the places of its assessors in `panel`."""

    entries: list[Entry]
    panel: list[PanelMember]
    assessors: list[list[int]]
    wanted: int

    def loads(self) -> list[tuple[PanelMember, int]]:
        """Each member of the panel with the number of initiatives."""
        counts = Counter(place for chosen in self.assessors for place in chosen)
        return [(member, counts[place]) for place, member in enumerate(self.panel)]

    def unfilled(self) -> list[Entry]:
        """Entries with fewer assessors than wanted: departments' own ones, or a panel too small."""
        pairs = zip(self.entries, self.assessors, strict=True)
        return [entry for entry, chosen in pairs if len(chosen) < self.wanted]


def distribute(round: Round) -> Distribution:
    """The assignment as it is, or will be, made at opening. The round's seed makes it the same each time."""
    entries = list(
        round.entries.select_related("initiative__programme", "initiative__owner").order_by(
            "initiative__reference"
        )
    )
    panel = list(round.panel.select_related("user__department").order_by("user__username"))
    if not entries or not panel:
        return Distribution(entries, panel, [[] for _entry in entries], round.per_initiative)
    chosen = assigning.assign(
        len(entries),
        len(panel),
        min(round.per_initiative, len(panel)),
        conflicts=[
            (row, column)
            for row, entry in enumerate(entries)
            for column, member in enumerate(panel)
            if _own_department(entry.initiative, member.user)
        ],
        capacity=[member.capacity or len(entries) for member in panel],
        seed=round.seed,
    )
    assessors = [[int(place) for place in places] for places in chosen]
    return Distribution(entries, panel, assessors, min(round.per_initiative, len(panel)))


def _own_department(initiative: Initiative, user: User) -> bool:
    return user.department_id is not None and user.department_id == initiative.owner_id


def _write_assignments(spread: Distribution, *, seed: int) -> None:
    """Each assessor's queue in an order of its own, so that no initiative is always judged last."""
    bits = draws.stream(seed)
    queues: dict[int, list[Entry]] = {column: [] for column in range(len(spread.panel))}
    for entry, assessors in zip(spread.entries, spread.assessors, strict=True):
        for column in assessors:
            queues[column].append(entry)
    rows = []
    for column, queue in queues.items():
        for position, index in enumerate(draws.shuffled(bits, len(queue)), start=1):
            assessor = spread.panel[column].user
            rows.append(Assignment(entry=queue[int(index)], assessor=assessor, position=position))
    Assignment.objects.bulk_create(rows)


def _move_round(round: Round, *, to: str, at: datetime, version: int | None, **stamps: Any) -> None:
    seen = round.version if version is None else version
    moved = Round.objects.filter(pk=round.pk, state=round.state, version=seen).update(
        state=to, version=F("version") + 1, **stamps
    )
    if not moved:
        raise Stale(_("Somebody else moved this round on. Look again before you decide."))
    round.refresh_from_db()


def replacement(entry: Entry) -> User | None:
    """The panel member with the least to do who may take this initiative on; nobody where none is left."""
    taken = set(entry.assignments.values_list("assessor_id", flat=True))
    seats = (
        PanelMember.objects.filter(round=entry.round)
        .exclude(user__in=taken)
        .annotate(
            load=Count(
                "user__assignments",
                filter=Q(
                    user__assignments__entry__round=entry.round,
                    user__assignments__conflict_at__isnull=True,
                ),
            )
        )
        .select_related("user")
        .order_by("load", "user__username")
    )
    for seat in seats:
        full = seat.capacity is not None and seat.load >= seat.capacity
        if not full and not _own_department(entry.initiative, seat.user):
            return seat.user
    return None


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
    policy = schema.parse(round.policy_version.document)
    found = next((one for one in policy.gates if one.key == gate), None)
    if found is None:
        raise Refused(_("These scoring rules have no such gate."), field="gate")
    needed = verdict in (GateCheck.Verdict.FAIL, GateCheck.Verdict.WAIVED)
    reason = (reason or found.reason or "") if needed else ""
    if needed and reason not in {one.code for one in policy.reasons}:
        raise Refused(_("Choose a reason."), code="reason", field="reason")
    if round.state == RoundState.DECIDED or round.results.exists():
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
