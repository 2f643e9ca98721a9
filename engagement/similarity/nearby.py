"""Problem reports that may tell of the same thing: near in place, not long ago, of a kindred service.

    score = closeness x freshness x kinship, each between 0 and 1

    closeness  1 / (1 + (metres / 50)^2): 1 at the same point, a half at 50 m, a fifth at 100 m
    freshness  1 / (1 + days / 30): 1 today, a half a month ago
    kinship    1 for the same service, 0.3 for one of the same group, 0.1 for any other

Nothing beyond the radius or the age is suggested, nor what came in later.

Cities put reports without an address on one point: in one city's file every seventh lay on the city hall.
Such a point says nothing of a place. Name it in `default_points`: a report there is near to others there
only, by service and day, and to no report elsewhere.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

Point = tuple[float, float]
"""Latitude and longitude, in degrees."""

RADIUS = 250.0
AGE = 90.0
HALF_DISTANCE = 50.0
HALF_AGE = 30.0
SAME_GROUP = 0.3
OTHER_SERVICE = 0.1
SAME_POINT = 2.0
"""Metres within which a report counts as lying on a default point: coordinates are rounded here and there."""

_METRES = 111_195.0


@dataclass(frozen=True)
class Report:
    """What of a report is looked at. `service` and `group` are codes; an empty group is kin to nothing."""

    id: int | str
    point: Point | None
    opened: datetime
    service: str
    group: str = ""


@dataclass(frozen=True)
class Near:
    """A report near another, why, and how near between 0 and 1. `metres` is None where there is no real
    place."""

    id: int | str
    score: float
    metres: float | None
    days: float
    same_service: bool


def suggest(
    report: Report,
    others: Iterable[Report],
    *,
    limit: int = 5,
    radius: float = RADIUS,
    age: float = AGE,
    default_points: Collection[Point] = (),
) -> list[Near]:
    """The likeliest of `others` to tell of the same thing, likeliest first; of equal ones the newest.

    `radius` in metres, `age` in days. Whoever calls leaves out what the sender may not see.
    """
    if report.point is None or not _sound(report.point):
        return []
    placeless = _on_any(report.point, default_points)
    found = []
    for other in others:
        near = _near(report, other, placeless, radius, age, default_points)
        if near is not None:
            found.append(near)
    found.sort(key=lambda one: (-one.score, one.days, str(one.id)))
    return found[: max(limit, 0)]


def box(point: Point, radius: float = RADIUS) -> tuple[float, float, float, float]:
    """South, west, north, east around a point: what to ask a database for. May pass beyond 180 degrees."""
    up = radius / _METRES
    aside = up / max(math.cos(math.radians(point[0])), 0.01)
    return point[0] - up, point[1] - aside, point[0] + up, point[1] + aside


def metres_between(one: Point, other: Point) -> float:
    """On a plane: within a city the error is far below that of a phone."""
    east = (other[1] - one[1] + 180) % 360 - 180
    aside = east * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(other[0] - one[0], aside) * _METRES


def _near(
    report: Report,
    other: Report,
    placeless: bool,
    radius: float,
    age: float,
    default_points: Collection[Point],
) -> Near | None:
    if other.id == report.id or other.point is None or not _sound(other.point) or report.point is None:
        return None
    days = (report.opened - other.opened).total_seconds() / 86_400
    if not 0 <= days <= age or _on_any(other.point, default_points) != placeless:
        return None
    metres = None if placeless else metres_between(report.point, other.point)
    if metres is not None and metres > radius:
        return None
    closeness = 1.0 if metres is None else 1 / (1 + (metres / HALF_DISTANCE) ** 2)
    score = closeness / (1 + days / HALF_AGE) * _kinship(report, other)
    return Near(other.id, round(score, 4), metres, days, report.service == other.service)


def _kinship(report: Report, other: Report) -> float:
    if report.service == other.service:
        return 1.0
    return SAME_GROUP if report.group and report.group == other.group else OTHER_SERVICE


def _on_any(point: Point, default_points: Collection[Point]) -> bool:
    return any(metres_between(point, one) <= SAME_POINT for one in default_points)


def _sound(point: Point) -> bool:
    return all(math.isfinite(one) for one in point) and abs(point[0]) <= 90 and abs(point[1]) <= 180
