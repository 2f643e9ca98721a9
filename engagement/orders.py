"""In which order the public list shows ideas, so that none is always first and none always last.

By default the list is turned by the day: each idea has a key by chance (`Idea.rotation`), a day has a place
among the keys, and the list begins there, goes on to the largest key, then from the smallest to that place.
Read as two ranges of an index: twenty of 20,000 cost what twenty cost, and a page is the same all day.
"""

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import BigIntegerField, Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from engagement.models import Idea, Report, SimilarLink, Support
from engagement.models.submissions import ROTATIONS
from engagement.paging import remembered
from engagement.querysets import IdeaQuerySet

TURN, NEWEST, SUPPORT, NEAR = "", "newest", "support", "near"
ORDERS = [
    (TURN, _("A new order every day")),
    (NEWEST, _("Newest first")),
    (SUPPORT, _("Most supported first")),
    (NEAR, _("Nearest first")),
]
_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d{1,9})?),(-?\d{1,3}(?:\.\d{1,9})?)", re.ASCII)
DECIMALS = 3
"""Of a position that a browser tells: about 100 metres."""


@dataclass(frozen=True)
class Position:
    latitude: float
    longitude: float

    def __str__(self) -> str:
        return f"{self.latitude:.{DECIMALS}f},{self.longitude:.{DECIMALS}f}"


def position(text: str) -> Position | None:
    """A position out of an address, rounded; nothing if it is none."""
    found = _POSITION.fullmatch(text)
    if found is None:
        return None
    latitude, longitude = (round(float(part), DECIMALS) for part in found.groups())
    return Position(latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def start_of(day: date) -> int:
    """Where a day's list begins: anywhere, and the same for everybody."""
    digest = hashlib.sha256(day.isoformat().encode()).digest()
    return int.from_bytes(digest[:8]) % ROTATIONS


def keys(
    ideas: IdeaQuerySet, *, order: str, day: date, near: Position | None, first: int, number: int
) -> list[int]:
    """The keys of `number` ideas from the place `first` on."""
    last = first + number
    if order == NEWEST:
        return list(ideas.order_by("-received_at", "-pk").values_list("pk", flat=True)[first:last])
    if order == SUPPORT:
        return _most_supported(ideas, start_of(day))[first:last]
    if order == NEAR and near is not None:
        return list(by_distance(ideas, near, "rotation", "pk").values_list("pk", flat=True)[first:last])
    return _turned(ideas, start_of(day), first, last)


def _turned(ideas: IdeaQuerySet, start: int, first: int, last: int) -> list[int]:
    ordered = ideas.order_by("rotation", "pk").values_list("pk", flat=True)
    upper = ordered.filter(rotation__gte=start)
    found = list(upper[first:last])
    missing = last - first - len(found)
    if not missing:
        return found
    # Only where the list turns over, or beyond: how many lay before the turn.
    before = first + len(found) if found else (min(first, upper.order_by().count()) if first else 0)
    begun = first + len(found) - before
    return found + list(ordered.filter(rotation__lt=start)[begun : begun + missing])


def _most_supported(ideas: IdeaQuerySet, start: int) -> list[int]:
    """By how many people stand behind them; those with as many as each other are turned by the day."""

    def made() -> list[int]:
        counted = _supporters()
        rows = ideas.order_by().values_list("pk", "rotation")
        return [
            key
            for key, _rotation in sorted(
                rows, key=lambda row: (-counted.get(row[0], 0), (row[1] - start) % ROTATIONS, row[0])
            )
        ]

    return remembered(f"order.{start}", ideas, made, len)


def _supporters() -> dict[int, int]:
    """How many different people support an idea or one that is joined with it, where anybody does."""
    original = SimilarLink.objects.standing().filter(idea=OuterRef("idea")).values("original")[:1]
    rows = (
        Support.objects.standing()
        .exclude(idea__call__supports="none")
        .annotate(goal=Coalesce(Subquery(original), F("idea_id"), output_field=BigIntegerField()))
        .order_by()
        .values_list("goal")
        .annotate(people=Count("voter", distinct=True))
    )
    return dict(rows)


def by_distance(rows: Any, near: Position, *then: str) -> Any:
    """The nearest first, then by `then`; those that tell no place last. A plane will do within a city."""
    narrow = math.cos(math.radians(near.latitude))
    north = F("latitude") - near.latitude
    east = (F("longitude") - near.longitude) * narrow
    return rows.annotate(distance=north * north + east * east).order_by(
        F("distance").asc(nulls_last=True), *then
    )


_Row = TypeVar("_Row", Idea, Report)


def in_order(listed: list[_Row], keys: list[int]) -> list[_Row]:
    place = {key: number for number, key in enumerate(keys)}
    return sorted(listed, key=lambda row: place[row.pk])
