"""How often: counted in the database, so that it holds over all processes and without a cache."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from engagement.models import RateLimit

# One statement, so that two attempts at the same moment both count; PostgreSQL and SQLite read it alike.
_COUNT = """
    INSERT INTO engagement_ratelimit (key, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (key, "window") DO UPDATE SET count = engagement_ratelimit.count + 1
    RETURNING count
"""


def count_network(*, what: str, who: str, at: datetime) -> int:
    """How many texts came from one network within this hour, this one among them; kept for a day."""
    return _counted(what, who, 3600, at)


def count_attempt(*, what: str, who: str, limit: int, seconds: int, at: datetime) -> bool:
    """Counts one attempt of `who` (an address, never stored in clear); False when over `limit` a window."""
    return _counted(what, who, seconds, at) <= limit


def end_of_window(*, seconds: int, at: datetime) -> datetime:
    """When the window of `at` ends: from then on nothing counts that was counted in it."""
    return _start(seconds, at) + timedelta(seconds=seconds)


def _start(seconds: int, at: datetime) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def _counted(what: str, who: str, seconds: int, at: datetime) -> int:
    start = _start(seconds, at)
    salted = f"{what}\x1f{who}\x1f{start:%Y-%m-%d}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), salted, hashlib.sha256).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, connection.ops.adapt_datetimefield_value(start)])
        counted: int = cursor.fetchone()[0]
    return counted


def forget_attempts(*, before: datetime) -> int:
    """Removes counts of windows that began before `before`; gives how many."""
    return RateLimit.objects.filter(window__lt=before).delete()[0]
