"""From counted ballots, costs and a budget to what they would buy: by votes, and in equal shares.

`inputs` is JSON: `{"format": 1, "file": sha256, "budget": "500000", "unit": "10", "projects":
[{"reference", "cost"}], "ballots": [{"approved": [reference], "voters": 3}]}`; amounts are decimal text.
Equal inputs give equal outputs, on any database and any day.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from prioritisation.ballots.reading import Sheet
from prioritisation.scoring import voting

_STEPS = 100  # a unit is at most this part of a voter's share


def inputs_of(sheet: Sheet, budget: Decimal, file: str) -> dict[str, Any]:
    """Inputs for `count`, in one order whatever the order of the file."""
    return {
        "format": 1,
        "file": file,
        "budget": format(budget, "f"),
        "unit": format(_unit(budget, sheet.voters), "f"),
        "projects": [{"reference": reference, "cost": cost} for reference, cost in sheet.costs.items()],
        "ballots": [
            {"approved": approved, "voters": voters}
            for approved, voters in sorted((sorted(one), count) for one, count in sheet.ballots.items())
        ],
    }


def _unit(budget: Decimal, voters: int) -> Decimal:
    """One, or the largest power of ten that is at most a hundredth of a voter's share."""
    unit = Decimal(1)
    while voters and unit * 10 * _STEPS <= budget / voters:
        unit *= 10
    return unit


def count(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`{"voters", "share", "rows", "greedy", "equal"}`; rows by number of votes, then cost, then number.

    A row: reference, cost, votes, greedy and equal (place in the order bought, or null), by ("equal" where
    equal shares themselves bought it, "votes" where the completion did, else null). `greedy` and `equal`
    give count, spent, left and `served`: the number of ballots with at least one approved project bought;
    `equal` also raised (units), before (the references before completion) and too_dear.
    """
    references = [one["reference"] for one in inputs["projects"]]
    costs = [Decimal(one["cost"]) for one in inputs["projects"]]
    budget, unit = Decimal(inputs["budget"]), Decimal(inputs["unit"])
    number = {reference: index for index, reference in enumerate(references)}
    ballots = {
        frozenset(number[reference] for reference in one["approved"]): one["voters"]
        for one in inputs["ballots"]
    }
    votes = voting.votes(len(costs), ballots)
    by_votes = voting.greedy(costs, ballots, budget)
    plain = voting.equal_shares(costs, ballots, budget)
    whole = voting.complete(costs, ballots, budget, unit=unit)
    order = sorted(range(len(costs)), key=lambda index: (-votes[index], costs[index], index))
    voters = sum(ballots.values())

    def totals(selected: list[int]) -> dict[str, Any]:
        spent = sum((costs[index] for index in selected), Decimal(0))
        chosen = frozenset(selected)
        served = sum(count for ballot, count in ballots.items() if ballot & chosen)
        return {
            "count": len(selected),
            "spent": format(spent, "f"),
            "left": format(budget - spent, "f"),
            "served": served,
        }

    return {
        "voters": voters,
        "share": format(round(budget / voters, 2), "f") if voters else None,
        "rows": [
            {
                "reference": references[index],
                "cost": format(costs[index], "f"),
                "votes": votes[index],
                "greedy": _place(by_votes.selected, index),
                "equal": _place(whole.selected, index),
                "by": _by(whole, index),
            }
            for index in order
        ],
        "greedy": totals(by_votes.selected),
        "equal": {
            **totals(whole.selected),
            "raised": whole.raised,
            "before": [references[index] for index in plain.selected],
            "too_dear": [references[index] for index in whole.too_dear],
        },
    }


def _place(selected: list[int], index: int) -> int | None:
    return selected.index(index) + 1 if index in selected else None


def _by(whole: voting.Completed, index: int) -> str | None:
    place = _place(whole.selected, index)
    return None if place is None else "equal" if place <= whole.equal else "votes"
