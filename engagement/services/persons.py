"""People known by an address: a wish is mailed as a link, and carried out when the link is used (ADR 22)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from engagement.models import Contact, Follow, Idea, Note, Person, Report, Support, other_half
from engagement.services.asking import said_by_sender
from engagement.services.erasing import erase_report_sender, erase_sender
from engagement.services.errors import Refused
from engagement.services.holds import held_ideas, refuse_where_held
from engagement.services.notices import queue_notice
from engagement.services.supports import may_support, support_idea, voter_key
from engagement.tracking import new_nonce
from engagement.workflow import NoteState

CONFIRMED = Support.Kind.CONFIRMED


class WishKind(StrEnum):
    MINE = "mine"
    SUPPORT = "support"
    FOLLOW = "follow"
    BOTH = "both"


@dataclass(frozen=True)
class Wish:
    """What a link does when it is used. As text it is safe in an address: `support-2026-00123`."""

    kind: WishKind
    reference: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.reference}" if self.reference else str(self.kind)

    @classmethod
    def read(cls, text: str) -> "Wish | None":
        """The wish of an address, or nothing for what is none."""
        kind, _dash, reference = text.partition("-")
        if kind not in set(WishKind) or bool(reference) == (kind == WishKind.MINE):
            return None
        return cls(WishKind(kind), reference)


def normal_address(email: str) -> str:
    return email.strip().lower()


@transaction.atomic
def mail_wish(*, email: str, wish: Wish, language: str, at: datetime) -> None:
    """Mails the link that carries `wish` out. Says nothing of whether the address was known."""
    person = _person(normal_address(email), language, at)
    queue_notice(kind="engagement.person_link", at=at, person=person, context={"wish": str(wish)})


def _person(email: str, language: str, at: datetime) -> Person:
    values = {"language": language, "nonce": new_nonce(), "created_at": at}
    try:
        with transaction.atomic():
            return Person.objects.get_or_create(email=email, defaults=values)[0]
    except IntegrityError:  # asked for twice at the same moment
        return Person.objects.get(email=email)


@transaction.atomic
def carry_out(*, person: Person, wish: Wish, record: Idea | Report | None, at: datetime) -> None:
    """Confirms the address, and with it what it left elsewhere, and does what the link was mailed for."""
    _confirm(person, at)
    if wish.kind in {WishKind.SUPPORT, WishKind.BOTH} and isinstance(record, Idea):
        support_idea(idea=record, voter=person.email, kind=CONFIRMED, at=at)
    if wish.kind in {WishKind.FOLLOW, WishKind.BOTH} and record is not None:
        follow(person=person, record=record, at=at)


def _confirm(person: Person, at: datetime) -> None:
    if person.confirmed_at is None:
        Person.objects.filter(pk=person.pk).update(confirmed_at=at, told_until=at)
        person.confirmed_at = person.told_until = at
    Contact.objects.filter(email__iexact=person.email, confirmed_at__isnull=True).update(confirmed_at=at)


@transaction.atomic
def follow(*, person: Person, record: Idea | Report, at: datetime) -> Follow:
    """From now on the person hears what becomes of it. A second time changes nothing."""
    if not record.is_public:
        raise Refused(_("This is not public, so it cannot be followed."), code="not_public")
    return Follow.objects.get_or_create(person=person, **_of(record), defaults={"since": at})[0]


@transaction.atomic
def unfollow(*, person: Person, record: Idea | Report) -> bool:
    return bool(Follow.objects.filter(person=person, **_of(record)).delete()[0])


def _of(record: Idea | Report) -> dict[str, Idea | Report]:
    return {"idea" if isinstance(record, Idea) else "report": record}


@transaction.atomic
def set_rhythm(*, person: Person, rhythm: str, language: str, at: datetime) -> Person:
    """How often, and in which language, the person hears of what it follows. Decisions come always."""
    if rhythm not in Person.Rhythm.values:
        raise Refused(_("Choose how often."), field="rhythm")
    # Who had turned it off starts from now, not with all that happened meanwhile.
    told = {"told_until": at} if person.rhythm == Person.Rhythm.NEVER else {}
    Person.objects.filter(pk=person.pk).update(rhythm=rhythm, language=language, **told)
    person.refresh_from_db()
    return person


@transaction.atomic
def end_links(*, person: Person) -> None:
    """Ends every link that was mailed to the person, and every browser that knows it."""
    Person.objects.filter(pk=person.pk).update(nonce=new_nonce())


# A sender's contact ------------------------------------------------------------------------------


@transaction.atomic
def confirm_contact(*, record: Idea | Report, at: datetime) -> None:
    """Whoever opened the link in the mail has shown that the address is theirs."""
    if record.contact is not None:
        Contact.objects.filter(pk=record.contact.pk, confirmed_at__isnull=True).update(confirmed_at=at)


@transaction.atomic
def disown_contact(*, record: Idea | Report) -> None:
    """Somebody wrote an address that is not theirs: it goes, what was sent stays."""
    contact = record.contact
    if contact is None or contact.confirmed_at is not None:
        raise Refused(_("There is no address to remove."), code="no_contact")
    refuse_where_held(record)
    halves = [record, other_half(record)]
    contact.delete()
    for half in halves:
        if half is not None:
            half.refresh_from_db()


# All that one person has here --------------------------------------------------------------------


def sent_by(person: Person) -> list[Idea | Report]:
    """The ideas and problem reports that were sent with this address, newest first."""
    ideas = Idea.objects.filter(contact__email__iexact=person.email).select_related("call", "district")
    reports = Report.objects.filter(contact__email__iexact=person.email).select_related("service", "district")
    return sorted([*ideas, *reports], key=lambda record: record.received_at, reverse=True)


def supported_by(person: Person) -> list[Idea]:
    """The ideas that the person supports by its address."""
    key = voter_key(kind=CONFIRMED, voter=person.email)
    supports = Support.objects.standing().filter(voter=key)
    return list(Idea.objects.filter(supports__in=supports).select_related("call").order_by("-pk"))


def everything_about(person: Person) -> dict[str, object]:
    """All that is kept about the person, as a JSON object: see docs/privacy.md for its shape."""
    key = voter_key(kind=CONFIRMED, voter=person.email)
    supports = Support.objects.filter(voter=key).select_related("idea").order_by("pk")
    notes = _notes_of(person).select_related("idea").order_by("pk")
    return {
        "address": {
            "email": person.email,
            "language": person.language,
            "since": person.created_at.isoformat(),
            "confirmed": person.confirmed_at.isoformat() if person.confirmed_at else None,
            "told": person.rhythm,
        },
        "sent": [_sent(record) for record in sent_by(person)],
        "follows": [
            {"reference": (one.idea or one.report).reference, "since": one.since.isoformat()}  # type: ignore[union-attr]
            for one in person.follows.select_related("idea", "report").order_by("pk")
        ],
        "supports": [
            {
                "reference": one.idea.reference,
                "given": one.given_at.isoformat(),
                "withdrawn": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in supports
        ],
        "notes": [
            {"reference": one.idea.reference, "kind": one.kind, "text": one.text, "answer": one.answer}
            for one in notes
        ],
    }


def _notes_of(person: Person) -> QuerySet[Note]:
    key = voter_key(kind=CONFIRMED, voter=person.email)
    return Note.objects.filter(Q(voter=key) | Q(person=person))


def _sent(record: Idea | Report) -> dict[str, object]:
    contact = record.contact
    words = (
        {"title": record.title, "problem": record.problem, "proposal": record.proposal}
        if isinstance(record, Idea)
        else {"service": record.service.code, "description": record.description}
    )
    answers = {**record.answers, **getattr(record, "confidential_answers", {})}
    return {
        "reference": record.reference,
        "received": record.received_at.isoformat(),
        "state": record.state,
        **words,
        "answers": answers,
        "address": record.address,
        "point": None if record.latitude is None else [record.latitude, record.longitude],
        "photos": [photo.caption for photo in record.photos.all()],
        "contact": None
        if contact is None
        else {
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "told_what_happens_since": _moment(contact.updates_consent_at),
            "may_be_asked_since": _moment(contact.questions_consent_at),
        },
        "asked": said_by_sender(record) if isinstance(record, Idea) else [],
        "appeals": _appeals(record) if isinstance(record, Idea) else [],
        "earlier_wordings": _earlier(record) if isinstance(record, Idea) else [],
        "history": [
            {"at": event.at.isoformat(), "what": event.verb, "text": event.text}
            for event in record.events.public()
        ],
    }


def _appeals(idea: Idea) -> list[dict[str, object]]:
    rows = idea.appeals.order_by("pk")
    return [{"at": one.asked_at.isoformat(), "text": one.text, "outcome": one.outcome} for one in rows]


def _earlier(idea: Idea) -> list[dict[str, object]]:
    return [
        {"title": one.title, "problem": one.problem, "proposal": one.proposal}
        for one in idea.revisions.order_by("number")
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@transaction.atomic
def erase_person(*, person: Person, at: datetime, keep_text: bool) -> list[str]:
    """Erases all of a person: who sent what it sent, supports, notes, follows, the address.

    Gives the references of what a legal hold keeps; the address then stays with those alone.
    """
    held = []
    for record in sent_by(person):
        try:
            with transaction.atomic():
                if isinstance(record, Idea):
                    erase_sender(idea=record, at=at, keep_text=keep_text)
                else:
                    erase_report_sender(report=record, at=at, keep_text=keep_text)
        except Refused:
            held.append(record.reference)
    key = voter_key(kind=CONFIRMED, voter=person.email)
    Support.objects.filter(voter=key).delete()
    notes = _notes_of(person)
    kept = notes.filter(idea__in=held_ideas())
    # Nobody reads them any more; the rule for notes taken back ends them once the hold is lifted.
    held += kept.exclude(idea__reference__in=held).values_list("idea__reference", flat=True)
    kept.update(state=NoteState.WITHDRAWN, person=None, version=F("version") + 1)
    notes.exclude(idea__in=held_ideas()).delete()
    person.delete()
    return sorted(held)


def takes_confirmed(idea: Idea) -> bool:
    """May somebody support this idea with a confirmed address?"""
    return may_support(idea, CONFIRMED)
