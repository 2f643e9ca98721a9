"""What if weights, criteria, assessors, places or money were other. Pure: no Django.

`shares` turns what was typed into weights; `compare` puts the list before beside the one after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prioritisation.policies.schema import Policy
from prioritisation.rankings import DIGITS
from prioritisation.shares import whole_parts


class TooMuchError(ValueError):
    """The weights that were set come to more than a whole."""


def shares(keys: list[str], typed: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """Weights in hundredths, sum 100: what was changed holds, the others share the rest as they did before.

    `before` is what stood on the page when it was typed over. Where all were changed, all are scaled.
    Raises TooMuchError where the changed ones alone come to more than 100.
    """
    changed = [key for key in keys if round(typed[key] - before[key], 6)]
    others = [key for key in keys if key not in changed]
    taken = sum(typed[key] for key in changed)
    room = sum(before[key] for key in others)
    if not changed or room <= 0:
        total = sum(typed[key] for key in keys)
        return {key: 100 * typed[key] / total for key in keys} if total > 0 else dict(typed)
    if taken > 100 + 1e-9:
        raise TooMuchError
    return {key: typed[key] if key in changed else before[key] * (100 - taken) / room for key in keys}


def tenths(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights as a field shows them: to one decimal, and together 100, so that sending them back unchanged
    changes nothing."""
    parts = whole_parts(list(weights.values()), whole=1000)
    return {key: part / 10 for key, part in zip(weights, parts, strict=True)}


@dataclass(frozen=True)
class Moved:
    """One initiative before and after; `cost` is None where none is stated."""

    reference: str
    before: int | None
    after: int | None
    was_in: bool
    is_in: bool
    points_before: float | None
    points_after: float | None
    cost: float | None
    after_status: str

    @property
    def change(self) -> int | None:
        """Ranks gained; negative is lost."""
        return None if self.before is None or self.after is None else self.before - self.after


@dataclass(frozen=True)
class Outcome:
    """`enter` and `leave` in the order of the new and of the old list; `rows` in that of the new one.

    `cost` is what the initiatives above the line cost together, `cost_before` what they did,
    `without_cost` how many of the new ones state none.
    """

    rows: list[Moved]
    enter: list[Moved]
    leave: list[Moved]
    cost: float
    cost_before: float
    without_cost: int
    tied: int = 0
    """How many share the last rank above the line, more than `room` places are left for; 0: no tie there."""
    tied_rank: int | None = None
    room: int = 0

    @property
    def changed(self) -> bool:
        return any(one.before != one.after or one.was_in != one.is_in for one in self.rows)


def compare(before: Mapping[str, Any], after: Mapping[str, Any], inputs: Mapping[str, Any]) -> Outcome:
    """Two outputs of `rankings` for the same inputs. Who ties across the line counts as above it."""
    costs = {one["reference"]: one["figures"].get("cost_total") for one in inputs["initiatives"]}
    old = {row["reference"]: row for row in before["rows"]}
    rows = [_moved(old[row["reference"]], row, costs.get(row["reference"])) for row in after["rows"]]
    chosen = [one for one in rows if one.is_in]
    left = [one for one in rows if one.was_in and not one.is_in]
    tied = [one for one in rows if one.after_status == "tie"]
    return Outcome(
        rows=rows,
        enter=[one for one in chosen if not one.was_in],
        leave=sorted(left, key=lambda one: (one.before or 0, one.reference)),
        cost=sum(one.cost or 0.0 for one in chosen),
        cost_before=sum(one.cost or 0.0 for one in rows if one.was_in),
        without_cost=sum(one.cost is None for one in chosen),
        tied=len(tied),
        tied_rank=tied[0].after if tied else None,
        room=(after["places"] or 0) - (len(chosen) - len(tied)) if tied else 0,
    )


_IN = ("in", "tie")


def _moved(old: Mapping[str, Any], new: Mapping[str, Any], cost: float | None) -> Moved:
    return Moved(
        reference=new["reference"],
        before=old["rank"],
        after=new["rank"],
        was_in=old["status"] in _IN,
        is_in=new["status"] in _IN,
        points_before=None if old["utility"] is None else 100 * old["utility"],
        points_after=None if new["utility"] is None else 100 * new["utility"],
        cost=cost,
        after_status=new["status"],
    )


def changes(
    policy: Policy,
    stated: Mapping[str, float],
    weights: Mapping[str, float],
    *,
    dropped_criteria: list[str],
    dropped_assessors: list[str],
    places: int | None,
    places_now: int | None,
) -> dict[str, Any]:
    """What `rankings.preview` takes: only what differs from the list as it stands.

    `stated` and `weights` are hundredths. Weights are rounded, so that one address is one list.
    """
    found: dict[str, Any] = {}
    if any(round(weights[key] - stated[key], 6) for key in stated):
        found["weights"] = {key: round(weights[key] / 100, DIGITS) for key in stated}
    if dropped_criteria:
        known = [one.key for one in policy.scored_criteria()]
        found["dropped_criteria"] = [key for key in known if key in dropped_criteria]
    if dropped_assessors:
        found["dropped_assessors"] = sorted(dropped_assessors)
    if places is not None and places != places_now:
        found["places"] = places
    return found
