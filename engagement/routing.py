"""To which department a problem report goes: the first rule in order that fits. Pure: no Django."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`service` and `district` by their keys; None fits every one, also a report without a district."""

    department: int
    service: int | None = None
    district: int | None = None

    def fits(self, service: int, district: int | None) -> bool:
        return self.service in (None, service) and self.district in (None, district)


def first_fit(rules: Iterable[Rule], service: int, district: int | None) -> int | None:
    """The place of the rule that decides, from 0; None where none fits."""
    return next((place for place, rule in enumerate(rules) if rule.fits(service, district)), None)


def route(rules: Iterable[Rule], service: int, district: int | None) -> int | None:
    """The department of the first rule that fits; None where none does."""
    return next((rule.department for rule in rules if rule.fits(service, district)), None)


@dataclass(frozen=True)
class Trial:
    """What rules would have done: reports by deciding rule (None: no rule), and by department."""

    by_rule: Counter[int | None]
    by_department: Counter[int | None]


def try_out(rules: Sequence[Rule], reports: Iterable[tuple[int, int | None, int | None, int]]) -> Trial:
    """`reports` as (service, district, the service's own department, how many of them).

    Where no rule fits the service's own department has the report, if it has one.
    """
    by_rule: Counter[int | None] = Counter()
    by_department: Counter[int | None] = Counter()
    for service, district, own, count in reports:
        place = first_fit(rules, service, district)
        by_rule[place] += count
        by_department[own if place is None else rules[place].department] += count
    return Trial(by_rule, by_department)
