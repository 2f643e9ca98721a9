"""A small valid document of our own, so that these tests do not depend on what is shipped."""

from __future__ import annotations

from typing import Any

import pytest


def both(english: str) -> dict[str, str]:
    return {"en": english, "fr": f"{english} (fr)"}


def criterion(key: str, **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "label": both(key),
        "question": both(f"How much {key}?"),
        "kind": "benefit",
        "anchors": {str(level): both(f"level {level}") for level in range(6)},
        "swing": {"worst": both("nothing"), "best": both("a lot")},
        "points": 100,
    } | fields


def months(**fields: Any) -> dict[str, Any]:
    measured = {
        "kind": "time",
        "source": "staff_figure",
        "figure": "timeframe_months",
        "direction": -1,
        "value_points": [[0, 1], [12, 1], [36, 0.25], [60, 0]],
    }
    document = criterion("time", **measured | fields)
    del document["anchors"]
    return document


@pytest.fixture
def document() -> dict[str, Any]:
    return {
        "format": 1,
        "key": "sample",
        "title": both("Sample"),
        "source": {"title": "T", "where": "W", "published": both("nothing"), "ours": both("all")},
        "scale": {"minimum": 0, "maximum": 5, "step": 1},
        "criteria": [criterion("good"), criterion("fair", points=50), months(points=50)],
        "gates": [
            {
                "key": "minimum",
                "kind": "criterion_minimum",
                "criterion": "good",
                "minimum": 2,
                "reason": "low",
                "label": both("Minimum"),
                "public_text": both("At least two"),
            }
        ],
        "stages": [
            {"key": "ideas", "unit": "ideas", "label": both("Ideas")},
            {"key": "plan", "unit": "initiatives", "keep": 7, "label": both("Plan")},
        ],
        "mix": [],
        "bands": [
            {"key": "short", "from_months": 0, "to_months": 11, "label": both("Short")},
            {"key": "long", "from_months": 12, "label": both("Long")},
        ],
        "themes": [{"key": "streets", "kind": "pillar", "label": both("Streets")}],
        "reasons": [
            {"code": "low", "outcome": "set_aside", "label": both("Low"), "public_text": both("Too low")}
        ],
        "tie_break": "good",
    }
