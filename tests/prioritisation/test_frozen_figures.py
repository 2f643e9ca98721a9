"""What is counted of an initiative as its round opens: persons once, missing never zero, frozen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import services as engagement
from engagement.models import Call, Support
from prioritisation import services
from prioritisation.models import Entry
from prioritisation.services.evidence import Gathered
from prioritisation.services.figures import confirmed_supporters, freeze_figures
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db


def support(idea: Any, voter: str, now: datetime, kind: str = Support.Kind.CONFIRMED) -> None:
    key = engagement.supports.voter_key(kind=kind, voter=voter)
    Support.objects.create(idea=idea, voter=key, kind=kind, given_at=now)


@pytest.fixture
def prepared(city: dict[str, Any], now: datetime) -> Any:
    """Initiative 0 of ideas 0 and 1, 1 of idea 2, and 2 of idea 3, whose call takes supports of browsers."""
    Call.objects.filter(pk=city["call"].pk).update(supports=Call.Supports.CONFIRMED)
    other = factories.Call(supports=Call.Supports.TOKEN)
    city["programme"].calls.add(other)
    city["ideas"][3] = factories.Idea(call=other, state="published")
    made = scene.work_up(city, now, [[0, 1], [2], [3]])
    round = services.prepare_round(
        programme=city["programme"],
        policy_version=city["version"],
        stage="plan",
        initiatives=made,
        panel=city["assessors"],
        by=city["manager"],
        at=now,
        seed=1,
    )
    return city, round, made


def test_a_person_counts_once_over_all_ideas_and_those_joined_with_them(prepared: Any, now: datetime) -> None:
    city, round, made = prepared
    ideas = city["ideas"]
    for idea, voter in ((0, "a"), (1, "a"), (1, "b"), (11, "a"), (11, "c"), (10, "d")):
        support(ideas[idea], voter, now)
    engagement.link_duplicate(idea=ideas[11], original=ideas[0], by=city["manager"], at=now)
    assert confirmed_supporters(round) == {made[0].pk: 3, made[1].pk: 0}
    engagement.unlink_duplicate(idea=ideas[11], by=city["manager"], at=now)
    assert confirmed_supporters(round)[made[0].pk] == 2


def test_browsers_paper_and_what_was_taken_back_never_enter(prepared: Any, now: datetime) -> None:
    city, round, made = prepared
    idea = city["ideas"][2]
    support(idea, "browser", now, Support.Kind.TOKEN)
    support(idea, "on paper", now, Support.Kind.PAPER)
    support(idea, "gone", now)
    Support.objects.filter(kind=Support.Kind.CONFIRMED).update(withdrawn_at=now)
    support(city["ideas"][3], "browser", now, Support.Kind.TOKEN)
    found = confirmed_supporters(round)
    assert found[made[1].pk] == 0
    assert made[2].pk not in found, "where nobody could confirm, the number is not known"


def test_reports_are_added_up_by_initiative(prepared: Any) -> None:
    _city, round, made = prepared
    documents = {link: {"figures": {"total": total}} for link, total in ((5, 7), (6, 4), (7, 0))}
    gathered = Gathered(documents, set(), {5: made[0].pk, 6: made[0].pk, 7: made[1].pk})
    freeze_figures(round=round, evidence=gathered)
    reports = dict(round.entries.values_list("initiative", "figures__reports"))
    assert reports == {made[0].pk: 11, made[1].pk: 0, made[2].pk: None}


def test_opening_freezes_and_later_changes_change_nothing(prepared: Any, now: datetime) -> None:
    city, round, made = prepared
    support(city["ideas"][0], "a", now)
    services.open_round(round=round, by=city["manager"], at=now)
    expected = {"timeframe_months": 6, "cost_total": None, "supports": 1, "reports": None}
    support(city["ideas"][0], "later", now + timedelta(days=1))
    assert Entry.objects.get(round=round, initiative=made[0]).figures == expected
    assert Entry.objects.get(round=round, initiative=made[2]).figures["supports"] is None


def test_assessors_and_readers_of_the_ranking_are_told(prepared: Any, now: datetime) -> None:
    city, round, made = prepared
    support(city["ideas"][0], "a", now)
    support(city["ideas"][1], "b", now)
    services.open_round(round=round, by=city["manager"], at=now)
    entry = Entry.objects.get(round=round, initiative=made[0])
    assignment = entry.assignments.select_related("assessor").first()
    client = Client()
    client.force_login(assignment.assessor)
    said = client.get(f"/admin/prioritisation/assess/{assignment.pk}/").content.decode()
    assert "2 residents support it" in said
    assert "problem report" not in said, "what nobody counted is not told"
    services.close_round(round=round, by=city["manager"], at=now)
    client.force_login(city["manager"])
    page = f"/admin/prioritisation/round/{round.pk}/ranking/{made[0].reference}/"
    assert "2 residents support it" in client.get(page).content.decode()


def test_counting_takes_the_same_few_queries_for_any_number(
    prepared: Any, now: datetime, django_assert_max_num_queries: Any
) -> None:
    _city, round, _made = prepared
    with django_assert_max_num_queries(7):
        freeze_figures(round=round, evidence=Gathered({}, set(), {}))
