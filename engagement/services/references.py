"""Numbers to quote: 2026-00123 for ideas, R2026-000123 for problem reports."""

from django.db import transaction
from django.db.models import F

from engagement.models import Counter

_DIGITS = {"": 5, "R": 6}


def next_reference(*, series: str, year: int) -> str:
    """The next reference of a series ("" for ideas, "R" for reports): at least 5 or 6 digits."""
    return next_references(series=series, year=year, count=1)[0]


@transaction.atomic
def next_references(*, series: str, year: int, count: int) -> list[str]:
    """The next `count` references, in order, with one move of the counter.

    The row is moved first and read after, so that two transactions can never read the same number.
    """
    if not Counter.objects.filter(series=series, year=year).update(value=F("value") + count):
        Counter.objects.get_or_create(series=series, year=year)
        Counter.objects.filter(series=series, year=year).update(value=F("value") + count)
    last = Counter.objects.values_list("value", flat=True).get(series=series, year=year)
    digits = _DIGITS.get(series, 5)
    return [f"{series}{year}-{number:0{digits}d}" for number in range(last - count + 1, last + 1)]
