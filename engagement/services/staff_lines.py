"""Lines of a timeline that only staff read: what one of them did with a record beside its moves."""

from datetime import datetime

from engagement.models import Event, Idea, Report, User


def staff_line(record: Idea | Report, verb: str, *, by: User, at: datetime, note: str = "") -> Event:
    """The line, not saved yet. The state stays as it is."""
    return Event(
        idea=record if isinstance(record, Idea) else None,
        report=record if isinstance(record, Report) else None,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb=verb,
        from_state=record.state,
        to_state=record.state,
        note=note,
        public=False,
    )


def write_staff_line(record: Idea | Report, verb: str, *, by: User, at: datetime, note: str = "") -> None:
    staff_line(record, verb, by=by, at=at, note=note).save()
