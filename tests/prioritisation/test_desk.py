"""The admin's first page for who assesses, works up and decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prioritisation import services
from prioritisation.models import Amendment, Assignment, Decision, Plan, Round
from prioritisation.workflow import Role
from tests import factories, panels
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


def told(user: Any, words: str) -> list[tuple[int, str, str, str]]:
    return [one for one in cards(desk(user)) if words in one[1]]


def test_a_manager_is_told_of_late_assessors_and_of_facts_that_departments_lack(now: datetime) -> None:
    panel = panels.make(now, initiatives=4)
    round = panel.prepare(per_initiative=6)
    address = f"/admin/prioritisation/round/{round.pk}/"
    (lacking,) = told(panel.manager, "check the facts")
    assert lacking == (
        4,
        "initiatives wait for their departments to check the facts",
        f"{address}panel/",
        str(round),
    )
    first = panel.initiatives[0]
    clerk = factories.staff("clerk", permissions=["engagement.answer_referral"])
    colleague = factories.staff("colleague")
    for one in (clerk, colleague):
        one.department = first.owner
        one.save()
    mine = "facts to check"
    assert told(colleague, mine) == [], "works there, and answers for nobody"
    assert [one[0] for one in told(clerk, mine)] == [4]
    first.refresh_from_db()
    services.confirm_facts(initiative=first, by=clerk, at=now, version=first.version)
    assert told(clerk, mine) == [
        (
            3,
            "initiatives of your department have facts to check",
            "/admin/prioritisation/facts/",
            "",
        )
    ]
    assert told(panel.manager, "check the facts")[0][0] == 3
    assert told(panel.manager, mine) == []
    services.open_round(round=round, by=panel.manager, at=now)
    assert told(panel.manager, "check the facts") == []
    # Late is who has something left after the day, whatever it is; a conflict of interest is nothing left.
    assert told(panel.manager, "late") == []
    Round.objects.update(due_at=timezone.now() - timedelta(days=1))
    Assignment.objects.filter(assessor=panel.assessors[0]).update(conflict_at=now, conflict_reason="cousin")
    (late,) = told(panel.manager, "late")
    assert late[:3] == (5, "assessors are late", f"{address}change/")
    assert late[3].startswith(f"{round}; it was due by ")
    panel.score(round, lambda index: 3)
    assert told(panel.manager, "late") == []
    assert told(panel.publisher, "late") == []


def test_a_drafted_amendment_is_told_to_who_writes_and_who_adopts(
    city: dict[str, Any], now: datetime
) -> None:
    scene.publish(city, now)
    plan = Plan.objects.get()
    draft = services.start_amendment(plan=plan, by=city["manager"], at=now)
    told_of = (1, "amendment waits to be adopted", f"/admin/prioritisation/plan/{plan.pk}/amendment/")
    for person in (city["manager"], city["publisher"]):
        (found,) = told(person, "amendment")
        assert found == (*told_of, str(city["programme"]))
    assert told(city["assessors"][0], "amendment") == []
    Amendment.objects.filter(pk=draft.pk).delete()
    assert told(city["publisher"], "amendment") == []


def test_the_desk_asks_as_often_for_many_as_for_few(now: datetime) -> None:
    panel = panels.make(now, initiatives=2)
    client = Client()
    client.force_login(panel.manager)

    def asked() -> int:
        client.get("/admin/")
        with CaptureQueriesContext(connection) as found:
            client.get("/admin/")
        return len(found)

    def late_and_preparing() -> None:
        panel.work_up(3)
        opened = panel.open(per_initiative=6, initiatives=panel.initiatives[-2:])
        Round.objects.filter(pk=opened.pk).update(due_at=timezone.now() - timedelta(days=1))
        panel.work_up(2)
        panel.prepare(initiatives=panel.initiatives[-2:])

    late_and_preparing()
    few = asked()
    late_and_preparing()
    late_and_preparing()
    assert asked() == few
