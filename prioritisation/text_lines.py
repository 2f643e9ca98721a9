"""How wide a text is, and where its lines break, where no browser can say it: in a picture. Pure."""

import unicodedata

_NARROW = frozenset("ijltfrI.,;:'!|/()[] -’")
_WIDE = frozenset("mwMWÆŒæœ@%—…")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """An upper estimate of a text's width in common sans-serif fonts, in the unit of `size`."""
    ems = 0.0
    for letter in text:
        if unicodedata.combining(letter):
            continue
        base = unicodedata.normalize("NFD", letter)[0]
        if unicodedata.east_asian_width(letter) in "WF":
            ems += 1.02
        elif base in _WIDE:
            ems += 0.96
        elif base in _NARROW:
            ems += 0.37
        elif base.isupper():
            ems += 0.76
        else:
            ems += 0.61
    return ems * size * (1.06 if bold else 1.0)


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """The lines of a text in so much room; a word that is wider than the room is cut with a hyphen."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        trial = f"{line} {word}" if line else word
        if text_width(trial, size, bold=bold) <= room:
            line = trial
            continue
        if line:
            lines.append(line)
        *cut, line = _pieces(word, room, size, bold)
        lines.extend(cut)
    return (*lines, line) if line else tuple(lines)


def _pieces(word: str, room: float, size: float, bold: bool) -> list[str]:
    pieces: list[str] = []
    rest = word
    while text_width(rest, size, bold=bold) > room and len(rest) > 1:
        end = len(rest) - 1
        while end > 1 and text_width(f"{rest[:end]}-", size, bold=bold) > room:
            end -= 1
        pieces.append(f"{rest[:end]}-")
        rest = rest[end:]
    return [*pieces, rest]
