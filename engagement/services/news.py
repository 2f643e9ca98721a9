"""What happened to what people follow: one mail a person, as often as the person wants it.

Decisions about what one sent oneself are mailed apart and at once; nothing here holds them back.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from engagement.models import Event, Person
from engagement.services.moves import UNDO_WINDOW
from engagement.services.notices import queue_notice

RHYTHMS = {
    Person.Rhythm.INSTANT: timedelta(0),
    Person.Rhythm.DAILY: timedelta(days=1),
    Person.Rhythm.WEEKLY: timedelta(days=7),
}
MOST_EVENTS = 50
"""In one mail; what is more is told by the next."""


def tell_persons(*, at: datetime, limit: int = 500) -> int:
    """Writes a mail to everybody who is due and of whose records something happened; gives how many."""
    until = at - UNDO_WINDOW  # what may still be undone is told to nobody
    told = 0
    for rhythm, pause in RHYTHMS.items():
        due = Person.objects.filter(rhythm=rhythm, confirmed_at__isnull=False, told_until__lte=at - pause)
        news = _followed(OuterRef("pk")).filter(at__gt=OuterRef("told_until"), at__lte=until)
        for person in due.filter(Exists(news)).order_by("pk")[:limit]:
            told += _tell(person, until, at)
    return told


def _followed(person: object) -> QuerySet[Event]:
    """Public events of what somebody follows, that came after they began to follow it."""
    mine = Q(idea__follows__person=person, at__gt=F("idea__follows__since"))
    return Event.objects.public().filter(
        mine | Q(report__follows__person=person, at__gt=F("report__follows__since"))
    )


@transaction.atomic
def _tell(person: Person, until: datetime, at: datetime) -> bool:
    """One person's mail. Of two workers that come at once, one finds that the person was told."""
    events = list(_followed(person).filter(at__gt=person.told_until, at__lte=until).order_by("at", "pk"))
    events = events[:MOST_EVENTS]
    if not events:
        return False
    mine = Person.objects.filter(pk=person.pk, told_until=person.told_until)
    full = len(events) == MOST_EVENTS
    if not mine.update(told_until=events[-1].at if full else until):
        return False
    keys = [event.pk for event in events]
    queue_notice(kind="engagement.person_news", at=at, person=person, context={"events": keys})
    return True
