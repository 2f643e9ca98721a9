"""Erasing who sent something, from everything that was made of it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from engagement.models import Idea, Report, other_half
from engagement.services.holds import lock_record
from engagement.services.ideas import erase_idea, withdraw_idea
from engagement.services.reports import erase_report, withdraw_report


@transaction.atomic
def erase_sender(*, idea: Idea, at: datetime, keep_text: bool) -> Idea:
    """Erases who sent the idea; of a letter also who sent its parts, and what is one with any of them.

    The words stay only with the sender's consent (`keep_text`), else they go too.
    """
    _erase_all(idea, at, keep_text)
    return idea


@transaction.atomic
def erase_report_sender(*, report: Report, at: datetime, keep_text: bool) -> Report:
    """The same for a problem report, and for the idea that it is one with."""
    _erase_all(report, at, keep_text)
    return report


def take_back(*, record: Idea | Report, at: datetime) -> None:
    """Its sender takes an idea or a problem report back."""
    if isinstance(record, Idea):
        withdraw_idea(idea=record, at=at)
    else:
        withdraw_report(report=record, at=at)


def _erase_all(record: Idea | Report, at: datetime, keep_text: bool) -> None:
    for one in _locked(record):
        if isinstance(one, Idea):
            erase_idea(idea=one, at=at, keep_text=keep_text)
        else:
            erase_report(report=one, at=at, keep_text=keep_text)


def _locked(record: Idea | Report) -> list[Idea | Report]:
    """Everything of the record, as it is. Locked before it is asked what else there is, until there is no
    more: nobody makes a copy of the words of any of it meanwhile."""
    known: list[Idea | Report] = []
    found = [record]
    while len(found) > len(known):
        for one in found:
            if one not in known:
                lock_record(one)
        known = found
        record.refresh_from_db()
        found = list(everything_of(record))
    return found


def everything_of(record: Idea | Report) -> Iterator[Idea | Report]:
    """What one sender's wish concerns: the record, its other half, and the parts of a letter with theirs.

    Ideas come before reports: two that erase at the same moment wait for each other in one order.
    """
    other = other_half(record)
    pair = [record] if other is None else sorted((record, other), key=lambda one: isinstance(one, Report))
    yield from pair
    for idea in [one for one in pair if isinstance(one, Idea)]:
        for part in idea.parts.select_related("contact").order_by("pk"):
            yield from everything_of(part)
