"""Two people in the funnel at the same moment, on PostgreSQL: one wins, the other is told."""

import threading
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assessment, Assignment, Decision, Event, Initiative, PlanVersion, Round
from prioritisation.workflow import INITIATIVE_MOVES, ROUND_MOVES, SYSTEM
from tests.prioritisation import scene
from tests.service.meeting import at_once

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

KEYS = ["enabling", "strategy", "citizens", "return"]


def one_won(said: list[Any]) -> None:
    kinds = Counter("refused" if isinstance(one, Refused) else type(one).__name__ for one in said)
    assert kinds["refused"] == len(said) - 1, said
    assert not [one for one in said if isinstance(one, Exception) and not isinstance(one, Refused)]


@pytest.fixture
def city(now: datetime) -> Any:
    return scene.make_city(now)


def prepared(city: Any, now: datetime) -> Round:
    initiatives = scene.work_up(city, now, [[0], [1], [2], [3]])
    return scene.prepare_round(city, now, initiatives)


def opened(city: Any, now: datetime) -> Round:
    round = prepared(city, now)
    services.open_round(round=round, by=city["manager"], at=now)
    return round


def test_a_round_is_published_once(city: Any, now: datetime) -> None:
    round = scene.run_round(city, now, scene.work_up(city, now, [[0], [1], [2]]), lambda index: 4 - index)
    services.draft_decisions(round=round, by=city["manager"], at=now)
    services.save_plan(programme=city["programme"], slug="p", title={"en": "P"}, by=city["manager"], at=now)

    def publish() -> Any:
        mine = Round.objects.get(pk=round.pk)
        return services.publish_round(round=mine, by=city["publisher"], at=now)

    one_won(at_once(*[publish] * 4))
    assert PlanVersion.objects.count() == 1


def test_a_conflict_pressed_twice_asks_one_successor(city: Any, now: datetime) -> None:
    opened(city, now)
    asked = Assignment.objects.count()
    key = Assignment.objects.order_by("pk")[0].pk

    def declare() -> Any:
        mine = Assignment.objects.select_related("entry__round", "assessor").get(pk=key)
        services.declare_conflict(assignment=mine, reason="Mine", by=mine.assessor, at=now)

    one_won(at_once(*[declare] * 4))
    assert Assignment.objects.count() == asked + 1


def test_what_is_saved_while_a_round_closes_is_ranked_or_refused(city: Any, now: datetime) -> None:
    round = opened(city, now)
    keys = list(Assignment.objects.values_list("pk", flat=True))

    def save(key: int) -> Any:
        mine = Assignment.objects.select_related("entry__round__policy_version", "assessor").get(pk=key)
        return services.save_assessment(
            assignment=mine, scores=dict.fromkeys(KEYS, 3), by=mine.assessor, at=now, submit=True
        )

    def close() -> Any:
        services.close_round(round=Round.objects.get(pk=round.pk), by=city["manager"], at=now)

    said = at_once(
        *[lambda key=key: save(key) for key in keys[:6]], close, *[lambda k=k: save(k) for k in keys[6:]]
    )
    assert not [one for one in said if isinstance(one, Exception) and not isinstance(one, Refused)], said
    ranked = sum(len(one["reviews"]) for one in services.latest_result(round).inputs["initiatives"])
    assert ranked == Assessment.objects.count() == sum(isinstance(one, Assessment) for one in said)


def test_decisions_are_drafted_once(city: Any, now: datetime) -> None:
    round = scene.run_round(city, now, scene.work_up(city, now, [[0], [1], [2]]), lambda index: 4 - index)

    def draft() -> Any:
        return services.draft_decisions(round=Round.objects.get(pk=round.pk), by=city["manager"], at=now)

    said = at_once(*[draft] * 4)
    assert not [one for one in said if isinstance(one, Exception)], said
    assert Decision.objects.count() == 3


def test_rounds_and_rules_made_at_the_same_moment_have_numbers_of_their_own(city: Any, now: datetime) -> None:
    initiatives = scene.work_up(city, now, [[0], [1]])

    def prepare() -> Any:
        return scene.prepare_round(city, now, initiatives)

    def adopt() -> Any:
        document = city["version"].document
        return services.adopt_policy(
            programme=city["programme"], document=document, by=city["manager"], at=now
        )

    said = at_once(prepare, prepare, prepare, adopt, adopt, adopt)
    assert not [one for one in said if isinstance(one, Exception)], said


def test_nothing_is_decided_after_publishing(city: Any, now: datetime) -> None:
    """Who opened the page before the round was published is told, and leaves no decision behind."""
    initiatives = scene.work_up(city, now, [[0], [1]])
    round = scene.run_round(city, now, initiatives, lambda index: 4 - index)
    before = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
    services.draft_decisions(round=round, by=city["manager"], at=now)
    services.save_plan(programme=city["programme"], slug="p", title={"en": "P"}, by=city["manager"], at=now)
    services.publish_round(round=round, by=city["publisher"], at=now)
    with pytest.raises(Refused):
        services.draft_decisions(round=before, by=city["manager"], at=now)


def raced(model: type[Any], key: int, act: Any, people: int = 4) -> list[Any]:
    """Everybody reads the record, and only then all act on what they read."""
    all_have_read = threading.Barrier(people, timeout=30)

    def work() -> Any:
        mine = model.objects.get(pk=key)
        all_have_read.wait()
        act(mine)
        return "done"

    return at_once(*[work] * people)


STATE_BEFORE = {"mark_ready": "draft", "reopen": "set_aside"}


@pytest.mark.parametrize(
    "verb", [move.verb for move in INITIATIVE_MOVES.values() if SYSTEM not in move.roles]
)
def test_every_move_of_an_initiative_is_made_once(city: Any, now: datetime, verb: str) -> None:
    one, other = scene.work_up(city, now, [[0], [1]])
    Initiative.objects.filter(pk=one.pk).update(state=STATE_BEFORE.get(verb, "ready"))
    told = Event.objects.filter(initiative=one, verb=verb)
    before = told.count()

    def act(mine: Initiative) -> None:
        said: dict[str, Any] = {"initiative": mine, "by": city["manager"], "at": now}
        if verb == "merge":
            services.merge_initiative(into=other, text={"en": "The same."}, **said)
        elif verb == "set_aside":
            services.set_aside_initiative(reason="no_owner", text={"en": "Nobody can."}, **said)
        else:
            services.move_initiative(verb=verb, **said)

    one_won(raced(Initiative, one.pk, act))
    one.refresh_from_db()
    assert one.state in INITIATIVE_MOVES[verb].targets
    assert told.count() == before + 1


@pytest.mark.parametrize("verb", ["open", "close"])
def test_a_round_is_opened_and_closed_once(city: Any, now: datetime, verb: str) -> None:
    """Its publication is raced above."""
    assert set(ROUND_MOVES) == {"open", "close", "publish_decisions"}
    round = opened(city, now) if verb == "close" else prepared(city, now)
    act = services.close_round if verb == "close" else services.open_round
    one_won(raced(Round, round.pk, lambda mine: act(round=mine, by=city["manager"], at=now)))
    assert Event.objects.filter(round=round, verb=f"{verb}_round").count() == 1
    assert Assignment.objects.count() == len(
        {(one.entry_id, one.assessor_id) for one in Assignment.objects.all()}
    )
