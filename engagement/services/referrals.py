"""Passing an idea on, to a department or to the plan that is being carried out, and what they answer."""

from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import Department, Event, Idea, Referral, User
from engagement.services import moves
from engagement.services.acting import Saying
from engagement.services.errors import Refused, Stale
from engagement.services.notices import queue_notice
from engagement.services.triage import staff_move, tell_sender
from engagement.workflow import ANSWER, IDEA_MOVES, TRIAGE, IdeaState


@transaction.atomic
def pass_on_idea(
    *,
    idea: Idea,
    department: Department | None = None,
    running_plan: bool = False,
    **saying: Unpack[Saying],
) -> Referral | None:
    """Passes an idea on to one department, or to the plan that is being carried out.

    The department's shared mailbox is told. What they answer is recorded with `answer_referral`. With
    neither, it goes to somebody outside the city, whom the public text names: no answer is waited for.
    """
    if department is not None and running_plan:
        raise Refused(_("Pass it on to a department or to the plan, not to both."), field="to")
    if department is not None and not department.active:
        raise Refused(_("This department is no longer in use. Choose another one."), field="to")
    staff_move(idea, "pass_on", to=IdeaState.PASSED_ON, **saying)
    if department is None and not running_plan:
        return None
    referral = Referral.objects.create(
        idea=idea,
        department=department,
        running_plan=running_plan,
        asked_at=saying["at"],
        asked_by=saying["by"],
    )
    if department is not None:
        queue_notice(
            kind="engagement.referral_asked",
            at=saying["at"],
            department=department,
            idea=idea,
            wait=moves.pause_before_mail(IDEA_MOVES["pass_on"]),
        )
    return referral


def may_answer(by: User, referral: Referral) -> bool:
    """Members of the department that was asked, and who may triage, since answers also come by phone."""
    if by.has_perm(TRIAGE):
        return True
    own = referral.department_id is not None and referral.department_id == by.department_id
    return own and by.has_perm(ANSWER)


@transaction.atomic
def answer_referral(*, referral: Referral, answer: dict[str, str], by: User, at: datetime) -> Referral:
    """Records the public answer, in one language or in each, and has the sender told."""
    if not may_answer(by, referral):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    words = said(answer)
    if not words:
        raise Refused(_("Write what the sender and the public will read."), field="answer")
    idea = referral.idea
    # The idea's row first: an answer and a reopening at the same moment wait for each other.
    standing = Idea.objects.filter(pk=idea.pk, state=IdeaState.PASSED_ON)
    if not standing.update(version=F("version") + 1, changed_at=at):
        raise Refused(_("This idea is no longer passed on."), code="wrong_state")
    answered = Referral.objects.unanswered().filter(pk=referral.pk)
    if not answered.update(answer=words, answered_at=at, answered_by=by):
        raise Stale(_("This was answered in the meantime, or passed on again."))
    Event.objects.create(
        idea=idea,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb="answer",
        from_state=IdeaState.PASSED_ON,
        to_state=IdeaState.PASSED_ON,
        text=words,
    )
    tell_sender(idea, verb="answer", at=at, event_text=words)
    referral.refresh_from_db()
    return referral
