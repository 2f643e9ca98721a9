"""Who assesses what: even loads, varied pairs, no conflicts (METHOD 5.10)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from . import draws
from .inputs import FloatArray, IntArray, count

PAIR_PENALTY = 0.05  # of one initiative of load, for each time two assessors already met


def assign(
    initiatives: int,
    assessors: int,
    per_initiative: int | Sequence[int],
    conflicts: Iterable[tuple[int, int]] = (),
    capacity: int | Sequence[int] | None = None,
    seed: int = 0,
    given: Iterable[tuple[int, int]] = (),
) -> list[list[int]]:
    """For each initiative the assessors who score it: ascending indexes, `per_initiative` of them.

    `initiatives` and `assessors` are counts; `conflicts` are pairs (initiative, assessor) that must not
    meet; `capacity` is the most initiatives an assessor takes, one number for all or one per assessor. In
    seeded random order each initiative takes the assessors of smallest load, those who met least often
    first; then loads are evened out. Without conflicts or capacity loads differ by at most 1. An
    initiative's list is shorter only if the total number of places that can be filled is at its greatest
    already: no other assignment fills more. The same arguments give the same lists.

    `per_initiative` may be one number per initiative. `given` are pairs that stand already: they count as
    load and as meetings, are in the lists, and are never moved; they may exceed capacity and the number
    wanted. What the promise of most places says then holds for what is added to them.

    ValueError for negative or fractional counts, for more assessors per initiative than there are, and for
    a conflict that names an unknown initiative or assessor. METHOD 5.10.
    """
    plan = _Plan(
        count(initiatives, "initiatives"),
        count(assessors, "assessors"),
        per_initiative,
        conflicts,
        capacity,
        given,
    )
    bits = draws.stream(seed)
    order = draws.shuffled(bits, plan.initiatives)
    noise = draws.uniform(bits, (plan.initiatives, plan.assessors)) * 1e-3 if plan.assessors else None
    for initiative in order.tolist():
        if noise is not None:
            plan.fill(initiative, noise[initiative])
    for initiative in order.tolist():
        while len(plan.chosen[initiative]) < plan.wanted[initiative] and plan.augment(initiative):
            pass
    plan.even_out()
    return [sorted(chosen) for chosen in plan.chosen]


class _Plan:
    """The assignment while it is being made: who has what, and who may not have what."""

    def __init__(
        self,
        initiatives: int,
        assessors: int,
        wanted: int | Sequence[int],
        conflicts: Iterable[tuple[int, int]],
        capacity: int | Sequence[int] | None,
        given: Iterable[tuple[int, int]],
    ) -> None:
        self.initiatives, self.assessors = initiatives, assessors
        self.wanted = _wanted(wanted, initiatives, assessors)
        self.barred: list[set[int]] = [set() for _ in range(initiatives)]
        for initiative, assessor in conflicts:
            self._require_known("conflict", initiative, assessor)
            self.barred[initiative].add(int(assessor))
        self.capacity = _capacity(capacity, assessors, most=initiatives)
        self.load: FloatArray = np.zeros(assessors)
        self.met: FloatArray = np.zeros((assessors, assessors))  # PAIR_PENALTY x times two assessors met
        self.full: FloatArray = np.where(self.capacity > 0, 0.0, np.inf)  # inf where nothing more fits
        self.chosen: list[list[int]] = [[] for _ in range(initiatives)]
        self.held: list[set[int]] = [set() for _ in range(assessors)]
        """What may be handed over to somebody else: all that was not given."""
        for initiative, assessor in given:
            self._require_known("given", initiative, assessor)
            if int(assessor) not in self.chosen[initiative]:
                self._give(initiative, int(assessor))
                self.held[int(assessor)].discard(initiative)

    def _require_known(self, what: str, initiative: int, assessor: int) -> None:
        if not (0 <= initiative < self.initiatives and 0 <= assessor < self.assessors):
            raise ValueError(f"{what} ({initiative}, {assessor}) names nobody or nothing")

    def fill(self, initiative: int, noise: FloatArray) -> None:
        """Give the initiative the assessors of smallest load, paired as seldom as possible."""
        cost = self.load + noise
        cost += self.full
        if self.barred[initiative]:
            cost[list(self.barred[initiative])] = np.inf
        for standing in self.chosen[initiative]:
            cost[standing] = np.inf
            cost += self.met[standing]
        for _ in range(self.wanted[initiative] - len(self.chosen[initiative])):
            best = int(cost.argmin())
            if cost[best] == np.inf:
                return
            cost[best] = np.inf
            cost += self.met[best]
            self._give(initiative, best)

    def augment(self, initiative: int) -> bool:
        """Fill one more place of the initiative by a chain of hand-overs, if there is any such chain.

        Breadth-first search for an augmenting path (Ford and Fulkerson 1956): a full assessor takes the
        initiative and hands another one over to a colleague, and so on to one who has room.
        """
        giver: dict[int, tuple[int, int]] = {}  # assessor -> (initiative taken, assessor it came from)
        queue: deque[tuple[int, int]] = deque([(initiative, -1)])
        asked = {initiative}
        while queue:
            offered, owner = queue.popleft()
            for assessor in self._open_to(offered):
                if assessor in giver:
                    continue
                giver[assessor] = (offered, owner)
                if self.full[assessor] == 0:
                    self._hand_over(assessor, giver)
                    return True
                for other in sorted(self.held[assessor] - asked):
                    asked.add(other)
                    queue.append((other, assessor))
        return False

    def even_out(self) -> None:
        """Move initiatives from the busiest to the least busy until no single move brings loads closer."""
        moved = True
        while moved:
            moved = False
            by_load = np.argsort(-self.load, kind="stable").tolist()
            for high, low in ((h, lo) for h in by_load for lo in reversed(by_load)):
                if self.load[high] - self.load[low] <= 1:
                    continue
                if self.full[low] == 0 and (initiative := self._movable(high, low)) is not None:
                    self._take(initiative, high)
                    self._give(initiative, low)
                    moved = True
                    break

    def _movable(self, high: int, low: int) -> int | None:
        """An initiative that `high` can leave to `low`, the one whose other assessors met `low` least."""
        free = [i for i in self.held[high] if low not in self.barred[i] and low not in self.chosen[i]]
        if not free:
            return None
        return min(free, key=lambda i: (self.met[low, [a for a in self.chosen[i] if a != high]].sum(), i))

    def _open_to(self, initiative: int) -> list[int]:
        """Who may still take the initiative, by load."""
        closed = self.barred[initiative].union(self.chosen[initiative])
        allowed = [a for a in range(self.assessors) if a not in closed and self.capacity[a] > 0]
        return sorted(allowed, key=lambda a: (self.load[a], a))

    def _hand_over(self, assessor: int, giver: dict[int, tuple[int, int]]) -> None:
        taker = assessor
        while taker >= 0:
            initiative, owner = giver[taker]
            if owner >= 0:
                self._take(initiative, owner)
            self._give(initiative, taker)
            taker = owner

    def _give(self, initiative: int, assessor: int) -> None:
        for colleague in self.chosen[initiative]:
            self.met[assessor, colleague] += PAIR_PENALTY
            self.met[colleague, assessor] += PAIR_PENALTY
        self.chosen[initiative].append(assessor)
        self.held[assessor].add(initiative)
        self.load[assessor] += 1
        if self.load[assessor] >= self.capacity[assessor]:
            self.full[assessor] = np.inf

    def _take(self, initiative: int, assessor: int) -> None:
        self.chosen[initiative].remove(assessor)
        self.held[assessor].discard(initiative)
        self.load[assessor] -= 1
        if self.load[assessor] < self.capacity[assessor]:
            self.full[assessor] = 0.0
        for colleague in self.chosen[initiative]:
            self.met[assessor, colleague] -= PAIR_PENALTY
            self.met[colleague, assessor] -= PAIR_PENALTY


def _wanted(given: int | Sequence[int], initiatives: int, assessors: int) -> list[int]:
    """How many assessors each initiative is to have."""
    if isinstance(given, Sequence | np.ndarray):
        wanted = [count(one, "per_initiative") for one in given]
        if len(wanted) != initiatives:
            raise ValueError(f"per_initiative must be one number or {initiatives}, one per initiative")
    else:
        wanted = [count(given, "per_initiative")] * initiatives
    if wanted and max(wanted) > assessors:
        raise ValueError(f"per_initiative is {max(wanted)}, but there are only {assessors} assessors")
    return wanted


def _capacity(given: int | Sequence[int] | None, assessors: int, most: int) -> IntArray:
    """The most initiatives each assessor takes; `most` stands for "no limit"."""
    if given is None:
        return np.full(assessors, most, dtype=np.int64)
    if isinstance(given, Sequence | np.ndarray):
        limits = [count(limit, "capacity") for limit in given]
        if len(limits) != assessors:
            raise ValueError(f"capacity must be one number or {assessors}, one per assessor")
        return np.array(limits, dtype=np.int64)
    return np.full(assessors, count(given, "capacity"), dtype=np.int64)
