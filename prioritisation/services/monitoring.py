"""How a panel stands, before and during a round: loads, hours, who meets whom. Never anything of scores."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import Assessment, Assignment, Entry, PanelMember, Round
from prioritisation.rankings import LEAST_SCORES
from prioritisation.scoring import meetings
from prioritisation.services.access import hold_initiatives, record, require_open, require_role
from prioritisation.services.assigning import SECONDS_AN_INITIATIVE, Distribution
from prioritisation.services.assigning_by_hand import assign_person
from prioritisation.services.initiatives import content, revise
from prioritisation.workflow import Role

SEVERITY_LEAST = 8
"""Initiatives that an assessor has to read before strict and lenient can be told apart (METHOD 5.7)."""


@dataclass(frozen=True)
class Hours:
    """What a number of assessors for each initiative asks of a panel."""

    per_initiative: int
    reviews: int
    people: int
    current: bool = False

    @property
    def total(self) -> float:
        return self.reviews * SECONDS_AN_INITIATIVE / 3600

    @property
    def per_person(self) -> float:
        return self.total / self.people if self.people else 0.0


def hours(spread: Distribution, *, top_up: int) -> list[Hours]:
    """For one assessor fewer, as planned, and one more: how long, in all and for each."""
    planned = spread.per_initiative
    around = [one for one in (planned - 1, planned, planned + 1) if one >= 1]
    return [
        Hours(one, _reviews(spread, one, top_up), len(spread.panel), current=one == planned) for one in around
    ]


def _reviews(spread: Distribution, per_initiative: int, top_up: int) -> int:
    everyone = sum(entry.calibration for entry in spread.entries)
    rest = len(spread.entries) - everyone
    total = 0
    for places in spread.groups.values():
        each = min(per_initiative, len(places))
        total += everyone * len(places) + rest * each
        half = -(-len(spread.entries) // 2)
        total += min(half, rest) * min(top_up, len(places) - each)
    return total


@dataclass(frozen=True)
class Meetings:
    """Of those who judge the same criteria: who reads how many together, and whether all are joined."""

    team: str
    members: list[PanelMember]
    together: list[list[int]]
    parts: int
    bridges: list[tuple[Entry, PanelMember]]

    @property
    def connected(self) -> bool:
        return self.parts <= 1

    def table(self) -> list[tuple[PanelMember, list[int | None]]]:
        """Rows for a table; None where somebody meets themselves."""
        return [
            (member, [None if row == column else number for column, number in enumerate(numbers)])
            for row, (member, numbers) in enumerate(zip(self.members, self.together, strict=True))
        ]


def meetings_of(spread: Distribution) -> list[Meetings]:
    found = []
    loads = [count for _member, count in spread.loads()]
    for team, places in sorted(spread.groups.items()):
        chosen = spread.within(team)
        size = len(places)
        inside = {place: index for index, place in enumerate(places)}
        barred = [(row, inside[one]) for row, one in spread.barred if one in inside]
        limits = [(spread.panel[one].capacity, loads[one]) for one in places]
        full = [index for index, (most, load) in enumerate(limits) if most is not None and load >= most]
        bridges = meetings.connecting(chosen, size, barred, full)
        labels = meetings.parts(chosen, size)
        found.append(
            Meetings(
                team,
                [spread.panel[one] for one in places],
                meetings.pairs(chosen, size).tolist(),
                int(labels.max()) + 1 if size else 0,
                [(spread.entries[row], spread.panel[places[one]]) for row, one in bridges],
            )
        )
    return found


def warnings(round: Round, spread: Distribution, found: Iterable[Meetings]) -> list[str]:
    """What the manager should know before opening, in sentences."""
    told = []
    if len(spread.panel) == 1:
        told.append(_("One person alone assesses: nobody can see how sure the scores are."))
    if any(spread.wanted(team) < LEAST_SCORES for team, places in spread.groups.items() if places):
        told.append(
            _(
                "Fewer than three will score some criteria: to keep what each of them gave private, the plan "
                "will not tell the means there, nor points from which they could be worked out."
            )
        )
    for one in found:
        told += _warnings_of(round, spread, one)
    return told


def _warnings_of(round: Round, spread: Distribution, met: Meetings) -> list[str]:
    told = []
    size = len(met.members)
    overlap = any(number for row in met.together for number in row) and any(
        number for _member, row in met.table() for number in row if number
    )
    if size > 1 and not overlap:
        told.append(
            _("No two assessors read the same initiative: strict and lenient ones can’t be told apart.")
        )
    elif not met.connected:
        told.append(
            _(
                "The panel falls into %(n)d parts that share no initiative: their scores can’t be compared. "
                "Let everybody score a few."
            )
            % {"n": met.parts}
        )
    if round.severity != Round.Severity.OFF and size > 1:
        counts = Counter(dict(zip(met.members, (row[i] for i, row in enumerate(met.together)), strict=True)))
        few = [str(member) for member, number in counts.items() if number < SEVERITY_LEAST]
        if few:
            told.append(
                _("To see who is strict and who lenient each needs %(least)d initiatives. Fewer: %(names)s.")
                % {"least": SEVERITY_LEAST, "names": ", ".join(few)}
            )
    return told


@transaction.atomic
def connect_panel(*, round: Round, entry: Entry, assessor: User, by: User, at: datetime) -> Assignment:
    """Asks for one further assessment that joins two parts of the panel."""
    return assign_person(entry=entry, assessor=assessor, by=by, at=at, origin=Assignment.Origin.CONNECTION)


def coverage(round: Round) -> tuple[int, int]:
    """(handed in, asked), conflicts apart."""
    asked = Assignment.objects.filter(entry__round=round).without_conflict()
    total = asked.count()
    return total - asked.not_handed_in().count(), total


# Wordings that changed ------------------------------------------------------------------------------------


def changed_entries(round: Round) -> list[Entry]:
    """Entries whose initiative no longer reads as it did when the round took it in."""
    entries = (
        round.entries.select_related("initiative__owner", "revision")
        .prefetch_related("initiative__revisions")
        .order_by("initiative__reference")
    )
    found = []
    for entry in entries:
        newest = max(entry.initiative.revisions.all(), key=lambda one: one.number, default=None)
        if entry.revision is not None and newest is not None and newest.content != entry.revision.content:
            found.append(entry)
    return found


def scored_before_change(assignment: Assignment, assessment: Assessment | None) -> bool:
    """Was it scored on a wording that the round has replaced since?"""
    if assessment is None or assessment.revision_id is None:
        return False
    return bool(assessment.revision_id != assignment.entry.revision_id)


@transaction.atomic
def refresh_entry(*, entry: Entry, by: User, at: datetime) -> Entry:
    """Takes an initiative's present wording into an open round. Assessments keep the wording they were made
    on; whoever scored an earlier one is told on the page."""
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    hold_initiatives([entry.initiative_id])
    entry.initiative.refresh_from_db()
    now = content(entry.initiative)
    if entry.revision is not None and entry.revision.content == now:
        raise Refused(_("Its wording has not changed."), code="unchanged")
    seen = entry.revision_id
    revision = revise(entry.initiative, by=by, at=at)
    if not Entry.objects.filter(pk=entry.pk, revision=seen).update(revision=revision):
        raise Stale(_("Somebody else changed this round. Look again before you save."))
    entry.refresh_from_db()
    record(round.programme, "refresh_entry", at=at, by=by, round=round, initiative=entry.initiative)
    return entry
