"""States of initiatives, rounds and decisions, and who may move them. Pure: no Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class InitiativeState(StrEnum):
    DRAFT = "draft"
    READY = "ready"
    CHOSEN = "chosen"
    SET_ASIDE = "set_aside"
    MERGED = "merged"


class DeliveryState(StrEnum):
    """What becomes of an initiative once a published plan holds it. PLANNED is stored as nothing."""

    PLANNED = "planned"
    STARTED = "started"
    DELIVERED = "delivered"
    DROPPED = "dropped"


class RoundState(StrEnum):
    PREPARING = "preparing"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"


class Outcome(StrEnum):
    ADVANCE = "advance"
    HOLD = "hold"
    SET_ASIDE = "set_aside"
    MERGE = "merge"


class Role(StrEnum):
    MANAGER = "manager"
    ASSESSOR = "assessor"
    PUBLISHER = "publisher"
    ANALYST = "analyst"


OWNER = "owner"
"""Staff of the department that carries an initiative out; they need not be in its programme."""

SYSTEM = "system"
"""A move that follows from another one; nobody makes it by hand."""


@dataclass(frozen=True)
class Move:
    """One verb: from which states to which, and by which roles of the programme."""

    verb: str
    sources: frozenset[str]
    targets: frozenset[str]
    roles: frozenset[str]


def _move(verb: str, sources: set[str], targets: set[str], roles: set[str]) -> Move:
    return Move(verb, frozenset(sources), frozenset(targets), frozenset(roles))


_I = InitiativeState
INITIATIVE_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("mark_ready", {_I.DRAFT}, {_I.READY}, {Role.MANAGER}),
        _move("back_to_draft", {_I.READY}, {_I.DRAFT}, {Role.MANAGER}),
        _move("merge", {_I.DRAFT, _I.READY}, {_I.MERGED}, {Role.MANAGER}),
        _move("set_aside", {_I.DRAFT, _I.READY}, {_I.SET_ASIDE}, {Role.MANAGER}),
        _move("reopen", {_I.SET_ASIDE}, {_I.DRAFT}, {Role.MANAGER}),
        _move(
            "carry_out", {_I.READY}, {_I.READY, _I.CHOSEN, _I.SET_ASIDE, _I.MERGED}, {Role.PUBLISHER, SYSTEM}
        ),
        _move("put_in", {_I.READY, _I.SET_ASIDE}, {_I.CHOSEN}, {Role.PUBLISHER, SYSTEM}),
        _move("take_out", {_I.CHOSEN}, {_I.SET_ASIDE}, {Role.PUBLISHER, SYSTEM}),
    )
}

_D = DeliveryState
DELIVERY_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("start_delivery", {_D.PLANNED}, {_D.STARTED}, {Role.MANAGER, OWNER}),
        # News, or another date: it stays where it is.
        _move("report_progress", {_D.PLANNED, _D.STARTED}, {_D.PLANNED, _D.STARTED}, {Role.MANAGER, OWNER}),
        _move("deliver", {_D.STARTED}, {_D.DELIVERED}, {Role.MANAGER, OWNER}),
        _move("drop", {_D.PLANNED, _D.STARTED}, {_D.DROPPED}, {Role.MANAGER, OWNER}),
        # What was dropped, or was called delivered and is not.
        _move("take_up_again", {_D.DROPPED, _D.DELIVERED}, {_D.STARTED}, {Role.MANAGER, OWNER}),
    )
}


def is_late(state: str, expected_on: date | None, today: date) -> bool:
    """Is the date of its next step past? What is delivered or dropped has no next step."""
    under_way = state in ("", DeliveryState.PLANNED, DeliveryState.STARTED)
    return under_way and expected_on is not None and expected_on < today


_R = RoundState
ROUND_MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        _move("open", {_R.PREPARING}, {_R.OPEN}, {Role.MANAGER}),
        _move("close", {_R.OPEN}, {_R.CLOSED}, {Role.MANAGER}),
        _move("publish_decisions", {_R.CLOSED}, {_R.DECIDED}, {Role.PUBLISHER}),
    )
}


def allowed(moves: dict[str, Move], state: str) -> list[Move]:
    """The moves that may be made from `state`, in the order of the table."""
    return [move for move in moves.values() if state in move.sources]
