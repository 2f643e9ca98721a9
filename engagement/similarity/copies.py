"""Texts that are copies of one another, as those of a campaign: most of their words in the same order.

Stricter than `Index.search`, which finds what asks for much the same: here one decision may be for all of
them. Who decides still sees every text with what it says otherwise.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from math import ceil

from engagement.text import fold

RUN = 3
"""Words in a row that are compared as one."""
LEAST = 0.5
"""The share of runs that two texts have in common, of all that either has."""
LONGEST = 600
"""Words of a text that are looked at."""
CANDIDATES = 20
"""First texts that a text is compared with, at most."""

Runs = frozenset[tuple[str, ...]]
Owners = dict[tuple[str, ...], list[tuple[int, int]]]
"""For each run the first texts that have it: (how many runs, place), the shortest first."""


def runs_of(text: str) -> Runs:
    """All runs of three words, folded and without punctuation; of a shorter text the whole."""
    words = "".join(one if one.isalnum() else " " for one in fold(text)).split()[:LONGEST]
    if len(words) < RUN:
        return frozenset({tuple(words)} if words else ())
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def groups_of_copies(texts: Iterable[tuple[int, str]], smallest: int = 3) -> list[list[int]]:
    """Keys of texts that are copies of the first of their group, in the order given; the largest group first.

    One pass: a text joins the earlier first text with which it shares most runs, else is a first text itself.
    Compared are at most `CANDIDATES` first texts, so that a queue of texts which share a template, but are no
    copies, costs no more for each text than a short one.
    """
    groups: list[list[int]] = []
    firsts: list[Runs] = []
    same: dict[Runs, int] = {}
    where: Owners = {}
    for key, text in texts:
        runs = runs_of(text)
        if not runs:
            continue
        place = same.get(runs)
        if place is None:
            place = _closest(runs, firsts, where)
        if place is None:
            place = len(firsts)
            for run in runs:
                insort(where.setdefault(run, []), (len(runs), place))
            groups.append([])
            firsts.append(runs)
        same.setdefault(runs, place)
        groups[place].append(key)
    return sorted((group for group in groups if len(group) >= smallest), key=len, reverse=True)


def _closest(runs: Runs, firsts: list[Runs], where: Owners) -> int | None:
    """The first text of which this one is a copy, the likest one; None where it is a copy of none.

    A copy has `LEAST` of all these runs, so at least one of any set that is larger than the rest: the runs
    with fewest owners are asked, and what a template gave to all of them is not.
    """
    fewest = sorted((where.get(run, []) for run in runs), key=len)
    asked = fewest[: len(runs) - ceil(LEAST * len(runs)) + 1]
    shared = Counter(place for owners in asked for _size, place in _nearest(owners, len(runs)))
    likeliest = sorted(shared, key=lambda place: (-shared[place], place))[:CANDIDATES]
    best = max(((_likeness(runs, firsts[place]), -place) for place in likeliest), default=(0.0, 0))
    return -best[1] if best[0] >= LEAST else None


def _nearest(owners: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """All owners of a run; of many those with about as many runs, for copies are of one length."""
    if len(owners) <= CANDIDATES:
        return owners
    start = max(0, bisect_left(owners, (size, 0)) - CANDIDATES // 2)
    return owners[start : start + CANDIDATES]


def _likeness(one: Runs, other: Runs) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
