"""Mails that remind assessors of what is theirs to do: one for all their rounds, and never two in a week.

A mail goes by the date and by what the person has to do, and by nothing that anybody scored.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from engagement.models import User
from engagement.services import queue_notice
from prioritisation.models import Assignment, PanelMember, Round
from prioritisation.services.access import record, require_open, require_role
from prioritisation.workflow import Role, RoundState


def _apart() -> timedelta:
    return timedelta(days=settings.WINNOW_REMINDER_DAYS)


def _busy(round: Round | None = None) -> set[int]:
    """Who has something to do, in this open round or in any."""
    rows = Assignment.objects.in_open_rounds().without_conflict().not_handed_in()
    if round is not None:
        rows = rows.filter(entry__round=round)
    return set(rows.order_by().values_list("assessor_id", flat=True))


def _seats(people: set[int]) -> list[PanelMember]:
    seats = PanelMember.objects.filter(
        user__in=people, user__is_active=True, left_at__isnull=True, round__state=RoundState.OPEN
    )
    return list(seats.select_related("user").order_by("user__username", "pk"))


def _claim(user: User, at: datetime) -> bool:
    """Marks this person as reminded now, unless they were within the days that are kept apart."""
    mine = PanelMember.objects.filter(user=user)
    list(mine.select_for_update().values_list("pk", flat=True))
    if mine.filter(reminded_at__gt=at - _apart()).exists():
        return False
    return bool(mine.filter(round__state=RoundState.OPEN, left_at__isnull=True).update(reminded_at=at))


def _remind(people: set[int], *, at: datetime) -> int:
    sent = 0
    for user in {seat.user_id: seat.user for seat in _seats(people)}.values():
        if _claim(user, at):
            queue_notice(kind="prioritisation.reminder", at=at, user=user)
            sent += 1
    return sent


@transaction.atomic
def remind_panel(*, round: Round, by: User, at: datetime) -> dict[str, int]:
    """Reminds whoever has something left in this round: `{"sent", "spared"}`; spared were reminded lately."""
    require_role(by, round.programme, Role.MANAGER)
    require_open(round)
    people = {seat.user_id for seat in _seats(_busy(round)) if seat.round_id == round.pk}
    sent = _remind(people, at=at)
    record(round.programme, "remind_panel", at=at, by=by, round=round, note=str(sent))
    return {"sent": sent, "spared": len(people) - sent}


@transaction.atomic
def remind_due(*, at: datetime) -> int:
    """Reminds whoever has something left in a round that is due soon, or was due. Gives how many."""
    soon = Q(due_at__lte=at + timedelta(days=settings.WINNOW_REMINDER_BEFORE_DAYS))
    rounds = Round.objects.filter(soon, state=RoundState.OPEN)
    people: set[int] = set()
    for round in rounds:
        people |= _busy(round)
    return _remind(people, at=at)
