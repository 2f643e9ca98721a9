"""Numbers to quote: 2026-00123 for ideas, R2026-000123 for problem reports."""

from django.db import connection

# One statement moves the counter and tells where it stands: two transactions never read the same number.
_MOVE = """
    INSERT INTO engagement_counter (series, year, value) VALUES (%s, %s, %s)
    ON CONFLICT (series, year) DO UPDATE SET value = engagement_counter.value + excluded.value
    RETURNING value
"""
_DIGITS = {"": 5, "R": 6}


def next_reference(*, series: str, year: int) -> str:
    """The next reference of a series ("" for ideas, "R" for reports): at least 5 or 6 digits."""
    return next_references(series=series, year=year, count=1)[0]


def next_references(*, series: str, year: int, count: int) -> list[str]:
    """The next `count` references, in order, with one move of the counter."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [series, year, count])
        last: int = cursor.fetchone()[0]
    digits = _DIGITS.get(series, 5)
    return [f"{series}{year}-{number:0{digits}d}" for number in range(last - count + 1, last + 1)]
