"""What this app keeps about people, and from when its time is counted."""

from datetime import datetime
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from engagement.models import (
    AbuseReport,
    Appeal,
    Contact,
    Event,
    Flag,
    Idea,
    IdeaRevision,
    MeetingLink,
    MeToo,
    Note,
    Notice,
    Person,
    Photo,
    Report,
    Support,
)
from engagement.services.asking import forget_answers
from engagement.services.holds import held_ideas, held_reports
from engagement.services.ideas import WITHDRAWN_WORDS
from engagement.services.photos import delete_photos, remove_photos
from engagement.services.reports import ERASED_WORDS
from engagement.services.retention import Keeping, add_keeping
from engagement.workflow import IdeaState, NoteState, ReportState

_ENDED = (
    IdeaState.DECLINED,
    IdeaState.DUPLICATE,
    IdeaState.PASSED_ON,
    IdeaState.WITHDRAWN,
    IdeaState.SPLIT,
    IdeaState.AS_REPORT,
)


def ideas() -> QuerySet[Idea]:
    return Idea.objects.exclude(pk__in=held_ideas())


def reports() -> QuerySet[Report]:
    return Report.objects.exclude(pk__in=held_reports())


def _unconfirmed_contacts(before: datetime) -> QuerySet[Contact]:
    protected = Q(idea__in=held_ideas()) | Q(report__in=held_reports())
    waiting = Contact.objects.filter(confirmed_at__isnull=True, created_at__lt=before).exclude(email="")
    return waiting.exclude(pk__in=Contact.objects.filter(protected).values("pk"))


def _contacts_of_ideas(before: datetime) -> QuerySet[Contact]:
    """Of ideas that the city has done with, and of whose end nothing was said for long."""
    over = ideas().filter(Q(state__in=_ENDED) | ~Q(outcome=""), changed_at__lt=before)
    return Contact.objects.filter(pk__in=over.values("contact"))


def _contacts_of_reports(before: datetime) -> QuerySet[Contact]:
    over = reports().filter(state__in=(ReportState.CLOSED, ReportState.WITHDRAWN), changed_at__lt=before)
    return Contact.objects.filter(pk__in=over.values("contact"))


def _forget_contacts(rows: QuerySet[Contact], at: datetime) -> int:
    """Deletes contacts; each record they stood at tells its staff that a rule did it."""
    keys = list(rows.values_list("pk", flat=True))
    for about, model in (("idea", Idea), ("report", Report)):
        Event.objects.bulk_create(
            Event(
                **{about: record},
                at=at,
                actor=Event.Actor.SYSTEM,
                verb="purge_contact",
                from_state=record.state,
                to_state=record.state,
                public=False,
            )
            for record in model._default_manager.filter(contact__in=keys).order_by("pk")
        )
    Contact.objects.filter(pk__in=keys).delete()
    return len(keys)


def _words_of(states: tuple[str, ...]) -> Any:
    def find(before: datetime) -> QuerySet[Idea]:
        there = ideas().filter(changed_at__lt=before).exclude(problem="")
        hidden = Q(state=IdeaState.DECLINED, text_hidden=True)
        wanted = hidden if IdeaState.DECLINED in states else Q(state__in=states)
        return there.filter(wanted)

    return find


def _forget_words(rows: QuerySet[Idea], at: datetime) -> int:
    """Takes the words, answers, exact place and photos of ideas; number, dates and state stay."""
    found = list(rows.order_by("pk"))
    for idea in found:
        idea.revisions.all().delete()
        idea.translations.all().delete()
        forget_answers(idea)
        remove_photos(record=idea)
        Idea.objects.filter(pk=idea.pk).update(**WITHDRAWN_WORDS, version=F("version") + 1)
    return len(found)


def _withdrawn_reports(before: datetime) -> QuerySet[Report]:
    return reports().filter(state=ReportState.WITHDRAWN, changed_at__lt=before).exclude(description="")


def _forget_report_words(rows: QuerySet[Report], at: datetime) -> int:
    found = list(rows.order_by("pk"))
    for report in found:
        remove_photos(record=report)
        Report.objects.filter(pk=report.pk).update(**ERASED_WORDS, version=F("version") + 1)
    return len(found)


def _earlier_wordings(before: datetime) -> QuerySet[IdeaRevision]:
    return IdeaRevision.objects.filter(replaced_at__lt=before).exclude(idea__in=held_ideas())


def _unheld(find: Any, *ways: str) -> Any:
    """Those that `find` gives, without what hangs on an idea under a legal hold: `ways` lead to the idea."""

    def found(before: datetime) -> QuerySet[Any]:
        rows: QuerySet[Any] = find(before)
        for way in ways:
            keys = rows.model._default_manager.filter(**{f"{way}__in": held_ideas()}).values("pk")
            rows = rows.exclude(pk__in=keys)
        return rows

    return found


def _forget_links(rows: QuerySet[MeetingLink], at: datetime) -> int:
    """The lines of the meeting stay; what the link was signed from does not."""
    return rows.update(nonce="")


def _forget_appeals(rows: QuerySet[Appeal], at: datetime) -> int:
    """That there was an appeal, and what came of it, stays; the sender's words do not."""
    return rows.update(text="")


def _forget_photos(rows: QuerySet[Photo], at: datetime) -> int:
    return delete_photos(rows)


def _older(model: Any, column: str, *conditions: Q) -> Any:
    """Finds the rows of a table by one of its moments."""

    def find(before: datetime) -> QuerySet[Any]:
        found: QuerySet[Any] = model._default_manager.filter(*conditions, **{f"{column}__lt": before})
        return found

    return find


def _idle_people(before: datetime) -> QuerySet[Person]:
    """Confirmed long ago, and nothing hangs on them any more."""
    return Person.objects.filter(confirmed_at__lt=before, follows__isnull=True, notes__isnull=True)


def _fields(model: str, *names: str) -> frozenset[str]:
    return frozenset(f"{model}.{name}" for name in names)


_CONTACT = _fields("Contact", "name", "email", "phone")
_IDEA = _fields("Idea", "title", "problem", "proposal", "confidential_answers", "search")
_PERSON = _fields("Person", "email", "nonce")
_WITHDRAWN = Q(withdrawn_at__isnull=False)
_OVER = (Notice.State.SENT, Notice.State.FAILED, Notice.State.CANCELLED)

KEEPINGS = tuple(
    add_keeping(one)
    for one in (
        Keeping(
            "unconfirmed-contact",
            _("Senders' addresses that were never confirmed, from sending"),
            30,
            _unconfirmed_contacts,
            _forget_contacts,
            _CONTACT | _fields("Idea", "contact") | _fields("Report", "contact"),
        ),
        Keeping(
            "contact-of-idea",
            _("Senders of ideas that are answered, from the last change"),
            1095,
            _contacts_of_ideas,
            _forget_contacts,
            _CONTACT,
        ),
        Keeping(
            "contact-of-report",
            _("Senders of problem reports, from the closing"),
            365,
            _contacts_of_reports,
            _forget_contacts,
            _CONTACT,
        ),
        Keeping(
            "withdrawn-idea",
            _("Words and photos of withdrawn ideas, from the withdrawal"),
            30,
            _words_of((IdeaState.WITHDRAWN,)),
            _forget_words,
            _IDEA | _fields("Photo", "file", "caption"),
        ),
        Keeping(
            "hidden-idea",
            _("Words and photos of declined ideas whose text is hidden, from the last change"),
            730,
            _words_of((IdeaState.DECLINED,)),
            _forget_words,
            _IDEA,
        ),
        Keeping(
            "withdrawn-report",
            _("Words and photos of withdrawn problem reports, from the withdrawal"),
            30,
            _withdrawn_reports,
            _forget_report_words,
            _fields("Report", "description", "answers", "search"),
        ),
        Keeping(
            "earlier-wording",
            _("Earlier wordings of ideas, from the correction"),
            365,
            _earlier_wordings,
            covers=_fields("IdeaRevision", "title", "problem", "proposal"),
        ),
        Keeping(
            "unconfirmed-person",
            _("Addresses to which a link was mailed that nobody used, from the mail"),
            7,
            _older(Person, "created_at", Q(confirmed_at__isnull=True)),
            covers=_PERSON,
        ),
        Keeping(
            "idle-person",
            _("Addresses that follow nothing any more, from the confirmation"),
            365,
            _idle_people,
            covers=_PERSON,
        ),
        Keeping(
            "withdrawn-support",
            _("Supports that were taken back, from then"),
            30,
            _older(Support, "withdrawn_at", _WITHDRAWN),
            covers=_fields("Support", "voter"),
        ),
        Keeping(
            "withdrawn-me-too",
            _("“Me too” that was taken back, from then"),
            30,
            _older(MeToo, "withdrawn_at", _WITHDRAWN),
            covers=_fields("MeToo", "voter"),
        ),
        Keeping(
            "withdrawn-note",
            _("Notes that their authors took back, from sending"),
            30,
            _unheld(_older(Note, "sent_at", Q(state=NoteState.WITHDRAWN)), "idea"),
            covers=_fields("Note", "voter", "person", "text", "answer"),
        ),
        Keeping(
            "hidden-note",
            _("Notes that staff hid, from the decision"),
            365,
            _unheld(_older(Note, "decided_at", Q(state=NoteState.HIDDEN)), "idea"),
            covers=_fields("Note", "voter", "person", "text", "answer"),
        ),
        Keeping(
            "note-of-withdrawn",
            _("Notes on ideas that were taken back, from the withdrawal"),
            30,
            _unheld(_older(Note, "idea__changed_at", Q(idea__state=IdeaState.WITHDRAWN)), "idea"),
            covers=_fields("Note", "voter", "person", "text", "answer"),
        ),
        Keeping(
            "abuse-report",
            _("Reports of abuse, from when they were handled"),
            365,
            _unheld(_older(AbuseReport, "handled_at"), "idea", "note__idea"),
            covers=_fields("AbuseReport", "text"),
        ),
        Keeping(
            "flag", _("Flags for moderators, from when they were raised"), 365, _older(Flag, "raised_at")
        ),
        Keeping(
            "appeal",
            _("Senders' words in appeals, from the decision"),
            1095,
            _unheld(_older(Appeal, "decided_at", ~Q(text="")), "idea"),
            _forget_appeals,
            _fields("Appeal", "text"),
        ),
        Keeping(
            "meeting-link",
            _("What links to meetings are signed from, from their end"),
            30,
            _older(MeetingLink, "ends_at", ~Q(nonce="")),
            _forget_links,
            _fields("MeetingLink", "nonce"),
        ),
        Keeping(
            "wall-photo",
            _("Photos of meetings' walls, from when they were added"),
            365,
            _unheld(_older(Photo, "added_at", Q(meeting__isnull=False)), "meeting__ideas"),
            _forget_photos,
            _fields("Photo", "file", "caption"),
        ),
        Keeping(
            "mail",
            _("Mails that left or failed, from when they were made"),
            365,
            _older(Notice, "created_at", Q(state__in=_OVER)),
        ),
        Keeping(
            "sign-in-attempt",
            _("Failed sign-ins that count for the lock"),
            30,
            _older(AccessAttempt, "attempt_time"),
        ),
        Keeping(
            "sign-in-failure", _("The log of failed sign-ins"), 90, _older(AccessFailureLog, "attempt_time")
        ),
        Keeping("sign-in-log", _("The log of sign-ins"), 90, _older(AccessLog, "attempt_time")),
        Keeping("session", _("Sessions of staff, from their end"), 1, _older(Session, "expire_date")),
    )
)
"""The kinds of this app, in the order in which they are removed."""
