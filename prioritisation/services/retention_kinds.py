"""What this app keeps about people, and from when its time is counted."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from engagement.services import Keeping, add_keeping, held_ideas
from prioritisation.models import Assessment, Understanding


def _answers(before: datetime) -> QuerySet[Understanding]:
    old = Understanding.objects.filter(answered_at__lt=before).exclude(why="")
    return old.exclude(link__idea__in=held_ideas())


def _forget_answers(rows: QuerySet[Understanding], at: datetime) -> int:
    """The yes, partly or no stays: the plan publishes its share."""
    return rows.update(why="")


def _notes(before: datetime) -> QuerySet[Assessment]:
    return Assessment.objects.filter(submitted_at__lt=before).exclude(notes={})


def _forget_notes(rows: QuerySet[Any], at: datetime) -> int:
    """The scores stay: rankings are recomputed from them, and hold no notes."""
    return rows.update(notes={})


KEEPINGS = tuple(
    add_keeping(one)
    for one in (
        Keeping(
            "understanding",
            _("Senders' words to “did we understand you?”, from the answer"),
            1095,
            _answers,
            _forget_answers,
            frozenset({"Understanding.why"}),
        ),
        Keeping(
            "assessor-notes",
            _("Assessors' notes, from handing in"),
            1825,
            _notes,
            _forget_notes,
            frozenset({"Assessment.notes"}),
        ),
    )
)
"""The kinds of this app, in the order in which they are removed."""
