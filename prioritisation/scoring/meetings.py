"""Who reads what together with whom: pairs, connected parts, and what would connect them (METHOD 5.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .inputs import IntArray, count


def pairs(chosen: Sequence[Iterable[int]], assessors: int) -> IntArray:
    """(a, a): how many initiatives two assessors both read; the diagonal is each one's own number.

    `chosen` lists the assessors of each initiative. ValueError for an assessor that does not exist.
    """
    read = _incidence(chosen, assessors).astype(np.int64)
    found: IntArray = read.T @ read
    return found


def parts(chosen: Sequence[Iterable[int]], assessors: int) -> IntArray:
    """(a,): a label from 0 of the part that each assessor is in; -1 for who reads nothing.

    Two assessors are in one part where a chain of initiatives, each read by two of them, joins them. Between
    parts strict and lenient can't be told from good and bad initiatives.
    """
    met = pairs(chosen, assessors)
    label = np.full(assessors, -1, dtype=np.int64)
    number = 0
    for start in range(assessors):
        if label[start] >= 0 or met[start, start] == 0:
            continue
        label[start] = number
        waiting = [start]
        while waiting:
            here = waiting.pop()
            for other in np.flatnonzero((met[here] > 0) & (label < 0)).tolist():
                label[other] = number
                waiting.append(other)
        number += 1
    return label


def connecting(
    chosen: Sequence[Iterable[int]],
    assessors: int,
    conflicts: Iterable[tuple[int, int]] = (),
    full: Iterable[int] = (),
) -> list[tuple[int, int]]:
    """The fewest further pairs (initiative, assessor) that join the parts; those that can be found.

    The largest part takes the others in, one pair each: of all pairs that do it the one whose assessor reads
    least. `conflicts` are pairs that must not be; `full` are assessors who take no more.
    """
    lists = [set(one) for one in chosen]
    barred, closed = set(conflicts), set(full)
    added: list[tuple[int, int]] = []
    while True:
        label = parts(lists, assessors)
        sizes = np.bincount(label[label >= 0]) if (label >= 0).any() else np.zeros(0)
        if len(sizes) < 2:
            return added
        main = int(sizes.argmax())
        pair = _bridge(lists, label, main, barred, closed)
        if pair is None:
            return added
        lists[pair[0]].add(pair[1])
        added.append(pair)


def _bridge(
    lists: list[set[int]], label: IntArray, main: int, barred: set[tuple[int, int]], closed: set[int]
) -> tuple[int, int] | None:
    load = [sum(one in chosen for chosen in lists) for one in range(len(label))]
    options = []
    for row, chosen in enumerate(lists):
        if not chosen:
            continue
        inside = label[next(iter(chosen))] == main
        for one in range(len(label)):
            across = label[one] >= 0 and (label[one] == main) != inside
            if across and one not in closed and (row, one) not in barred:
                options.append((load[one], row, one))
    return min(options)[1:] if options else None


def _incidence(chosen: Sequence[Iterable[int]], assessors: int) -> IntArray:
    size = count(assessors, "assessors")
    read = np.zeros((len(chosen), size), dtype=np.int64)
    for row, ones in enumerate(chosen):
        for one in ones:
            if not 0 <= one < size:
                raise ValueError(f"assessor {one} does not exist")
            read[row, one] = 1
    return read
