"""Only services write: watches every statement of every connection while tests run.

A statement that changes a table of the domain is looked up in the call stack, from the inside out:
- a service (or a migration) on the way: as it should be;
- the test itself or a factory comes first: tests set up what they need;
- any other code of ours comes first, or Django's stock admin on what is not plain reference data: refused.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parent.parent
_CHANGE = re.compile(
    r"""\s*(?:INSERT\s+INTO|INSERT\s+OR\s+IGNORE\s+INTO|UPDATE|DELETE\s+FROM)\s+["`]?"""
    r"""((?:engagement|prioritisation)_\w+)""",
    re.IGNORECASE,
)
REFERENCE_TABLES = {
    "engagement_department",
    "engagement_district",
    "engagement_holiday",
    "engagement_reason",
    "engagement_reportservice",
    "engagement_theme",
}
"""What the stock admin form may edit: nothing happens to it but being edited."""
ACCOUNT_TABLES = {"engagement_user", "engagement_user_groups", "engagement_user_user_permissions"}
"""Django's own business: accounts, the time of the last sign-in, passwords."""


def _place(frame: FrameType) -> str:
    """Where a frame stands, as a path inside the project; empty for everybody else's code."""
    path = frame.f_code.co_filename
    if not path.startswith(f"{ROOT}/") or "/.venv/" in path:
        return ""
    return path[len(str(ROOT)) + 1 :]


def _is_service(place: str) -> bool:
    return "/services/" in place or "/migrations/" in place


def fault(table: str, frame: FrameType | None) -> str | None:
    """Who wrote to `table` without a service, in words; nothing where it is as it should be."""
    writer = ""
    while frame is not None:
        path = frame.f_code.co_filename
        place = _place(frame)
        if _is_service(place):
            return None
        if place.startswith("tests/"):
            break
        if not writer and place:
            writer = f"{place}:{frame.f_lineno}"
        if not writer and "/django/contrib/admin/" in path:
            if table in REFERENCE_TABLES | ACCOUNT_TABLES:
                return None
            writer = "the stock admin form"
        if not writer and "/django/contrib/auth/" in path and table in ACCOUNT_TABLES:
            return None
        frame = frame.f_back
    return f"{writer} wrote to {table}: only services write" if writer else None


class WriteGuard:
    """The watch on all connections; what it saw goes to the test that is running."""

    _seen: list[str] | None = None

    @classmethod
    @contextmanager
    def watching(cls) -> Iterator[list[str]]:
        cls._seen = []
        try:
            yield cls._seen
        finally:
            cls._seen = None

    @classmethod
    def execute(cls, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        change = _CHANGE.match(sql) if cls._seen is not None and isinstance(sql, str) else None
        if change:
            said = fault(change.group(1).lower(), sys._getframe(1))
            if said:
                assert cls._seen is not None
                cls._seen.append(said)
                raise AssertionError(said)
        return execute(sql, params, many, context)

    @classmethod
    def watch(cls, connection: Any, **_: Any) -> None:
        if cls.execute not in connection.execute_wrappers:
            connection.execute_wrappers.append(cls.execute)


connection_created.connect(WriteGuard.watch, dispatch_uid="only services write")
