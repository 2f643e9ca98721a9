"""Next free item: oldest first, within the list's filters, each to one person for a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from engagement import services
from engagement.models import Event, Idea, Report
from engagement.services.claims import CLAIM
from tests import factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def colleague(db: Any) -> Any:
    return factories.staff("colleague", permissions=["engagement.triage_idea", "engagement.handle_report"])


@pytest.fixture
def queue(db: Any, now: datetime) -> list[Idea]:
    """Three that wait, oldest first."""
    call = factories.Call()
    return [factories.Idea(call=call, received_at=now - age * MINUTE) for age in (30, 20, 10)]


def next_of(by: Any, at: datetime, after: Idea | None = None, among: Any = None) -> Idea | None:
    found: Idea | None = services.claim_next(
        among=Idea.objects.all() if among is None else among, by=by, at=at, after=after
    )
    return found


def test_oldest_first_and_each_to_one_person(
    queue: list[Idea], now: Any, moderator: Any, colleague: Any
) -> None:
    factories.Idea(state="published", received_at=factories.OPENED)
    first = next_of(moderator, now)
    assert first == queue[0]
    assert (first.claimed_by, first.claimed_until, first.version) == (moderator, now + CLAIM, 1)
    assert next_of(colleague, now) == queue[1]
    assert next_of(colleague, now, after=queue[1]) == queue[2]
    assert not Event.objects.exists()


def test_what_one_has_in_hand_comes_first_and_is_kept_longer(
    queue: list[Idea], now: Any, moderator: Any
) -> None:
    next_of(moderator, now)
    again = next_of(moderator, now + 10 * MINUTE)
    assert again == queue[0]
    assert again.claimed_until == now + 10 * MINUTE + CLAIM


def test_what_is_left_for_now_is_put_back_and_comes_round_again(
    queue: list[Idea], now: Any, moderator: Any, colleague: Any
) -> None:
    next_of(moderator, now)
    assert next_of(moderator, now, after=queue[0]) == queue[1]
    assert next_of(colleague, now) == queue[0]
    assert next_of(moderator, now, after=queue[1]) == queue[2]
    assert next_of(moderator, now, after=queue[2]) == queue[1]
    Idea.objects.filter(pk__in=[queue[1].pk, queue[2].pk]).update(state="published")
    assert next_of(moderator, now, after=queue[1]) is None


def test_a_claim_ends_with_time_with_a_verb_and_when_put_back(
    queue: list[Idea], now: Any, moderator: Any, colleague: Any
) -> None:
    next_of(moderator, now)
    assert next_of(colleague, now + CLAIM) == queue[0]
    assert not services.put_back(record=queue[0], by=moderator)
    assert services.put_back(record=queue[0], by=colleague)
    held = next_of(moderator, now)
    assert held == queue[0]
    services.publish_idea(idea=held, by=colleague, at=now)  # a claim is a courtesy, not a lock
    held.refresh_from_db()
    assert (held.claimed_by, held.claimed_until) == (None, None)


def test_filters_are_kept(queue: list[Idea], now: Any, moderator: Any) -> None:
    theme = factories.Theme()
    other = factories.Idea(received_at=now)
    other.themes.add(theme)
    assert next_of(moderator, now, among=Idea.objects.filter(themes=theme)) == other
    assert next_of(moderator, now, among=Idea.objects.filter(call=queue[0].call)) == queue[0]


def test_only_who_may_decide_is_given_anything(queue: list[Idea], now: Any, clerk: Any) -> None:
    with pytest.raises(services.Refused):
        next_of(clerk, now)
    with pytest.raises(services.Refused):
        services.claim(record=queue[0], by=clerk, at=now)


def test_by_hand_only_what_is_free(queue: list[Idea], now: Any, moderator: Any, colleague: Any) -> None:
    services.claim(record=queue[2], by=moderator, at=now)
    services.claim(record=queue[2], by=moderator, at=now + MINUTE)
    with pytest.raises(services.Refused):
        services.claim(record=queue[2], by=colleague, at=now)
    decided = factories.Idea(state="published")
    with pytest.raises(services.Refused):
        services.claim(record=decided, by=colleague, at=now)


def test_problem_reports_too(now: Any, moderator: Any, colleague: Any) -> None:
    first, second = (factories.Report(received_at=now - age * MINUTE) for age in (9, 3))
    factories.Report(state="in_progress", received_at=factories.OPENED)
    reports = Report.objects.open()
    assert services.claim_next(among=reports, by=moderator, at=now) == first
    assert services.claim_next(among=reports, by=colleague, at=now) == second
    services.start_report(report=first, by=moderator, at=now)
    assert services.claim_next(among=reports, by=moderator, at=now) is None


def test_the_next_free_one_is_found_by_an_index(now: Any, moderator: Any) -> None:
    """However many wait, the database reads them in order and stops at the first."""
    call = factories.Call()
    base = factories.Idea(call=call)
    rows = [
        Idea(
            call=call,
            reference=f"2027-{n:05d}",
            language="en",
            title="t",
            problem="p",
            public_title="t",
            public_problem="p",
            received_at=now + timedelta(seconds=n),
            changed_at=now,
            nonce=f"{n:032x}",
        )
        for n in range(2000)
    ]
    Idea.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for among in (Idea.objects.all(), Idea.objects.filter(call=call)):
        plan = among.waiting().free(now).oldest_first().only("pk")[:1].explain()
        assert "idea_by_" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "Sort" not in plan, plan
        own = among.waiting().in_hand(now).filter(claimed_by=moderator).oldest_first()
        assert "idea_in_hand" in own.explain()
        assert next_of(moderator, now, among=among) == base
