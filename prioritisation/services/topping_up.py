"""Further assessors for the half of the initiatives that lies nearest the line (METHOD D6).

Who reads the names learns that they lie near the line, and no more: they come in the order of their
references, without a figure, a rank or a side.
"""

import math
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused
from prioritisation import rankings
from prioritisation.models import Assignment, Entry, Round
from prioritisation.policies import schema
from prioritisation.services.access import record, require_open, require_role
from prioritisation.services.assigning import (
    Distribution,
    distribute,
    entries_of,
    tell_added,
    write_assignments,
)
from prioritisation.services.results import frozen_inputs
from prioritisation.workflow import Role


def first_ones_in(round: Round) -> bool:
    """Is everything handed in that was asked at opening, but for those who left?"""
    asked = Assignment.objects.filter(entry__round=round).without_conflict()
    return asked.exists() and not asked.not_handed_in().exists()


def topped_up(round: Round) -> bool:
    return Assignment.objects.filter(entry__round=round, origin=Assignment.Origin.TOP_UP).exists()


def near_the_line(round: Round, *, by: User) -> list[Entry]:
    """The half nearest the line, in the order of references; nothing else of what was scored is told."""
    require_role(by, round.programme, Role.MANAGER)
    entries = entries_of(round)
    if not round.places or round.places >= len(entries):
        raise Refused(_("Without a line among the initiatives none is near it. Give the round places."))
    policy = schema.parse(round.policy_version.document)
    rows = rankings.rank(policy, frozen_inputs(round))["rows"]
    rows = [row for row in rows if not _taken_out(policy, row)]
    near = _nearest(rows, round.places, math.ceil(len(entries) / 2))
    return [entry for entry in entries if entry.initiative.reference in near]


def _taken_out(policy: schema.Policy, row: dict[str, Any]) -> bool:
    """By a condition that more reading does not meet: one on the number of assessments it does."""
    kinds = {gate.key: gate.kind for gate in policy.gates}
    failed = [gate for gate in row["gates"] if gate["verdict"] not in rankings.CLEARED]
    return any(kinds[gate["key"]] not in ("reviews_minimum", "coverage_minimum") for gate in failed)


def _nearest(rows: list[dict[str, Any]], places: int, count: int) -> set[str]:
    """References of the `count` rows whose utility is nearest to the middle between place K and K + 1.

    What has no figure yet is as near as can be: it needs reading most.
    """
    known = sorted((row for row in rows if row["utility"] is not None), key=lambda row: -row["utility"])
    unknown = [row for row in rows if row["utility"] is None]
    if known:
        above = known[min(places, len(known)) - 1]["utility"]
        below = known[min(places, len(known) - 1)]["utility"]
        line = (above + below) / 2
        known.sort(key=lambda row: (round(abs(row["utility"] - line), rankings.DIGITS), row["reference"]))
    return {row["reference"] for row in (unknown + known)[:count]}


def planned_top_up(round: Round, entries: list[Entry]) -> Distribution:
    """Who would be asked as well. Loads decide, so a newcomer gets most of it."""
    return distribute(round, more={entry.pk: round.top_up for entry in entries})


@transaction.atomic
def top_up(*, round: Round, by: User, at: datetime, early: bool = False) -> int:
    """Asks `round.top_up` further assessors about each initiative of the half nearest the line, once.

    `early`: the manager does not wait until the first assessments are in. Gives how many were asked.
    """
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    if not round.top_up:
        raise Refused(_("This round was prepared without further assessors near the line."))
    if topped_up(round):
        raise Refused(_("Further assessors were asked already."))
    if not early and not first_ones_in(round):
        raise Refused(_("Not all first assessments are in."), field="early")
    entries = near_the_line(round, by=by)
    added = write_assignments(planned_top_up(round, entries), origin=Assignment.Origin.TOP_UP, at=at)
    tell_added(round, added, at=at)
    record(round.programme, "top_up", at=at, by=by, round=round, note=str(len(added)))
    return len(added)
