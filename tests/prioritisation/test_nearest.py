"""What would have changed a decision, in words: at the desk, to the department, on the published page."""

from typing import Any

import pytest

from prioritisation import services
from tests import factories, panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db

LEVELS = [5, 4, 4, 2, 1, 1, 0]
"""Four places: the fifth comes to the line with the best level on one criterion, the last not at all."""


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


def decided(panel: panels.Panel, assessors: int = 3) -> Any:
    round = panel.open(per_initiative=assessors)
    panel.score(round, lambda index: LEVELS[index])
    panel.close(round)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    undecided = services.undecided(round)
    assert not undecided.exists()
    return round


def published(panel: panels.Panel, round: Any) -> dict[str, Any]:
    services.save_plan(
        programme=panel.programme, slug="plan", title={"en": "The plan"}, by=panel.manager, at=panel.now
    )
    version = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    entries = {one["reference"]: one for one in version.document["initiatives"]}
    return {index: entries[one.reference] for index, one in enumerate(panel.initiatives)}


def test_the_smallest_change_is_told_in_the_words_of_the_anchor(panel: panels.Panel) -> None:
    round = decided(panel)
    told = services.what_would_have_changed(
        services.latest_result(round), panel.initiatives[4].reference, most=1
    )
    (text,) = told
    assert text["en"].startswith("A mean of 5.0 instead of 1.0 on “Impact on residents”")
    assert "Level 5 there is: “Strong, lasting change for a large share of residents”." in text["en"]
    assert "1,0" in text["fr"]
    assert "Grand changement durable" in text["fr"]


def test_nothing_is_told_of_what_has_a_place_or_is_too_far(panel: panels.Panel) -> None:
    result = services.latest_result(decided(panel))
    assert services.what_would_have_changed(result, panel.initiatives[0].reference) == []
    assert services.what_would_have_changed(result, panel.initiatives[6].reference) == []
    assert services.what_would_have_changed(result, "I-999") == []


def test_staff_and_the_department_read_it_before_publication(panel: panels.Panel) -> None:
    round = decided(panel)
    at_line = "would have brought it to the line"
    page = words(signed_in(panel.manager).get(address("decision", round, panel.initiatives[4].reference)))
    assert at_line in page
    owner = panel.initiatives[4].owner
    head = factories.User(is_staff=True, department=owner)
    decision = round.decisions.get(initiative=panel.initiatives[4])
    answer = signed_in(head).get(f"/admin/prioritisation/replies/{decision.pk}/")
    assert at_line in words(answer)


def test_authors_read_it_with_the_plan(panel: panels.Panel, client: Any) -> None:
    entries = published(panel, decided(panel))
    assert "instead of 1.0" in entries[4]["nearest"][0]["en"]
    assert entries[0]["nearest"] == []
    page = words(client.get(f"/plans/plan/{entries[4]['reference']}/"))
    assert "What would have changed it" in page
    assert entries[4]["nearest"][0]["en"] in page
    page = words(client.get(f"/plans/plan/{entries[0]['reference']}/"))
    assert "What would have changed it" not in page


def test_the_scores_of_two_people_are_not_told(panel: panels.Panel) -> None:
    entries = published(panel, decided(panel, assessors=2))
    assert [entry["nearest"] for entry in entries.values()] == [[]] * 7
