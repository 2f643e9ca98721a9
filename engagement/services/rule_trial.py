"""Trying a rule of routing on the problem reports of the last 90 days, before it is saved. Writes nothing."""

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from engagement import routing
from engagement.models import Report, ReportService, RoutingRule

TRIED_ON = timedelta(days=90)
EXAMPLES = 2
"""Reports shown under each rule, the newest of its kinds and places."""


@dataclass(frozen=True)
class Example:
    """A report that a rule decides, and who has it (key of a department) without and with what is tried."""

    report: Report
    now: int | None
    then: int | None


@dataclass(frozen=True)
class Caught:
    """What a rule decides, without (`now`) and with what is tried (`then`). `rule` None: where none fits."""

    rule: RoutingRule | None
    tried: bool
    now: int
    then: int
    examples: list[Example]


@dataclass(frozen=True)
class RuleTrial:
    """Every report once under each heading: by department (a key), by deciding rule in their order.

    `left` are report services whose reports nobody would have, with how many.
    """

    now: Counter[int | None]
    then: Counter[int | None]
    caught: list[Caught]
    left: list[tuple[ReportService, int]]


_Rules = list[RoutingRule]
_Row = tuple[int, int | None, int | None, int, int]
"""Service, district, the service's own department, how many reports, the newest of them."""


def try_rule(*, values: dict[str, Any], rule: RoutingRule | None, at: datetime) -> RuleTrial:
    """What becomes of the reports of the last 90 days with this rule, new or changed."""
    rows = _recent(at)
    before, after = _in_force(), _rules_with(values, rule)
    now = routing.try_out(_pure(before), [row[:4] for row in rows])
    then = routing.try_out(_pure(after), [row[:4] for row in rows])
    counts = {one.pk: now.by_rule[place] for place, one in enumerate(before)}
    examples = _examples(rows, before, after)
    tried = rule.pk if rule else None
    caught = [
        Caught(one, one.pk == tried, counts.get(one.pk, 0), then.by_rule[place], examples.get(place, []))
        for place, one in enumerate(after)
    ]
    gone = [
        Caught(one, True, now.by_rule[place], 0, [])
        for place, one in enumerate(before)
        if one.pk == tried and not values["active"]
    ]
    rest = Caught(None, False, now.by_rule[None], then.by_rule[None], examples.get(None, []))
    return RuleTrial(now.by_department, then.by_department, [*caught, *gone, rest], _left(rows, after))


def _recent(at: datetime) -> list[_Row]:
    recent = Report.objects.filter(received_at__gte=at - TRIED_ON).order_by()
    groups = recent.values_list("service", "district", "service__department")
    return list(groups.annotate(n=Count("pk"), newest=Max("pk")))


def _rows() -> Any:
    return RoutingRule.objects.filter(active=True).select_related("service", "district", "department")


def _in_force() -> _Rules:
    return list(_rows())


def _rules_with(values: dict[str, Any], rule: RoutingRule | None) -> _Rules:
    """The rules in force as they would be with this one, made or changed; it keeps its key."""
    found = list(_rows().exclude(pk__in=[rule.pk] if rule else []))
    if values["active"]:
        found.append(RoutingRule(pk=rule.pk if rule else None, **values))
    return sorted(found, key=lambda one: (one.order, one.pk or sys.maxsize))


def _pure(rules: _Rules) -> list[routing.Rule]:
    return [routing.Rule(one.department_id, one.service_id, one.district_id) for one in rules]


def _examples(rows: list[_Row], before: _Rules, after: _Rules) -> dict[int | None, list[Example]]:
    """By the place of the deciding rule; first those that change hands."""
    pure = _pure(before), _pure(after)
    found: dict[int | None, list[tuple[bool, int, int | None, int | None]]] = {}
    for service, district, own, _n, newest in rows:
        place = routing.first_fit(pure[1], service, district)
        now = routing.route(pure[0], service, district) or own
        then = own if place is None else pure[1][place].department
        found.setdefault(place, []).append((now != then, newest, now, then))
    few = {
        place: sorted(ones, key=lambda one: one[:2], reverse=True)[:EXAMPLES] for place, ones in found.items()
    }
    keys = [one[1] for ones in few.values() for one in ones]
    reports = Report.objects.select_related("service", "district").defer("search").in_bulk(keys)
    return {
        place: [Example(reports[newest], now, then) for _moves, newest, now, then in ones]
        for place, ones in few.items()
    }


def _left(rows: list[_Row], rules: _Rules) -> list[tuple[ReportService, int]]:
    pure, counts = _pure(rules), Counter[int]()
    for service, district, own, count, _newest in rows:
        if routing.route(pure, service, district) is None and own is None:
            counts[service] += count
    services = ReportService.objects.in_bulk(counts)
    return [(services[key], count) for key, count in counts.most_common()]
