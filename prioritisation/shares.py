"""Shares in whole parts that add up: weights shown in % come to 100, neither 99 nor 101. Pure: no Django."""

from collections.abc import Sequence
from fractions import Fraction


def whole_parts(values: Sequence[float], whole: int = 100) -> list[int]:
    """`whole` shared out in proportion to `values`, by largest remainder; all 0 of nothing.

    Each share is less than one part from its exact one, what is larger never gets less, and nothing gets
    nothing. Of equal ones the first gets the part that is left over. For one decimal take `whole=1000`.

    ValueError for a value below zero.
    """
    exact = [Fraction(value) for value in values]
    if any(value < 0 for value in exact):
        raise ValueError("a share is never below zero")
    total = sum(exact)
    if not total:
        return [0] * len(exact)
    due = [whole * value / total for value in exact]
    parts = [int(one) for one in due]
    by_remainder = sorted(range(len(due)), key=lambda place: parts[place] - due[place])
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts
