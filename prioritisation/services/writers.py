"""Who wrote decisions, sittings and amendments: all who ever did, not only who did so last."""

from typing import Any

from django.db.models import Q, QuerySet

from engagement.models import User
from prioritisation.models import Amendment, Decision, DecisionMeeting


def keep_writer(written: Decision | DecisionMeeting | Amendment, writer: int, *, by: User) -> None:
    """Remembers who wrote it until now, when `by` writes over it: they stay among those who prepared it."""
    if writer != by.pk:
        written.earlier_writers.add(writer)


def prepared_by(by: User) -> Q:
    """Decisions that `by` had a hand in."""
    return Q(prepared_by=by) | Q(earlier_writers=by)


def sitting_by(by: User) -> Q:
    """Decisions that name a sitting which `by` had a hand in."""
    return Q(meeting__made_by=by) | Q(meeting__earlier_writers=by)


def own(decisions: QuerySet[Any], by: User) -> set[int]:
    """Keys of those decisions that `by` may not look through or publish alone. One query."""
    return set(decisions.filter(prepared_by(by) | sitting_by(by)).values_list("pk", flat=True))


def wrote(written: DecisionMeeting | Amendment, by: User) -> bool:
    return written.made_by_id == by.pk or written.earlier_writers.filter(pk=by.pk).exists()
