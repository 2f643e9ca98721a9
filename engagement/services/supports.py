"""Supports: one person for one idea. They tell how many care, and say of nobody who it is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import tracking
from engagement.models import Call, Idea, Support, User
from engagement.services.errors import Refused
from engagement.services.staff_lines import write_staff_line
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
    changed = _give(idea, voter, kind, at)
    if changed and by is not None:
        write_staff_line(idea, "support", by=by, at=at)
    return Support.objects.get(idea=idea, voter=voter_key(kind=kind, voter=voter))


_RULES: list[Callable[[Idea], str]] = []


def add_support_rule(tell: Callable[[Idea], str]) -> Callable[[Idea], str]:
    """Makes known what supports of an idea do in the part of Winnow that decides; "" where it says nothing.

    Called where scoring rules are known, so that what stands beside the button is what will happen.
    """
    _RULES.append(tell)
    return tell


def support_rules(idea: Idea) -> list[str]:
    """What supports of this idea do, in sentences for its page, where its invitation takes any."""
    if idea.call.supports == Call.Supports.NONE:
        return []
    return [said for said in (tell(idea) for tell in _RULES) if said]


class TypedIn(NamedTuple):
    """What became of the lines of a list on paper; their numbers count from 1, as names are kept nowhere."""

    changed: int
    unchanged: list[int]
    """Lines with somebody who was there already; where supports are taken back, who was not there."""


@transaction.atomic
def type_in_supports(*, idea: Idea, lines: Sequence[str], by: User, at: datetime, note: str = "") -> TypedIn:
    """A list on paper, one person a line, as one line of the timeline. Empty lines are passed over.

    Somebody who stands there twice, or was typed in before, counts once. Raises Refused where nobody is
    written, where the idea takes no supports, and to whoever may not type in.
    """
    kind = Support.Kind.PAPER
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    _check(idea, written[0][1] if written else "", kind, by)
    again = [number for number, line in written if not _give(idea, line, kind, at)]
    new = len(written) - len(again)
    if new:
        _record(idea, "support", new, note, by, at)
    return TypedIn(new, again)


@transaction.atomic
def withdraw_support(*, idea: Idea, voter: str, kind: str, at: datetime, by: User | None = None) -> bool:
    """Takes a support back, whatever became of the idea since; False where there was none."""
    if kind == Support.Kind.PAPER:
        _check_staff(by)
    given = Support.objects.standing().filter(idea=idea, voter=voter_key(kind=kind, voter=voter))
    taken = bool(given.update(withdrawn_at=at))
    if taken and by is not None:
        write_staff_line(idea, "withdraw_support", by=by, at=at)
    return taken


@transaction.atomic
def take_back_supports(
    *, idea: Idea, lines: Sequence[str], by: User, at: datetime, note: str = ""
) -> TypedIn:
    """Takes back what was typed in from paper, as on the wrong idea, whatever became of the idea since.

    Raises Refused where nobody is written, and to whoever may not type in.
    """
    _check_staff(by)
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not written:
        raise Refused(_("Write who supports the idea."), field="voter")
    standing = Support.objects.standing().filter(idea=idea)
    unknown = [
        number
        for number, line in written
        if not standing.filter(voter=voter_key(kind=Support.Kind.PAPER, voter=line)).update(withdrawn_at=at)
    ]
    taken = len(written) - len(unknown)
    if taken:
        _record(idea, "withdraw_support", taken, note, by, at)
    return TypedIn(taken, unknown)


def _record(idea: Idea, verb: str, count: int, note: str, by: User, at: datetime) -> None:
    """A line for staff. A resident's own support has none: it would be a list of people."""
    told = ngettext("%(n)d support.", "%(n)d supports.", count) % {"n": count}
    write_staff_line(idea, verb, by=by, at=at, note=f"{told} {note}".strip())


def _give(idea: Idea, voter: str, kind: str, at: datetime) -> bool:
    """Was there no such support before?"""
    key = voter_key(kind=kind, voter=voter)
    given = Support.objects.filter(idea=idea, voter=key)
    if given.filter(withdrawn_at__isnull=False).update(withdrawn_at=None, given_at=at):
        return True
    if given.exists():
        return False
    try:
        with transaction.atomic():
            Support.objects.create(idea=idea, voter=key, kind=kind, given_at=at)
    except IntegrityError:
        return False  # the same person pressed twice at the same moment: there it is
    return True


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
