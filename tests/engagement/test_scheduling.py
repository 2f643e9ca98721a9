"""Publishing at a set hour: not earlier, once, in the name of who decided, and never against a decision."""

from datetime import timedelta
from typing import Any

import pytest

from engagement import services
from engagement.models import Event, Idea, Notice
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def idea(now: Any, moderator: Any) -> Any:
    idea = factories.Idea(contact=factories.Contact())
    services.schedule_idea(idea=idea, hour=now + HOUR, by=moderator, at=now)
    return idea


def test_it_waits_for_the_hour_and_is_published_once(idea: Any, now: Any, moderator: Any) -> None:
    assert not Notice.objects.exists(), "nobody is told before"
    assert not Idea.objects.waiting().exists(), "it was decided"
    assert services.publish_due_ideas(at=now + HOUR - timedelta(seconds=1)) == 0
    assert services.publish_due_ideas(at=now + HOUR) == 1
    assert services.publish_due_ideas(at=now + HOUR) == 0
    idea.refresh_from_db()
    assert (idea.state, idea.published_at, idea.publish_at) == ("published", now + HOUR, None)
    event = Event.objects.get(verb="publish")
    assert (event.by, event.actor) == (moderator, "staff")
    assert [notice.kind for notice in Notice.objects.all()] == ["engagement.idea_publish"]


def test_the_hour_may_be_taken_back_or_set_anew(idea: Any, now: Any, moderator: Any) -> None:
    services.unschedule_idea(idea=idea, by=moderator, at=now)
    assert services.publish_due_ideas(at=now + HOUR) == 0
    with pytest.raises(services.Refused):
        services.unschedule_idea(idea=idea, by=moderator, at=now)
    for past in (now, now - HOUR):
        with pytest.raises(services.Refused) as refusal:
            services.schedule_idea(idea=idea, hour=past, by=moderator, at=now)
        assert refusal.value.field == "hour"
    services.schedule_idea(idea=idea, hour=now + 2 * HOUR, by=moderator, at=now)
    assert services.publish_due_ideas(at=now + HOUR) == 0
    assert services.publish_due_ideas(at=now + 2 * HOUR) == 1


@pytest.mark.parametrize("what", ["decline", "withdraw", "erase", "decline and reopen"])
def test_what_happened_meanwhile_wins(idea: Any, now: Any, administrator: Any, what: str) -> None:
    if what.startswith("decline"):
        services.decline_idea(idea=idea, by=administrator, at=now, reason=factories.Reason().code)
    if what.endswith("reopen"):
        services.reopen_idea(idea=idea, by=administrator, at=now)
    if what == "withdraw":
        services.withdraw_idea(idea=idea, at=now)
    if what == "erase":
        services.erase_sender(idea=idea, at=now, keep_text=False)
    assert services.publish_due_ideas(at=now + 2 * HOUR) == 0
    idea.refresh_from_db()
    assert (idea.published_at, idea.publish_at) == (None, None)


def test_of_two_workers_that_found_it_one_publishes(
    idea: Any, now: Any, moderator: Any, monkeypatch: Any
) -> None:
    """The other finds, when it comes to write, that the idea is no longer as it was read."""
    real = services.publish_due_ideas.__globals__["publish_idea"]
    done: list[int] = []

    def late(**given: Any) -> Any:
        if not done:
            done.append(1)
            done.append(services.publish_due_ideas(at=now + HOUR))
        return real(**given)

    monkeypatch.setitem(services.publish_due_ideas.__globals__, "publish_idea", late)
    assert services.publish_due_ideas(at=now + HOUR) == 0
    assert done == [1, 1]
    assert Event.objects.filter(verb="publish").count() == 1


def test_who_may_no_longer_publish_does_not(idea: Any, now: Any, moderator: Any) -> None:
    moderator.user_permissions.clear()
    assert services.publish_due_ideas(at=now + HOUR) == 0
    assert list(Idea.objects.waiting()) == [idea]
    event = Event.objects.get(verb="unschedule")
    assert (event.actor, event.public) == ("system", False)
    assert "may no longer publish" in event.note


def test_undone_after_its_hour_it_waits_and_is_not_published_again(
    idea: Any, now: Any, moderator: Any
) -> None:
    services.publish_due_ideas(at=now + HOUR)
    idea.refresh_from_db()
    minute = timedelta(minutes=1)
    services.undo_move(record=idea, by=moderator, at=now + HOUR + minute)
    assert services.publish_due_ideas(at=now + HOUR + 2 * minute) == 0
    assert list(Idea.objects.waiting()) == [idea]


def test_undone_before_its_hour_the_hour_stands(idea: Any, now: Any, moderator: Any) -> None:
    services.decline_idea(idea=idea, by=moderator, at=now, reason=factories.Reason().code)
    services.undo_move(record=idea, by=moderator, at=now)
    assert services.publish_due_ideas(at=now + HOUR) == 1
