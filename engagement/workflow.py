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


class NoteState(StrEnum):
    HELD = "held"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


RESIDENT = "resident"
"""The sender, known by the tracking link. Every other `who` is a Django permission."""

TRIAGE = "engagement.triage_idea"
REOPEN = "engagement.reopen_idea"
HANDLE_REPORTS = "engagement.handle_report"
ALL_REPORTS = "engagement.view_report"
OWN_REPORTS = "engagement.change_report"
"""Alone it opens the problem reports of the person's own department, and no others."""
ANSWER = "engagement.answer_referral"
APPEALS = "engagement.decide_appeal"
MODERATE = "engagement.moderate_note"


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
    who_own: str = ""
    """The permission of who may make it only with what their own department has; empty: nobody."""


def _move(
    verb: str,
    sources: set[str],
    targets: set[str],
    who: str,
    *,
    needs_reason: bool = False,
    public: bool = True,
    can_undo: bool | None = None,
    who_own: str = "",
) -> Move:
    """What staff do can be taken back unless the line says otherwise; what senders do cannot."""
    undo = who != RESIDENT if can_undo is None else can_undo
    return Move(verb, frozenset(sources), frozenset(targets), who, needs_reason, public, undo, who_own)


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
        # Somebody else than who refused decides: the service and the database see to it.
        _move("grant_appeal", {_I.DECLINED}, {_I.RECEIVED}, APPEALS, can_undo=False),
        _move("refuse_appeal", {_I.DECLINED}, {_I.DECLINED}, APPEALS, can_undo=False),
        _move("appeal", {_I.DECLINED}, {_I.DECLINED}, RESIDENT),
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
        _move("start", {_R.RECEIVED}, {_R.IN_PROGRESS}, HANDLE_REPORTS, who_own=OWN_REPORTS),
        _move(
            "close",
            {_R.RECEIVED, _R.IN_PROGRESS},
            {_R.CLOSED},
            HANDLE_REPORTS,
            needs_reason=True,
            who_own=OWN_REPORTS,
        ),
        _move("reopen", {_R.CLOSED}, {_R.RECEIVED}, HANDLE_REPORTS, who_own=OWN_REPORTS),
        # How it stands, between two states: the state stays.
        _move(
            "update",
            {_R.RECEIVED, _R.IN_PROGRESS},
            {_R.RECEIVED, _R.IN_PROGRESS},
            HANDLE_REPORTS,
            who_own=OWN_REPORTS,
        ),
        # "Is it fixed?" is answered by who sent it.
        _move("confirm_fixed", {_R.CLOSED}, {_R.CLOSED}, RESIDENT),
        _move("not_fixed", {_R.CLOSED}, {_R.RECEIVED}, RESIDENT),
        _move("take_as_idea", {_R.RECEIVED, _R.IN_PROGRESS}, {_R.AS_IDEA}, HANDLE_REPORTS, can_undo=False),
        _move("take_back", {_R.AS_IDEA}, {_R.RECEIVED}, HANDLE_REPORTS, can_undo=False),
        _move("withdraw", {_R.RECEIVED, _R.IN_PROGRESS}, {_R.WITHDRAWN}, RESIDENT),
    )
}

_N = NoteState
NOTE_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("publish", {_N.HELD, _N.HIDDEN}, {_N.PUBLISHED}, MODERATE, can_undo=False),
        _move("hide", {_N.HELD, _N.PUBLISHED}, {_N.HIDDEN}, MODERATE, needs_reason=True, can_undo=False),
        _move("answer", {_N.HIDDEN}, {_N.HELD}, RESIDENT),
        _move("withdraw", {_N.HELD, _N.PUBLISHED, _N.HIDDEN}, {_N.WITHDRAWN}, RESIDENT),
        _move("write_again", {_N.WITHDRAWN}, {_N.HELD, _N.PUBLISHED}, RESIDENT),
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
