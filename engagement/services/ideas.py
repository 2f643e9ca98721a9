"""What senders and staff do with ideas. The sender's words are kept as sent; the public sees them masked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import h3
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import (
    Call,
    Contact,
    District,
    Event,
    Idea,
    IdeaRevision,
    Meeting,
    SimilarLink,
    Theme,
    User,
)
from engagement.privacy import mask
from engagement.services import moves
from engagement.services.errors import Refused
from engagement.services.notices import queue_notice
from engagement.services.photos import remove_photos
from engagement.services.references import next_reference
from engagement.text import fold, title_from
from engagement.tracking import new_nonce
from engagement.workflow import IDEA_MOVES, IdeaState

CELL_RESOLUTION = 9


@dataclass(frozen=True)
class Place:
    """Where it is: the whole city, a district, an address, a point (WGS84), or several of these."""

    whole_city: bool = False
    district: District | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def columns(self) -> dict[str, Any]:
        point = self.latitude is not None and self.longitude is not None
        return {
            "whole_city": self.whole_city,
            "district": self.district,
            "address": self.address,
            "latitude": self.latitude if point else None,
            "longitude": self.longitude if point else None,
            "cell": h3.latlng_to_cell(self.latitude, self.longitude, CELL_RESOLUTION) if point else "",
        }


@dataclass(frozen=True)
class Sender:
    """Who sent it, as far as they said, and what they agreed to. Kept apart from the words."""

    name: str = ""
    email: str = ""
    phone: str = ""
    wants_updates: bool = False
    may_be_asked: bool = False

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


@dataclass(frozen=True)
class IdeaDraft:
    """What somebody sends in. An empty title is made from the problem's first sentence."""

    problem: str
    language: str
    proposal: str = ""
    title: str = ""
    place: Place = field(default_factory=Place)
    themes: Iterable[Theme] = ()
    answers: dict[str, str] = field(default_factory=dict)
    sender: Sender = field(default_factory=Sender)


def keep_contact(*, sender: Sender, language: str, at: datetime) -> Contact | None:
    """Writes the sender's personal data down, apart from the words; nothing where none was given."""
    if not sender:
        return None
    return Contact.objects.create(
        name=sender.name,
        email=sender.email.strip(),
        phone=sender.phone,
        language=language,
        updates_consent_at=at if sender.wants_updates else None,
        questions_consent_at=at if sender.may_be_asked else None,
        created_at=at,
    )


def _words(draft: IdeaDraft) -> dict[str, str]:
    """The columns of the words: as sent, as shown, and folded for search."""
    title = draft.title.strip() or title_from(draft.problem)
    return {
        "title": title[:200],
        "problem": draft.problem,
        "proposal": draft.proposal,
        "public_title": mask(title)[:200],
        "public_problem": mask(draft.problem),
        "public_proposal": mask(draft.proposal),
    }


def searchable(reference: str, *texts: str) -> str:
    """What is searched: every word folded, each with a space before it (see `querysets.matching`)."""
    return " " + fold(" ".join((reference, *texts)))


def _split_answers(call: Call, answers: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Answers that the public may read, and those the call keeps confidential."""
    confidential = {question["key"] for question in call.questions if question.get("confidential")}
    known = {question["key"] for question in call.questions}
    shown = {key: mask(text) for key, text in answers.items() if key in known - confidential and text}
    kept = {key: text for key, text in answers.items() if key in confidential and text}
    return shown, kept


def _where_from(channel: str, received: datetime, at: datetime) -> str:
    """The internal note of what staff typed in: by which way it came, and when it was typed."""
    return channel if received == at else f"{channel}, typed in {timezone.localtime(at):%Y-%m-%d %H:%M}"


@transaction.atomic
def submit_idea(
    *,
    call: Call,
    draft: IdeaDraft,
    at: datetime,
    by: User | None = None,
    channel: str = Idea.Channel.WEB,
    meeting: Meeting | None = None,
    form_key: str | None = None,
    source_key: str | None = None,
    notify: bool = True,
    held: str = "",
    received_at: datetime | None = None,
) -> Idea:
    """Takes an idea in. The same `form_key` (a form posted twice) gives the idea already taken.

    Staff (`by`) may type in what reached them before the call closed; residents may not send to a
    closed call. `held` says why staff should look first even where ideas are public at once (a robot,
    perhaps): the idea waits, with that note, and nothing is lost. `received_at` is when it reached the
    city, where that was before it is written down.
    """
    received = received_at or at
    if received > at:
        raise Refused(_("This date is in the future."), field="received")
    if not draft.problem.strip():
        raise Refused(_("Tell us what the problem is."), field="problem")
    if by is None and not (call.is_public and call.is_open(at)):
        raise Refused(_("This invitation is closed."), code="closed")
    if by is not None and not by.has_perm("engagement.type_in_idea"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if form_key and (already := Idea.objects.filter(form_key=form_key).first()):
        return already
    reference = next_reference(series="", year=timezone.localtime(at).year)
    words = _words(draft)
    shown, kept = _split_answers(call, draft.answers)
    at_once = call.moderation == Call.Moderation.AFTER and not held
    try:
        with transaction.atomic():
            idea = Idea.objects.create(
                reference=reference,
                call=call,
                meeting=meeting,
                channel=channel,
                language=draft.language,
                state=IdeaState.PUBLISHED if at_once else IdeaState.RECEIVED,
                published_at=received if at_once else None,
                contact=keep_contact(sender=draft.sender, language=draft.language, at=at),
                received_at=received,
                changed_at=received,
                nonce=new_nonce(),
                form_key=form_key or None,
                source_key=source_key,
                after_cutoff=call.cutoff_at is not None and received > call.cutoff_at,
                answers=shown,
                confidential_answers=kept,
                search=searchable(reference, words["public_title"], draft.problem, draft.proposal),
                **words,
                **draft.place.columns(),
            )
    except IntegrityError:
        # Two posts of one form at the same moment: the first one won, and it is the same idea.
        if form_key and (already := Idea.objects.filter(form_key=form_key).first()):
            return already
        raise
    idea.themes.set(draft.themes)
    Event.objects.create(
        idea=idea,
        at=received,
        actor=Event.Actor.STAFF if by else Event.Actor.RESIDENT,
        by=by,
        verb="receive",
        to_state=idea.state,
        note=_where_from(channel, received, at) if by else held,
    )
    if notify:
        queue_notice(kind="engagement.idea_received", at=at, contact=idea.contact, idea=idea)
    return idea


def tell_sender(idea: Idea, *, verb: str, at: datetime, event_text: dict[str, str] | None = None) -> None:
    """Queues the mail about a decision, to a sender who gave an address and asked to be told."""
    contact = idea.contact
    if contact is not None and contact.updates_consent_at is not None:
        queue_notice(
            kind=f"engagement.idea_{verb}",
            at=at,
            contact=contact,
            idea=idea,
            context={"text": event_text or {}},
        )


def _staff_move(
    idea: Idea,
    verb: str,
    *,
    to: str,
    by: User,
    at: datetime,
    version: int | None,
    reason: str = "",
    text: dict[str, str] | None = None,
    note: str = "",
    changes: dict[str, Any] | None = None,
    link: str = "",
) -> Idea:
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
    )
    tell_sender(idea, verb=verb, at=at, event_text=public_text)
    return idea


@transaction.atomic
def publish_idea(*, idea: Idea, by: User, at: datetime, version: int | None = None, note: str = "") -> Idea:
    changes = {"published_at": idea.published_at or at}
    return _staff_move(
        idea, "publish", to=IdeaState.PUBLISHED, by=by, at=at, version=version, note=note, changes=changes
    )


@transaction.atomic
def decline_idea(
    *,
    idea: Idea,
    by: User,
    at: datetime,
    reason: str,
    text: dict[str, str] | None = None,
    version: int | None = None,
    note: str = "",
) -> Idea:
    """Declines with a reason code and a public text (the reason's own where none is written)."""
    return _staff_move(
        idea,
        "decline",
        to=IdeaState.DECLINED,
        by=by,
        at=at,
        version=version,
        reason=reason,
        text=text,
        note=note,
    )


@transaction.atomic
def ask_correction(
    *,
    idea: Idea,
    by: User,
    at: datetime,
    reason: str,
    text: dict[str, str] | None = None,
    version: int | None = None,
    note: str = "",
) -> Idea:
    return _staff_move(
        idea,
        "ask_correction",
        to=IdeaState.CORRECTION,
        by=by,
        at=at,
        version=version,
        reason=reason,
        text=text,
        note=note,
    )


@transaction.atomic
def pass_on_idea(
    *,
    idea: Idea,
    by: User,
    at: datetime,
    reason: str,
    text: dict[str, str] | None = None,
    version: int | None = None,
    note: str = "",
) -> Idea:
    return _staff_move(
        idea,
        "pass_on",
        to=IdeaState.PASSED_ON,
        by=by,
        at=at,
        version=version,
        reason=reason,
        text=text,
        note=note,
    )


@transaction.atomic
def reopen_idea(*, idea: Idea, by: User, at: datetime, version: int | None = None, note: str = "") -> Idea:
    changes = {"eligible": True, "text_hidden": False}
    return _staff_move(
        idea, "reopen", to=IdeaState.RECEIVED, by=by, at=at, version=version, note=note, changes=changes
    )


@transaction.atomic
def link_duplicate(
    *, idea: Idea, original: Idea, by: User, at: datetime, version: int | None = None, note: str = ""
) -> SimilarLink:
    """Says that `idea` asks for the same as `original`. Both texts stay; it can be undone."""
    if original.pk == idea.pk:
        raise Refused(_("An idea is not its own duplicate."), field="original")
    if original.call_id != idea.call_id and not original.is_public:
        raise Refused(_("Choose an idea that is public."), field="original")
    if original.state in (IdeaState.DUPLICATE, IdeaState.WITHDRAWN):
        raise Refused(
            _("%(reference)s is itself joined with another idea, or withdrawn. Choose the other one.")
            % {"reference": original.reference},
            field="original",
        )
    before = idea.state
    _staff_move(
        idea,
        "link_duplicate",
        to=IdeaState.DUPLICATE,
        by=by,
        at=at,
        version=version,
        note=note,
        link=f"idea:{original.reference}",
    )
    # Ideas that were joined with this one follow it, so that a chain never needs walking.
    SimilarLink.objects.standing().filter(original=idea).update(original=original)
    return SimilarLink.objects.create(
        idea=idea, original=original, state_before=before, linked_at=at, linked_by=by
    )


@transaction.atomic
def unlink_duplicate(
    *, idea: Idea, by: User, at: datetime, version: int | None = None, note: str = ""
) -> Idea:
    """Undoes the link: the idea is again what it was before."""
    link = SimilarLink.objects.standing().filter(idea=idea).first()
    if link is None:
        raise Refused(_("This idea is not joined with another."), code="wrong_state")
    _staff_move(idea, "unlink_duplicate", to=link.state_before, by=by, at=at, version=version, note=note)
    SimilarLink.objects.filter(pk=link.pk).update(undone_at=at, undone_by=by)
    return idea


@transaction.atomic
def resend_idea(*, idea: Idea, draft: IdeaDraft, at: datetime, version: int | None = None) -> Idea:
    """The sender corrects the words that staff asked about; the earlier wording is kept."""
    if not draft.problem.strip():
        raise Refused(_("Tell us what the problem is."), field="problem")
    moves.check_allowed(IDEA_MOVES["resend"], state=idea.state, by=None)
    IdeaRevision.objects.create(
        idea=idea,
        number=idea.revisions.count() + 1,
        title=idea.title,
        problem=idea.problem,
        proposal=idea.proposal,
        replaced_at=at,
    )
    words = _words(draft)
    changes = {
        **words,
        "search": searchable(idea.reference, words["public_title"], draft.problem, draft.proposal),
    }
    moves.apply(
        idea, IDEA_MOVES["resend"], to=IdeaState.RECEIVED, by=None, at=at, version=version, changes=changes
    )
    return idea


@transaction.atomic
def withdraw_idea(*, idea: Idea, at: datetime, version: int | None = None) -> Idea:
    """The sender takes the idea back: its text is no longer shown, its number stays in the counts."""
    moves.apply(idea, IDEA_MOVES["withdraw"], to=IdeaState.WITHDRAWN, by=None, at=at, version=version)
    return idea


WITHDRAWN_WORDS: dict[str, Any] = {
    "title": "",
    "problem": "",
    "proposal": "",
    "public_title": "",
    "public_problem": "",
    "public_proposal": "",
    "answers": {},
    "confidential_answers": {},
    "address": "",
    "latitude": None,
    "longitude": None,
    "cell": "",
    "search": "",
}


@transaction.atomic
def erase_sender(*, idea: Idea, at: datetime, keep_text: bool) -> Idea:
    """Erases who sent it. The words stay only with the sender's consent (`keep_text`), else they go too.

    What remains is the number, the dates and the state: the counts of a published plan still add up.
    """
    contact = idea.contact
    changes: dict[str, Any] = {"contact": None, "nonce": new_nonce(), "changed_at": at}
    if not keep_text:
        changes |= WITHDRAWN_WORDS
        idea.revisions.all().delete()
        remove_photos(record=idea)
        if idea.state in IDEA_MOVES["withdraw"].sources:
            moves.apply(idea, IDEA_MOVES["withdraw"], to=IdeaState.WITHDRAWN, by=None, at=at, version=None)
        else:
            changes["text_hidden"] = True
    Idea.objects.filter(pk=idea.pk).update(**changes)
    if contact is not None:
        contact.delete()
    Event.objects.create(
        idea=idea,
        at=at,
        actor=Event.Actor.RESIDENT,
        verb="erase",
        from_state=idea.state,
        to_state=idea.state,
        public=False,
    )
    idea.refresh_from_db()
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
