"""Equal shares: what residents' votes buy if every voter holds the same part of the budget (METHOD 5.13).

The rule in full, so that anyone can follow it by hand:

1. Every ballot, empty ones too, gets budget / number of ballots.
2. A project can be bought if the voters who approve it still hold its cost together. They pay alike; who has
   less than the others pay gives all there is. The price of a project is the most any voter pays for it, per
   unit of utility: per unit of cost ("cost"), or as it is ("cardinality").
3. Buy the project of lowest price; at equal prices the cheaper one, then the one with the lower number.
4. Repeat 2 and 3 until nothing can be bought.

Money often is left over; completing the list is for the caller. Peters, Pierczynski and Skowron 2021,
"Proportional Participatory Budgeting with Additive Utilities"; Peters and Skowron 2020.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

Utility = Literal["cost", "cardinality"]
Money = int | float | Decimal | Fraction

MOST_EXACT = 5_000  # voters up to which money is counted in exact fractions
_TOLERANCE = 1e-9  # relative, for more voters, whose money is counted in floats


class EqualShares(NamedTuple):
    """selected: project indexes in the order they were bought; leftover: budget less their cost, an int
    where it is whole and a float otherwise."""

    selected: list[int]
    leftover: int | float


def equal_shares(
    costs: Sequence[Money],
    ballots: Sequence[Collection[int]],
    budget: Money,
    utility: Utility = "cost",
) -> EqualShares:
    """The projects that the method of equal shares buys, without completion.

    `costs` per project and `budget` in one currency, as whole numbers, decimals, fractions or floats (read
    as the decimals they print as); `ballots` are the sets of project indexes each voter approves. Up to
    5,000 ballots all sums are exact fractions; above, floats with prices within 1e-9 taken as equal. A
    project that costs nothing is bought if anyone approves it; one that nobody approves never is. Without
    ballots nothing is bought.

    ValueError for negative, missing or infinite money, unknown projects on a ballot, or an unknown utility.
    """
    if utility not in get_args(Utility):
        raise ValueError(f"utility must be one of {', '.join(get_args(Utility))}")
    prices = [_money(cost, "costs") for cost in costs]
    total = _money(budget, "budget")
    groups = _groups(ballots, len(prices))
    exact = len(ballots) <= MOST_EXACT
    share = total / len(ballots) if ballots else Fraction(0)
    purse = _Purse(groups, share if exact else float(share), exact=exact)
    selected = _buy(prices, purse, by_cost=utility == "cost")
    leftover = total - sum((prices[project] for project in selected), Fraction(0))
    return EqualShares(selected, int(leftover) if leftover.denominator == 1 else float(leftover))


class _Purse:
    """The money each group of like voters still holds, per voter."""

    def __init__(self, groups: Counter[frozenset[int]], share: Fraction | float, *, exact: bool) -> None:
        self.exact = exact
        self.size = list(groups.values())
        self.held: list[Fraction | float] = [share] * len(self.size)
        self.supporters: dict[int, list[int]] = {}
        for group, ballot in enumerate(groups):
            for project in ballot:
                self.supporters.setdefault(project, []).append(group)

    def payment(self, project: int, cost: Fraction) -> Fraction | float | None:
        """The most a voter pays if the supporters buy the project together; None if they cannot."""
        due: Fraction | float = cost if self.exact else float(cost)
        groups = sorted(self.supporters.get(project, ()), key=self.held.__getitem__)
        voters = sum(self.size[group] for group in groups)
        if not voters:
            return None
        for group in groups:
            each = due / voters
            if each <= self.held[group]:
                return each
            due -= self.held[group] * self.size[group]
            voters -= self.size[group]
        # floats only: the last cent may be lost to rounding
        if not self.exact and due <= _TOLERANCE * float(cost):
            return self.held[groups[-1]]
        return None

    def pay(self, project: int, most: Fraction | float) -> None:
        for group in self.supporters[project]:
            self.held[group] -= min(most, self.held[group])


def _buy(prices: list[Fraction], purse: _Purse, *, by_cost: bool) -> list[int]:
    """Buy by lowest price. Money only shrinks, so a price only rises: an old one is a lower bound, and only
    projects whose old price is at most the best new one need to be asked again."""
    queue: list[tuple[Fraction | float, Fraction, int]] = [(0, cost, p) for p, cost in enumerate(prices)]
    heapq.heapify(queue)
    selected: list[int] = []
    while queue:
        best: tuple[Fraction | float, Fraction, int] | None = None
        best_payment: Fraction | float = 0
        asked: list[tuple[Fraction | float, Fraction, int]] = []
        while queue and (best is None or queue[0][0] <= _limit(best[0], purse.exact)):
            _, cost, project = heapq.heappop(queue)
            payment = purse.payment(project, cost)
            if payment is None:
                continue  # cannot be bought now, so never again
            price = payment / (cost if purse.exact else float(cost)) if by_cost and cost else payment
            entry = (price, cost, project)
            asked.append(entry)
            if best is None or _precedes(entry, best, purse.exact):
                best, best_payment = entry, payment
        if best is None:
            break
        purse.pay(best[2], best_payment)
        selected.append(best[2])
        for entry in asked:
            if entry[2] != best[2]:
                heapq.heappush(queue, entry)
    return selected


def _limit(price: Fraction | float, exact: bool) -> Fraction | float:
    return price if exact else price * (1 + _TOLERANCE)


def _precedes(
    one: tuple[Fraction | float, Fraction, int], other: tuple[Fraction | float, Fraction, int], exact: bool
) -> bool:
    """Lower price; at equal prices cheaper, then lower number."""
    equal = one[0] == other[0] if exact else math.isclose(one[0], other[0], rel_tol=_TOLERANCE)
    return one[1:] < other[1:] if equal else one[0] < other[0]


def _groups(ballots: Sequence[Collection[int]], projects: int) -> Counter[frozenset[int]]:
    """How many voters share each ballot: they pay alike for ever, so they can be counted as one."""
    groups = Counter(frozenset(ballot) for ballot in ballots)
    for ballot in groups:
        for project in ballot:
            if not 0 <= project < projects:
                raise ValueError(f"ballots must name projects from 0 to {projects - 1}, not {project}")
    return groups


def _money(given: Money, name: str) -> Fraction:
    try:
        # repr of the plain float: 0.1 is a tenth, not its binary neighbour
        money = Fraction(repr(float(given))) if isinstance(given, float) else Fraction(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be numbers") from error
    if money < 0:
        raise ValueError(f"{name} must not be negative")
    return money
