"""Who is asked about what: the distribution at opening, and what is added or taken away later."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, queue_notice
from prioritisation.models import Assignment, Entry, Initiative, PanelMember, Round
from prioritisation.policies import schema
from prioritisation.scoring import assignment as assigning
from prioritisation.scoring import draws
from prioritisation.services.access import record, require_open, require_role
from prioritisation.workflow import Role

Pair = tuple[int, int]
"""Of an entry and a seat, by their places in the lists of a distribution."""
SECONDS_AN_INITIATIVE = 90
"""What one assessment takes, for telling a panel how long it will be busy."""
Origin = Assignment.Origin


@dataclass(frozen=True)
class Distribution:
    """Who is asked about what: for each entry the places of its assessors in `panel`.

    `groups`: places of those who judge the same criteria; each group reads each initiative
    `per_initiative` times, or as often as it has members.
    """

    entries: list[Entry]
    panel: list[PanelMember]
    assessors: list[list[int]]
    groups: dict[str, list[int]] = field(default_factory=dict)
    per_initiative: int = 1
    barred: frozenset[Pair] = frozenset()
    kept: frozenset[Pair] = frozenset()
    """Pairs that were stored before the distribution was made."""
    gone: Counter[tuple[int, str]] = field(default_factory=Counter)
    """By entry and group, how many assessments those who left handed in: they count."""

    def loads(self) -> list[tuple[PanelMember, int]]:
        """Each member of the panel with the number of initiatives."""
        counts = Counter(place for chosen in self.assessors for place in chosen)
        return [(member, counts[place]) for place, member in enumerate(self.panel)]

    def wanted(self, team: str) -> int:
        """How many of a group are to read each initiative."""
        return min(self.per_initiative, len(self.groups[team]))

    def unfilled(self) -> list[Entry]:
        """Entries with fewer assessors than wanted: departments' own ones, or a panel too small."""
        members = {team: set(places) for team, places in self.groups.items()}
        return [
            entry
            for row, (entry, chosen) in enumerate(zip(self.entries, self.assessors, strict=True))
            if any(
                len(members[team] & set(chosen)) + self.gone[row, team] < self.wanted(team)
                for team in members
            )
        ]

    def within(self, team: str) -> list[list[int]]:
        """The lists of one group alone, by places in the group."""
        places = {place: index for index, place in enumerate(self.groups[team])}
        return [[places[one] for one in chosen if one in places] for chosen in self.assessors]


def entries_of(round: Round) -> list[Entry]:
    return list(
        round.entries.select_related("initiative__programme", "initiative__owner").order_by(
            "initiative__reference"
        )
    )


def group_of(policy: schema.Policy, team: str) -> str:
    """The team whose criteria a member judges: its own where it has any, else empty."""
    return team if any(one.team == team for one in policy.assessed_criteria()) else ""


def asked_of(assignment: Assignment) -> tuple[schema.Criterion, ...]:
    """The criteria that an assessor judges in this round."""
    round = assignment.entry.round
    policy = schema.parse(round.policy_version.document)
    if not policy.teams:
        return policy.assessed_criteria()
    seats = PanelMember.objects.filter(round=round, user=assignment.assessor_id)
    return policy.asked_of(seats.values_list("team", flat=True).first() or "")


def standing(round: Round) -> Distribution:
    """What is stored of a round, as a distribution: nothing is added, those who left are not on the panel."""
    entries = entries_of(round)
    seats = round.panel.filter(left_at__isnull=True).select_related("user__department")
    panel = list(seats.order_by("user__username"))
    rows = {entry.pk: row for row, entry in enumerate(entries)}
    columns = {member.user_id: column for column, member in enumerate(panel)}
    assessors: list[list[int]] = [[] for _entry in entries]
    barred = {
        (row, column)
        for row, entry in enumerate(entries)
        for column, member in enumerate(panel)
        if own_department(entry.initiative, member.user)
    }
    policy = schema.parse(round.policy_version.document)
    left = dict(round.panel.filter(left_at__isnull=False).values_list("user_id", "team"))
    gone: Counter[tuple[int, str]] = Counter()
    stored = Assignment.objects.filter(entry__round=round).values_list(
        "entry_id", "assessor_id", "conflict_at"
    )
    for entry_id, user_id, conflict_at in stored:
        if user_id in left and conflict_at is None:
            gone[rows[entry_id], group_of(policy, left[user_id])] += 1
        if user_id not in columns:
            continue
        pair = rows[entry_id], columns[user_id]
        if conflict_at is None:
            assessors[pair[0]].append(pair[1])
        else:
            barred.add(pair)
    groups: dict[str, list[int]] = defaultdict(list)
    for column, member in enumerate(panel):
        if policy.asked_of(group_of(policy, member.team)):
            groups[group_of(policy, member.team)].append(column)
    kept = frozenset((row, column) for row, chosen in enumerate(assessors) for column in chosen)
    return Distribution(
        entries, panel, assessors, dict(groups), round.per_initiative, frozenset(barred), kept, gone
    )


def own_department(initiative: Initiative, user: User) -> bool:
    return user.department_id is not None and user.department_id == initiative.owner_id


def distribute(round: Round, *, more: dict[int, int] | None = None) -> Distribution:
    """The assignment as it is, or will be, made at opening. The round's seed makes it the same each time.

    What is stored already stands. Entries for everyone go to the whole panel, conflicts apart. `more`: by
    entry key, how many further assessors it is to have.
    """
    found = standing(round)
    assessors = [list(chosen) for chosen in found.assessors]
    for team, places in found.groups.items():
        inside = {place: index for index, place in enumerate(places)}
        already = found.within(team)
        given = [(row, one) for row, chosen in enumerate(already) for one in chosen]
        barred = [(row, inside[place]) for row, place in found.barred if place in inside]
        everyone = _for_everyone(found.entries, len(places), set(barred))
        capacity = [found.panel[place].capacity for place in places]
        given += everyone
        wanted = [
            _wanted(found, team, row, len(already[row]), more or {})
            for row, _entry in enumerate(found.entries)
        ]
        chosen_lists = assigning.assign(
            len(found.entries),
            len(places),
            wanted,
            conflicts=barred,
            capacity=[len(found.entries) if one is None else one for one in capacity],
            seed=round.seed,
            given=given,
        )
        for row, chosen in enumerate(chosen_lists):
            assessors[row] = sorted({*assessors[row], *(places[int(one)] for one in chosen)})
    return Distribution(
        found.entries,
        found.panel,
        assessors,
        found.groups,
        found.per_initiative,
        found.barred,
        found.kept,
        found.gone,
    )


def _for_everyone(entries: list[Entry], members: int, barred: set[Pair]) -> list[Pair]:
    rows = [row for row, entry in enumerate(entries) if entry.calibration and entry.round.opened_at is None]
    return [(row, one) for row in rows for one in range(members) if (row, one) not in barred]


def _wanted(found: Distribution, team: str, row: int, now: int, more: dict[int, int]) -> int:
    members = len(found.groups[team])
    entry = found.entries[row]
    if entry.pk in more:
        return min(members, now + more[entry.pk])
    return max(found.wanted(team) - found.gone[row, team], 0)


@transaction.atomic
def write_assignments(
    spread: Distribution, *, origin: str, at: datetime, seed: int | None = None
) -> list[Assignment]:
    """Stores the pairs that a distribution adds, each at a place by chance in the assessor's own queue.

    With `seed` the order is the same each time (opening); later it is drawn anew, so that a place in the
    queue tells nothing.
    """
    bits = draws.stream(secrets.randbits(60) if seed is None else seed)
    queues: dict[int, list[Entry]] = {column: [] for column in range(len(spread.panel))}
    for row, (entry, assessors) in enumerate(zip(spread.entries, spread.assessors, strict=True)):
        for column in assessors:
            if (row, column) not in spread.kept:
                queues[column].append(entry)
    users = [spread.panel[column].user_id for column in queues]
    last = _last_positions(spread, users)
    rows = []
    for column, queue in queues.items():
        assessor = spread.panel[column].user
        for position, index in enumerate(draws.shuffled(bits, len(queue)), start=1):
            entry = queue[int(index)]
            why = Origin.CALIBRATION if entry.calibration and origin == Origin.FIRST else origin
            rows.append(
                Assignment(
                    entry=entry,
                    assessor=assessor,
                    position=last[assessor.pk] + position,
                    origin=why,
                    asked_at=at,
                )
            )
    try:
        with transaction.atomic():
            return Assignment.objects.bulk_create(rows)
    except IntegrityError as error:
        raise Refused(_("Somebody else changed this round. Look again before you save.")) from error


def _last_positions(spread: Distribution, users: list[int]) -> dict[int, int]:
    found = (
        Assignment.objects.filter(entry__in=spread.entries, assessor__in=users)
        .order_by()
        .values_list("assessor")
        .annotate(last=Max("position"))
    )
    return {**dict.fromkeys(users, 0), **dict(found)}


def fill_up(round: Round, *, origin: str, at: datetime) -> list[Assignment]:
    """Asks for what is missing: each initiative gets as many assessors as the round wants, if there are."""
    added = write_assignments(distribute(round), origin=origin, at=at)
    tell_added(round, added, at=at)
    return added


def tell_added(round: Round, added: Iterable[Assignment], *, at: datetime) -> None:
    """One mail to each person who has more to do. It says neither how many nor why."""
    for user in {one.assessor_id: one.assessor for one in added}.values():
        queue_notice(kind="prioritisation.more_asked", at=at, user=user, context={"round": round.pk})


@transaction.atomic
def ask_missing(*, round: Round, by: User, at: datetime) -> int:
    """Asks whoever has room about the initiatives with too few assessors. Gives how many were asked."""
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    added = fill_up(round, origin=Origin.BY_HAND, at=at)
    record(round.programme, "ask_missing", at=at, by=by, round=round, note=str(len(added)))
    return len(added)


def replacement(entry: Entry, *, instead_of: User | None = None) -> User | None:
    """Of those who judge the same criteria, the one with the least to do who may take this initiative on."""
    spread = standing(entry.round)
    row = next(row for row, one in enumerate(spread.entries) if one.pk == entry.pk)
    own = [key for key, places in spread.groups.items() if instead_of and _sits(spread, places, instead_of)]
    team = next(iter(own or spread.groups), "")
    loads = [count for _member, count in spread.loads()]
    for place in sorted(spread.groups.get(team, []), key=lambda one: (loads[one], one)):
        member = spread.panel[place]
        full = member.capacity is not None and loads[place] >= member.capacity
        if not full and place not in spread.assessors[row] and (row, place) not in spread.barred:
            return member.user
    return None


def _sits(spread: Distribution, places: list[int], user: User) -> bool:
    return any(spread.panel[place].user_id == user.pk for place in places)
