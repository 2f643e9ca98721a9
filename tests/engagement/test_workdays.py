"""By which day: counted by hand, and compared with counting one day after the other."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engagement.workdays import due_day, is_working_day

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
HOLIDAYS = st.sets(st.dates(date(2020, 1, 1), date(2036, 12, 31)), max_size=30)


def test_by_hand() -> None:
    friday = date(2026, 5, 15)
    assert due_day(friday, 5) == date(2026, 5, 20)
    assert due_day(friday, 1, working=True) == date(2026, 5, 18)
    assert due_day(friday, 1, working=True, holidays={date(2026, 5, 18)}) == date(2026, 5, 19)
    assert due_day(date(2026, 5, 16), 1, working=True) == date(2026, 5, 18)
    assert due_day(date(2026, 5, 16), 0, working=True) == date(2026, 5, 16)
    assert due_day(friday, 10, working=True, holidays={date(2026, 5, 18)}) == date(2026, 6, 1)


@given(DAYS, st.integers(1, 60), HOLIDAYS)
def test_working_days_between_are_exactly_as_many(start: date, days: int, holidays: set[date]) -> None:
    due = due_day(start, days, working=True, holidays=holidays)
    between = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(is_working_day(day, holidays) for day in between) == days
    assert is_working_day(due, holidays)


@given(DAYS, st.integers(0, 60), HOLIDAYS)
def test_no_promise_comes_sooner_for_more_days_or_more_holidays(
    start: date, days: int, holidays: set[date]
) -> None:
    due = due_day(start, days, working=True, holidays=holidays)
    assert due >= due_day(start, days, working=True) >= due_day(start, days)
    assert due_day(start, days + 1, working=True, holidays=holidays) > due


def test_counting_ends_even_where_every_day_is_a_holiday() -> None:
    start = date(2026, 1, 1)
    every = {start + timedelta(days=n) for n in range(5000)}
    assert due_day(start, 3, working=True, holidays=every) > start
