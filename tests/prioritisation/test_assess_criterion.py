"""One criterion through all initiatives: the same stored scores as the other screen, and nobody else's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import conditional_escape

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assessment, Assignment
from prioritisation.policies import catalogue, schema
from prioritisation.services.assessments import CANNOT_JUDGE
from tests import panels

pytestmark = pytest.mark.django_db
SCREEN = "admin:prioritisation_assess_one"


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=8)


@pytest.fixture
def mine(panel: panels.Panel) -> list[Assignment]:
    panel.open()
    return list(Assignment.objects.of(panel.assessors[0]).to_do())


@pytest.fixture
def me(panel: panels.Panel) -> Client:
    client = Client()
    client.force_login(panel.assessors[0])
    return client


def page_of(mine: list[Assignment], criterion: str = "strategy") -> str:
    return reverse("admin:prioritisation_assess_criterion", args=(mine[0].entry.round_id, criterion))


def row(
    assignment: Assignment, score: str, *, note: str = "", version: int = 0, **seen: str
) -> dict[str, Any]:
    prefix = f"r{assignment.pk}"
    return {
        f"{prefix}-version": version,
        f"{prefix}-score": score,
        f"{prefix}-note": note,
        f"initial-{prefix}-score": seen,
        f"initial-{prefix}-note": "",
    }


def panel_anchor() -> str:
    """The words of the highest level of `strategy` in the rules."""
    policy = schema.parse(catalogue.load("montreal-2015"))
    level = policy.criterion("strategy").level(5)
    assert level is not None
    return conditional_escape(level.text["en"])


def saved(assignment: Assignment) -> Assessment:
    return Assessment.objects.get(assignment=assignment)


def test_every_initiative_of_mine_has_a_row_under_the_anchors(me: Client, mine: list[Assignment]) -> None:
    page = me.get(page_of(mine)).content.decode()
    assert page.count('class="w-score w-through-row"') == len(mine) == 4
    assert page.count('type="radio"') == 4 * 7
    assert "0 / 4" in page
    assert panel_anchor() in page
    for assignment in mine:
        assert reverse(SCREEN, args=(assignment.pk,)) in page


def test_only_changed_rows_are_saved_and_the_other_screen_has_them(
    me: Client, mine: list[Assignment]
) -> None:
    sent = row(mine[0], "4") | row(mine[1], CANNOT_JUDGE, note="No figures at all") | row(mine[2], "")
    answer = me.post(page_of(mine), {**sent, "action": "next"})
    assert (answer.status_code, answer["Location"]) == (302, page_of(mine, "citizens"))
    assert saved(mine[0]).scores == [None, 4, None, None]
    assert saved(mine[1]).missing == {"strategy": CANNOT_JUDGE}
    assert saved(mine[1]).notes == {"strategy": "No figures at all"}
    assert Assessment.objects.count() == 2
    assert "2 / 4" in me.get(page_of(mine)).content.decode()
    # On from there on the other screen, and back: one vector, nothing lost.
    given = {"score_enabling": "2", "score_strategy": "4", "version": 1, "action": "draft"}
    me.post(reverse(SCREEN, args=(mine[0].pk,)), given)
    me.post(page_of(mine, "return"), {**row(mine[0], "5", version=2), "action": "save"})
    assert saved(mine[0]).scores == [2, 4, None, 5]
    assert saved(mine[0]).submitted_at is None


def test_what_is_complete_is_handed_in_and_the_rest_stays_a_draft(me: Client, mine: list[Assignment]) -> None:
    for version, criterion in enumerate(panels.CRITERIA):
        me.post(page_of(mine, criterion), {**row(mine[0], "3", version=version), "action": "save"})
    assert saved(mine[0]).submitted_at is None
    me.post(page_of(mine), {**row(mine[1], "3"), "action": "hand_in"})
    assert saved(mine[0]).submitted_at is not None
    assert saved(mine[1]).submitted_at is None
    # A hole in what is handed in is refused, with the row told and the typed note kept.
    hole = row(mine[0], "", note="I doubt it", version=5, seen="3")
    answer = me.post(page_of(mine), {**hole, "action": "save"})
    assert answer.status_code == 422
    assert "I doubt it" in answer.content.decode()
    assert saved(mine[0]).scores == [3, 3, 3, 3]


def test_another_window_is_told_the_rest_is_saved_and_insisting_works(
    me: Client, mine: list[Assignment]
) -> None:
    me.post(page_of(mine), {**row(mine[0], "1"), "action": "save"})
    late = row(mine[0], "5", note="Typed in the second window") | row(mine[1], "2")
    answer = me.post(page_of(mine), {**late, "action": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in ("another window", "Saved there: 1", "Typed in the second window", "1 other one is saved"):
        assert words in page, words
    assert (saved(mine[0]).scores[1], saved(mine[1]).scores[1]) == (1, 2)
    assert f'name="r{mine[0].pk}-version" value="1"' in page
    insisting = row(mine[0], "5", note="Typed in the second window", version=1)
    assert me.post(page_of(mine), {**insisting, "action": "save"}).status_code == 302
    assert saved(mine[0]).scores[1] == 5


def test_a_row_that_only_another_window_changed_is_no_conflict(me: Client, mine: list[Assignment]) -> None:
    me.post(page_of(mine), {**row(mine[0], "1"), "action": "save"})
    answer = me.post(page_of(mine), {**row(mine[0], ""), **row(mine[1], "2"), "action": "save"})
    assert answer.status_code == 302
    assert saved(mine[0]).scores[1] == 1


@pytest.mark.parametrize("score", ["6", "-1", "x", "nan", "2.5"])
def test_a_score_off_the_scale_is_told_at_its_row(me: Client, mine: list[Assignment], score: str) -> None:
    answer = me.post(page_of(mine), {**row(mine[0], score, note="kept"), "action": "save"})
    assert answer.status_code == 422
    assert f'href="#r{mine[0].pk}"' in answer.content.decode()
    assert ">kept</textarea>" in answer.content.decode()
    assert not Assessment.objects.exists()


def test_a_row_saves_itself_and_says_how_far_i_am(me: Client, mine: list[Assignment]) -> None:
    sent = {**row(mine[0], "3"), "row": mine[0].pk, "action": "autosave"}
    told = me.post(page_of(mine), sent).json()
    assert (told["version"], told["progress"]) == (1, "1 / 4")
    assert me.post(page_of(mine), sent).status_code == 409
    assert me.post(page_of(mine), {**sent, "row": "0"}).status_code == 404


def test_a_closed_round_shows_my_scores_and_takes_none(
    panel: panels.Panel, me: Client, mine: list[Assignment]
) -> None:
    me.post(page_of(mine), {**row(mine[0], "3"), "action": "save"})
    panel.close(mine[0].entry.round)
    page = me.get(page_of(mine)).content.decode()
    assert "no longer change" in page
    assert 'value="save"' not in page
    answer = me.post(page_of(mine), {**row(mine[0], "5", version=1, seen="3"), "action": "save"})
    assert answer.status_code == 422
    assert saved(mine[0]).scores[1] == 3


def test_nobody_learns_anything_of_others(
    panel: panels.Panel, mine: list[Assignment], administrator: Any
) -> None:
    """Others' scores, notes and counts are on nobody's page; others' rows can't be sent from it."""
    owner, other = panel.assessors[:2]
    for assignment in mine:
        services.save_score(
            assignment=assignment, criterion="strategy", score=5, note="Only mine", by=owner, at=panel.now
        )
    client = Client()
    client.force_login(other)
    page = client.get(page_of(mine)).content.decode()
    assert "Only mine" not in page
    assert "checked>" not in page.replace('id="keys-on" checked>', "")
    assert "0 / 4" in page
    stolen = row(mine[0], "0", version=1, seen="5")
    assert client.post(page_of(mine), {**stolen, "action": "save"}).status_code == 302
    assert client.post(page_of(mine), {**stolen, "row": mine[0].pk, "action": "autosave"}).status_code == 404
    assert saved(mine[0]).scores[1] == 5
    for person in (panel.manager, panel.publisher, panel.analyst, administrator):
        client.force_login(person)
        assert client.get(page_of(mine)).status_code == 404
        assert client.post(page_of(mine), {**stolen, "action": "save"}).status_code == 404
    with pytest.raises(Refused):
        services.save_score(assignment=mine[0], criterion="strategy", score=0, by=other, at=panel.now)
    with pytest.raises(Refused):
        services.hand_in(assignment=mine[0], by=other, at=panel.now)


def test_what_i_stepped_aside_from_has_no_row(
    panel: panels.Panel, me: Client, mine: list[Assignment]
) -> None:
    services.declare_conflict(assignment=mine[0], reason="My street", by=panel.assessors[0], at=panel.now)
    page = me.get(page_of(mine)).content.decode()
    assert "0 / 3" in page
    assert f"r{mine[0].pk}-score" not in page


def test_pages_that_are_not_there(me: Client, mine: list[Assignment]) -> None:
    assert me.get(page_of(mine, "time")).status_code == 404, "a figure of the staff's is not asked"
    assert me.get(page_of(mine, "no-such")).status_code == 404
    elsewhere = reverse("admin:prioritisation_assess_criterion", args=(10**6, "strategy"))
    assert me.get(elsewhere).status_code == 404


def test_handing_in_what_is_not_complete_is_refused(panel: panels.Panel, mine: list[Assignment]) -> None:
    me = panel.assessors[0]
    services.save_score(assignment=mine[0], criterion="strategy", score=3, by=me, at=panel.now)
    for assignment in mine[:2]:
        with pytest.raises(Refused, match="Give a score"):
            services.hand_in(assignment=assignment, by=me, at=panel.now)


def test_queries_do_not_grow_with_rows(
    me: Client, mine: list[Assignment], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        me.get(page_of(mine))
