"""By which day something is to be done: so many days on, of the calendar or of work. Pure: no Django."""

from collections.abc import Collection
from datetime import date, timedelta

_SATURDAY = 5
MOST_DAYS = 3660
"""Ten years: nobody is promised more, and no file of holidays can make the counting endless."""


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays


def due_day(start: date, days: int, *, working: bool = False, holidays: Collection[date] = ()) -> date:
    """The day that is `days` days after `start`; the day of `start` itself is not counted.

    Of working days it is always one, but for none at all: then it is the day itself.
    """
    if not working:
        return start + timedelta(days=days)
    day, left = start, days
    for _step in range(MOST_DAYS):
        if left <= 0:
            break
        day += timedelta(days=1)
        left -= is_working_day(day, holidays)
    return day
