"""Which kind of problem somebody means, out of their own words. Pure: no Django.

A word counts the more, the fewer kinds speak of it; words that begin alike (`lamp`, `lampadaire`) count as
half. It is a guess to choose from, never a choice made for anybody.
"""

import math
from collections.abc import Mapping

from engagement.text import fold

SHORTEST = 3
ALIKE = 4
"""Letters that two words must share at their beginning to count as half the same."""
MOST_WORDS = 200


def guess(text: str, kinds: Mapping[str, str], limit: int = 3) -> list[str]:
    """The likeliest keys of `kinds` (key -> everything that is said of it), likeliest first; may be none."""
    asked = {word for word in fold(text).split()[:MOST_WORDS] if len(word) >= SHORTEST}
    spoken = {key: set(fold(said).split()) for key, said in kinds.items()}
    known: dict[str, int] = {}
    for words in spoken.values():
        for word in words:
            known[word] = known.get(word, 0) + 1
    scores = {key: _score(asked, words, known, len(kinds)) for key, words in spoken.items()}
    found = [key for key, score in scores.items() if score > 0]
    return sorted(found, key=lambda key: -scores[key])[:limit]


def _score(asked: set[str], words: set[str], known: Mapping[str, int], kinds: int) -> float:
    score = 0.0
    for word in asked:
        if word in words:
            score += _weight(known[word], kinds)
            continue
        alike = [one for one in words if _begin_alike(one, word)]
        if alike:
            score += max(_weight(known[one], kinds) for one in alike) / 2
    return score


def _weight(spoken_by: int, kinds: int) -> float:
    """Nothing for a word that most kinds use: "the", "street"."""
    return max(math.log((kinds + 1) / (spoken_by + 0.5)) - 0.3, 0.0) if kinds > 1 else 1.0


def _begin_alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return shorter >= ALIKE and one[: max(ALIKE, shorter - 2)] == other[: max(ALIKE, shorter - 2)]
