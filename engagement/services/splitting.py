"""A letter that holds several ideas: each gets a number of its own and quotes the letter, which is kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import Contact, Event, Idea, SimilarLink, User
from engagement.privacy import find_personal, mask
from engagement.services.acting import Acting
from engagement.services.errors import Refused
from engagement.services.ideas import searchable
from engagement.services.references import next_references
from engagement.services.triage import staff_move
from engagement.text import title_from
from engagement.tracking import new_nonce
from engagement.workflow import IdeaState

FEWEST, MOST = 2, 20


@dataclass(frozen=True)
class Quotation:
    """What one part takes from the letter, word for word. Paragraphs may stand apart in the letter."""

    problem: str
    proposal: str = ""


@transaction.atomic
def split_idea(*, idea: Idea, parts: Sequence[Quotation], **acting: Unpack[Acting]) -> list[Idea]:
    """Makes an idea of each part. The letter stays whole and no longer counts as an idea itself.

    Each part has a contact of its own, copied, as any submission has (docs/adr/0001).
    """
    if SimilarLink.objects.standing().filter(original=idea).exists():
        raise Refused(_("Other ideas are joined with this one. Undo that first."), code="has_duplicates")
    if not FEWEST <= len(parts) <= MOST:
        raise Refused(
            _("Write at least %(least)d parts, and at most %(most)d.") % {"least": FEWEST, "most": MOST},
            field="parts",
        )
    for number, part in enumerate(parts, start=1):
        _check_quoted(idea, part, number)
    staff_move(idea, "split", to=IdeaState.SPLIT, changes={"eligible": False}, **acting)
    year = timezone.localtime(acting["at"]).year
    references = next_references(series="", year=year, count=len(parts))
    return [
        _part_of(idea, part, reference, by=acting["by"], at=acting["at"])
        for part, reference in zip(parts, references, strict=True)
    ]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def _check_quoted(letter: Idea, part: Quotation, number: int) -> None:
    if not part.problem.strip():
        raise Refused(_("Part %(n)d is empty.") % {"n": number}, field=f"part_{number}")
    sources = [_plain(text) for text in (letter.title, letter.problem, letter.proposal)]
    for text in (part.problem, part.proposal):
        for paragraph in _paragraphs(text):
            words = _plain(paragraph)
            found = [how for source in sources for how in _places(words, source)]
            if words and not found:
                raise Refused(
                    _("Part %(n)d: these words are not in the letter: “%(words)s”")
                    % {"n": number, "words": words[:200]},
                    field=f"part_{number}",
                )
            if words and not any(found):
                # Half a phone number is no longer known for one, and would be shown.
                raise Refused(
                    _("Part %(n)d cuts a phone number or an address in two. Take all of it, or nothing.")
                    % {"n": number},
                    field=f"part_{number}",
                )


def _shown(text: str) -> str:
    """What the public reads of a part. Blanks are free when quoting, so none may hide a phone number."""
    paragraphs = _paragraphs(text)
    if any(len(find_personal(_plain(one))) > len(find_personal(one)) for one in paragraphs):
        text = "\n\n".join(map(_plain, paragraphs))
    return mask(text)


def _places(words: str, source: str) -> list[bool]:
    """For each place where `source` has these words: does it leave what is personal there whole?"""
    pattern = rf"(?<!\w){re.escape(words)}(?!\w)"
    cut = {place for found in find_personal(source) for place in range(found.start + 1, found.end)}
    return [cut.isdisjoint(match.span()) for match in re.finditer(pattern, source)]


def _part_of(letter: Idea, part: Quotation, reference: str, *, by: User, at: datetime) -> Idea:
    shown, shown_proposal = _shown(part.problem), _shown(part.proposal)
    title = title_from(shown)
    idea = Idea.objects.create(
        reference=reference,
        split_from=letter,
        call=letter.call,
        meeting=letter.meeting,
        channel=letter.channel,
        language=letter.language,
        whole_city=letter.whole_city,
        district=letter.district,
        address=letter.address,
        latitude=letter.latitude,
        longitude=letter.longitude,
        cell=letter.cell,
        after_cutoff=letter.after_cutoff,
        received_at=letter.received_at,
        changed_at=at,
        contact=_copy(letter.contact),
        nonce=new_nonce(),
        title=title,
        problem=part.problem,
        proposal=part.proposal,
        public_title=title,
        public_problem=shown,
        public_proposal=shown_proposal,
        search=searchable(reference, title, shown, shown_proposal),
    )
    idea.themes.set(letter.themes.all())
    Event.objects.create(
        idea=idea, at=at, actor=Event.Actor.STAFF, by=by, verb="quote", to_state=IdeaState.RECEIVED
    )
    return idea


def _copy(contact: Contact | None) -> Contact | None:
    if contact is None:
        return None
    fields = [field.attname for field in Contact._meta.concrete_fields if not field.primary_key]
    return Contact.objects.create(**{name: getattr(contact, name) for name in fields})
