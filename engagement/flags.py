"""Why a text should be read by staff before everybody reads it: reasons, never a block. Pure: no Django.

Each reason is said to staff with its detail and to the sender in plain words. None of them is proof: a text
with a reason waits, and nothing is lost.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engagement.privacy import find_personal
from engagement.similarity import same_text
from engagement.text import fold, without_unseen


class FlagKind(StrEnum):
    HONEYPOT = "honeypot"
    QUICK = "quick"
    LINKS = "links"
    VELOCITY = "velocity"
    NEAR_DUPLICATE = "near_duplicate"
    WORD = "word"
    PERSONAL = "personal"
    ABUSE = "abuse"


HELD_ALWAYS = frozenset({FlagKind.HONEYPOT, FlagKind.QUICK})
"""Signs of a program: they hold a text even where all ideas are public at once."""

UNLISTED = HELD_ALWAYS | {FlagKind.LINKS}
"""What looks like a program's work or advertising: a problem report with one of these is on no public list
until staff have started on it or told of it."""

MOST_LINKS = 1
MOST_A_NETWORK = 8
"""Texts of one network within an hour before the next ones are read first: a class sends thirty."""

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True)
class Signs:
    """How a text came: what the form knows of it beside the words."""

    trap: bool = False
    """The invisible field was filled in."""
    quick: bool = False
    """Sent back faster than anybody types."""
    from_network: int = 0
    """Texts that came from the same network within the hour, this one among them."""


class Reason(NamedTuple):
    kind: FlagKind
    detail: str = ""


def reasons(
    text: str,
    *,
    signs: Signs,
    words: Iterable[str] = (),
    others: Iterable[tuple[str, str]] = (),
    body: str = "",
) -> list[Reason]:
    """All that speaks for reading `text` first. `others` are texts of late, each with its reference.

    `body` is what is held against them: the text without its title, which two senders word in two ways.
    """
    found: list[Reason] = []
    if signs.trap:
        found.append(Reason(FlagKind.HONEYPOT))
    if signs.quick:
        found.append(Reason(FlagKind.QUICK))
    links = len(_LINK.findall(text))
    if links > MOST_LINKS:
        found.append(Reason(FlagKind.LINKS, str(links)))
    if signs.from_network > MOST_A_NETWORK:
        found.append(Reason(FlagKind.VELOCITY, str(signs.from_network)))
    twin = next((reference for reference, other in others if same_text(body or text, other)), "")
    if twin:
        found.append(Reason(FlagKind.NEAR_DUPLICATE, twin))
    if listed := listed_words(text, words):
        found.append(Reason(FlagKind.WORD, ", ".join(listed)[:200]))
    if personal := sorted({one.kind for one in find_personal(without_unseen(text))}):
        found.append(Reason(FlagKind.PERSONAL, ", ".join(personal)))
    return found


def listed_words(text: str, words: Iterable[str]) -> list[str]:
    """The words of the list that stand in the text, whole, whatever their case and accents."""
    listed = list(words)
    folded = f" {fold(text)} " if listed else ""
    return [word for word in listed if (key := fold(word).strip()) and f" {key} " in folded]
