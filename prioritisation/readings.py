"""How alike a panel reads the scale, and what it reads apart (METHOD 5.8, 5.9). Pure: no Django."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from prioritisation.scoring import agreement

Word = Literal["agree", "partly", "apart", "unknown"]
AGREE, PARTLY = 0.2, 0.3
"""Up to a fifth of the scale between two people's scores is one level of 0 to 5: as near as people come."""
APART = 0.6
"""Three levels of 0 to 5 between the lowest and the highest score: METHOD 5.9's flag."""
DIGITS = 9


@dataclass(frozen=True)
class Reading:
    """How a panel reads one criterion. `difference`: levels between two scores on the same initiative, on
    average; `alpha`: Krippendorff's, 1 full agreement and 0 chance. None without anything to compare."""

    word: Word
    difference: float | None
    alpha: float | None
    compared: int
    """How many initiatives have two scores or more."""


def reading(table: Mapping[str, Sequence[float]], span: float) -> Reading:
    """`table`: the scores given to each initiative, in any order, without missing ones; `span`: length of the
    scale.

    ValueError for a span that is not above zero.
    """
    if not span > 0:
        raise ValueError("a scale has a length")
    several = [list(scores) for scores in table.values() if len(scores) > 1]
    if not several:
        return Reading("unknown", None, None, 0)
    gaps = [_gap(scores) for scores in several]
    difference = round(sum(gaps) / len(gaps), DIGITS)
    share = round(difference / span, DIGITS)
    word: Word = "agree" if share <= AGREE else "partly" if share <= PARTLY else "apart"
    return Reading(word, difference, _alpha(several), len(several))


def _gap(scores: Sequence[float]) -> float:
    pairs = [abs(one - other) for one, other in combinations(scores, 2)]
    return sum(pairs) / len(pairs)


def _alpha(several: list[list[float]]) -> float | None:
    """Who gave which score makes no difference to alpha: only the scores of a unit count."""
    longest = max(len(scores) for scores in several)
    rows = [
        [scores[place] if place < len(scores) else math.nan for scores in several] for place in range(longest)
    ]
    alpha = agreement.krippendorff_alpha(rows)
    return None if math.isnan(alpha) else round(alpha, DIGITS)


def read_apart(scores: Mapping[str, Sequence[float]], span: float) -> bool:
    """Do the scores of any criterion lie three levels of five or more apart?"""
    ranges = [max(given) - min(given) for given in scores.values() if len(given) > 1]
    return any(round(one / span, DIGITS) >= APART for one in ranges)
