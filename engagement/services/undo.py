"""Taking a move back while nobody was told: the record is as it was, and the mail about it never leaves."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from engagement.models import Event, Idea, Notice, Referral, Report, SimilarLink, User
from engagement.services import moves
from engagement.services.errors import Refused
from engagement.services.triage import JOINED_BY
from engagement.workflow import IDEA_MOVES, NEVER_ORIGINAL, REPORT_MOVES, Move

LOOKS = ("view_contact", "export_contact", "translate", "remove_translation")
"""Lines that say who looked, or what was put beside the words: they change nothing that a move changes."""


def move_to_undo(*, record: Idea | Report, by: User, at: datetime) -> Event | None:
    """The newest line of the record's timeline where `by` may take it back now; else nothing."""
    try:
        return _checked(record, by=by, at=at)
    except Refused:
        return None


@transaction.atomic
def undo_move(*, record: Idea | Report, by: User, at: datetime, version: int | None = None) -> Event:
    """Takes the newest move of staff back and gives the line that says so.

    Refused once its mail is on its way or five minutes are over, when something happened since, and to
    another person who may not open decided things again. `Stale` when the record is not as it was seen.
    """
    event = _checked(record, by=by, at=at)
    _cancel_mail(record, event)
    if side_effect := _SIDE_EFFECTS.get(event.verb):
        side_effect(record, event, by, at)
    restored = moves.columns_to_restore(record, event.before["columns"])
    if (hour := restored.get("publish_at")) is not None and hour <= at:
        # An hour that is past would publish it again within the minute: it waits for a decision instead.
        restored |= {"publish_at": None, "publish_by_id": None}
    moves.change(record, restored, at=at, version=version)
    return Event.objects.create(
        idea=event.idea,
        report=event.report,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb="undo",
        from_state=event.to_state,
        to_state=event.from_state,
        public=False,
        undoes=event,
    )


def _checked(record: Idea | Report, *, by: User, at: datetime) -> Event:
    event = record.events.standing().exclude(verb__in=LOOKS).order_by("pk").last()
    table = IDEA_MOVES if isinstance(record, Idea) else REPORT_MOVES
    move = table.get(event.verb) if event else None
    if event is None or move is None or not move.can_undo or "columns" not in event.before:
        raise Refused(_("The last step on this cannot be undone."), code="not_undoable")
    if not _may_undo(move, event, by, record, others=table["reopen"]):
        raise Refused(_("Somebody else did this. Ask them to undo it."), code="forbidden")
    if at >= event.at + moves.UNDO_WINDOW:
        raise Refused(_("It is too late to undo this: the time for it is over."), code="too_late")
    return event


def _may_undo(move: Move, event: Event, by: User, record: Idea | Report, *, others: Move) -> bool:
    """One's own moves; those of others only who may open decided things again."""
    return moves.may_make(move, by, record) and (event.by_id == by.pk or moves.may_make(others, by, record))


def _cancel_mail(record: Idea | Report, event: Event) -> None:
    """Keeps every mail about the move from leaving; refused when one was taken up by the worker."""
    about = Q(idea=record) if isinstance(record, Idea) else Q(report=record)
    mails = Notice.objects.filter(about, created_at=event.at).exclude(state=Notice.State.CANCELLED)
    keys = list(mails.values_list("pk", flat=True))
    untouched = Notice.objects.filter(
        pk__in=keys, state=Notice.State.WAITING, attempts=0, lease_until__isnull=True
    )
    if untouched.update(state=Notice.State.CANCELLED) != len(keys):
        raise Refused(_("It is too late to undo this: the mail about it is on its way."), code="told")


def _part(record: Idea | Report, event: Event, by: User, at: datetime) -> None:
    """Undoes the joining, and lets the ideas that followed this one come back to it."""
    SimilarLink.objects.standing().filter(idea_id=record.pk).update(undone_at=at, undone_by=by)
    told = Notice.objects.filter(kind=JOINED_BY, created_at=event.at, context__joined=record.reference)
    keys = list(told.values_list("pk", flat=True))
    untouched = told.filter(state=Notice.State.WAITING, attempts=0, lease_until__isnull=True)
    if untouched.update(state=Notice.State.CANCELLED) != len(keys):
        raise Refused(_("It is too late to undo this: the mail about it is on its way."), code="told")
    followers = SimilarLink.objects.standing().filter(pk__in=event.before.get("followers", []))
    followers.update(original_id=record.pk)


def _join_again(record: Idea | Report, event: Event, by: User, at: datetime) -> None:
    parted = SimilarLink.objects.filter(idea_id=record.pk, undone_at=event.at).select_related("original")
    link = parted.last()
    if link is None or link.original.state in NEVER_ORIGINAL:
        raise Refused(_("The idea that it was joined with has changed. Join it again instead."))
    SimilarLink.objects.filter(pk=link.pk).update(undone_at=None, undone_by=None)


def _forget_referral(record: Idea | Report, event: Event, by: User, at: datetime) -> None:
    """Nobody was asked yet: the mail to the department has not left."""
    Referral.objects.filter(idea_id=record.pk, asked_at=event.at, answered_at__isnull=True).delete()


_SIDE_EFFECTS: dict[str, Callable[[Idea | Report, Event, User, datetime], None]] = {
    "link_duplicate": _part,
    "pass_on": _forget_referral,
    "unlink_duplicate": _join_again,
}
"""What a move changed beside the record's own columns, and how that is taken back."""
