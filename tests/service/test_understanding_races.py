"""An answer to "did we understand you?" meets the end of the round, or the sender's own withdrawal."""

from datetime import datetime
from typing import Any

import pytest

from engagement.models import Idea
from engagement.services import withdraw_idea
from prioritisation import services
from prioritisation.models import Round, Understanding
from tests.prioritisation import scene
from tests.service.meeting import both, meet, one_of

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(now: datetime) -> Any:
    return scene.make_city(now)


@pytest.fixture
def asked(city: Any, now: datetime) -> Understanding:
    """Asked of the first idea's sender, while a round assesses the initiative."""
    initiatives = scene.work_up(city, now, [[0], [1], [2]])
    scene.open_round(city, now, initiatives)
    return Understanding.objects.get(link__initiative=initiatives[0])


def answering(asked: Understanding, now: datetime) -> Any:
    mine = Understanding.objects.select_related("link").get(pk=asked.pk)
    return lambda: services.answer_understanding(asked=mine, answer="no", why="Not at all", at=now)


def closing(city: Any, now: datetime) -> Any:
    round = Round.objects.get()
    return lambda: services.close_round(round=round, by=city["manager"], at=now)


def withdrawing(asked: Understanding, now: datetime) -> Any:
    idea = Idea.objects.get(pk=asked.link.idea_id)
    return lambda: withdraw_idea(idea=idea, at=now)


def test_no_answer_comes_after_the_round_is_closed(city: Any, asked: Understanding, now: datetime) -> None:
    one_of(meet(closing(city, now), answering(asked, now)))
    asked.refresh_from_db()
    assert (asked.answer, asked.why) == ("", "")


def test_a_round_that_closes_waits_for_the_answer(city: Any, asked: Understanding, now: datetime) -> None:
    both(meet(answering(asked, now), closing(city, now)))
    asked.refresh_from_db()
    assert (asked.answer, asked.why) == ("no", "Not at all")


def test_who_took_the_idea_back_answers_nothing(asked: Understanding, now: datetime) -> None:
    one_of(meet(withdrawing(asked, now), answering(asked, now)))
    asked.refresh_from_db()
    assert (asked.answer, asked.why) == ("", "")


def test_words_said_just_before_taking_back_go_with_it(asked: Understanding, now: datetime) -> None:
    both(meet(answering(asked, now), withdrawing(asked, now)))
    asked.refresh_from_db()
    assert (asked.answer, asked.why) == ("no", "")
