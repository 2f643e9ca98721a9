"""Equal shares against the rule written down as a plain loop: the same list, and how much faster.

    python -m benchmarks.voting [--voters 10000] [--projects 100]

Invented ballots of a fixed seed, every one different or nearly so: 1 to 10 approvals each, costs in whole
thousands, money for a third of what all would cost. Above 5,000 voters both count in floats.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

from prioritisation.scoring import voting

Election = tuple[list[int], list[set[int]], int]


def election(voters: int, projects: int, seed: int = 1) -> Election:
    draw = random.Random(seed)
    costs = [1_000 * draw.randint(5, 200) for _ in range(projects)]
    liked = [draw.random() ** 2 + 0.02 for _ in range(projects)]
    ballots = [set(draw.choices(range(projects), liked, k=draw.randint(1, 10))) for _ in range(voters)]
    return costs, ballots, sum(costs) // 3


def plain_loop(costs: list[int], ballots: list[set[int]], budget: int) -> list[int]:
    """Cost utilities, voter by voter: each round looks at every project and sorts all its supporters."""
    money = [budget / len(ballots)] * len(ballots)
    supporters: list[list[int]] = [[] for _ in costs]
    for voter, ballot in enumerate(ballots):
        for project in ballot:
            supporters[project].append(voter)
    selected: list[int] = []
    while True:
        best: tuple[float, int, int, float] | None = None
        for project, cost in enumerate(costs):
            if project in selected:
                continue
            most = _payment(cost, sorted(money[voter] for voter in supporters[project]))
            if most is not None:
                offer = (round(most / cost, 12), cost, project, most)
                best = offer if best is None else min(best, offer)
        if best is None:
            return selected
        selected.append(best[2])
        for voter in supporters[best[2]]:
            money[voter] -= min(money[voter], best[3])


def _payment(cost: float, held: list[float]) -> float | None:
    due = cost
    for place, money in enumerate(held):
        each = due / (len(held) - place)
        if each <= money:
            return each
        due -= money
    return None


def timed(run: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    begin = time.perf_counter()
    found = run(*given)
    return time.perf_counter() - begin, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--voters", type=int, default=10_000)
    parser.add_argument("--projects", type=int, default=100)
    given = parser.parse_args()
    for voters in (given.voters, voting.MOST_EXACT):
        costs, ballots, budget = election(voters, given.projects)
        ours, found = timed(voting.equal_shares, costs, ballots, budget)
        theirs, plain = timed(plain_loop, costs, ballots, budget)
        same = found.selected == plain
        kind = "exact" if voters <= voting.MOST_EXACT else "floats"
        print(f"{voters:>6} voters x {given.projects} projects: {len(plain)} bought, the same list: {same}")
        print(f"  equal shares ({kind}) {ours:.2f} s, plain loop {theirs:.2f} s, {theirs / ours:.1f} times")
        done, whole = timed(voting.complete, costs, ballots, budget)
        print(f"  with completion {done:.2f} s: {whole.raised} units added, {len(whole.selected)} in all")


if __name__ == "__main__":
    main()
