"""How often: counted in the database, so that it holds over all processes and without a cache."""

import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from engagement.models import RateLimit


def count_attempt(*, what: str, who: str, limit: int, seconds: int, at: datetime) -> bool:
    """Counts one attempt of `who` (an address, never stored in clear); False when over `limit` a window."""
    start = datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
    salted = f"{what}\x1f{who}\x1f{start:%Y-%m-%d}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), salted, hashlib.sha256).hexdigest()
    row = RateLimit.objects.filter(key=key, window=start)
    if not row.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                RateLimit.objects.create(key=key, window=start, count=1)
        except IntegrityError:
            row.update(count=F("count") + 1)
    return row.values_list("count", flat=True).get() <= limit


def forget_attempts(*, before: datetime) -> int:
    """Removes counts of windows that began before `before`; gives how many."""
    return RateLimit.objects.filter(window__lt=before).delete()[0]
