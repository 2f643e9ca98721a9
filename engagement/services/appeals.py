"""A sender asks for a refusal to be looked at again; somebody else than who refused decides."""

from datetime import datetime
from typing import Unpack

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import Appeal, Idea, appeal_window
from engagement.services import moves
from engagement.services.acting import Acting
from engagement.services.errors import Refused, Stale
from engagement.services.triage import tell_sender
from engagement.workflow import IDEA_MOVES, IdeaState


class Answering(Acting):
    """Who decides an appeal, and what the sender and the public read of it."""

    text: dict[str, str]


@transaction.atomic
def appeal(*, idea: Idea, text: str, at: datetime, version: int | None = None) -> Appeal:
    """Asks for the refusal to be looked at again. The same text sent twice is one appeal.

    Refused where the invitation has none, when the time for it is over, and a second time for one refusal.
    """
    move = IDEA_MOVES["appeal"]
    moves.check_allowed(move, state=idea.state, by=None)
    words = text.strip()
    window = appeal_window(idea)
    if window is None:
        raise Refused(_("A refusal of this invitation cannot be appealed. Write to us instead."), code="none")
    if window.last is not None:
        if window.last.text == words:
            return window.last
        raise Refused(_("You asked for this refusal to be looked at again already."), code="again")
    if at > window.until:
        day = date_format(window.until, "DATE_FORMAT")
        raise Refused(
            _("The time to ask ended on %(day)s. Write to us all the same: we read it.") % {"day": day},
            code="late",
        )
    if not words:
        raise Refused(_("Tell us why we should look again."), field="text")
    moves.apply(idea, move, to=IdeaState.DECLINED, by=None, at=at, version=version)
    try:
        with transaction.atomic():
            return Appeal.objects.create(idea=idea, text=words, asked_at=at, refused_by=window.refused_by)
    except IntegrityError as error:
        raise Refused(_("You asked for this refusal to be looked at again already."), code="again") from error


def grant_appeal(*, idea: Idea, **answering: Unpack[Answering]) -> Appeal:
    """The refusal is taken back: the idea waits again as if it had just come in."""
    changes = {"eligible": True, "text_hidden": False}
    return _decide(idea, "grant_appeal", Appeal.Outcome.GRANTED, IdeaState.RECEIVED, changes, **answering)


def refuse_appeal(*, idea: Idea, **answering: Unpack[Answering]) -> Appeal:
    """The refusal stands, and the sender is told why."""
    return _decide(idea, "refuse_appeal", Appeal.Outcome.REFUSED, IdeaState.DECLINED, {}, **answering)


@transaction.atomic
def _decide(
    idea: Idea, verb: str, outcome: str, to: str, changes: dict[str, bool], **answering: Unpack[Answering]
) -> Appeal:
    by, at = answering["by"], answering["at"]
    move = IDEA_MOVES[verb]
    moves.check_allowed(move, state=idea.state, by=by)
    asked = Appeal.objects.filter(idea=idea, decided_at__isnull=True).first()
    if asked is None:
        raise Refused(_("No appeal of this idea waits for a decision."), code="wrong_state")
    if asked.refused_by_id == by.pk:
        raise Refused(
            _("You refused this idea. Somebody else has to decide about the appeal."), code="same_person"
        )
    text = said(answering["text"])
    if not text:
        raise Refused(_("Write what the sender and the public will read."), code="text", field="text")
    moves.apply(
        idea,
        move,
        to=to,
        by=by,
        at=at,
        version=answering.get("version"),
        changes=dict(changes),
        text=text,
        note=answering.get("note", ""),
    )
    changed = Appeal.objects.filter(pk=asked.pk, decided_at__isnull=True, version=asked.version).update(
        outcome=outcome, reason=text, decided_at=at, decided_by=by, version=F("version") + 1
    )
    if not changed:
        raise Stale(_("Somebody else has decided this appeal in the meantime."))
    tell_sender(idea, verb=verb, at=at, event_text=text)
    asked.refresh_from_db()
    return asked
