"""The meeting kit: a link that staff make for one meeting, and what comes in by it while it lives.

Whoever holds the link types; the city stands for it with the link, so the lines wait at the desk like any
idea, and nothing that came by it is public by itself.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Event, Idea, Meeting, MeetingLine, MeetingLink, Photo, User
from engagement.photos import CleanPhoto
from engagement.services import moves
from engagement.services.errors import Refused
from engagement.services.holds import refuse_where_held
from engagement.services.ideas import IdeaDraft, Place, columns_of, submit_idea, withdraw_idea, words_change
from engagement.services.photos import keep_photo
from engagement.tracking import new_nonce
from engagement.workflow import IdeaState

MANAGE = "engagement.manage_call"
LINES_A_LINK = 1000
WALL_PHOTOS = 20
MOST_HANDS = 10_000


@dataclass(frozen=True)
class LineWords:
    """What stands on a sticky note, and the hands raised or dots stuck for it."""

    problem: str
    language: str
    hands: int = 0


@transaction.atomic
def make_meeting_link(*, meeting: Meeting, ends_at: datetime, by: User, at: datetime) -> MeetingLink:
    """A new link to the kit of one meeting, until `ends_at`. Earlier ones go on until they end."""
    _check(by)
    if ends_at <= at:
        raise Refused(_("Choose a time that is still to come."), field="ends_at")
    return MeetingLink.objects.create(
        meeting=meeting, nonce=new_nonce(), made_at=at, made_by=by, ends_at=ends_at
    )


@transaction.atomic
def end_meeting_link(*, link: MeetingLink, by: User, at: datetime) -> MeetingLink:
    """Ends a link now: the address that was given out opens nothing any more."""
    _check(by)
    MeetingLink.objects.filter(pk=link.pk).update(nonce=new_nonce(), ends_at=max(at, link.made_at))
    link.refresh_from_db()
    return link


def _check(by: User) -> None:
    if not by.has_perm(MANAGE):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def _require_living(link: MeetingLink, at: datetime) -> None:
    if at > link.ends_at:
        raise Refused(_("This link has ended. Ask the city for a new one."), code="ended")


def _require_hands(hands: int) -> None:
    if not 0 <= hands <= MOST_HANDS:
        raise Refused(_("Write a number from 0 to %(most)d.") % {"most": MOST_HANDS}, field="hands")


def record_line(*, link: MeetingLink, words: LineWords, key: str, at: datetime) -> MeetingLine:
    """One sticky note becomes an idea that waits at the desk.

    The same `key` (the browser sends again what it is not sure of) gives the line that is there already.
    """
    _require_living(link, at)
    _require_hands(words.hands)
    if link.lines.count() >= LINES_A_LINK:
        raise Refused(_("This link has taken all the lines that it can. Ask the city for another."))
    meeting = link.meeting
    with transaction.atomic():
        idea = submit_idea(
            call=meeting.call,
            draft=IdeaDraft(
                problem=words.problem,
                language=words.language,
                place=Place(district=meeting.district),
            ),
            at=at,
            channel=Idea.Channel.MEETING,
            meeting=meeting,
            form_key=hashlib.sha256(f"kit\x1f{link.pk}\x1f{key}".encode()).hexdigest() if key else None,
            held=_("Typed in at the meeting, by its link."),
            by_link=True,
        )
        line, _made = MeetingLine.objects.get_or_create(
            idea=idea, defaults={"link": link, "hands": words.hands, "at": at}
        )
    return line


@transaction.atomic
def change_line(*, line: MeetingLine, words: LineWords, at: datetime) -> MeetingLine:
    """Corrects what was typed, as long as the link lives and nobody at the desk has decided."""
    _require_living(line.link, at)
    _require_hands(words.hands)
    idea = line.idea
    if not words.problem.strip():
        raise Refused(_("Write what stands on the note."), field="problem")
    if words.problem != idea.problem:
        if idea.state != IdeaState.RECEIVED:
            raise Refused(_("Staff have decided on this line already: its words stay."), code="decided")
        refuse_where_held(idea)
        changes = words_change(idea, columns_of(IdeaDraft(problem=words.problem, language=idea.language)))
        moves.change(idea, changes, at=at, version=None)
        Event.objects.create(
            idea=idea,
            at=at,
            actor=Event.Actor.RESIDENT,
            verb="correct_line",
            from_state=idea.state,
            to_state=idea.state,
            public=False,
        )
    MeetingLine.objects.filter(pk=line.pk).update(hands=words.hands)
    line.refresh_from_db()
    return line


@transaction.atomic
def take_back_line(*, line: MeetingLine, at: datetime) -> Idea:
    """Takes a line back, as one that was typed twice: its number stays, its words are no longer shown."""
    _require_living(line.link, at)
    if line.idea.state != IdeaState.RECEIVED:
        raise Refused(_("Staff have decided on this line already: its words stay."), code="decided")
    return withdraw_idea(idea=line.idea, at=at)


@transaction.atomic
def count_heads(*, link: MeetingLink, count: int, at: datetime) -> MeetingLink:
    """How many people are in the room, roughly. Staff put the attendance down from it."""
    _require_living(link, at)
    if not 0 <= count <= MOST_HANDS:
        raise Refused(_("Write a number from 0 to %(most)d.") % {"most": MOST_HANDS}, field="count")
    MeetingLink.objects.filter(pk=link.pk).update(head_count=count)
    link.refresh_from_db()
    return link


@transaction.atomic
def attach_wall_photo(*, link: MeetingLink, photo: CleanPhoto, rights_confirmed: bool, at: datetime) -> Photo:
    """Keeps a picture of the wall with the meeting. Only staff see it."""
    _require_living(link, at)
    if not rights_confirmed:
        raise Refused(_("Tick that you may share this photo, or take it away."), field="photo_rights")
    if link.meeting.photos.count() >= WALL_PHOTOS:
        raise Refused(_("There are enough photos already."), field="photo")
    return keep_photo(photo=photo, caption="", at=at, meeting=link.meeting)
