"""Each initiative is decided once, by one round, and its ideas arrive where it was sent."""

from typing import Any

import pytest

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assignment
from prioritisation.policies import schema
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db


def test_an_initiative_is_decided_by_one_round_at_a_time(now: Any) -> None:
    city = scene.make_city(now)
    initiatives = scene.work_up(city, now, [[0], [1], [2]])
    common: dict[str, Any] = {
        "programme": city["programme"],
        "policy_version": city["version"],
        "stage": "plan",
        "panel": city["assessors"],
        "by": city["manager"],
        "at": now,
        "seed": 1,
    }
    first = services.prepare_round(initiatives=initiatives[:2], **common)
    second = services.prepare_round(initiatives=initiatives[1:], **common)
    services.open_round(round=first, by=city["manager"], at=now)
    with pytest.raises(Refused, match="another round"):
        services.open_round(round=second, by=city["manager"], at=now)


def test_a_round_does_not_open_with_what_went_back_to_draft(now: Any) -> None:
    city = scene.make_city(now)
    initiatives = scene.work_up(city, now, [[0], [1]])
    prepared = scene.prepare_round(city, now, initiatives)
    services.move_initiative(initiative=initiatives[0], verb="back_to_draft", by=city["manager"], at=now)
    with pytest.raises(Refused, match="not ready"):
        services.open_round(round=prepared, by=city["manager"], at=now)


def test_ideas_are_not_lost_in_a_chain_of_merges(now: Any) -> None:
    city = scene.make_city(now)
    initiatives = scene.work_up(city, now, [[0], [1], [2]])
    round = scene.run_round(city, now, initiatives, lambda index: 4 - index)
    services.draft_decisions(round=round, by=city["manager"], at=now)
    services.save_plan(programme=city["programme"], slug="p", title={"en": "P"}, by=city["manager"], at=now)
    for one, into in ((0, 1), (1, 0)):
        services.save_decision(
            round=round,
            initiative=initiatives[one],
            outcome="merge",
            reason=schema.parse(city["version"].document).reasons[0].code,
            text={"en": "The same wish."},
            override_reason={"en": "The same wish."},
            merge_into=initiatives[into],
            by=city["manager"],
            at=now,
        )
    with pytest.raises(Refused, match="itself joined"):
        services.publish_round(round=round, by=city["publisher"], at=now)


def test_a_conflict_declared_twice_asks_one_successor(now: Any) -> None:
    city = scene.make_city(now)
    initiatives = scene.work_up(city, now, [[0]])
    scene.open_round(city, now, initiatives)
    pressed, again = (Assignment.objects.order_by("pk").select_related("entry__round")[0] for _ in range(2))
    asked = Assignment.objects.count()
    services.declare_conflict(assignment=pressed, reason="Mine", by=pressed.assessor, at=now)
    with pytest.raises(Refused, match="conflict"):
        services.declare_conflict(assignment=again, reason="Mine", by=again.assessor, at=now)
    assert Assignment.objects.count() == asked + 1
