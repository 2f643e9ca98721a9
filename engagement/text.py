"""Texts: folded for search, cut for titles, chosen by language. Pure: no Django."""

import re
import unicodedata
from collections.abc import Mapping

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e\ufffe\uffff]")
_NO_WORD = re.compile(r"[\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


def gettext_noop(message: str) -> str:
    """Marks a text of a pure module for translation; whoever shows it translates it."""
    return message


def without_unseen(text: str) -> str:
    """`text` without characters that no file of ours may hold, and without those that turn others round.

    Control characters break feeds and workbooks; an override of the direction (U+202E) writes what comes
    after it backwards. Signs that a script or an emoji needs (joiners, embeddings) stay.
    """
    return _UNSEEN.sub("", text)


def fold(text: str) -> str:
    """`text` in lower case without accents and punctuation, words parted by one space.

    What is stored for search and what is searched for go through the same fold, so that "metro" finds
    "Métro" and "coeur" finds "Cœur".
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    plain = _BEYOND_ASCII.sub(lambda one: "" if unicodedata.combining(one[0]) else one[0], decomposed)
    return _NO_WORD.sub(" ", plain).strip(" ")


def title_from(problem: str, limit: int = 80) -> str:
    """A title out of a resident's first sentence: at most `limit` characters, cut between words."""
    first_line = next((line.strip() for line in problem.splitlines() if line.strip()), "")
    for end in (". ", "! ", "? "):
        head, found, _ = first_line.partition(end)
        if found and 15 <= len(head) <= limit:
            return head + (end.strip() if end != ". " else "")
    if len(first_line) <= limit:
        return first_line.rstrip(".")
    cut = first_line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-")
    return f"{cut or first_line[: limit - 1]}…"


def choose(texts: Mapping[str, str] | None, language: str) -> str:
    """The text in `language`; else the first that is there. Empty when there is none."""
    if not texts:
        return ""
    return texts.get(language) or next((text for text in texts.values() if text), "")


def language_shown(texts: Mapping[str, str] | None, language: str) -> str:
    """The language of what `choose` gives, so that a page can mark a fallback with `lang`."""
    if not texts:
        return language
    if texts.get(language):
        return language
    return next((code for code, text in texts.items() if text), language)
