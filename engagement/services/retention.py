"""Keeping personal data no longer than the city's rules say: kinds of data, rules as rows, a register.

A kind knows how to find what is older than a moment and how to remove it; a `RetentionRule` says after how
many days, and may switch the kind off. What a legal hold protects is never found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from engagement.models import Removal, RetentionRule

Find = Callable[[datetime], QuerySet[Any]]
Take = Callable[[QuerySet[Any], datetime], int]


def delete(rows: QuerySet[Any], at: datetime) -> int:
    """Deletes the rows; gives how many, without what went with them."""
    found = rows.count()
    rows.delete()
    return found


@dataclass(frozen=True)
class Keeping:
    """One kind of personal data: `find(before)` gives the rows whose time is over, `take` removes them.

    `covers` names the personal fields that end with it, as `Model.field`; a test asks that every one is
    covered by some kind, or says why it is not.
    """

    kind: str
    label: Any
    days: int
    """What a new city starts with."""
    find: Find
    take: Take = delete
    covers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Purged:
    """What a run removed of one kind, or would: how many rows, kept for how many days."""

    keeping: Keeping
    days: int
    count: int


_KEEPINGS: dict[str, Keeping] = {}


def add_keeping(keeping: Keeping) -> Keeping:
    """Makes a kind known, where its data is written. Raises ValueError for a name that is taken."""
    if keeping.kind in _KEEPINGS:
        raise ValueError(f"{keeping.kind} is there already")
    _KEEPINGS[keeping.kind] = keeping
    return keeping


def keepings() -> dict[str, Keeping]:
    """Every kind by its name."""
    return dict(_KEEPINGS)


@transaction.atomic
def install_retention() -> int:
    """Writes the rules that are not there yet; a city's own days are never overwritten. Gives how many."""
    known = set(RetentionRule.objects.values_list("kind", flat=True))
    new = [RetentionRule(kind=one.kind, days=one.days) for one in _KEEPINGS.values() if one.kind not in known]
    RetentionRule.objects.bulk_create(new)
    return len(new)


def purge_expired(*, at: datetime, dry_run: bool = False) -> list[Purged]:
    """Removes everything whose time is over, kind by kind, each in its own transaction.

    A dry run only counts. A kind without a rule goes by what a new city starts with. What was removed is
    written into the register: which kind, how many, never what it said.
    """
    rules = {rule.kind: rule for rule in RetentionRule.objects.all()}
    done = []
    for keeping in _KEEPINGS.values():
        rule = rules.get(keeping.kind)
        if rule is not None and not rule.active:
            continue
        days = keeping.days if rule is None else rule.days
        done.append(Purged(keeping, days, _purge(keeping, days, at, dry_run)))
    return done


@transaction.atomic
def _purge(keeping: Keeping, days: int, at: datetime, dry_run: bool) -> int:
    rows = keeping.find(at - timedelta(days=days))
    if dry_run:
        return rows.count()
    count = keeping.take(rows, at)
    if count:
        Removal.objects.create(kind=keeping.kind, count=count, days=days, at=at)
    return count
