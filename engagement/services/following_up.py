"""What a plan made of an idea goes on: started, delivered, dropped, and news in between.

This app knows ideas and who follows them, and nothing of plans. Whoever carries an idea out writes its news
here, and makes known how far it is for the pages of ideas.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from engagement.models import Event, Idea, User

NEWS, STARTED, DELIVERED, DROPPED = "news", "started", "delivered", "dropped"
"""What a line of the timeline may tell."""


@transaction.atomic
def record_follow_up(
    *, ideas: Iterable[Idea], what: str, text: dict[str, str], link: str, about: str, by: User, at: datetime
) -> None:
    """A public line on each idea's timeline, of which its followers hear. `about` names what it is of, so
    that it can be taken back."""
    if what not in (NEWS, STARTED, DELIVERED, DROPPED):
        raise AssertionError(f"{what} is nothing that a timeline tells")
    ideas = list(ideas)
    Event.objects.bulk_create(
        Event(
            idea=idea,
            at=at,
            actor=Event.Actor.STAFF,
            by=by,
            verb="follow_up",
            from_state=idea.state,
            to_state=idea.state,
            reason=what,
            text=text,
            link=link,
            before={"about": about},
        )
        for idea in ideas
    )
    Idea.objects.filter(pk__in=[idea.pk for idea in ideas]).update(changed_at=at)


@transaction.atomic
def take_follow_up_back(*, about: str, told_at: datetime, by: User, at: datetime) -> None:
    """Undone before anybody was told: the lines written `told_at` no longer stand on the timelines."""
    lines = Event.objects.standing().filter(verb="follow_up", at=told_at, before__about=about)
    Event.objects.bulk_create(
        Event(
            idea=line.idea,
            at=at,
            actor=Event.Actor.STAFF,
            by=by,
            verb="undo",
            from_state=line.to_state,
            to_state=line.from_state,
            public=False,
            undoes=line,
        )
        for line in lines.select_related("idea")
    )


@dataclass(frozen=True)
class Carrying:
    """How far what came of an idea is, today. `next_step` says what is expected `on` that day."""

    title: str
    state: str
    tone: str
    next_step: str
    on: date | None
    late: bool
    link: str


_KNOWN: list[Callable[[Idea, date], list[Carrying]]] = []


def add_carrying(tell: Callable[[Idea, date], list[Carrying]]) -> Callable[[Idea, date], list[Carrying]]:
    _KNOWN.append(tell)
    return tell


def carrying_of(idea: Idea, today: date) -> list[Carrying]:
    """Asked only of what became part of a plan: most pages of ideas ask nothing."""
    return [one for tell in _KNOWN for one in tell(idea, today)] if idea.outcome == "in_plan" else []
