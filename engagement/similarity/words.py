"""What a text is made of: words without endings, pairs of neighbouring words, runs of four letters, its
first words.

All of them are numbers (hashes of 64 bits that are the same in every process), so that postings can be
sorted arrays in a file. The same rules hold for every language; only which small words are dropped depends
on it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engagement.similarity.stop_words import STOP_WORDS
from engagement.text import fold

Hashes = npt.NDArray[np.uint64]

LONGEST = 6_000
"""Characters of a text that count. An idea has some hundreds; what follows much later says what was said
before."""

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2,}")
_MINUS = re.compile(r"(?<!\S)[-−](?=\d)")
_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff\u00ad")
_NORMALISED = 20_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_RUN = 4
_OPENING = 8


@dataclass(frozen=True)
class Words:
    """A text taken apart, small words left out: each list distinct, in the text's order."""

    stems: tuple[str, ...]
    phrases: tuple[str, ...]
    letters: Hashes
    language: int = 0

    @property
    def opening(self) -> tuple[str, ...]:
        """The first words: people put first what it is about, in a title or not."""
        return self.stems[:_OPENING]


def take_apart(text: str, language: str = "") -> Words:
    text = text[:LONGEST]
    tokens = _tokens(fold(text)) or text.split()
    small = stop_words_of(tokens, language)
    kept = [
        one for one in tokens if one not in small and (len(one) > 1 or not one.isascii() or one.isdigit())
    ]
    kept = kept or tokens
    stems = [stem(one) for one in kept]
    phrases = [f"{first} {second}" for first, second in pairwise(stems)]
    return Words(
        tuple(dict.fromkeys(stems)),
        tuple(dict.fromkeys(phrases)),
        letter_runs(kept),
        language_of(tokens, language),
    )


def _tokens(folded: str) -> list[str]:
    """Words; of scripts that set no blanks between words, pairs of neighbouring letters."""
    tokens: list[str] = []
    for word in folded.split():
        if word.isascii() or not _UNSPACED.search(word):
            tokens.append(word[:40])
        else:
            tokens += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
    return tokens


def language_of(tokens: list[str], language: str = "") -> int:
    """Which of the languages a text is in, as a number from 1; 0 when its small words do not tell. What is
    said of it decides only between languages that fit equally well."""
    best = _best(tokens)
    said = language[:2].lower()
    if said in best or (not best and said in STOP_WORDS):
        return list(STOP_WORDS).index(said) + 1
    return list(STOP_WORDS).index(best[0]) + 1 if len(best) == 1 else 0


def _best(tokens: list[str]) -> list[str]:
    counts = {code: sum(one in words for one in tokens) for code, words in STOP_WORDS.items()}
    most = max(counts.values())
    return [code for code, count in counts.items() if most and count == most]


def stop_words_of(tokens: list[str], language: str = "") -> frozenset[str]:
    """The small words of the language that most of the text's small words are from.

    The text decides before what is said of it: people write in their own language under whatever language
    the page was in. Between languages that fit equally well, `language` decides, else only words small in
    all of them go.
    """
    best = _best(tokens)
    if not best:
        return frozenset()
    if language[:2].lower() in best:
        return STOP_WORDS[language[:2].lower()]
    return frozenset.intersection(*(STOP_WORDS[code] for code in best))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word without the endings of plural, gender and the commonest verb forms. Both sides of a
    comparison go through it, so it need not be right, only steady."""
    if len(word) < 4 or not word.isascii() or word.isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("aux") and len(word) > 4:
        word = word[:-3] + "al"
    elif word[-1] in "sx" and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    if word[-1] in "eao" and len(word) >= 4:
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2]:
        word = word[:-1]
    return word


@lru_cache(maxsize=100_000)
def hash_of(what: str) -> int:
    """64 bits that are the same in every process: Python's own hash is not."""
    return int.from_bytes(blake2b(what.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def letter_runs(words: list[str]) -> Hashes:
    """Distinct runs of four letters inside words, the blanks at both ends counted as letters."""
    codes = np.frombuffer(f" {' '.join(words)} ".encode("utf-32-le", "replace"), dtype=np.uint32).astype(
        np.uint64
    )
    if len(codes) < _RUN:
        return np.empty(0, np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(codes, _RUN)
    inside = (runs[:, 1:-1] != ord(" ")).all(axis=1)
    runs = runs[inside]
    mixed = np.zeros(len(runs), np.uint64)
    for place in range(_RUN):
        mixed = (mixed + runs[:, place] + np.uint64(1)) * _PRIME
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def normalised(text: str) -> str:
    """The text as it is compared to tell whether two are surely the same one.

    Case, blanks and punctuation go; accents, digits, signs and pictures stay, since "+ parking", "-5" and a
    thumb down may be the whole of a difference.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = _MINUS.sub("−", plain)
    return " ".join("".join(one if _counts(one) else " " for one in plain if one not in _UNSEEN).split())


@lru_cache(maxsize=5_000)
def _counts(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMNS"


def key_of(text: str) -> int:
    """A number that two texts share only when they are surely the same; 0 when the text says nothing.

    What stands beyond a length that no idea has is compared as it is: normalising ten megabytes takes
    seconds.
    """
    words = normalised(text[:_NORMALISED])
    if not words:
        return 0
    rest = blake2b(text[_NORMALISED:].encode("utf-8", "replace"), digest_size=8).hexdigest()
    return (
        int.from_bytes(
            blake2b(f"{rest} {words}".encode("utf-8", "replace"), digest_size=8).digest(), "little"
        )
        or 1
    )
