"""What a manager changes of who is asked about what: one by one, conflicts of interest, or by a file."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import Assignment, Entry, PanelMember, Round
from prioritisation.services.access import hold_round, record, require_open, require_role
from prioritisation.services.assigning import (
    Origin,
    entries_of,
    own_department,
    tell_added,
)
from prioritisation.workflow import Role, RoundState

MOST_TOLD = 20
"""Faults of a file that are told one by one."""
NAMED = 100
"""Characters of what stood in a cell."""


@transaction.atomic
def assign_person(
    *, entry: Entry, assessor: User, by: User, at: datetime, origin: str = Origin.BY_HAND
) -> Assignment:
    """Asks one member of the panel about one initiative of an open round."""
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    made = _assign(entry, assessor, at=at, origin=origin)
    tell_added(round, [made], at=at)
    record(
        round.programme,
        "assign_person",
        at=at,
        by=by,
        round=round,
        initiative=entry.initiative,
        note=assessor.username,
    )
    return made


def _assign(entry: Entry, assessor: User, *, at: datetime, origin: str) -> Assignment:
    name = {"name": assessor, "reference": entry.initiative.reference}
    if not PanelMember.objects.filter(round=entry.round, user=assessor, left_at__isnull=True).exists():
        raise Refused(_("%(name)s is not on the panel.") % name, field="assessor")
    if own_department(entry.initiative, assessor):
        raise Refused(
            _("%(name)s works in the department that would carry out %(reference)s.") % name,
            field="assessor",
        )
    there = Assignment.objects.filter(entry=entry, assessor=assessor).first()
    if there is not None and there.conflict_at is not None:
        raise Refused(_("%(name)s has a conflict of interest with %(reference)s.") % name, field="assessor")
    taken = Refused(_("%(name)s is asked about %(reference)s already.") % name, field="assessor")
    if there is not None:
        raise taken
    mine = Assignment.objects.filter(assessor=assessor, entry__round=entry.round)
    last = mine.aggregate(last=Max("position"))["last"] or 0
    try:
        with transaction.atomic():
            return Assignment.objects.create(
                entry=entry, assessor=assessor, position=last + 1, origin=origin, asked_at=at
            )
    except IntegrityError as error:  # two managers at once
        raise taken from error


@transaction.atomic
def unassign_person(*, assignment: Assignment, by: User, at: datetime) -> None:
    """Takes one initiative from one assessor, with the draft there is. What is handed in stays."""
    round = assignment.entry.round
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    _unassign(assignment)
    record(
        round.programme,
        "unassign_person",
        at=at,
        by=by,
        round=round,
        initiative=assignment.entry.initiative,
        note=assignment.assessor.username,
    )


def _unassign(assignment: Assignment) -> None:
    name = {"name": assignment.assessor, "reference": assignment.entry.initiative.reference}
    open_ones = Assignment.objects.filter(pk=assignment.pk).not_handed_in().without_conflict()
    if not open_ones.delete()[0]:
        raise Refused(
            _("%(name)s handed in %(reference)s or declared a conflict there: that stays.") % name,
            field="assessor",
        )


@transaction.atomic
def note_conflict(*, entry: Entry, assessor: User, reason: str, by: User, at: datetime) -> None:
    """Notes before opening that somebody is not to be asked about an initiative."""
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.PREPARING:
        raise Refused(_("The round is open: the assessor declares a conflict there."), code="wrong_state")
    if not reason.strip():
        raise Refused(_("Say in a few words what the conflict is."), field="reason")
    if not round.panel.filter(user=assessor).exists():
        raise Refused(_("%(name)s is not on the panel.") % {"name": assessor}, field="assessor")
    Assignment.objects.update_or_create(
        entry=entry,
        assessor=assessor,
        defaults={"position": 0, "conflict_at": at, "conflict_reason": reason.strip()[:300]},
    )
    record(
        round.programme,
        "note_conflict",
        at=at,
        by=by,
        round=round,
        initiative=entry.initiative,
        note=assessor.username,
    )


@transaction.atomic
def clear_conflict(*, assignment: Assignment, by: User, at: datetime) -> None:
    """Takes back a conflict that was noted before opening."""
    round = assignment.entry.round
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.PREPARING:
        raise Refused(_("The round is open: the assessor declares a conflict there."), code="wrong_state")
    if not Assignment.objects.filter(pk=assignment.pk, conflict_at__isnull=False).delete()[0]:
        raise Stale(_("It was taken back already."))
    record(
        round.programme,
        "clear_conflict",
        at=at,
        by=by,
        round=round,
        initiative=assignment.entry.initiative,
        note=assignment.assessor.username,
    )


# From a file --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of a file: who, which initiative, and its number in the file."""

    number: int
    username: str
    reference: str
    reason: str = ""


def assignments_state(round: Round) -> str:
    """A fingerprint of who is asked about what, and of who sits on the panel: a file that replaces the whole
    list is taken in where the list is as it was seen."""
    rows = Assignment.objects.filter(entry__round=round).values_list("entry_id", "assessor_id", "conflict_at")
    asked = sorted((entry, user, conflict is not None) for entry, user, conflict in rows)
    seats = sorted(round.panel.filter(left_at__isnull=True).values_list("user_id", flat=True))
    version = Round.objects.values_list("version", flat=True).get(pk=round.pk)
    return hashlib.sha256(repr((version, asked, seats)).encode()).hexdigest()


@transaction.atomic
def import_assignments(
    *,
    round: Round,
    lines: Iterable[Line],
    by: User,
    at: datetime,
    conflicts: bool = False,
    seen: str | None = None,
) -> dict[str, int]:
    """Makes the assignments of a round what the file says, or notes its lines as conflicts beforehand.

    A fault in any line changes nothing: `Refused.message` names each by its line. In an open round what is
    handed in must be in the file. Gives how many were added and how many taken away. `seen` is the
    `assignments_state` that the file was made for: what somebody else asked since is not in it.
    """
    require_role(by, round.programme, Role.MANAGER)
    state = hold_round(round)
    if state not in ({RoundState.PREPARING} if conflicts else {RoundState.PREPARING, RoundState.OPEN}):
        raise Refused(_("What is asked of whom is fixed in this round."), code="wrong_state")
    if seen is not None and seen != assignments_state(round):
        raise Stale(
            _(
                "Somebody else changed who is asked about what, and your file would undo it. "
                "Nothing is changed. Take the new list as a file, and bring your changes into it."
            )
        )
    pairs, faults = _read_lines(round, lines)
    if not faults and not conflicts:
        faults = _handed_in_but_not_named(round, {pair for pair, _line in pairs})
    if faults:
        raise Refused(_in_brief(faults), code="lines", field="file")
    if conflicts:
        for (entry, user), line in pairs:
            reason = line.reason or _("from a file")
            note_conflict(entry=entry, assessor=user, reason=reason, by=by, at=at)
        return {"added": len(pairs), "removed": 0}
    changed = _replace(round, pairs, at=at, opened=state == RoundState.OPEN)
    record(round.programme, "import_assignments", at=at, by=by, round=round)
    return changed


def _in_brief(faults: list[str]) -> str:
    """The first of them and how many more: a file of the wrong kind has a fault in each of its lines."""
    more = len(faults) - MOST_TOLD
    if more <= 0:
        return " ".join(faults)
    rest = ngettext("There is %(n)d fault more.", "There are %(n)d faults more.", more) % {"n": more}
    return " ".join([*faults[:MOST_TOLD], rest])


def _read_lines(
    round: Round, lines: Iterable[Line]
) -> tuple[list[tuple[tuple[Entry, User], Line]], list[str]]:
    entries = {entry.initiative.reference: entry for entry in entries_of(round)}
    people = {
        seat.user.username: seat.user
        for seat in round.panel.filter(left_at__isnull=True).select_related("user__department")
    }
    barred = set(
        Assignment.objects.filter(entry__round=round, conflict_at__isnull=False).values_list(
            "entry_id", "assessor_id"
        )
    )
    pairs: list[tuple[tuple[Entry, User], Line]] = []
    faults: list[str] = []
    seen: set[tuple[str, str]] = set()
    for line in lines:
        entry, user = entries.get(line.reference), people.get(line.username)
        words = {"line": line.number, "name": line.username[:NAMED], "reference": line.reference[:NAMED]}
        if user is None:
            faults.append(_("Line %(line)d: “%(name)s” is not on the panel.") % words)
        elif entry is None:
            faults.append(_("Line %(line)d: “%(reference)s” is not in this round.") % words)
        elif (line.username, line.reference) in seen:
            faults.append(_("Line %(line)d: the same as a line before.") % words)
        elif not line.reason and own_department(entry.initiative, user):
            faults.append(_("Line %(line)d: %(name)s works in the department that owns it.") % words)
        elif not line.reason and (entry.pk, user.pk) in barred:
            faults.append(_("Line %(line)d: %(name)s has a conflict of interest there.") % words)
        else:
            pairs.append(((entry, user), line))
        seen.add((line.username, line.reference))
    if not pairs and not faults:
        faults.append(_("The file has no lines."))
    return pairs, faults


def _handed_in_but_not_named(round: Round, pairs: set[tuple[Entry, User]]) -> list[str]:
    named = {(entry.pk, user.pk) for entry, user in pairs}
    done = (
        Assignment.objects.filter(entry__round=round, assessment__submitted_at__isnull=False)
        .without_conflict()
        .select_related("assessor", "entry__initiative")
    )
    return [
        _("%(name)s handed in %(reference)s: it has to stay in the file.")
        % {"name": one.assessor.username, "reference": one.entry.initiative.reference}
        for one in done
        if (one.entry_id, one.assessor_id) not in named
    ]


def _replace(
    round: Round, pairs: list[tuple[tuple[Entry, User], Line]], *, at: datetime, opened: bool
) -> dict[str, int]:
    wanted = {(entry.pk, user.pk) for (entry, user), _line in pairs}
    rows = Assignment.objects.filter(entry__round=round).without_conflict()
    stored = {(one.entry_id, one.assessor_id): one for one in rows}
    leaving = [one.pk for pair, one in stored.items() if pair not in wanted]
    Assignment.objects.filter(pk__in=leaving).not_handed_in().delete()
    added = [
        _assign(entry, user, at=at, origin=Origin.BY_HAND)
        for (entry, user), _line in pairs
        if (entry.pk, user.pk) not in stored
    ]
    if opened:
        tell_added(round, added, at=at)
    return {"added": len(added), "removed": len(leaving)}
