"""A count of residents' ballots as pages show it: to staff from a result, to readers from the plan."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def shown(counted: Mapping[str, Any], titles: Mapping[str, Any]) -> dict[str, Any]:
    """`counted` is what `ballots.count` gives, with budget and unit; `titles` by reference, in all languages.

    Amounts become numbers, percentages are of all ballots, and `differ` says where the two rules part.
    """
    voters = counted["voters"]
    rows = [
        {
            **row,
            "title": titles.get(row["reference"], {"en": row["reference"]}),
            "cost": Decimal(row["cost"]),
            "percent": 100 * row["votes"] / voters if voters else 0.0,
        }
        for row in counted["rows"]
    ]
    return {
        "voters": voters,
        "share": Decimal(counted["share"] or 0),
        "budget": Decimal(counted["budget"]),
        "unit": Decimal(counted["unit"]),
        "rows": rows,
        "greedy": _totals(counted["greedy"], voters),
        "equal": {
            **_totals(counted["equal"], voters),
            "raised": counted["equal"]["raised"],
            "raised_amount": counted["equal"]["raised"] * Decimal(counted["unit"]),
            "before": len(counted["equal"]["before"]),
            "too_dear": counted["equal"]["too_dear"],
        },
        "differ": [row for row in rows if (row["greedy"] is None) != (row["equal"] is None)],
    }


def _totals(totals: Mapping[str, Any], voters: int) -> dict[str, Any]:
    return {
        "count": totals["count"],
        "spent": Decimal(totals["spent"]),
        "left": Decimal(totals["left"]),
        "served": totals["served"],
        "served_percent": 100 * totals["served"] / voters if voters else 0.0,
    }
