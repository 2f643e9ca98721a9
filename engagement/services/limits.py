"""How often: counted in the database, so that it holds over all processes and without a cache."""

import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from engagement.models import RateLimit

# One statement, so that two attempts at the same moment both count; PostgreSQL and SQLite read it alike.
_COUNT = """
    INSERT INTO engagement_ratelimit (key, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (key, "window") DO UPDATE SET count = engagement_ratelimit.count + 1
    RETURNING count
"""


def count_attempt(*, what: str, who: str, limit: int, seconds: int, at: datetime) -> bool:
    """Counts one attempt of `who` (an address, never stored in clear); False when over `limit` a window."""
    start = datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
    salted = f"{what}\x1f{who}\x1f{start:%Y-%m-%d}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), salted, hashlib.sha256).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, connection.ops.adapt_datetimefield_value(start)])
        counted: int = cursor.fetchone()[0]
    return counted <= limit


def forget_attempts(*, before: datetime) -> int:
    """Removes counts of windows that began before `before`; gives how many."""
    return RateLimit.objects.filter(window__lt=before).delete()[0]
