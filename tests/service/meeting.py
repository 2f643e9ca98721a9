"""Two people who meet at one row: the first is not done before the second waits for it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

from engagement.services import Refused
from tests.patience import soon

Work = Callable[[], Any]

TIED = [5, 4, 3, 3, 3, 2, 1]
"""Scores of seven initiatives by which three are tied across a line of four places."""


def at_once(*works: Work) -> list[Any]:
    """What each gave, or the error that it raised; each on a connection of its own."""

    def own(work: Work) -> Any:
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(own, work) for work in works]]


def meet(first: Work, second: Work) -> list[Any]:
    """What each gave or raised. What they act on was read before: neither knows of the other.

    The first keeps its transaction open until the second waits for it; where the second waits for nothing,
    the two have not met, and that is an error.
    """
    first_is_done = threading.Event()

    def lead() -> Any:
        with transaction.atomic():
            try:
                gave = first()
            finally:
                first_is_done.set()
            until_somebody_waits()
        return gave

    def follow() -> Any:
        assert first_is_done.wait(30)
        return second()

    return at_once(lead, follow)


def one_of(said: list[Any]) -> None:
    """The first took effect, the second was told."""
    assert not isinstance(said[0], Exception), said
    assert isinstance(said[1], Refused), said


def both(said: list[Any]) -> None:
    assert not [one for one in said if isinstance(one, Exception)], said


def until_somebody_waits() -> None:
    """Returns once another connection waits for a lock that this one holds."""
    assert soon(_somebody_waits), "nobody waited: the two did not meet"


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees its first look again
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
