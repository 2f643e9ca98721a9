"""What residents' approval votes would buy: by number of votes, and in equal shares (METHOD 5.13).

**By votes** (`greedy`): the project with the most votes first, at equal votes the cheaper one, then the one
with the lower number; each is taken if the money left pays for it, else passed over. A project without a
vote is never taken.

**Equal shares** (`equal_shares`), in full, so that anyone can follow it by hand:

1. Every ballot, empty ones too, gets budget / number of ballots.
2. A project can be bought if the voters who approve it still hold its cost together. They pay alike; who has
   less than the others pay gives all there is. The price of a project is the most any voter pays for it, per
   unit of utility: per unit of cost ("cost"), or as it is ("cardinality").
3. Buy the project of lowest price; at equal prices the cheaper one, then the one with the lower number.
4. Repeat 2 and 3 until nothing can be bought.

**Completion** (`complete`): money often is left over. Projects dearer than the whole budget are put aside.
Then every ballot gets one unit more, and the list is made anew, until a list costs more than the budget or
nothing is left to buy; the last list that the budget pays for stands. What is left is spent by votes, as
above.

Peters, Pierczynski and Skowron 2021, "Proportional Participatory Budgeting with Additive Utilities"; Peters
and Skowron 2020.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

import numpy as np

from .inputs import FloatArray, IntArray, count

Utility = Literal["cost", "cardinality"]
Money = int | float | Decimal | Fraction
Ballots = Sequence[Collection[int]] | Mapping[frozenset[int], int]
Groups = list[tuple[tuple[int, ...], int]]

MOST_EXACT = 5_000  # voters up to which money is counted exactly
_TOLERANCE = 1e-9  # relative, for more voters, whose money is counted in floats


class EqualShares(NamedTuple):
    """selected: project indexes in the order they were bought; leftover: budget less their cost, an int
    where it is whole and a float otherwise."""

    selected: list[int]
    leftover: int | float


class Completed(NamedTuple):
    """Equal shares with the money that was left over.

    selected    project indexes: first those of equal shares, in the order bought, then those by votes
    equal       how many of them equal shares brought
    raised      units added to every ballot's share for the list that stands
    leftover    budget less their cost, an int where it is whole and a float otherwise
    too_dear    projects that cost more than the whole budget, which took no part
    """

    selected: list[int]
    equal: int
    raised: int
    leftover: int | float
    too_dear: list[int]


def greedy(costs: Sequence[Money], ballots: Ballots, budget: Money) -> EqualShares:
    """The projects that the number of votes alone would buy; see the rule above.

    Arguments and errors as in `equal_shares`. Returns the same fields: selected in the order taken, leftover.
    """
    prices = [_money(cost, "costs") for cost in costs]
    total = _money(budget, "budget")
    return _result(*_by_votes(prices, votes(len(prices), ballots), total, range(len(prices))))


def votes(projects: int, ballots: Ballots) -> list[int]:
    """How many ballots approve each of `projects` projects. ValueError for unknown projects on a ballot."""
    return _votes(projects, _groups(ballots, projects))


def equal_shares(
    costs: Sequence[Money],
    ballots: Ballots,
    budget: Money,
    utility: Utility = "cost",
) -> EqualShares:
    """The projects that the method of equal shares buys, without completion.

    `costs` per project and `budget` in one currency, as whole numbers, decimals, fractions or floats (read
    as the decimals they print as); `ballots` are the sets of project indexes each voter approves, or a
    mapping from such a frozenset to the number of voters who share it. Up to 5,000 ballots all sums are
    exact; above, floats with prices within 1e-9 taken as equal. A project that costs nothing is bought if
    anyone approves it; one that nobody approves never is. Without ballots nothing is bought. The order of
    ballots does not matter.

    ValueError for negative, missing or infinite money, unknown projects on a ballot, or an unknown utility.
    """
    prices, groups, total = _election(costs, ballots, budget, utility)
    share = _share(groups, total)
    selected = _buy(prices, _purse(prices, groups, share), by_cost=utility == "cost")
    return _result(selected, total - _sum(prices, selected))


def complete(
    costs: Sequence[Money],
    ballots: Ballots,
    budget: Money,
    utility: Utility = "cost",
    unit: Money = 1,
) -> Completed:
    """Equal shares, and the money left over spent by the completion rule above.

    `unit` is the amount added to every ballot's share at each step. One step costs as much as one
    `equal_shares`, and there may be as many as the dearest project costs in units. Other arguments and
    errors as in `equal_shares`; ValueError too when `unit` is 0.
    """
    prices, groups, total = _election(costs, ballots, budget, utility)
    step = _money(unit, "unit")
    if not step:
        raise ValueError("unit must be above 0")
    too_dear = [project for project, cost in enumerate(prices) if cost > total]
    takes_part = set(range(len(prices))).difference(too_dear)
    supported = takes_part & {project for ballot, _ in groups for project in ballot}
    share, raised, bought = _share(groups, total), 0, list[int]()
    by_cost = utility == "cost"
    # a step adds at least one unit for each ballot: once shares pay for all, all is bought
    while groups:
        tried = _buy(prices, _purse(prices, groups, share, supported), by_cost=by_cost)
        if _sum(prices, tried) > total:
            raised = max(raised - 1, 0)
            break
        bought = tried
        if len(bought) == len(supported):
            break
        share, raised = share + step, raised + 1
    left = total - _sum(prices, bought)
    more, left = _by_votes(prices, _votes(len(prices), groups), left, takes_part.difference(bought))
    result = _result([*bought, *more], left)
    return Completed(result.selected, len(bought), raised, result.leftover, too_dear)


def _votes(projects: int, groups: Groups) -> list[int]:
    found = [0] * projects
    for ballot, voters in groups:
        for project in ballot:
            found[project] += voters
    return found


def _by_votes(
    prices: list[Fraction], counted: list[int], left: Fraction, among: Iterable[int]
) -> tuple[list[int], Fraction]:
    selected = []
    for project in sorted(among, key=lambda one: (-counted[one], prices[one], one)):
        if counted[project] and prices[project] <= left:
            selected.append(project)
            left -= prices[project]
    return selected, left


class _ExactPurse:
    """The money each group of like voters still holds, per voter.

    In whole numbers over one denominator, which grows as money is divided: far faster than fractions.
    """

    exact = True

    def __init__(self, prices: list[Fraction], groups: Groups, share: Fraction, among: set[int]) -> None:
        self.scale = math.lcm(share.denominator, *(cost.denominator for cost in prices))
        self.prices = prices
        self.size = [voters for _, voters in groups]
        self.held = [int(share * self.scale)] * len(groups)
        self.supporters = _supporters(len(prices), groups, among)

    def payment(self, project: int) -> Fraction | None:
        """The most a voter pays if the supporters buy the project together; None if they cannot.

        Everybody pays alike at first; who cannot gives all, and the rest pay alike what is still due.
        """
        size, held = self.size, self.held
        groups = self.supporters[project]
        due = int(self.prices[project] * self.scale)
        voters = sum([size[group] for group in groups])
        while voters:
            poor = [group for group in groups if held[group] * voters < due]
            if not poor:
                return Fraction(due, voters * self.scale)
            due -= sum([held[group] * size[group] for group in poor])
            voters -= sum([size[group] for group in poor])
            gone = set(poor)
            groups = [group for group in groups if group not in gone]
        return None

    def pay(self, project: int, most: Fraction | float) -> None:
        assert isinstance(most, Fraction)
        scale = math.lcm(self.scale, most.denominator)
        if scale != self.scale:
            factor, self.scale = scale // self.scale, scale
            self.held = [held * factor for held in self.held]
        each = int(most * scale)
        for group in self.supporters[project]:
            self.held[group] = max(self.held[group] - each, 0)


class _FloatPurse:
    """The same with arrays of floats, for many voters."""

    exact = False

    def __init__(self, prices: list[Fraction], groups: Groups, share: Fraction, among: set[int]) -> None:
        self.prices = [float(cost) for cost in prices]
        self.size: FloatArray = np.array([voters for _, voters in groups], dtype=np.float64)
        self.held: FloatArray = np.full(len(groups), float(share))
        found = _supporters(len(prices), groups, among)
        self.supporters: list[IntArray] = [np.array(one, dtype=np.int64) for one in found]

    def payment(self, project: int) -> float | None:
        groups = self.supporters[project]
        held, size = self.held[groups], self.size[groups]
        cost = due = self.prices[project]
        richest = float(held.max(initial=0.0))
        while held.size:
            each = due / float(size.sum())
            poor = held < each
            if not poor.any():
                return each
            due -= float((held[poor] * size[poor]).sum())
            held, size = held[~poor], size[~poor]
        # the last cent may be lost to rounding
        return richest if groups.size and due <= _TOLERANCE * cost else None

    def pay(self, project: int, most: Fraction | float) -> None:
        groups = self.supporters[project]
        self.held[groups] = np.maximum(self.held[groups] - float(most), 0.0)


_Purse = _ExactPurse | _FloatPurse


def _purse(prices: list[Fraction], groups: Groups, share: Fraction, among: set[int] | None = None) -> _Purse:
    exact = sum(voters for _, voters in groups) <= MOST_EXACT
    kind = _ExactPurse if exact else _FloatPurse
    return kind(prices, groups, share, set(range(len(prices))) if among is None else among)


def _supporters(projects: int, groups: Groups, among: set[int]) -> list[list[int]]:
    """For each project the groups whose ballot approves it; nobody for projects that take no part."""
    found: list[list[int]] = [[] for _ in range(projects)]
    for group, (ballot, _) in enumerate(groups):
        for project in ballot:
            if project in among:
                found[project].append(group)
    return found


def _buy(prices: list[Fraction], purse: _Purse, *, by_cost: bool) -> list[int]:
    """Buy by lowest price. Money only shrinks, so a price only rises: an old one is a lower bound, and only
    projects whose old price is at most the best new one need to be asked again."""
    queue: list[tuple[Fraction | float, Fraction, int]] = [
        (0, cost, project) for project, cost in enumerate(prices) if len(purse.supporters[project])
    ]
    heapq.heapify(queue)
    selected: list[int] = []
    while queue:
        best: tuple[Fraction | float, Fraction, int] | None = None
        best_payment: Fraction | float = 0
        asked: list[tuple[Fraction | float, Fraction, int]] = []
        while queue and (best is None or queue[0][0] <= _limit(best[0], purse.exact)):
            _, cost, project = heapq.heappop(queue)
            payment = purse.payment(project)
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


def _election(
    costs: Sequence[Money], ballots: Ballots, budget: Money, utility: Utility
) -> tuple[list[Fraction], Groups, Fraction]:
    if utility not in get_args(Utility):
        raise ValueError(f"utility must be one of {', '.join(get_args(Utility))}")
    prices = [_money(cost, "costs") for cost in costs]
    return prices, _groups(ballots, len(prices)), _money(budget, "budget")


def _groups(ballots: Ballots, projects: int) -> Groups:
    """How many voters share each ballot: they pay alike for ever, so they can be counted as one.

    In the order of their projects, so that float sums are the same whatever the order of ballots.
    """
    if isinstance(ballots, Mapping):
        shared = {ballot: count(voters, "voters of a ballot", least=1) for ballot, voters in ballots.items()}
    else:
        shared = dict(Counter(frozenset(ballot) for ballot in ballots))
    for ballot in shared:
        for project in ballot:
            if not 0 <= count(project, "projects on ballots") < projects:
                raise ValueError(f"ballots must name projects from 0 to {projects - 1}, not {project}")
    return sorted((tuple(sorted(ballot)), voters) for ballot, voters in shared.items())


def _share(groups: Groups, total: Fraction) -> Fraction:
    voters = sum(voters for _, voters in groups)
    return total / voters if voters else Fraction(0)


def _sum(prices: list[Fraction], selected: list[int]) -> Fraction:
    return sum((prices[project] for project in selected), Fraction(0))


def _result(selected: list[int], left: Fraction) -> EqualShares:
    return EqualShares(selected, int(left) if left.denominator == 1 else float(left))


def _money(given: Money, name: str) -> Fraction:
    try:
        # as it prints: 0.1 is a tenth, not its binary neighbour, in double and in single precision
        money = Fraction(str(given)) if isinstance(given, float | np.floating) else Fraction(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be numbers") from error
    if money < 0:
        raise ValueError(f"{name} must not be negative")
    return money
