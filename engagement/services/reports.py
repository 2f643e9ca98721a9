"""Problem reports: sent in by residents, handled by staff."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import Event, Report, ReportService, User
from engagement.privacy import mask
from engagement.services import moves
from engagement.services.acting import Acting, Saying
from engagement.services.errors import Refused
from engagement.services.holds import refuse_where_held
from engagement.services.ideas import Place, Sender, keep_contact, searchable
from engagement.services.notices import queue_notice
from engagement.services.photos import remove_photos
from engagement.services.references import next_reference
from engagement.services.register import record_erasure
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
    held: str = "",
) -> Report:
    """Takes a problem report in. The same `form_key` gives the report already taken.

    `held` is a note for staff about a doubtful sender; the report is taken all the same.
    """
    if not service.active:
        raise Refused(_("This kind of problem can't be reported any more."), field="service")
    if not draft.description.strip():
        raise Refused(_("Describe the problem."), field="description")
    if form_key and (already := Report.objects.filter(form_key=form_key).first()):
        return already
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
                expected_at=at + timedelta(days=service.target_days) if service.target_days else None,
                nonce=new_nonce(),
                form_key=form_key or None,
                search=searchable(reference, choose(service.name, draft.language), mask(draft.description)),
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
        note=held,
    )
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
    moves.check_allowed(move, state=report.state, by=by)
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
    if by is not None and contact is not None and contact.updates_consent_at is not None:
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
def withdraw_report(*, report: Report, at: datetime, version: int | None = None) -> Report:
    return _move(report, "withdraw", to=ReportState.WITHDRAWN, by=None, at=at, version=version)


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
    else:
        changes |= ERASED_WORDS
        remove_photos(record=report)
        if report.state in REPORT_MOVES["withdraw"].sources:
            withdraw_report(report=report, at=at)
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
