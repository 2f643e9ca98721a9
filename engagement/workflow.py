"""States of ideas and problem reports, and the table of allowed moves. Pure: no Django.

The table is the only place that knows what may follow what and who may do it; services ask it, tests
walk every allowed and every forbidden pair.
"""

from dataclasses import dataclass
from enum import StrEnum


class IdeaState(StrEnum):
    RECEIVED = "received"
    PUBLISHED = "published"
    CORRECTION = "correction"
    DUPLICATE = "duplicate"
    PASSED_ON = "passed_on"
    SPLIT = "split"
    AS_REPORT = "as_report"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReportState(StrEnum):
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    AS_IDEA = "as_idea"
    WITHDRAWN = "withdrawn"


RESIDENT = "resident"
"""The sender, known by the tracking link. Every other `who` is a Django permission."""

TRIAGE = "engagement.triage_idea"
REOPEN = "engagement.reopen_idea"
HANDLE_REPORTS = "engagement.handle_report"
ANSWER = "engagement.answer_referral"


@dataclass(frozen=True)
class Move:
    """One verb: from which states to which, by whom, and what must be said with it."""

    verb: str
    sources: frozenset[str]
    targets: frozenset[str]
    who: str
    needs_reason: bool = False
    public: bool = True
    can_undo: bool = False
    """May staff take it back while nobody was told? Then its event keeps what the move changed."""


def _move(
    verb: str,
    sources: set[str],
    targets: set[str],
    who: str,
    *,
    needs_reason: bool = False,
    public: bool = True,
    can_undo: bool | None = None,
) -> Move:
    """What staff do can be taken back unless the line says otherwise; what senders do cannot."""
    undo = who != RESIDENT if can_undo is None else can_undo
    return Move(verb, frozenset(sources), frozenset(targets), who, needs_reason, public, undo)


_I = IdeaState
IDEA_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("publish", {_I.RECEIVED, _I.CORRECTION}, {_I.PUBLISHED}, TRIAGE),
        _move(
            "decline",
            {_I.RECEIVED, _I.PUBLISHED, _I.CORRECTION},
            {_I.DECLINED},
            TRIAGE,
            needs_reason=True,
        ),
        _move("ask_correction", {_I.RECEIVED, _I.PUBLISHED}, {_I.CORRECTION}, TRIAGE, needs_reason=True),
        _move("pass_on", {_I.RECEIVED, _I.PUBLISHED}, {_I.PASSED_ON}, TRIAGE, needs_reason=True),
        _move("link_duplicate", {_I.RECEIVED, _I.PUBLISHED}, {_I.DUPLICATE}, TRIAGE),
        _move("unlink_duplicate", {_I.DUPLICATE}, {_I.RECEIVED, _I.PUBLISHED}, TRIAGE),
        _move("split", {_I.RECEIVED}, {_I.SPLIT}, TRIAGE, can_undo=False),
        # What changes two records is changed back by a verb of its own, at any time.
        _move("take_as_report", {_I.RECEIVED, _I.PUBLISHED}, {_I.AS_REPORT}, TRIAGE, can_undo=False),
        _move("take_back", {_I.AS_REPORT}, {_I.RECEIVED, _I.PUBLISHED}, TRIAGE, can_undo=False),
        # Nobody is told before the hour: what is planned may be taken back until then.
        _move("schedule", {_I.RECEIVED}, {_I.RECEIVED}, TRIAGE, public=False, can_undo=False),
        _move("unschedule", {_I.RECEIVED}, {_I.RECEIVED}, TRIAGE, public=False, can_undo=False),
        _move("reopen", {_I.DECLINED, _I.PASSED_ON}, {_I.RECEIVED}, REOPEN),
        _move("resend", {_I.CORRECTION}, {_I.RECEIVED}, RESIDENT),
        _move(
            "withdraw",
            {_I.RECEIVED, _I.PUBLISHED, _I.CORRECTION, _I.DUPLICATE},
            {_I.WITHDRAWN},
            RESIDENT,
        ),
    )
}

_R = ReportState
REPORT_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("start", {_R.RECEIVED}, {_R.IN_PROGRESS}, HANDLE_REPORTS),
        _move("close", {_R.RECEIVED, _R.IN_PROGRESS}, {_R.CLOSED}, HANDLE_REPORTS, needs_reason=True),
        _move("reopen", {_R.CLOSED}, {_R.RECEIVED}, HANDLE_REPORTS),
        _move("take_as_idea", {_R.RECEIVED, _R.IN_PROGRESS}, {_R.AS_IDEA}, HANDLE_REPORTS, can_undo=False),
        _move("take_back", {_R.AS_IDEA}, {_R.RECEIVED}, HANDLE_REPORTS, can_undo=False),
        _move("withdraw", {_R.RECEIVED, _R.IN_PROGRESS}, {_R.WITHDRAWN}, RESIDENT),
    )
}

PUBLIC_IDEA_STATES = frozenset({_I.PUBLISHED, _I.DUPLICATE, _I.PASSED_ON, _I.DECLINED})
"""An idea that was declined keeps its page: a resident and a journalist both ask why. Whether its text
is shown too is the reason's affair (`Reason.hides_text`)."""

NEVER_ORIGINAL = frozenset({_I.DUPLICATE, _I.WITHDRAWN, _I.SPLIT, _I.AS_REPORT})
"""With an idea in such a state no other can be joined: nobody goes on with it."""

OPEN_IDEA_STATES = frozenset({_I.RECEIVED, _I.PUBLISHED, _I.CORRECTION})
"""States from which a city still owes an answer."""


def allowed(moves: dict[str, Move], state: str) -> list[Move]:
    """The moves that may be made from `state`, in the order of the table."""
    return [move for move in moves.values() if state in move.sources]
