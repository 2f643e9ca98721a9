"""Making one move of the state table: the check, the conditional update, the line in the timeline."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import Event, Idea, Reason, Report, User
from engagement.services.errors import Refused, Stale
from engagement.workflow import RESIDENT, Move


def check_allowed(move: Move, *, state: str, by: User | None) -> None:
    """Refuses when the state forbids the move, or when `by` may not make it."""
    if state not in move.sources:
        raise Refused(_("This can't be done while it is “%(state)s”.") % {"state": state}, code="wrong_state")
    if move.who == RESIDENT:
        return
    if by is None or not by.has_perm(move.who):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def reason_with_text(move: Move, *, code: str, text: dict[str, str]) -> tuple[Reason | None, dict[str, str]]:
    """The standard reason and the public text: what staff wrote, else the reason's own text."""
    if not move.needs_reason:
        return None, text
    reason = Reason.objects.filter(action=move.verb, code=code, active=True).first()
    if reason is None:
        raise Refused(_("Choose a reason."), code="reason", field="reason")
    written = {language: words for language, words in text.items() if words.strip()}
    text = written or {language: words for language, words in reason.text.items() if words.strip()}
    if not text:
        raise Refused(_("Write what the sender and the public will read."), code="text", field="text")
    return reason, text


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
) -> None:
    """Moves `record` and writes the event. `version` is what the asker saw; None means "as just read"."""
    if to not in move.targets:
        raise AssertionError(f"{move.verb} does not lead to {to}")
    check_allowed(move, state=record.state, by=by)
    seen = record.version if version is None else version
    changes = {**(changes or {}), "state": to, "changed_at": at}
    moved = (
        type(record)
        ._default_manager.filter(pk=record.pk, version=seen, state=record.state)
        .update(version=F("version") + 1, **changes)
    )
    if not moved:
        raise Stale(
            _("%(reference)s was changed by somebody else in the meantime. Look again before you decide.")
            % {"reference": record.reference}
        )
    before = record.state
    for name, value in changes.items():
        setattr(record, name, value)
    record.version = seen + 1
    Event.objects.create(
        idea=record if isinstance(record, Idea) else None,
        report=record if isinstance(record, Report) else None,
        at=at,
        actor=Event.Actor.STAFF if by else Event.Actor.RESIDENT,
        by=by,
        verb=move.verb,
        from_state=before,
        to_state=to,
        reason=reason,
        text=text or {},
        note=note,
        link=link,
        public=public and move.public,
    )
