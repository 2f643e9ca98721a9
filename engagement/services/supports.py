"""Supports: one person for one idea. They tell how many care, and say of nobody who it is."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement import tracking
from engagement.models import Call, Event, Idea, Support, User
from engagement.services.errors import Refused
from engagement.workflow import IdeaState

TYPE_IN = "engagement.type_in_idea"
_STATES = (IdeaState.PUBLISHED, IdeaState.DUPLICATE, IdeaState.PASSED_ON)


def voter_key(*, kind: str, voter: str) -> str:
    """What stands in the database for `voter` (a confirmed address, a browser's token, a name on paper).

    A keyed hash with a key outside the database: who copies the database cannot even try addresses out.
    """
    return tracking.voter(settings.WINNOW_LINK_KEY, kind, " ".join(voter.split()).casefold())


def may_support(idea: Idea, kind: str) -> bool:
    """Is the idea public and still an open wish, and does its invitation take supports of this kind?"""
    taken = idea.call.supports
    asked = taken != Call.Supports.NONE and (kind == Support.Kind.PAPER or taken == kind)
    return asked and idea.is_public and idea.shows_text and idea.state in _STATES


@transaction.atomic
def support_idea(*, idea: Idea, voter: str, kind: str, at: datetime, by: User | None = None) -> Support:
    """One person supports an idea; a second time changes nothing. Staff (`by`) type in what is on paper."""
    _check(idea, voter, kind, by)
    key = voter_key(kind=kind, voter=voter)
    given = Support.objects.filter(idea=idea, voter=key)
    changed = bool(given.filter(withdrawn_at__isnull=False).update(withdrawn_at=None, given_at=at))
    if not changed and not given.exists():
        try:
            with transaction.atomic():
                Support.objects.create(idea=idea, voter=key, kind=kind, given_at=at)
            changed = True
        except IntegrityError:
            pass  # the same person pressed twice at the same moment: there it is
    if changed and by is not None:
        Event.objects.create(verb="support", **_typed_in(idea, by, at))
    return given.get()


@transaction.atomic
def withdraw_support(*, idea: Idea, voter: str, kind: str, at: datetime, by: User | None = None) -> bool:
    """Takes a support back, whatever became of the idea since; False where there was none."""
    if kind == Support.Kind.PAPER:
        _check_staff(by)
    given = Support.objects.standing().filter(idea=idea, voter=voter_key(kind=kind, voter=voter))
    taken = bool(given.update(withdrawn_at=at))
    if taken and by is not None:
        Event.objects.create(verb="withdraw_support", **_typed_in(idea, by, at))
    return taken


def _check(idea: Idea, voter: str, kind: str, by: User | None) -> None:
    if kind == Support.Kind.PAPER:
        _check_staff(by)
    if not voter.strip():
        raise Refused(_("Write who supports the idea."), field="voter")
    if not may_support(idea, kind):
        raise Refused(_("This idea cannot be supported."), code="no_supports")


def _check_staff(by: User | None) -> None:
    if by is None or not by.has_perm(TYPE_IN):
        raise Refused(_("You are not allowed to do this."), code="forbidden")


def _typed_in(idea: Idea, by: User, at: datetime) -> dict[str, Any]:
    """What staff typed in has a line for staff. A resident's own has none: it would be a list of people."""
    return {
        "idea": idea,
        "at": at,
        "actor": Event.Actor.STAFF,
        "by": by,
        "from_state": idea.state,
        "to_state": idea.state,
        "public": False,
    }
