"""What staff do with ideas: each verb one move of the table, with a reason and a public text where due."""

from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Event, Idea, SimilarLink, User
from engagement.services import moves
from engagement.services.acting import Acting, Saying
from engagement.services.errors import Refused
from engagement.services.notices import queue_notice
from engagement.workflow import IDEA_MOVES, NEVER_ORIGINAL, IdeaState

JOINED_BY = "engagement.idea_joined_by"


def tell_sender(idea: Idea, *, verb: str, at: datetime, event_text: dict[str, str] | None = None) -> None:
    """Queues the mail about a decision, to a sender who gave an address and asked to be told."""
    contact = idea.contact
    if contact is not None and not contact.silent_because:
        queue_notice(
            kind=f"engagement.idea_{verb}",
            at=at,
            contact=contact,
            idea=idea,
            context={"text": event_text or {}},
            wait=moves.pause_before_mail(IDEA_MOVES.get(verb)),
        )


def staff_move(
    idea: Idea,
    verb: str,
    *,
    to: str,
    by: User,
    at: datetime,
    version: int | None = None,
    reason: str = "",
    text: dict[str, str] | None = None,
    note: str = "",
    changes: dict[str, Any] | None = None,
    link: str = "",
    keep: dict[str, Any] | None = None,
) -> Idea:
    """One move of the table by staff: the reason and the public text with it, and the sender is told."""
    move = IDEA_MOVES[verb]
    moves.check_allowed(move, state=idea.state, by=by)
    standard, public_text = moves.reason_with_text(move, code=reason, text=text or {})
    changes = dict(changes or {})
    if standard is not None and verb == "decline":
        changes |= {"eligible": standard.eligible, "text_hidden": standard.hides_text}
    moves.apply(
        idea,
        move,
        to=to,
        by=by,
        at=at,
        version=version,
        changes=changes,
        reason=reason,
        text=public_text,
        note=note,
        link=link,
        keep=keep,
    )
    if move.public:
        tell_sender(idea, verb=verb, at=at, event_text=public_text)
    return idea


@transaction.atomic
def publish_idea(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    changes = {"published_at": idea.published_at or acting["at"]}
    return staff_move(idea, "publish", to=IdeaState.PUBLISHED, changes=changes, **acting)


@transaction.atomic
def decline_idea(*, idea: Idea, **saying: Unpack[Saying]) -> Idea:
    """Declines with a reason code and a public text (the reason's own where none is written)."""
    return staff_move(idea, "decline", to=IdeaState.DECLINED, **saying)


@transaction.atomic
def ask_correction(*, idea: Idea, **saying: Unpack[Saying]) -> Idea:
    return staff_move(idea, "ask_correction", to=IdeaState.CORRECTION, **saying)


@transaction.atomic
def reopen_idea(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    if idea.appeals.filter(decided_at__isnull=True).exists():
        raise Refused(_("Its sender has appealed: decide about the appeal instead."), code="appealed")
    changes = {"eligible": True, "text_hidden": False}
    return staff_move(idea, "reopen", to=IdeaState.RECEIVED, changes=changes, **acting)


@transaction.atomic
def link_duplicate(*, idea: Idea, original: Idea, **acting: Unpack[Acting]) -> SimilarLink:
    """Says that `idea` asks for the same as `original`. Both texts stay; it can be undone."""
    if original.pk == idea.pk:
        raise Refused(_("An idea is not its own duplicate."), field="original")
    if original.call_id != idea.call_id and not original.is_public:
        raise Refused(_("Choose an idea that is public."), field="original")
    if original.state in NEVER_ORIGINAL:
        raise Refused(
            _("%(reference)s is itself joined with another idea, or no longer an idea. Choose another one.")
            % {"reference": original.reference},
            field="original",
        )
    before = idea.state
    # Ideas that were joined with this one follow it, so that a chain never needs walking.
    followers = SimilarLink.objects.standing().filter(original=idea)
    staff_move(
        idea,
        "link_duplicate",
        to=IdeaState.DUPLICATE,
        link=f"idea:{original.reference}",
        keep={"followers": list(followers.values_list("pk", flat=True))},
        **acting,
    )
    followers.update(original=original)
    _tell_original(original, other=idea, at=acting["at"])
    return SimilarLink.objects.create(
        idea=idea, original=original, state_before=before, linked_at=acting["at"], linked_by=acting["by"]
    )


def _tell_original(original: Idea, *, other: Idea, at: datetime) -> None:
    """The other sender hears of it too; undoing the joining cancels this mail with the first."""
    contact = original.contact
    if contact is not None and not contact.silent_because:
        queue_notice(
            kind=JOINED_BY,
            at=at,
            contact=contact,
            idea=original,
            context={"joined": other.reference},
            wait=moves.pause_before_mail(IDEA_MOVES["link_duplicate"]),
        )


@transaction.atomic
def unlink_duplicate(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    """Undoes the link: the idea is again what it was before."""
    link = SimilarLink.objects.standing().filter(idea=idea).first()
    if link is None:
        raise Refused(_("This idea is not joined with another."), code="wrong_state")
    staff_move(idea, "unlink_duplicate", to=link.state_before, **acting)
    SimilarLink.objects.filter(pk=link.pk).update(undone_at=acting["at"], undone_by=acting["by"])
    return idea


@transaction.atomic
def record_outcome(
    *, idea: Idea, outcome: str, text: dict[str, str], link: str, by: User, at: datetime, notify: bool = True
) -> None:
    """Writes what a plan made of an idea on its timeline, and has its sender told."""
    Idea.objects.filter(pk=idea.pk).update(
        outcome=outcome, outcome_text=text, outcome_link=link, changed_at=at
    )
    Event.objects.create(
        idea=idea,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb="outcome",
        from_state=idea.state,
        to_state=idea.state,
        reason=outcome,
        text=text,
        link=link,
    )
    if notify:
        tell_sender(idea, verb="outcome", at=at, event_text=text)
