"""Pages of long lists: the rows are read anew each time, a large number of them is not counted each time.

Counting a thousand rows costs next to nothing, counting all of a large city costs more than the page around
the number. So a number up to COUNTED_ANEW is exact at any moment, and a larger one is remembered for
REMEMBERED seconds: "12,345 ideas" may be that old, what the page lists never is.
"""

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from django.core import paginator
from django.core.cache import cache
from django.db.models import QuerySet

if TYPE_CHECKING:
    _Paginator = paginator.Paginator[Any]
else:
    _Paginator = paginator.Paginator

_T = TypeVar("_T")
COUNTED_ANEW = 1_000
REMEMBERED = 30
KEPT = 60


def _asked(rows: QuerySet[Any, Any]) -> str:
    sql, parameters = rows.order_by().query.sql_with_params()
    return hashlib.sha256(repr((sql, parameters)).encode()).hexdigest()


def remembered(what: str, rows: QuerySet[Any, Any], make: Callable[[], _T], size: Callable[[_T], int]) -> _T:
    """What `make` works out of rows, KEPT seconds old at most where there are many; else always anew."""
    key = f"engagement.{what}.{_asked(rows)}"
    known: _T | None = cache.get(key)
    if known is not None:
        return known
    made = make()
    if size(made) > COUNTED_ANEW:
        cache.set(key, made, KEPT)
    return made


def how_many(rows: QuerySet[Any, Any]) -> int:
    """How many rows there are; a large number may be up to REMEMBERED seconds old."""
    key = f"engagement.how_many.{_asked(rows)}"
    known: int | None = cache.get(key)
    if known is not None:
        return known
    number = rows.count()
    if number > COUNTED_ANEW:
        cache.set(key, number, REMEMBERED)
    return number


class Paginator(_Paginator):
    """Django's, with the number of rows from `how_many` where the rows are in the database."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return how_many(rows) if isinstance(rows, QuerySet) else len(rows)
