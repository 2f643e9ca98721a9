"""Who assesses in a round: seats with a team and a limit, newcomers, and who leaves on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused
from prioritisation.models import Assignment, PanelMember, Round
from prioritisation.policies import schema
from prioritisation.services.access import has_role, record, require_open, require_role
from prioritisation.services.assigning import fill_up
from prioritisation.services.letters import give_letters
from prioritisation.workflow import Role, RoundState


@dataclass(frozen=True)
class Seat:
    """Somebody to be asked: at most how many initiatives, and whose criteria."""

    user: User
    capacity: int | None = None
    team: str = ""


def require_preparing(round: Round) -> None:
    if round.state != RoundState.PREPARING:
        raise Refused(_("The round is open: what it assesses and by whom is fixed."), code="wrong_state")


def _require_seat(round: Round, seat: Seat) -> None:
    if not has_role(seat.user, round.programme, Role.ASSESSOR):
        raise Refused(
            _("%(name)s is not an assessor of this programme.") % {"name": seat.user}, field="panel"
        )
    policy = schema.parse(round.policy_version.document)
    if seat.team and seat.team not in {team.key for team in policy.teams}:
        raise Refused(_("These scoring rules have no such team."), field="panel")


@transaction.atomic
def set_panel(*, round: Round, users: Iterable[User | Seat], by: User, at: datetime) -> None:
    """Who assesses. Each must be an assessor of the programme; who is named twice has one seat."""
    require_role(by, round.programme, Role.MANAGER)
    require_preparing(round)
    named = (one if isinstance(one, Seat) else Seat(one) for one in users)
    seats = {seat.user.pk: seat for seat in named}
    for seat in seats.values():
        _require_seat(round, seat)
    round.panel.all().delete()
    PanelMember.objects.bulk_create(
        PanelMember(round=round, user=seat.user, capacity=seat.capacity, team=seat.team)
        for seat in seats.values()
    )
    # What was fixed beforehand for somebody who no longer sits there.
    Assignment.objects.filter(entry__round=round).exclude(assessor__in=seats).delete()


@transaction.atomic
def join_panel(*, round: Round, seat: Seat, by: User, at: datetime) -> PanelMember:
    """Somebody more in an open round. What others were asked stays theirs: the newcomer gets what comes."""
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    _require_seat(round, seat)
    there = round.panel.filter(user=seat.user).first()
    if there is not None and there.left_at is None:
        raise Refused(_("%(name)s is on the panel already.") % {"name": seat.user}, field="user")
    if there is not None:
        there.left_at, there.left_reason = None, ""
        there.capacity, there.team = seat.capacity, seat.team
        there.save()
        member = there
    else:
        try:
            with transaction.atomic():
                member = PanelMember.objects.create(
                    round=round, user=seat.user, capacity=seat.capacity, team=seat.team
                )
        except IntegrityError as error:
            raise Refused(
                _("%(name)s is on the panel already.") % {"name": seat.user}, field="user"
            ) from error
    give_letters(round)
    record(round.programme, "join_panel", at=at, by=by, round=round, note=seat.user.username)
    return member


@transaction.atomic
def leave_panel(*, member: PanelMember, reason: str, by: User, at: datetime) -> int:
    """An assessor goes. What is handed in stays and counts; the rest is asked of others.

    Gives how many initiatives others were asked about instead.
    """
    round = member.round
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    if not reason.strip():
        raise Refused(_("Say in a few words why."), field="reason")
    left = PanelMember.objects.filter(pk=member.pk, left_at__isnull=True).update(
        left_at=at, left_reason=reason.strip()[:300]
    )
    if not left:
        raise Refused(_("%(name)s has left the panel already.") % {"name": member.user})
    open_ones = Assignment.objects.filter(entry__round=round, assessor=member.user).not_handed_in()
    open_ones.delete()
    member.refresh_from_db()
    given = fill_up(round, origin=Assignment.Origin.REPLACEMENT, at=at)
    record(round.programme, "leave_panel", at=at, by=by, round=round, note=member.user.username)
    return len(given)
