"""What can be taken away, as one definition behind every format: columns, rows, and who may have them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused
from engagement.tables.writing import Column, Row

CHUNK = 500
"""Rows that are in memory at a time."""


@dataclass(frozen=True)
class What:
    """One kind of export.

    `rows(keys, by, at)` gives the rows of one chunk of primary keys, in their order, without those that may
    not go out in this kind. They are read anew when the file is written: what was hidden, withdrawn or erased
    since it was asked for is not in it.
    """

    key: str
    title: Any
    permission: str
    columns: Callable[[], list[Column]]
    rows: Callable[[Sequence[int], User | None, datetime], Iterable[Row]]
    recorded: bool = False
    """Each row is written down as handed out, in the transaction in which the file is finished."""


def require(what: What, by: User | None) -> None:
    """Refuses who may not take this away. `by` is absent for the operator at the machine itself, who may
    have everything but what has to be written down with a name."""
    if by is None and what.recorded:
        raise Refused(_("Say who takes the contacts away."), code="forbidden")
    if by is not None and not (by.is_active and by.has_perm(what.permission)):
        raise Refused(_("You are not allowed to export this."), code="forbidden")


def point(row: Row) -> Mapping[str, Any] | None:
    """Where a row's thing is, as GeoJSON; None where nobody said."""
    latitude, longitude = row.get("latitude"), row.get("longitude")
    if latitude is None or longitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}
