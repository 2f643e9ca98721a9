"""Numbers to quote: 2026-00123 for ideas, R2026-000123 for problem reports."""

from django.db import transaction
from django.db.models import F

from engagement.models import Counter

_DIGITS = {"": 5, "R": 6}


@transaction.atomic
def next_reference(*, series: str, year: int) -> str:
    """The next reference of a series ("" for ideas, "R" for reports): at least 5 or 6 digits.

    The row is moved first and read after, so that two transactions can never read the same number.
    """
    if not Counter.objects.filter(series=series, year=year).update(value=F("value") + 1):
        Counter.objects.get_or_create(series=series, year=year)
        Counter.objects.filter(series=series, year=year).update(value=F("value") + 1)
    value = Counter.objects.values_list("value", flat=True).get(series=series, year=year)
    return f"{series}{year}-{value:0{_DIGITS.get(series, 5)}d}"
