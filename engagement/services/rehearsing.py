"""What an action would mail, found by doing it and taking it back: the preview cannot differ from the mail.

Nothing is guessed and no sentence is written twice: the services queue their notices, the mails are composed
from them as the worker would, and then all of it is rolled back. The sender's private link and code stay out.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet

from engagement import emails
from engagement.models import Contact, Event, Follow, Idea, Notice, Person, Report, other_half

Preview = Callable[[Notice, datetime], EmailMultiAlternatives]

SENDER, DEPARTMENT, STAFF = "sender", "department", "staff"
OUTCOME = "engagement.idea_outcome"

_PREVIEWS: dict[str, Preview] = {"engagement": emails.preview}
"""By app: what writes the mails of its kinds for staff to read, without the secrets of the sender."""


def add_preview(app: str, preview: Preview) -> Preview:
    """Makes known how the mails of another app's kinds are shown; this app knows only its own."""
    _PREVIEWS[app] = preview
    return preview


def _preview(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The mail as staff are shown it. Raises UnknownKind where no app writes such mails."""
    preview = _PREVIEWS.get(notice.kind.partition(".")[0])
    if preview is None:
        raise emails.UnknownKind(f"no mail is shown for notices of the kind {notice.kind}")
    return preview(notice, at)


@dataclass(frozen=True)
class PreviewedMail:
    """One mail as it would leave, and how many of its kind and language there are."""

    kind: str
    to: str
    language: str
    reference: str
    subject: str
    text: str
    leaves_at: datetime
    waits: bool
    """Does it wait until the action can no longer be undone?"""
    count: int
    unconfirmed: int
    """How many of their addresses nobody has confirmed yet: they are written to all the same."""


@dataclass(frozen=True)
class Rehearsal:
    """What would leave and what would not: mails, senders who hear nothing and why, followers by rhythm."""

    mails: tuple[PreviewedMail, ...]
    silent: dict[str, int]
    followers: dict[str, int]

    @property
    def count(self) -> int:
        return sum(mail.count for mail in self.mails)


def rehearse(act: Callable[[], object], *, at: datetime) -> Rehearsal:
    """Does `act`, which happens `at`, writes down the mails that it queued, and takes everything back.

    Give it copies of the records: services change those in memory too. What `act` refuses is raised.
    """
    with transaction.atomic():
        notices = Notice.objects.filter(pk__gt=_last(Notice), created_at=at)
        events = Event.objects.filter(pk__gt=_last(Event), at=at)
        act()
        found = _found(notices, events, at)
        transaction.set_rollback(True)
    return found


def _last(model: type[Notice] | type[Event]) -> int:
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def _found(notices: QuerySet[Notice], events: QuerySet[Event], at: datetime) -> Rehearsal:
    told = {email.lower() for email in notices.values_list("contact__email", flat=True) if email}
    return Rehearsal(
        mails=examples(notices, at=at),
        silent=_silent(events, told),
        followers=_followers(events),
    )


def examples(notices: QuerySet[Notice], *, at: datetime) -> tuple[PreviewedMail, ...]:
    """One mail a kind and language of what was queued `at`, with the number; of outcomes one for each."""
    rows = notices.select_related("contact", "user", "department", "idea__call", "report__service")
    kinds: dict[tuple[str, ...], list[Notice]] = {}
    for notice in rows.order_by("pk"):
        became = notice.idea.outcome if notice.kind == OUTCOME and notice.idea else ""
        kinds.setdefault((notice.kind, became, notice.language), []).append(notice)
    return tuple(_mail(of_kind, at) for of_kind in kinds.values())


def _mail(of_kind: list[Notice], at: datetime) -> PreviewedMail:
    example = of_kind[0]
    message = _preview(example, example.next_try_at)
    record = example.idea or example.report
    contacts = [notice.contact for notice in of_kind if notice.contact is not None]
    return PreviewedMail(
        kind=example.kind,
        to=SENDER if example.contact else DEPARTMENT if example.department else STAFF,
        language=example.language,
        reference=record.reference if record else "",
        subject=str(message.subject),
        text=str(message.body),
        leaves_at=example.next_try_at,
        waits=example.next_try_at > at,
        count=len(of_kind),
        unconfirmed=sum(contact.confirmed_at is None for contact in contacts),
    )


def _silent(events: QuerySet[Event], told: set[str]) -> dict[str, int]:
    """How many senders hear nothing, by the reason; `told` are the addresses that get a mail.

    What the action itself brought into being has none.
    """
    reasons: Counter[str] = Counter()
    seen: set[str] = set()
    for event in events.exclude(from_state="").select_related("idea__contact", "report__contact"):
        record = event.idea or event.report
        if record is None or record.reference in seen:
            continue
        half = other_half(record)
        seen |= {record.reference, half.reference if half else ""}
        contact = record.contact or (half.contact if half else None)
        if contact is None or contact.email.lower() not in told:
            reasons[_why(contact, event)] += 1
    return dict(reasons)


def _why(contact: Contact | None, event: Event) -> str:
    """The same questions that services ask before they queue a mail."""
    if not event.public:
        return "internal"
    if contact is None:
        return "no_contact"
    return contact.silent_because or "no_mail"


def _followers(events: QuerySet[Event]) -> dict[str, int]:
    """People who follow what everybody can see of this, by how often they want to hear."""
    public = list(events.filter(public=True).select_related("idea__call", "report__service"))
    ideas = {event.idea_id for event in public if isinstance(event.idea, Idea) and event.idea.is_public}
    reports = {
        event.report_id for event in public if isinstance(event.report, Report) and event.report.is_public
    }
    if not ideas and not reports:
        return {}
    follows = Follow.objects.filter(Q(idea__in=ideas) | Q(report__in=reports))
    people = Person.objects.filter(confirmed_at__isnull=False, follows__in=follows).distinct()
    return dict(Counter(person.rhythm for person in people.only("rhythm")))
