"""What was masked in a text, marked: as it was sent beside as it is shown."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `marked` where the other version reads otherwise."""

    text: str
    marked: bool


_WORDS = re.compile(r"\s+|[^\s]+")


def compare(sent: str, shown: str) -> tuple[list[Piece], list[Piece]]:
    """Both versions as pieces, word by word."""
    if sent == shown:
        return [Piece(sent, False)], [Piece(shown, False)]
    old, new = _WORDS.findall(sent), _WORDS.findall(shown)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, False).get_opcodes():
        marked = kind != "equal"
        if to_old > from_old:
            left.append(Piece("".join(old[from_old:to_old]), marked))
        if to_new > from_new:
            right.append(Piece("".join(new[from_new:to_new]), marked))
    return left, right
