"""Who may do what in a programme."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused
from prioritisation.models import Event, Initiative, Plan, Programme, Round
from prioritisation.workflow import Move, Role, RoundState


def has_role(by: User, programme: Programme, *roles: str) -> bool:
    """Is `by` a member of the programme in one of `roles`? Administrators are in every programme."""
    return by.is_superuser or programme.memberships.filter(user=by, role__in=roles).exists()


def require_role(by: User, programme: Programme, *roles: str) -> None:
    if not has_role(by, programme, *roles):
        raise Refused(_("You are not allowed to do this in this programme."), code="forbidden")


def require_move(move: Move, *, state: str, by: User, programme: Programme) -> None:
    """Refuses when the state forbids the move, or when none of `by`'s roles may make it."""
    require_role(by, programme, *(role for role in move.roles if role in set(Role)))
    if state not in move.sources:
        raise Refused(_("This can't be done while it is “%(state)s”.") % {"state": state}, code="wrong_state")


def record(programme: Programme, verb: str, **values: Any) -> Event:
    """One line on the programme's timeline."""
    return Event.objects.create(programme=programme, verb=verb, **values)


def hold_programme(programme: Programme) -> None:
    """Until the transaction ends nobody else gives out this programme's next number."""
    Programme.objects.select_for_update(no_key=True).values_list("pk").get(pk=programme.pk)


def hold_round(round: Round) -> str:
    """The state of the round as it is now; until the transaction ends nobody else moves or decides it."""
    states = Round.objects.select_for_update(no_key=True).values_list("state", flat=True)
    return str(states.get(pk=round.pk))


def hold_plan(programme: Programme) -> Plan:
    """The plan; until the transaction ends nobody else gives out its next version."""
    return Plan.objects.select_for_update(no_key=True).get(programme=programme)


def hold_initiatives(keys: Iterable[int]) -> None:
    """Until the transaction ends nobody else changes, moves or assesses these. Always in one order, so that
    no two people wait for each other. `keys` may be a query."""
    rows = Initiative.objects.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def require_open(round: Round) -> None:
    """Held until the transaction ends, so that it is not closed meanwhile."""
    if hold_round(round) != RoundState.OPEN:
        raise Refused(_("This is for rounds that are open."), code="wrong_state")
