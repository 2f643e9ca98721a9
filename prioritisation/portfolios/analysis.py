"""What takes many searches: the price of each initiative, other weights, and selections nearly as good."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from prioritisation.portfolios.choosing import Choice, choose, program
from prioritisation.portfolios.model import UNIT, FloatArray, Model
from prioritisation.scoring import portfolio, robustness
from prioritisation.scoring.flips import flip_bounds

DRAWS = 200
TOLERANCE = 0.2
CORE, EXTERIOR = 0.9, 0.1
"""As in a ranking: one word is one meaning."""
NEAR = 0.01
SOME = 3
Tell = Callable[[int], object]


def bounds_of_prices(model: Model, best: Choice) -> list[int | None]:
    """At once: what turning each initiative round costs at least, in ten-thousandths; None where unknown."""
    if best.value is None:
        return [None] * len(model.references)
    task = program(model.rows, len(model.references))
    found = flip_bounds(
        model.values, *task, locked_in=model.locked_in, locked_out=model.locked_out, time_limit=5.0
    )
    chosen = set(best.selected)
    other = [found.left_out[i] if i in chosen else found.selected[i] for i in range(len(model.references))]
    return [None if math.isnan(one) else max(0, math.ceil(best.value - one - 1e-6)) for one in other]


def price(model: Model, best: Choice, index: int, *, seconds: float = 5.0) -> dict[str, Any]:
    """z* - z*(this initiative turned round): {"price": ten-thousandths or None, "status"}.

    Of one that is chosen what leaving it out loses, of another what putting it in loses. "infeasible": the
    rules leave no selection in which it is turned round; locked ones are "locked".
    """
    if best.value is None:
        return {"price": None, "status": "infeasible"}
    if index in model.locked_in or index in model.locked_out:
        return {"price": None, "status": "locked"}
    turned = {"locked_out": (index,)} if index in best.selected else {"locked_in": (index,)}
    found = choose(model, seconds=seconds, unique=False, **turned)  # type: ignore[arg-type]
    if found.status == "infeasible" or found.value is None:
        return {"price": None, "status": found.status}
    bound = found.bound if found.bound is not None else found.value
    worth = found.value if found.status == "optimal" else bound
    return {"price": best.value - worth, "status": found.status}


def prices(
    model: Model, best: Choice, *, tell: Tell = lambda _n: None, seconds: float = 60.0
) -> dict[str, dict[str, Any]]:
    """`price` of each initiative by reference, in at most `seconds`; those not reached are left out."""
    deadline, found = time.monotonic() + seconds, {}
    for index, reference in enumerate(model.references):
        if time.monotonic() > deadline:
            break
        found[reference] = price(model, best, index)
        tell(index + 1)
    return found


def inclusion(
    model: Model, inputs: Mapping[str, Any], *, draws: int = DRAWS, tell: Tell = lambda _n: None
) -> dict[str, Any]:
    """In how many of `draws` weightings each initiative is in the best selection.

    {"draws", "proved", "tolerance", "share": {reference: 0..1}, "group": {reference: core | borderline |
    exterior}}. Weights of the benefit criteria move by up to a fifth, or mix those of the stakeholder groups.
    """
    counts, proved = np.zeros(len(model.references)), 0
    for number, worth in enumerate(other_values(inputs, draws)):
        # made unique: which of two equal selections is counted must not hang on the solver's way
        found = choose(model, values=worth, seconds=5.0)
        if found.value is not None:
            counts[list(found.selected)] += 1
            proved += found.status == "optimal"
        tell(number + 1)
    shares = {ref: round(float(counts[i]) / draws, 4) for i, ref in enumerate(model.references)}
    return {
        "draws": draws,
        "proved": proved,
        "tolerance": None if inputs.get("groups") else TOLERANCE,
        "share": shares,
        "group": {reference: group(share) for reference, share in shares.items()},
    }


def other_values(inputs: Mapping[str, Any], draws: int) -> FloatArray:
    """(draws, n) benefit in whole ten-thousandths under each weighting."""
    keys = list(inputs["weights"])
    table = np.array(
        [
            [math.nan if one["benefit"].get(key) is None else one["benefit"][key] for key in keys]
            for one in inputs["initiatives"]
        ],
        dtype=np.float64,
    ).reshape(len(inputs["initiatives"]), len(keys))
    weights = _weightings(inputs, keys, draws)
    total = weights @ ~np.isnan(table).T
    return np.round(UNIT * (weights @ np.nan_to_num(table).T) / np.where(total > 0, total, 1.0))


def group(share: float) -> str:
    return "core" if share >= CORE else "exterior" if share <= EXTERIOR else "borderline"


def _weightings(inputs: Mapping[str, Any], keys: list[str], draws: int) -> FloatArray:
    stated = [inputs["weights"][key] for key in keys]
    groups = inputs.get("groups")
    seed = int(inputs.get("seed") or 0)
    if groups:
        return robustness.sample_weights(stated, draws, kind="groups", groups=groups, seed=seed)
    return robustness.sample_weights(stated, draws, tolerance=TOLERANCE, seed=seed)


def alternatives(
    model: Model, best: Choice, *, some: int = SOME, seconds: float = 5.0
) -> list[dict[str, Any]]:
    """Up to `some` selections within one percent of the best that differ most from it and from one another.

    Each is {"selected", "value", "differs", "proved"}: `differs` counts initiatives that are in one of the
    two selections; `proved`: none within one percent differs more from the best (and as much as asked, at
    least half as much as the first, from those before).
    """
    if best.value is None or best.value <= 0:
        return []
    n = len(model.references)
    task = program(model.rows, n)
    largest = max(1.0, float(model.values.max()))
    rows, lower, upper = [model.values / largest], [math.ceil((1 - NEAR) * best.value) / largest], [math.inf]
    found: list[dict[str, Any]] = []
    away, base = _distance(n, best.selected)
    for _turn in range(some):
        answer = portfolio.solve(
            away,
            np.vstack([task.rows, *rows]),
            np.append(task.lower, lower),
            np.append(task.upper, upper),
            seconds,
            locked_in=model.locked_in,
            locked_out=model.locked_out,
        )
        if not answer.selected or answer.objective + base < 1 - 1e-6:
            break
        places = answer.selected
        found.append(
            {
                "selected": [model.references[index] for index in places],
                "value": round(math.fsum(model.values[places].tolist())),
                "differs": round(answer.objective + base),
                "proved": answer.status == "optimal",
            }
        )
        cut, offset = _distance(n, places)
        rows.append(cut)
        lower.append(max(1.0, math.ceil(found[0]["differs"] / 2)) - offset)
        upper.append(math.inf)
    return found


def _distance(n: int, selected: Any) -> tuple[FloatArray, int]:
    """(weights, offset): weights @ x + offset counts the initiatives in which x differs from `selected`."""
    away = np.ones(n)
    away[list(selected)] = -1.0
    return away, len(selected)


def binding(model: Model, best: Choice, *, seconds: float = 30.0) -> dict[str, int]:
    """What each soft rule costs: ten-thousandths that the best gains without it, by key; only those above 0.

    A rule whose search is not proved in time, or that time does not reach, is left out.
    """
    deadline, found = time.monotonic() + seconds, {}
    for row in model.rows if best.value is not None else ():
        if not row.soft or time.monotonic() > deadline:
            continue
        without = replace(model, rows=tuple(one for one in model.rows if one is not row))
        freed = choose(without, seconds=2.0, unique=False)
        if freed.status == "optimal" and freed.value is not None and freed.value > (best.value or 0):
            found[row.key] = freed.value - (best.value or 0)
    return found
