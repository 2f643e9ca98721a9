"""The admin's first page for who assesses, works up and decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from prioritisation import services
from prioritisation.models import Decision, Round
from prioritisation.workflow import Role
from tests import factories
from tests.engagement.test_desk import cards, desk
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db

ASSESS = "/admin/prioritisation/assess/"


def test_an_assessor_is_told_of_open_assessments_alone(city: dict[str, Any], now: datetime) -> None:
    made = scene.work_up(city, now, [[0], [1]])
    assessor = city["assessors"][0]
    nothing = (0, "assessments are yours to do", ASSESS, "")
    assert cards(desk(assessor)) == [nothing]
    round = services.prepare_round(
        programme=city["programme"],
        policy_version=city["version"],
        stage="plan",
        initiatives=made,
        panel=city["assessors"],
        by=city["manager"],
        at=now,
        per_initiative=6,
        seed=1,
    )
    assert cards(desk(assessor)) == [nothing]
    services.open_round(round=round, by=city["manager"], at=now)
    assert cards(desk(assessor)) == [(2, "assessments are yours to do", ASSESS, "")]
    Round.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert cards(desk(assessor))[0][3].startswith("They were due by ")
    services.close_round(round=round, by=city["manager"], at=now)
    assert [count for count, *_rest in cards(desk(assessor))] == [0]


def test_decisions_wait_for_the_programmes_own_manager_and_publisher(
    city: dict[str, Any], now: datetime
) -> None:
    made = scene.work_up(city, now, [[0], [1], [2]])
    round = scene.run_round(city, now, made, lambda index: 3)
    stranger = factories.staff("stranger")
    factories.member(factories.Programme(), stranger, Role.PUBLISHER)
    page = f"/admin/prioritisation/round/{round.pk}/change/"
    publisher = city["publisher"]
    Decision.objects.all().delete()
    assert cards(desk(publisher)) == [(1, "closed round waits for its decisions", page, str(round))]
    services.draft_decisions(round=round, by=city["manager"], at=now)
    waits = (3, "decisions wait to be published", page, str(round))
    assert cards(desk(publisher)) == [waits]
    factories.member(city["programme"], publisher, Role.MANAGER)
    assert waits in cards(desk(publisher))
    assert waits in cards(desk(city["manager"]))
    assert cards(desk(stranger)) == [
        (0, "decisions wait to be published", "/admin/prioritisation/round/", "")
    ]


def test_drafts_are_told_to_who_works_them_up(city: dict[str, Any], now: datetime) -> None:
    factories.Initiative(programme=city["programme"])
    factories.Initiative()
    manager = factories.member(
        city["programme"],
        factories.staff("works-up", permissions=["prioritisation.work_up_initiative"]),
        Role.MANAGER,
    )
    address = "/admin/prioritisation/initiative/?state__exact=draft"
    assert (1, "initiative is still a draft", address, "") in cards(desk(manager))
    assert "still a draft" not in desk(city["manager"])
