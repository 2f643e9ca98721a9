"""Making one move of the state table: the check, the conditional update, the line in the timeline."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import Event, Idea, Reason, Report, User
from engagement.services.errors import Refused, Stale
from engagement.workflow import RESIDENT, Move

UNDO_WINDOW = timedelta(minutes=5)
"""How long the mail about a decision waits, and as long staff may take the decision back."""


def pause_before_mail(move: Move | None) -> timedelta:
    """How long a mail about this move waits: not at all where the move cannot be undone."""
    return UNDO_WINDOW if move is not None and move.can_undo else timedelta(0)


def may_make(move: Move, by: User, record: Idea | Report | None = None) -> bool:
    """May this person make the move: with every record, or with this one, which their department has?"""
    if by.has_perm(move.who):
        return True
    own = isinstance(record, Report) and record.is_with(by.department_id)
    return own and bool(move.who_own) and by.has_perm(move.who_own)


def check_allowed(
    move: Move,
    *,
    state: str,
    by: User | None,
    follows: bool = False,
    record: Idea | Report | None = None,
) -> None:
    """Refuses when the state forbids the move, or when `by` may not make it (with this record).

    A move that `follows` from one of another record is made by who was allowed to make that one.
    """
    if state not in move.sources:
        raise Refused(_("This can't be done while it is “%(state)s”.") % {"state": state}, code="wrong_state")
    if move.who == RESIDENT or follows:
        return
    if by is None or not may_make(move, by, record):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def reason_with_text(move: Move, *, code: str, text: dict[str, str]) -> tuple[Reason | None, dict[str, str]]:
    """The standard reason and the public text: what staff wrote, else the reason's own text."""
    if not move.needs_reason:
        return None, text
    reason = Reason.objects.filter(action=move.verb, code=code, active=True).first()
    if reason is None:
        raise Refused(_("Choose a reason."), code="reason", field="reason")
    written = said(text)
    text = written or said(reason.text)
    if not text:
        raise Refused(_("Write what the sender and the public will read."), code="text", field="text")
    return reason, text


def _unplanned(record: Idea | Report) -> dict[str, Any]:
    """Whatever happens to an idea before the hour at which it was to be published, wins."""
    planned = isinstance(record, Idea) and record.publish_at is not None
    return {"publish_at": None, "publish_by": None} if planned else {}


def apply(
    record: Idea | Report,
    move: Move,
    *,
    to: str,
    by: User | None,
    at: datetime,
    version: int | None,
    changes: dict[str, Any] | None = None,
    reason: str = "",
    text: dict[str, str] | None = None,
    note: str = "",
    link: str = "",
    public: bool = True,
    follows: bool = False,
    keep: dict[str, Any] | None = None,
) -> Event:
    """Moves `record`, ends whoever's claim on it, and writes the event, which is given back.

    `version` is what the asker saw; None means "as just read". `keep` is what else has to be known to take
    the move back, beside the record's own columns.
    """
    if to not in move.targets:
        raise AssertionError(f"{move.verb} does not lead to {to}")
    check_allowed(move, state=record.state, by=by, follows=follows, record=record)
    changes = {
        **_unplanned(record),
        **(changes or {}),
        "state": to,
        "claimed_by": None,
        "claimed_until": None,
    }
    before_state = record.state
    before = columns_as_they_are(record, changes) if move.can_undo else {}
    change(record, changes, at=at, version=version)
    return Event.objects.create(
        idea=record if isinstance(record, Idea) else None,
        report=record if isinstance(record, Report) else None,
        at=at,
        actor=Event.Actor.STAFF if by else Event.Actor.RESIDENT,
        by=by,
        verb=move.verb,
        from_state=before_state,
        to_state=to,
        reason=reason,
        text=text or {},
        note=note,
        link=link,
        public=public and move.public,
        before={**(keep or {}), "columns": before} if before else {},
    )


def change(record: Idea | Report, changes: dict[str, Any], *, at: datetime, version: int | None) -> None:
    """Writes `changes` to a record that is still as the asker saw it, else raises `Stale`."""
    seen = record.version if version is None else version
    changes = {**changes, "changed_at": at}
    changed = (
        type(record)
        ._default_manager.filter(pk=record.pk, version=seen, state=record.state)
        .update(version=F("version") + 1, **changes)
    )
    if not changed:
        raise Stale(
            _("%(reference)s was changed by somebody else in the meantime. Look again before you decide.")
            % {"reference": record.reference}
        )
    for name, value in changes.items():
        setattr(record, name, value)
    record.version = seen + 1


def columns_as_they_are(record: Idea | Report, names: Iterable[str]) -> dict[str, Any]:
    """The columns behind these fields as JSON can keep them: moments as text, rows by their keys."""
    kept = {}
    for name in names:
        column = record._meta.get_field(name).attname  # type: ignore[union-attr]
        value = getattr(record, column)
        kept[column] = value.isoformat() if isinstance(value, datetime) else value
    return kept


def columns_to_restore(record: Idea | Report, kept: dict[str, Any]) -> dict[str, Any]:
    """What `columns_as_they_are` kept, as the columns take it."""
    return {
        column: record._meta.get_field(column.removesuffix("_id")).to_python(value)  # type: ignore[union-attr]
        for column, value in kept.items()
    }
