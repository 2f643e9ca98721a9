"""Which department has a report: the first rule that fits, in order; tried out before it is saved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import services
from engagement.models import Holiday, RoutingRule
from engagement.routing import Rule, first_fit, route, try_out
from tests import factories

KEYS = st.one_of(st.none(), st.integers(1, 4))
RULES = st.lists(st.builds(Rule, department=st.integers(1, 5), service=KEYS, district=KEYS), max_size=8)
REPORTS = st.lists(st.tuples(st.integers(1, 4), KEYS, KEYS, st.integers(1, 20)), max_size=10)


def test_the_first_that_fits_wins() -> None:
    rules = [Rule(1, service=1, district=2), Rule(2, service=1), Rule(3, district=2)]
    assert route(rules, 1, 2) == 1
    assert route(rules, 1, None) == 2
    assert route(rules, 9, 2) == 3
    assert route(rules, 9, None) is None
    assert route(list(reversed(rules)), 1, 2) == 3


@given(RULES, st.integers(1, 4), KEYS)
def test_no_rule_before_the_deciding_one_fits(rules: list[Rule], service: int, district: int | None) -> None:
    place = first_fit(rules, service, district)
    before = rules if place is None else rules[:place]
    assert not any(rule.fits(service, district) for rule in before)
    assert route(rules, service, district) == (None if place is None else rules[place].department)


@given(RULES, REPORTS)
def test_a_trial_counts_every_report_once(rules: list[Rule], reports: Any) -> None:
    trial = try_out(rules, reports)
    total = sum(count for *_, count in reports)
    assert sum(trial.by_rule.values()) == sum(trial.by_department.values()) == total


@pytest.mark.django_db
def test_a_new_report_goes_where_the_rules_say(now: Any) -> None:
    service, other = factories.ReportService(), factories.ReportService()
    north, south = factories.District(), factories.District()
    roads, parks = factories.Department(), factories.Department()
    RoutingRule.objects.create(order=1, service=service, district=north, department=parks)
    RoutingRule.objects.create(order=2, service=service, department=roads)
    RoutingRule.objects.create(order=0, department=parks, active=False)

    def sent(service: Any, district: Any) -> Any:
        draft = services.ReportDraft("Dark.", "en", services.Place(district=district, address="1 Elm"))
        return services.submit_report(service=service, draft=draft, at=now).department

    assert sent(service, north) == parks
    assert sent(service, south) == roads
    assert sent(other, north) is None


@pytest.mark.django_db
def test_the_promise_leaves_out_the_citys_holidays(now: Any) -> None:
    service = factories.ReportService(target_days=2, working_days=True)
    plain = services.expected_day(service, now)
    assert plain is not None
    Holiday.objects.create(date=plain, name={"en": "A holiday"})
    later = services.expected_day(service, now)
    assert later is not None
    assert later > plain
    assert services.expected_day(factories.ReportService(target_days=None), now) is None
