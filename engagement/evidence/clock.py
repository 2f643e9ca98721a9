"""Hours that a city's clocks skipped."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def skipped_hours(zone: str, first: int, last: int) -> tuple[tuple[datetime, datetime], ...]:
    """The times on the wall, from and until, that never were, in the years `first` to `last`."""
    city = ZoneInfo(zone)
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 2, tzinfo=UTC)
    found = []
    while day < end:
        before, after = _offset(day, city), _offset(day + timedelta(days=1), city)
        if after > before:
            moment = _switch(day, city)
            found.append(((moment + before).replace(tzinfo=None), (moment + after).replace(tzinfo=None)))
        day += timedelta(days=1)
    return tuple(found)


def _offset(moment: datetime, city: ZoneInfo) -> timedelta:
    return moment.astimezone(city).utcoffset() or timedelta()


def _switch(day: datetime, city: ZoneInfo) -> datetime:
    """The second at which the offset changes, within the 24 hours from `day` on."""
    low, high = 0, 86_400
    start = _offset(day, city)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(day + timedelta(seconds=middle), city) == start:
            low = middle
        else:
            high = middle
    return day + timedelta(seconds=high)
