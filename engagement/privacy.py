"""What is personal, and how personal data is masked in public text. Pure: no Django.

Masking errs on the side of hiding: a number that may be a card or a social insurance number is hidden
when it passes the Luhn check both use. Dates, prices, years and postal codes stay readable.
"""

import re
from dataclasses import dataclass

from engagement.text import without_unseen


@dataclass(frozen=True)
class FieldClasses:
    """Sorts every field of a model: shown to all, about a person, or for staff. A test walks all models."""

    public: frozenset[str]
    personal: frozenset[str]
    internal: frozenset[str]


def classes(public: str = "", personal: str = "", internal: str = "") -> FieldClasses:
    """Field classes from space-separated names, so that a model states them in three lines."""
    return FieldClasses(frozenset(public.split()), frozenset(personal.split()), frozenset(internal.split()))


@dataclass(frozen=True)
class Finding:
    """Something personal in a text: `kind` is email, phone, card or sin; `start`, `end` its place."""

    kind: str
    start: int
    end: int


_EMAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
# Between digits people write more than one plain blank or hyphen: word processors set no-break blanks and
# dashes of other lengths, and letters break their lines in the middle of a number.
_HYPHEN = r"\-\u2010-\u2015\u2212"
_IN_LINE = rf"(?:[^\S\r\n]{{1,2}}|[{_HYPHEN}])?"
_GAP = rf"(?:[^\S\r\n]?[.{_HYPHEN}/]?(?:\r?\n)?[^\S\r\n]{{0,2}})"
_CARD = re.compile(rf"(?<![\w-])(?:\d{_IN_LINE}){{12,18}}\d(?![\w-])")
_SIN = re.compile(rf"(?<![\w-])\d{{3}}{_IN_LINE}\d{{3}}{_IN_LINE}\d{{3}}(?![\w-])")
_PHONE = re.compile(
    rf"(?<![\w.-])(?:\+?1{_GAP})?\(?[2-9]\d{{2}}\)?{_GAP}[2-9]\d{{2}}{_GAP}\d{{4}}(?![\w-])"
    rf"|(?<![\w.-])\+\d{{1,3}}{_GAP}\d{{1,4}}(?:{_GAP}\d{{2,4}}){{2,5}}(?![\w-])"
)

MASKS = {"email": "[e-mail]", "phone": "[phone]", "card": "[card number]", "sin": "[insurance number]"}
"""What stands in a public text for what was hidden: the same words in every language, in brackets."""


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        if position % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def _digits(text: str) -> str:
    return "".join(character for character in text if "0" <= character <= "9")


def find_personal(text: str) -> list[Finding]:
    """E-mail addresses, phone, card and social insurance numbers in `text`, by place, not overlapping."""
    found: list[Finding] = []

    def add(kind: str, match: re.Match[str]) -> None:
        start, end = match.span()
        if all(end <= other.start or start >= other.end for other in found):
            found.append(Finding(kind, start, end))

    for match in _EMAIL.finditer(text):
        add("email", match)
    for match in _CARD.finditer(text):
        if _luhn(_digits(match.group())):
            add("card", match)
    for match in _PHONE.finditer(text):
        add("phone", match)
    for match in _SIN.finditer(text):
        if _luhn(_digits(match.group())):
            add("sin", match)
    return sorted(found, key=lambda finding: finding.start)


def mask(text: str) -> str:
    """`text` as everybody may read it: in place of everything personal stands a word in brackets that says
    what was there, and nothing unseen is left, which could part a number's digits."""
    text = without_unseen(text)
    parts: list[str] = []
    last = 0
    for finding in find_personal(text):
        parts += [text[last : finding.start], MASKS[finding.kind]]
        last = finding.end
    parts.append(text[last:])
    return "".join(parts)
