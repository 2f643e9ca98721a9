"""Having something in hand: for a quarter of an hour nobody else is given it.

A claim is a courtesy between people at the desk, no lock: who opens the record by hand may still decide,
and the version tells the second of two. It changes neither version nor timeline.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from engagement.models import Idea, Report, User
from engagement.services.errors import Refused
from engagement.services.moves import may_make
from engagement.workflow import IDEA_MOVES, REPORT_MOVES, Move

CLAIM = timedelta(minutes=15)

_R = TypeVar("_R", Idea, Report)


@transaction.atomic
def claim_next(*, among: QuerySet[_R], by: User, at: datetime, after: _R | None = None) -> _R | None:
    """Gives the oldest of what waits in `among` and nobody has in hand to `by`, for a quarter of an hour.

    `after` is what they leave for now, or have just decided: it is put back, and the next after it is
    given, then round from the oldest. What else they have in hand comes first of all, its claim renewed.
    None where nothing is free.
    """
    waiting = _waiting_for(by, among)
    if after is not None:
        put_back(record=after, by=by)
    own = waiting.in_hand(at).filter(claimed_by=by).oldest_first().only("pk").first()
    if own is not None and _take(own, by, at):
        return among.model._default_manager.get(pk=own.pk)
    for candidates in _in_turn(waiting, after):
        # Another may take the row between the look and the update, where rows cannot be skipped.
        while (found := _first_free(candidates, at)) is not None:
            if _take(found, by, at):
                return among.model._default_manager.get(pk=found.pk)
    return None


def _in_turn(waiting: Any, after: Idea | Report | None) -> Iterator[Any]:
    """What follows `after`, then all but it: the way round that skips it once."""
    if after is None:
        yield waiting
        return
    later = Q(received_at__gt=after.received_at) | Q(received_at=after.received_at, pk__gt=after.pk)
    yield waiting.filter(later)
    yield waiting.exclude(pk=after.pk)


def _first_free(candidates: Any, at: datetime) -> Any:
    free = candidates.free(at).oldest_first().only("pk")
    if connection.features.has_select_for_update_skip_locked:
        free = free.select_for_update(skip_locked=True, of=("self",))
    return free.first()


def _take(record: Idea | Report, by: User, at: datetime) -> bool:
    mine_or_free = Q(claimed_by=by) | Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    taken = type(record)._default_manager.filter(mine_or_free, pk=record.pk, state="received")
    return bool(taken.update(claimed_by=by, claimed_until=at + CLAIM))


@transaction.atomic
def claim(*, record: Idea | Report, by: User, at: datetime) -> None:
    """Takes this one in hand, or keeps it there for another quarter of an hour."""
    if not may_make(_begins(type(record)), by, record):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if not _take(record, by, at):
        raise Refused(_("Somebody else has this in hand, or it is decided."), code="in_hand")


def put_back(*, record: Idea | Report, by: User) -> bool:
    """Lets go of what `by` has in hand; gives whether they had it."""
    held = type(record)._default_manager.filter(pk=record.pk, claimed_by=by)
    return bool(held.update(claimed_by=None, claimed_until=None))


def _begins(kind: type) -> Move:
    """The move with which staff begin on such a thing: who may make it may have it in hand."""
    return IDEA_MOVES["publish"] if kind is Idea else REPORT_MOVES["start"]


def _waiting_for(by: User, among: Any) -> Any:
    """What waits there, as far as this person may begin on it."""
    begins = _begins(among.model)
    waiting = among.select_related(None).defer(None).waiting()
    if by.has_perm(begins.who):
        return waiting
    if begins.who_own and by.has_perm(begins.who_own):
        return waiting.for_member(by.department_id)
    raise Refused(_("You are not allowed to do this."), code="forbidden")
