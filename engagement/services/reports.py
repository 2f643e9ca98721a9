"""Problem reports: sent in by residents, handled by staff."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.flags import Signs
from engagement.models import Event, Report, ReportService, User
from engagement.privacy import mask
from engagement.services import moves
from engagement.services.acting import Acting, Saying
from engagement.services.errors import Refused
from engagement.services.expecting import department_by_rules, expected_moment
from engagement.services.flagging import find_report_flags, write_flags
from engagement.services.holds import refuse_where_held
from engagement.services.ideas import Place, Sender, keep_contact, searchable
from engagement.services.notices import queue_notice
from engagement.services.photos import remove_photos
from engagement.services.references import next_reference
from engagement.services.register import record_erasure, record_withdrawal
from engagement.text import choose
from engagement.tracking import new_nonce
from engagement.workflow import REPORT_MOVES, ReportState


@dataclass(frozen=True)
class ReportDraft:
    """What somebody reports: in words, with answers to the service's questions, and where."""

    description: str
    language: str
    place: Place
    answers: dict[str, Any] = field(default_factory=dict)
    sender: Sender = field(default_factory=Sender)


ERASED_WORDS: dict[str, Any] = {
    "description": "",
    "public_description": "",
    "answers": {},
    "address": "",
    "latitude": None,
    "longitude": None,
    "cell": "",
    "search": "",
}


@transaction.atomic
def submit_report(
    *,
    service: ReportService,
    draft: ReportDraft,
    at: datetime,
    by: User | None = None,
    channel: str = Report.Channel.WEB,
    form_key: str | None = None,
    notify: bool = True,
    signs: Signs | None = None,
) -> Report:
    """Takes a problem report in. The same `form_key` gives the report already taken.

    `signs` is how it came, where a form took it: what is doubtful stands on it as flags, for staff.
    """
    if not service.active:
        raise Refused(_("This kind of problem can't be reported any more."), field="service")
    if not draft.description.strip():
        raise Refused(_("Describe the problem."), field="description")
    if form_key and (already := Report.objects.filter(form_key=form_key).first()):
        return already
    found = find_report_flags(service=service, text=draft.description, signs=signs, at=at) if signs else []
    reference = next_reference(series="R", year=timezone.localtime(at).year)
    try:
        with transaction.atomic():
            report = Report.objects.create(
                reference=reference,
                service=service,
                channel=channel,
                language=draft.language,
                description=draft.description,
                public_description=mask(draft.description),
                answers=draft.answers,
                contact=keep_contact(sender=draft.sender, language=draft.language, at=at),
                received_at=at,
                changed_at=at,
                expected_at=expected_moment(service, at),
                department_id=department_by_rules(service, draft.place.district),
                nonce=new_nonce(),
                form_key=form_key or None,
                search=searchable(
                    reference,
                    choose(service.name, draft.language),
                    mask(draft.description),
                    mask(draft.place.address),
                ),
                **draft.place.columns(),
            )
    except IntegrityError:
        if form_key and (already := Report.objects.filter(form_key=form_key).first()):
            return already
        raise
    Event.objects.create(
        report=report,
        at=at,
        actor=Event.Actor.STAFF if by else Event.Actor.RESIDENT,
        by=by,
        verb="receive",
        to_state=report.state,
    )
    write_flags(found, at=at, report=report)
    if notify:
        queue_notice(kind="engagement.report_received", at=at, contact=report.contact, report=report)
    return report


def _move(
    report: Report,
    verb: str,
    *,
    to: str,
    by: User | None,
    at: datetime,
    version: int | None = None,
    reason: str = "",
    text: dict[str, str] | None = None,
    note: str = "",
    changes: dict[str, Any] | None = None,
) -> Report:
    move = REPORT_MOVES[verb]
    moves.check_allowed(move, state=report.state, by=by, record=report)
    _reason, public_text = moves.reason_with_text(move, code=reason, text=text or {})
    moves.apply(
        report,
        move,
        to=to,
        by=by,
        at=at,
        version=version,
        changes=changes,
        reason=reason,
        text=public_text,
        note=note,
    )
    contact = report.contact
    if by is not None and contact is not None and not contact.silent_because:
        queue_notice(
            kind=f"engagement.report_{verb}",
            at=at,
            contact=contact,
            report=report,
            context={"text": public_text},
            wait=moves.pause_before_mail(move),
        )
    return report


@transaction.atomic
def start_report(*, report: Report, **acting: Unpack[Acting]) -> Report:
    return _move(report, "start", to=ReportState.IN_PROGRESS, **acting)


@transaction.atomic
def close_report(*, report: Report, **saying: Unpack[Saying]) -> Report:
    """Closes with a reason code and a public text: closed is not the same as fixed, the reason says which."""
    return _move(report, "close", to=ReportState.CLOSED, changes={"closed_at": saying["at"]}, **saying)


@transaction.atomic
def reopen_report(*, report: Report, **acting: Unpack[Acting]) -> Report:
    return _move(report, "reopen", to=ReportState.RECEIVED, changes={"closed_at": None}, **acting)


@transaction.atomic
def update_report(*, report: Report, text: dict[str, str], **acting: Unpack[Acting]) -> Report:
    """Tells the sender and the public how it stands; the state stays."""
    if not any(words.strip() for words in text.values()):
        raise Refused(_("Write what the sender and the public will read."), code="text", field="text")
    return _move(report, "update", to=report.state, text=text, **acting)


FIXED_WINDOW = timedelta(days=30)
"""How long after closing the sender may say that it is not fixed; after that it is a new problem."""


def asks_if_fixed(report: Report, at: datetime) -> bool:
    """Was it closed so lately that its sender's word still opens it again, and did they not answer yet?"""
    if report.state != ReportState.CLOSED or not _in_window(report, at):
        return False
    answers = report.events.filter(verb="confirm_fixed", at__gte=report.closed_at or report.received_at)
    return not answers.exists()


def _in_window(report: Report, at: datetime) -> bool:
    return report.closed_at is None or at <= report.closed_at + FIXED_WINDOW


@transaction.atomic
def confirm_fixed_report(*, report: Report, at: datetime, version: int | None = None) -> Report:
    """The sender says that it is fixed: it stays closed, and the timeline says who says so."""
    return _move(report, "confirm_fixed", to=ReportState.CLOSED, by=None, at=at, version=version)


@transaction.atomic
def not_fixed_report(*, report: Report, words: str, at: datetime, version: int | None = None) -> Report:
    """The sender says that it is not fixed: it is open again, with their words and a new date.

    The words are kept as the public reads them, without addresses and numbers of people.
    """
    if not words.strip():
        raise Refused(_("Tell us in a few words what is still wrong."), field="words")
    if not _in_window(report, at):
        raise Refused(_("It was closed too long ago. Please send a new report."), code="too_late")
    changes = {"closed_at": None, "expected_at": expected_moment(report.service, at)}
    said = {report.language: mask(words.strip())}
    return _move(
        report,
        "not_fixed",
        to=ReportState.RECEIVED,
        by=None,
        at=at,
        version=version,
        text=said,
        changes=changes,
    )


@transaction.atomic
def withdraw_report(*, report: Report, at: datetime, version: int | None = None) -> Report:
    """The sender takes it back: its words are not shown any more."""
    moved = _move(report, "withdraw", to=ReportState.WITHDRAWN, by=None, at=at, version=version)
    record_withdrawal(record=report, at=at)
    return moved


@transaction.atomic
def erase_report(*, report: Report, at: datetime, keep_text: bool) -> Report:
    """Erases who sent it; the words, answers and exact place too, unless the sender lets them stay.

    The number, the service, the dates and the state remain, so that the city's counts still add up.
    """
    refuse_where_held(report)
    contact = report.contact
    changes: dict[str, Any] = {
        "contact": None,
        "nonce": new_nonce(),
        "changed_at": at,
        "version": F("version") + 1,  # who read the words before cannot copy them any more
    }
    if keep_text:
        changes["description"] = report.public_description
        changes["answers"] = {
            key: mask(said) if isinstance(said, str) else said for key, said in report.answers.items()
        }
    else:
        changes |= ERASED_WORDS
        report.events.filter(verb="not_fixed").update(text={})
        remove_photos(record=report)
        if report.state in REPORT_MOVES["withdraw"].sources:
            _move(report, "withdraw", to=ReportState.WITHDRAWN, by=None, at=at, version=None)
    Report.objects.filter(pk=report.pk).update(**changes)
    if contact is not None:
        contact.delete()
    Event.objects.create(
        report=report,
        at=at,
        actor=Event.Actor.RESIDENT,
        verb="erase",
        from_state=report.state,
        to_state=report.state,
        public=False,
    )
    record_erasure(record=report, keep_text=keep_text, at=at)
    report.refresh_from_db()
    return report
