"""Problem reports that were handled elsewhere or before, taken in as history, many at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from engagement.models import Event, Report, ReportService, User
from engagement.privacy import mask
from engagement.services.ideas import Place, searchable
from engagement.services.references import next_references
from engagement.text import choose
from engagement.tracking import new_nonce
from engagement.workflow import ReportState

CHUNK = 1000


@dataclass(frozen=True)
class PastReport:
    """One report with its whole life: when it came, and when and why it was closed, if it was."""

    service: ReportService
    description: str
    language: str
    place: Place
    received_at: datetime
    channel: str = Report.Channel.WEB
    closed_at: datetime | None = None
    reason: str = ""
    text: dict[str, str] | None = None


def record_past_reports(*, reports: Iterable[PastReport], by: User) -> Iterator[int]:
    """Takes reports in, a thousand a transaction, each with its timeline. Yields how many so far.

    Nobody is mailed: these things are over, and their senders are not known.
    """
    done = 0
    waiting = iter(reports)
    while chunk := list(islice(waiting, CHUNK)):
        with transaction.atomic():
            rows = Report.objects.bulk_create(_row(past, ref) for past, ref in _numbered(chunk))
            Event.objects.bulk_create(
                event for past, row in zip(chunk, rows, strict=True) for event in _events(past, row, by)
            )
        done += len(chunk)
        yield done


def _numbered(chunk: list[PastReport]) -> Iterator[tuple[PastReport, str]]:
    by_year: dict[int, list[PastReport]] = {}
    for past in chunk:
        by_year.setdefault(timezone.localtime(past.received_at).year, []).append(past)
    numbers = {
        year: iter(next_references(series="R", year=year, count=len(items)))
        for year, items in by_year.items()
    }
    for past in chunk:
        yield past, next(numbers[timezone.localtime(past.received_at).year])


def _row(past: PastReport, reference: str) -> Report:
    words = mask(past.description)
    return Report(
        reference=reference,
        service=past.service,
        channel=past.channel,
        language=past.language,
        state=ReportState.CLOSED if past.closed_at else ReportState.RECEIVED,
        description=past.description,
        public_description=words,
        received_at=past.received_at,
        changed_at=past.closed_at or past.received_at,
        closed_at=past.closed_at,
        nonce=new_nonce(),
        search=searchable(
            reference, choose(past.service.name, past.language), words, mask(past.place.address)
        ),
        **past.place.columns(),
    )


def _events(past: PastReport, row: Report, by: User) -> Iterator[Event]:
    common: dict[str, Any] = {"report": row}
    yield Event(
        **common,
        at=past.received_at,
        actor=Event.Actor.RESIDENT,
        verb="receive",
        to_state=ReportState.RECEIVED,
    )
    if past.closed_at:
        yield Event(
            **common,
            at=past.closed_at,
            actor=Event.Actor.STAFF,
            by=by,
            verb="close",
            from_state=ReportState.RECEIVED,
            to_state=ReportState.CLOSED,
            reason=past.reason,
            text=past.text or {},
        )
