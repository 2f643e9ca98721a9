"""Notes: one person's remark on one idea, held or public at once, hidden for a reason one can answer."""

from datetime import datetime
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from engagement.flags import Signs, reasons
from engagement.localized import said
from engagement.models import Call, Flag, Idea, Note, Person, Support, User
from engagement.privacy import mask
from engagement.services.errors import Refused, Stale
from engagement.services.flagging import write_flags
from engagement.services.holds import refuse_where_held
from engagement.services.moves import check_allowed
from engagement.services.staff_lines import write_staff_line
from engagement.services.supports import voter_key
from engagement.workflow import NOTE_MOVES, IdeaState, NoteState

_STATES = (IdeaState.PUBLISHED, IdeaState.DUPLICATE, IdeaState.PASSED_ON)


class Moderating(TypedDict):
    """A moderator; the version of the note that they saw; words that only staff read."""

    by: User
    at: datetime
    version: NotRequired[int | None]
    note_text: NotRequired[str]


class Hiding(Moderating):
    """What its author reads of why."""

    why: dict[str, str]


def may_note(idea: Idea) -> bool:
    """Does the invitation take notes, and is the idea public with its text and still an open wish?"""
    return bool(
        idea.call.notes != Call.Notes.NONE and idea.is_public and idea.shows_text and idea.state in _STATES
    )


class Author(NamedTuple):
    """Who writes a note: the person that a browser is known for, the browser's own token, or both.

    A person has one note on an idea: one written before the address was known is theirs as well.
    """

    person: Person | None = None
    token: str = ""

    @property
    def keys(self) -> list[str]:
        """Under what notes of theirs stand; under the first they stand from now on."""
        known = [(Support.Kind.CONFIRMED, self.person.email)] if self.person is not None else []
        known += [(Support.Kind.TOKEN, self.token)] if self.token else []
        return [voter_key(kind=kind, voter=voter) for kind, voter in known]


def note_of(*, idea: Idea, author: Author) -> Note | None:
    """The note that this person has on the idea, whatever became of it; not one that was taken back."""
    return _of(idea, author).exclude(state=NoteState.WITHDRAWN).first()


def _of(idea: Idea, author: Author) -> QuerySet[Note]:
    if not author.keys:
        return Note.objects.none()
    by = Q(voter__in=author.keys)
    if author.person is not None:
        by |= Q(person=author.person)
    return Note.objects.filter(by, idea=idea).order_by("-sent_at", "-pk")


@transaction.atomic
def add_note(
    *,
    idea: Idea,
    author: Author,
    kind: str,
    text: str,
    language: str,
    at: datetime,
    signs: Signs,
) -> Note:
    """One note a person: the same one sent twice is one, another one is refused while the first stands.

    What was taken back may be written anew. Whatever speaks for reading it first holds it, with flags.
    """
    words = text.strip()
    if not may_note(idea):
        raise Refused(_("This idea takes no notes."), code="no_notes")
    if not words:
        raise Refused(_("Write your note."), field="text")
    key = author.keys[0]
    found = reasons(words, signs=signs, words=idea.call.word_list.splitlines())
    held = bool(found) or idea.call.notes == Call.Notes.HELD
    columns: dict[str, Any] = {
        "kind": kind,
        "text": words,
        "public_text": mask(words),
        "language": language,
        "state": NoteState.HELD if held else NoteState.PUBLISHED,
        "sent_at": at,
        "person": author.person,
    }
    already = note_of(idea=idea, author=author) or _of(idea, author).filter(voter=key).first()
    if already is None:
        try:
            with transaction.atomic():
                note = Note.objects.create(idea=idea, voter=key, **columns)
        except IntegrityError:
            return Note.objects.get(idea=idea, voter=key)  # pressed twice at the same moment: there it is
    elif already.state != NoteState.WITHDRAWN:
        if (already.text, already.kind) == (words, kind):
            return already
        raise Refused(_("You have a note on this idea. Take it back before you write another one."))
    else:
        note = already
        refuse_where_held(idea)  # what was taken back is kept too: nothing is written over it
        fresh: dict[str, Any] = {
            "decided_at": None,
            "decided_by": None,
            "why": {},
            "answer": "",
            "answered_at": None,
        }
        _change(note, "write_again", {**columns, **fresh}, by=None, version=None)
        Flag.objects.filter(note=note).delete()
    write_flags(found, at=at, note=note)
    return note


@transaction.atomic
def take_back_note(*, note: Note, at: datetime) -> Note:
    """Its author takes it back: nobody reads it any more."""
    return _change(note, "withdraw", {"state": NoteState.WITHDRAWN}, by=None, version=None)


@transaction.atomic
def answer_note(*, note: Note, answer: str, at: datetime) -> Note:
    """Its author answers the reason for which it was hidden: it waits again, with the answer beside it."""
    check_allowed(NOTE_MOVES["answer"], state=note.state, by=None)
    if not answer.strip():
        raise Refused(_("Write your answer."), field="answer")
    changes = {"state": NoteState.HELD, "answer": answer.strip(), "answered_at": at}
    return _change(note, "answer", changes, by=None, version=None)


@transaction.atomic
def publish_note(*, note: Note, **acting: Unpack[Moderating]) -> Note:
    by, at = acting["by"], acting["at"]
    changes = {"state": NoteState.PUBLISHED, "decided_at": at, "decided_by": by, "why": {}}
    _change(note, "publish", changes, by=by, version=acting.get("version"))
    write_staff_line(note.idea, "publish_note", by=by, at=at, note=acting.get("note_text", ""))
    return note


@transaction.atomic
def hide_note(*, note: Note, **hiding: Unpack[Hiding]) -> Note:
    """Hides a note with a reason that its author reads, and may answer."""
    by, at = hiding["by"], hiding["at"]
    check_allowed(NOTE_MOVES["hide"], state=note.state, by=by)
    why = said(hiding["why"])
    if not why:
        raise Refused(_("Write what the author of the note will read."), code="text", field="why")
    changes = {"state": NoteState.HIDDEN, "decided_at": at, "decided_by": by, "why": why}
    _change(note, "hide", changes, by=by, version=hiding.get("version"))
    write_staff_line(note.idea, "hide_note", by=by, at=at, note=hiding.get("note_text", ""))
    return note


def _change(note: Note, verb: str, changes: dict[str, Any], *, by: User | None, version: int | None) -> Note:
    check_allowed(NOTE_MOVES[verb], state=note.state, by=by)
    seen = note.version if version is None else version
    changed = Note.objects.filter(pk=note.pk, version=seen, state=note.state).update(
        version=F("version") + 1, **changes
    )
    if not changed:
        raise Stale(_("This note was changed by somebody else in the meantime. Look again."))
    note.refresh_from_db()
    return note
