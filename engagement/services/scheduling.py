"""Publishing at a set hour: decided now, done by the worker then, in the name of who decided."""

from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import Event, Idea
from engagement.services.acting import Acting
from engagement.services.errors import Refused
from engagement.services.triage import publish_idea, staff_move
from engagement.workflow import IdeaState


@transaction.atomic
def schedule_idea(*, idea: Idea, hour: datetime, **acting: Unpack[Acting]) -> Idea:
    """Has the idea published at `hour`, unless something else happens to it before."""
    if hour <= acting["at"]:
        raise Refused(_("This hour is past."), field="hour")
    changes = {"publish_at": hour, "publish_by": acting["by"]}
    return staff_move(idea, "schedule", to=IdeaState.RECEIVED, changes=changes, **acting)


@transaction.atomic
def unschedule_idea(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    """Takes the hour back: the idea waits for a decision again."""
    if idea.publish_at is None:
        raise Refused(_("No hour is set for this idea."), code="wrong_state")
    return staff_move(idea, "unschedule", to=IdeaState.RECEIVED, **acting)


def publish_due_ideas(*, at: datetime) -> int:
    """Publishes the ideas whose hour has come, each in a transaction of its own; gives how many.

    Of two workers that find the same idea one publishes it, the other is told that it changed and passes
    on. One whose planner may no longer publish goes back to the queue, with a note that says so.
    """
    published = 0
    for idea in Idea.objects.due_for_publication(at).select_related("call", "contact", "publish_by"):
        assert idea.publish_by is not None
        try:
            publish_idea(idea=idea, by=idea.publish_by, at=at, version=idea.version)
        except Refused as refusal:
            if refusal.code == "forbidden":
                _back_to_the_queue(idea, at)
        else:
            published += 1
    return published


@transaction.atomic
def _back_to_the_queue(idea: Idea, at: datetime) -> None:
    found = Idea.objects.due_for_publication(at).filter(pk=idea.pk, version=idea.version)
    if found.update(publish_at=None, publish_by=None, version=F("version") + 1, changed_at=at):
        Event.objects.create(
            idea=idea,
            at=at,
            actor=Event.Actor.SYSTEM,
            verb="unschedule",
            from_state=idea.state,
            to_state=idea.state,
            note=f"{idea.publish_by} may no longer publish",
            public=False,
        )
