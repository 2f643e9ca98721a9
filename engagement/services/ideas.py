"""What senders and staff do with ideas. The sender's words are kept as sent; the public sees them masked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import h3
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.flags import Reason, Signs
from engagement.models import (
    Call,
    Contact,
    District,
    Event,
    Idea,
    IdeaRevision,
    Meeting,
    Theme,
    User,
)
from engagement.privacy import mask
from engagement.services import moves
from engagement.services.asking import forget_answers
from engagement.services.errors import Refused
from engagement.services.flagging import find_flags, holds, write_flags
from engagement.services.holds import is_held, refuse_where_held
from engagement.services.notices import queue_notice
from engagement.services.photos import remove_photos
from engagement.services.references import next_reference
from engagement.services.register import record_erasure, record_withdrawal
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
            "address": mask(self.address),  # shown to everybody, like the words
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


def keep_contact(*, sender: Sender, language: str, at: datetime, confirmed: bool = False) -> Contact | None:
    """Writes the sender's personal data down, apart from the words; nothing where none was given.

    What staff typed in, they read or heard from the sender: it counts as `confirmed`.
    """
    if not sender:
        return None
    return Contact.objects.create(
        name=sender.name,
        email=sender.email.strip(),
        phone=sender.phone,
        language=language,
        updates_consent_at=at if sender.wants_updates else None,
        questions_consent_at=at if sender.may_be_asked else None,
        confirmed_at=at if confirmed else None,
        created_at=at,
    )


def columns_of(draft: IdeaDraft) -> dict[str, str]:
    """The columns of the words: as sent, as shown, and folded for search."""
    # Masked before it is cut: half a phone number is no longer known for one.
    title = draft.title.strip() or title_from(mask(draft.problem))
    return {
        "title": title[:200],
        "problem": draft.problem,
        "proposal": draft.proposal,
        "public_title": mask(title)[:200],
        "public_problem": mask(draft.problem),
        "public_proposal": mask(draft.proposal),
    }


def searchable(reference: str, *texts: str) -> str:
    """What is searched: every word folded, each with a space before it (see `querysets.matching`).

    Give it masked texts: the public searches here, and must not find out a number by guessing it.
    """
    return " " + fold(" ".join((reference, *texts)))


def search_of(idea: Idea, words: dict[str, Any]) -> str:
    """What is searched of an idea with these `public_` words: they, and every translation beside them."""
    beside = idea.translations.values_list("title", "problem", "proposal")
    shown = (words["public_title"], words["public_problem"], words["public_proposal"])
    return searchable(idea.reference, *shown, *(text for one in beside for text in one if text))


def words_change(idea: Idea, words: dict[str, Any]) -> dict[str, Any]:
    """The columns of a corrected wording. What was translated before says from then on that it is older."""
    idea.translations.update(earlier_wording=True)
    return words | {"search": search_of(idea, words)}


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
    by_link: bool = False,
    signs: Signs | None = None,
) -> Idea:
    """Takes an idea in. The same `form_key` (a form posted twice) gives the idea already taken.

    Staff (`by`) may type in what reached them before the call closed; residents may not send to a
    closed call. `signs` is how it came, where a form took it: what speaks for reading it first stands on it
    as flags, and where the call says so it waits, with nothing lost. `held` says why staff look first
    whatever the call says, as a note. `received_at` is when it reached the
    city, where that was before it is written down. What comes `by_link` of a meeting is taken whatever the
    call says: the link is the city's own invitation.
    """
    received = received_at or at
    if received > at:
        raise Refused(_("This date is in the future."), field="received")
    if not draft.problem.strip():
        raise Refused(_("Tell us what the problem is."), field="problem")
    if by is None and not by_link and not (call.is_public and call.is_open(at)):
        raise Refused(_("This invitation is closed."), code="closed")
    if by is not None and not by.has_perm("engagement.type_in_idea"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    found = _flags(call, draft, signs, at) if signs else []
    held_back = bool(held) or holds(call.moderation, found)
    try:
        with transaction.atomic():
            idea = _write_idea(
                call=call,
                draft=draft,
                received=received,
                at=at,
                held=held_back,
                meeting=meeting,
                channel=channel,
                form_key=form_key or None,
                source_key=source_key,
                confirmed=by is not None,
            )
            write_flags(found, at=at, idea=idea)
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
    except IntegrityError:
        # The form was posted before, perhaps at this very moment: the first one won, and it is the same idea.
        if form_key and (already := Idea.objects.filter(form_key=form_key).first()):
            return already
        raise
    return idea


def _flags(call: Call, draft: IdeaDraft, signs: Signs, at: datetime) -> list[Reason]:
    words = {"title": draft.title, "problem": draft.problem, "proposal": draft.proposal}
    return find_flags(call=call, signs=signs, at=at, **words)


def _write_idea(
    *,
    call: Call,
    draft: IdeaDraft,
    received: datetime,
    at: datetime,
    held: bool,
    confirmed: bool,
    **columns: Any,
) -> Idea:
    """The idea's own rows: its words, its sender's, its themes."""
    reference = next_reference(series="", year=timezone.localtime(at).year)
    words = columns_of(draft)
    shown, kept = _split_answers(call, draft.answers)
    at_once = call.moderation != Call.Moderation.BEFORE and not held
    idea = Idea.objects.create(
        reference=reference,
        call=call,
        language=draft.language,
        state=IdeaState.PUBLISHED if at_once else IdeaState.RECEIVED,
        published_at=received if at_once else None,
        contact=keep_contact(sender=draft.sender, language=draft.language, at=at, confirmed=confirmed),
        received_at=received,
        changed_at=received,
        nonce=new_nonce(),
        after_cutoff=call.cutoff_at is not None and received > call.cutoff_at,
        answers=shown,
        confidential_answers=kept,
        search=searchable(
            reference, words["public_title"], words["public_problem"], words["public_proposal"]
        ),
        **words,
        **draft.place.columns(),
        **columns,
    )
    idea.themes.add(*draft.themes)
    return idea


@transaction.atomic
def resend_idea(*, idea: Idea, draft: IdeaDraft, at: datetime, version: int | None = None) -> Idea:
    """The sender corrects the words that staff asked about; the earlier wording is kept."""
    if not draft.problem.strip():
        raise Refused(_("Tell us what the problem is."), field="problem")
    earlier = {name: getattr(idea, name) for name in ("title", "problem", "proposal")}
    changes = words_change(idea, columns_of(draft))
    moves.apply(
        idea, IDEA_MOVES["resend"], to=IdeaState.RECEIVED, by=None, at=at, version=version, changes=changes
    )
    # After the move: of two forms sent at once, one is told, and no number is given twice.
    IdeaRevision.objects.create(idea=idea, number=idea.revisions.count() + 1, replaced_at=at, **earlier)
    return idea


@transaction.atomic
def withdraw_idea(*, idea: Idea, at: datetime, version: int | None = None) -> Idea:
    """The sender takes the idea back: its text is neither shown nor found, its number stays in the counts.

    Under a legal hold nobody reads it either, but nothing of it is lost: its time begins when the hold ends.
    """
    held = is_held(idea)
    moves.apply(
        idea,
        IDEA_MOVES["withdraw"],
        to=IdeaState.WITHDRAWN,
        by=None,
        at=at,
        version=version,
        changes={"search": searchable(idea.reference)},
    )
    if not held:
        idea.translations.all().delete()
        forget_answers(idea)
    record_withdrawal(record=idea, at=at)
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


def _only_masked(idea: Idea) -> dict[str, Any]:
    """The words without what they say about their sender: what was sent goes, what is shown stays."""
    shown = {name: getattr(idea, f"public_{name}") for name in ("title", "problem", "proposal")}
    answers = {key: mask(text) for key, text in idea.confidential_answers.items()}
    return {**shown, "confidential_answers": answers}


@transaction.atomic
def erase_idea(*, idea: Idea, at: datetime, keep_text: bool) -> Idea:
    """Erases who sent it. The words stay only with the sender's consent (`keep_text`), else they go too.

    What remains is the number, the dates and the state: the counts of a published plan still add up.
    """
    refuse_where_held(idea)
    contact = idea.contact
    changes: dict[str, Any] = {
        "contact": None,
        "nonce": new_nonce(),
        "changed_at": at,
        "version": F("version") + 1,  # who read the words before cannot copy them any more
    }
    # Earlier wordings are as they were sent: a telephone number, a name at the end.
    idea.revisions.all().delete()
    # An appeal that waits is waited for by nobody any more; of one that was decided the words go.
    idea.appeals.filter(decided_at__isnull=True).delete()
    idea.appeals.update(text="")
    forget_answers(idea)
    if keep_text:
        changes |= _only_masked(idea)
    else:
        changes |= WITHDRAWN_WORDS
        remove_photos(record=idea)
        idea.translations.all().delete()
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
    record_erasure(record=idea, keep_text=keep_text, at=at)
    idea.refresh_from_db()
    return idea
