"""Inputs of portfolios, made up: what tests and benchmarks start from."""

import random
from collections.abc import Mapping
from typing import Any

BANDS = {"short": (0, 11), "medium": (12, 36), "long": (37, 120)}
THEMES = [
    {"key": key, "kind": "focus_area", "label": {"en": key}}
    for key in ("move", "live", "work", "learn", "open", "green")
]
MONTREAL = {
    "key": "time_frames",
    "rule": "band_shares",
    "label": {"en": "Balance of time frames"},
    "shares": {"short": 26 / 70, "medium": 38 / 70, "long": 6 / 70},
    "tolerance": 0.05,
}


def rules(**changes: Any) -> dict[str, Any]:
    """Rules that ask nothing, but for `changes`."""
    nothing: dict[str, Any] = {
        "count": None,
        "budget": True,
        "capacity": True,
        "policy_mix": [],
        "themes": {},
        "quick_wins": None,
        "bands": None,
        "risk": None,
        "districts": {},
        "deprived": None,
        "locks": [],
        "without_cost": [],
    }
    return {**nothing, **changes}


def exactly(number: int) -> dict[str, Any]:
    return {"number": number, "exact": True}


def at_most(number: int) -> dict[str, Any]:
    return {"number": number, "exact": False}


def initiative(number: int, **values: Any) -> dict[str, Any]:
    """One initiative, worth half, at 1,000.00 of capital without a year."""
    plain: dict[str, Any] = {
        "reference": f"I-{number:05d}",
        "benefit": {"good": 0.5},
        "costs": [["capital", None, 100_000]],
        "months": 12,
        "band": "medium",
        "themes": [],
        "districts": [],
        "quintile": None,
        "owner": "works",
        "effort": 2,
        "risk": 1,
        "quick_win": False,
        "kind": "project",
        "means": {},
    }
    return {**plain, **values}


def line(amount: int, **values: Any) -> dict[str, Any]:
    """A budget line of `amount` whole units."""
    plain: dict[str, Any] = {"key": "1", "kind": "capital", "year": None, "reserve": 0, "label": {}}
    return {**plain, **values, "amount": amount * 100}


def inputs(initiatives: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "format": 1,
        "policy": "0" * 64,
        "ranking": None,
        "seed": 7,
        "mix": [MONTREAL],
        "themes": THEMES,
        "weights": {"good": 1.0},
        "groups": None,
        "budget": [],
        "capacities": [],
        "relations": [],
        "rules": rules(),
    }
    return {**plain, **changes, "initiatives": initiatives}


def city(n: int, seed: int = 1, **changes: Mapping[str, Any]) -> dict[str, Any]:
    """A city of `n` initiatives with costs of three years, themes, time frames, departments and relations;
    rules as a city would set them: a third of them, budgets for a third, minima per theme, Montréal’s mix.
    """
    draw = random.Random(seed)
    rows = []
    for number in range(n):
        band = draw.choices(list(BANDS), weights=(4, 5, 1))[0]
        rows.append(
            initiative(
                number,
                benefit={key: draw.randrange(0, 101) / 100 for key in ("need", "reach", "fit")},
                costs=[["capital", draw.choice((2026, 2027, 2028)), draw.randrange(10, 5000) * 100_000]],
                months=draw.randint(*BANDS[band]),
                band=band,
                themes=draw.sample([one["key"] for one in THEMES], draw.choice((1, 1, 2))),
                districts=[f"d{draw.randrange(12)}"],
                quintile=draw.randint(1, 5),
                owner=f"dep{draw.randrange(8)}",
                effort=draw.randint(1, 5),
                risk=draw.randint(0, 5),
                quick_win=band == "short" and draw.random() < 0.5,
            )
        )
    k = max(1, round(n * 70 / 232))
    spent = {y: sum(r["costs"][0][2] for r in rows if r["costs"][0][1] == y) for y in (2026, 2027, 2028)}
    plain: dict[str, Any] = {
        "weights": {"need": 0.5, "reach": 0.3, "fit": 0.2},
        "budget": [
            line(int(total * 0.22 / 100), key=str(year), year=year, reserve=10)
            for year, total in spent.items()
        ],
        "capacities": [
            {"department": f"dep{d}", "initiatives": max(2, k // 6), "effort": None, "label": {}}
            for d in range(8)
        ],
        "relations": [
            [draw.choice(("requires", "excludes")), *(r["reference"] for r in draw.sample(rows, 2))]
            for _ in range(min(n // 20, 200))
            if n > 1
        ],
        "rules": rules(
            count=exactly(k),
            policy_mix=["time_frames"],
            themes={one["key"]: {"minimum": k // 10, "maximum": None} for one in THEMES},
            quick_wins={"minimum": 1, "most_cost": None},
            deprived={"quintile": 5, "minimum": k // 6},
        ),
    }
    return inputs(rows, **{**plain, **changes})
