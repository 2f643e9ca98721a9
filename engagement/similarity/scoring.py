"""From what two texts share to one number between 0 and 1. Every figure that is a matter of judgement
stands here.

Chosen on the labelled sets of three cities and on pairs in two languages; `benchmarks/similar_ideas.py`
measures them again. Neighbouring values give nearly the same answers.
"""

import numpy as np
import numpy.typing as npt

from engagement.similarity.postings import KINDS, LETTERS, OPENING, PHRASES, WORDS

Doubles = npt.NDArray[np.float64]

WEIGHTS = {WORDS: 0.36, PHRASES: 0.18, LETTERS: 0.36, OPENING: 0.10}
"""What each kind counts. Runs of letters forgive typing errors and endings, in languages without a list
too."""
ONE_SIDED = 0.4
"""How much counts that the other text holds what this one says, however long it is: one writes a line and
finds the letter of two pages. The rest asks that it is also most of what the other says."""
MEANING_FROM = 0.2
"""Cosine of two texts that have nothing to do with each other: half of such pairs lie below, most not far
above."""
MEANING_WEIGHT = 0.6
ACROSS_LANGUAGES = 0.85
"""How much of what the words leave open the meaning may fill: more between two languages, where words can say
little. Below 1: a model never makes two texts the same."""
NOT_THE_SAME = 0.99
"""The most for texts that are not surely the same. Only those have 1."""


def rarity(many: npt.NDArray[np.int64], of: int) -> Doubles:
    """What a feature weighs that is in `many` of `of` texts: BM25's weight, never negative. One that is
    nowhere weighs as if it were in one text: a slip of the pen is not the rarest word."""
    some = np.clip(many, 1, None).astype(np.float64)
    return np.log1p(np.maximum(of - some + 0.5, 0.5) / (some + 0.5))


def part(asked: Doubles, held: Doubles) -> Doubles:
    """One kind's score: `asked`, how much of this text the other holds; `held`, how much of the other is in
    this."""
    return ONE_SIDED * asked + (1 - ONE_SIDED) * np.sqrt(asked * held)


def lexical(parts: Doubles, there: npt.NDArray[np.int64]) -> Doubles:
    """Of the kinds that the text has at all: one word alone has no phrases."""
    weights = np.array([WEIGHTS[kind] if there[kind] else 0.0 for kind in range(KINDS)])
    total = weights.sum()
    return weights @ parts / total if total else np.zeros(parts.shape[1])


def meaning(cosine: npt.NDArray[np.float32]) -> Doubles:
    return np.clip((cosine.astype(np.float64) - MEANING_FROM) / (1 - MEANING_FROM), 0, 1)


def together(words: Doubles, meant: Doubles | None, across: npt.NDArray[np.bool_]) -> Doubles:
    """The score: what the words say, and of what they leave open what the meaning says."""
    both = (
        words
        if meant is None
        else 1 - (1 - words) * (1 - np.where(across, ACROSS_LANGUAGES, MEANING_WEIGHT) * meant)
    )
    return np.minimum(both, NOT_THE_SAME)
