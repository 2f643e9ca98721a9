"""Reports of abuse: anybody says that a text should not stand there; a moderator keeps or hides it."""

from datetime import datetime, timedelta
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.flags import FlagKind, Reason
from engagement.models import AbuseReport, Event, Flag, Idea, Note, User
from engagement.services import moves
from engagement.services.acting import Acting
from engagement.services.errors import Refused
from engagement.services.flagging import write_flags
from engagement.services.notes import hide_note
from engagement.workflow import MODERATE, NoteState

SEVERAL = 3
"""Readers after whom the text stands flagged."""
TWICE = timedelta(hours=1)


@transaction.atomic
def report_abuse(
    *, idea: Idea | None = None, note: Note | None = None, reason: str, text: str = "", at: datetime
) -> AbuseReport:
    """Writes down what a reader says of an idea or a note that is public. Nothing is hidden by it."""
    if (idea is None) == (note is None):
        raise AssertionError("of an idea or of a note")
    shown = note.state == NoteState.PUBLISHED if note is not None else idea is not None and idea.shows_text
    if not shown:
        raise Refused(_("It is not shown any more. Thank you for telling us."), code="gone")
    if reason not in AbuseReport.Reason.values:
        raise Refused(_("Choose a reason."), field="reason")
    about = AbuseReport.objects.filter(idea=idea, note=note, handled_at__isnull=True)
    again = (
        about.filter(reason=reason, text=text.strip(), at__gte=at - TWICE).first() if text.strip() else None
    )
    if again is not None:
        return again
    made = AbuseReport.objects.create(idea=idea, note=note, reason=reason, text=text.strip(), at=at)
    flagged = Flag.objects.filter(idea=idea, note=note, kind=FlagKind.ABUSE)
    if about.count() >= SEVERAL and not flagged.exists():
        write_flags([Reason(FlagKind.ABUSE, str(SEVERAL))], at=at, idea=idea, note=note)
    return made


@transaction.atomic
def keep_reported(*, report: AbuseReport, **acting: Unpack[Acting]) -> int:
    """The text stays; every open report about it is answered with that. Gives how many."""
    by = acting["by"]
    _check(by)
    return _handled(report, AbuseReport.Outcome.KEPT, by, acting["at"])


@transaction.atomic
def hide_reported(*, report: AbuseReport, **acting: Unpack[Acting]) -> int:
    """The note, or the text of the idea, is hidden with the reader's reason. Gives how many it answers."""
    by, at = acting["by"], acting["at"]
    _check(by)
    why = {"en": _why("en", report), "fr": _why("fr", report)}
    answered = _handled(report, AbuseReport.Outcome.HIDDEN, by, at)
    if report.note is not None:
        if report.note.state in {NoteState.HELD, NoteState.PUBLISHED}:
            hide_note(note=report.note, by=by, at=at, why=why)
    elif report.idea is not None:
        moves.change(report.idea, {"text_hidden": True}, at=at, version=None)
        record(report.idea, "hide_text", why, by=by, at=at)
    return answered


@transaction.atomic
def show_again(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    """Takes the hiding of an idea's text back."""
    _check(acting["by"])
    if not idea.text_hidden:
        raise Refused(_("Its text is shown."), code="wrong_state")
    moves.change(idea, {"text_hidden": False}, at=acting["at"], version=None)
    record(idea, "show_text", {}, by=acting["by"], at=acting["at"])
    return idea


def record(idea: Idea, verb: str, why: dict[str, str], *, by: User, at: datetime) -> None:
    Event.objects.create(
        idea=idea,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb=verb,
        from_state=idea.state,
        to_state=idea.state,
        text=why,
    )


def _why(language: str, report: AbuseReport) -> str:
    return _WHY[report.reason][language]


_WHY = {
    "personal": {
        "en": "Hidden because it tells something about a person.",
        "fr": "Masqué parce que le texte dit quelque chose d’une personne.",
    },
    "insult": {
        "en": "Hidden because it insults or threatens.",
        "fr": "Masqué parce que le texte insulte ou menace.",
    },
    "advertising": {
        "en": "Hidden because it is advertising.",
        "fr": "Masqué parce que c’est de la publicité.",
    },
    "false": {
        "en": "Hidden because it says something that is not so.",
        "fr": "Masqué parce que le texte affirme quelque chose de faux.",
    },
    "other": {
        "en": "Hidden after readers asked us to look at it.",
        "fr": "Masqué après que des personnes nous ont demandé de le regarder.",
    },
}


def _check(by: User) -> None:
    if not by.has_perm(MODERATE):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def _handled(report: AbuseReport, outcome: str, by: User, at: datetime) -> int:
    about = AbuseReport.objects.filter(idea=report.idea, note=report.note, handled_at__isnull=True)
    changed = about.update(outcome=outcome, handled_at=at, handled_by=by)
    if not changed:
        raise Refused(_("Somebody else has handled this report in the meantime."), code="handled")
    Flag.objects.filter(idea=report.idea, note=report.note, kind=FlagKind.ABUSE).delete()
    return changed
