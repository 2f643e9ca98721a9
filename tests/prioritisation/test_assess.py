"""The assessor's pages: what they save, what they refuse, and that they show nothing of anybody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prioritisation import services
from prioritisation.models import Assessment, Assignment
from prioritisation.services.assessments import CANNOT_JUDGE
from prioritisation.workflow import Role
from tests import factories, panels
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db
QUEUE = "/admin/prioritisation/assess/"
GIVEN = {"score_enabling": "3", "score_strategy": "4", "score_citizens": "0", "score_return": CANNOT_JUDGE}


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=8)


def address(assignment: Assignment) -> str:
    return reverse("admin:prioritisation_assess_one", args=(assignment.pk,))


def queue_of(user: Any) -> list[Assignment]:
    return list(Assignment.objects.of(user).to_do())


def test_the_page_has_every_anchor_and_no_staff_figure_to_score(panel: panels.Panel) -> None:
    panel.open()
    mine = queue_of(panel.assessors[0])[0]
    page = signed_in(panel.assessors[0]).get(address(mine)).content.decode()
    assert "Several other initiatives cannot start without it" in page
    assert "No resident would notice" in page
    assert page.count('type="radio"') == 4 * 7
    assert "score_time" not in page
    assert "Time needed to implement" in page


def test_save_and_next_goes_through_the_whole_queue(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    client, left = signed_in(me), queue_of(me)
    assert len(left) == 4
    for place, assignment in enumerate(left):
        answer = client.post(address(assignment), {**GIVEN, "version": 0, "action": "next"})
        following = address(left[place + 1]) if place + 1 < len(left) else QUEUE
        assert (answer.status_code, answer["Location"]) == (302, following)
    saved = Assessment.objects.get(assignment=left[0])
    assert saved.scores == [3, 4, 0, None]
    assert saved.missing == {"return": CANNOT_JUDGE}
    assert saved.submitted_at is not None
    assert "4 / 4 done" in client.get(QUEUE).content.decode()


def test_handing_in_needs_every_criterion_and_loses_nothing(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    mine = queue_of(me)[0]
    typed = {
        "score_enabling": "5",
        "note_enabling": "Three others wait for it",
        "version": 0,
        "action": "next",
    }
    answer = signed_in(me).post(address(mine), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Give a score, or say that you cannot judge.") == 2 * 3
    assert "Three others wait for it" in page
    assert 'href="#id_score_strategy_group"' in page
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("value", ["6", "-1", "2.5", "x", "nan"])
def test_a_score_off_the_scale_is_refused(panel: panels.Panel, value: str) -> None:
    panel.open()
    me = panel.assessors[0]
    sent = {**GIVEN, "score_enabling": value, "version": 0, "action": "draft"}
    assert signed_in(me).post(address(queue_of(me)[0]), sent).status_code == 422
    assert not Assessment.objects.exists()


def test_a_skipped_one_comes_back_last_with_what_was_typed(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    first, *others = queue_of(me)
    answer = signed_in(me).post(address(first), {"score_enabling": "2", "version": 0, "action": "skip"})
    assert answer["Location"] == address(others[0])
    assert queue_of(me) == [*others, first]
    assert Assessment.objects.get(assignment=first).scores == [2, None, None, None]
    assert Assessment.objects.get(assignment=first).submitted_at is None


def test_a_second_window_is_told_and_not_overwritten(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    client, mine = signed_in(me), queue_of(me)[0]
    client.post(address(mine), {**GIVEN, "version": 0, "action": "next"})
    late = {**GIVEN, "score_enabling": "1", "version": 0, "action": "next"}
    answer = client.post(address(mine), late)
    assert answer.status_code == 409
    assert "another window" in answer.content.decode()
    assert Assessment.objects.get(assignment=mine).scores[0] == 3
    # Told, the person may insist: the page now carries the version that is there.
    assert 'name="version" value="1"' in answer.content.decode()
    assert client.post(address(mine), {**late, "version": 1}).status_code == 302
    assert Assessment.objects.get(assignment=mine).scores[0] == 1


def test_autosave_tells_time_and_version_and_conflicts(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    client, mine = signed_in(me), queue_of(me)[0]
    sent = {"score_enabling": "3", "version": 0, "action": "autosave"}
    answer = client.post(address(mine), sent)
    assert answer.json()["version"] == 1
    assert answer.json()["message"].startswith("Saved at ")
    assert Assessment.objects.get(assignment=mine).submitted_at is None
    assert client.post(address(mine), sent).status_code == 409
    assert client.post(address(mine), {**sent, "version": 1, "score_enabling": "9"}).status_code == 422
    assert Assessment.objects.get(assignment=mine).scores == [3, None, None, None]


def test_what_is_handed_in_stays_whole(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    client, mine = signed_in(me), queue_of(me)[0]
    client.post(address(mine), {**GIVEN, "version": 0, "action": "next"})
    hole = {**GIVEN, "score_enabling": "", "version": 1}
    for action, status in (("draft", 422), ("autosave", 422), ("skip", 422)):
        assert client.post(address(mine), {**hole, "action": action}).status_code == status
    client.post(address(mine), {**GIVEN, "score_enabling": "5", "version": 1, "action": "draft"})
    saved = Assessment.objects.get(assignment=mine)
    assert (saved.scores[0], saved.submitted_at is not None) == (5, True)


def test_a_conflict_needs_a_reason_and_takes_it_out_of_the_queue(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    client, (mine, following, *_) = signed_in(me), queue_of(me)
    step_aside = reverse("admin:prioritisation_assess_conflict", args=(mine.pk,))
    refused = client.post(step_aside, {"reason": " "})
    assert refused.status_code == 422
    assert "<details open><summary>Conflict of interest" in refused.content.decode()
    answer = client.post(step_aside, {"reason": "My brother would build it"})
    assert answer["Location"] == address(following)
    assert client.get(address(mine))["Location"] == QUEUE
    assert client.post(address(mine), {**GIVEN, "version": 0, "action": "next"})["Location"] == QUEUE
    assert not Assessment.objects.exists()
    assert "My brother" not in client.get(QUEUE).content.decode()


def test_after_closing_i_see_my_scores_and_change_nothing(panel: panels.Panel) -> None:
    round = panel.open()
    me = panel.assessors[0]
    client, mine = signed_in(me), queue_of(me)[0]
    client.post(address(mine), {**GIVEN, "version": 0, "action": "next"})
    panel.close(round)
    page = client.get(address(mine)).content.decode()
    assert "no longer change" in page
    assert 'value="next"' not in page
    answer = client.post(address(mine), {**GIVEN, "score_enabling": "5", "version": 1, "action": "next"})
    assert answer.status_code == 422
    assert "round is closed" in answer.content.decode()
    assert Assessment.objects.get(assignment=mine).scores[0] == 3


def test_a_round_that_closes_under_the_hand_takes_no_more_scores(panel: panels.Panel, now: Any) -> None:
    """The page read "open"; when the save comes, the ranking is made."""
    round = panel.open()
    me = panel.assessors[0]
    read_before = Assignment.objects.select_related("entry__round__policy_version").get(pk=queue_of(me)[0].pk)
    panel.close(round)
    with pytest.raises(services.rounds.Refused):
        services.save_assessment(assignment=read_before, scores={"enabling": 5}, by=me, at=now)
    assert not Assessment.objects.exists()


# Nobody reaches another person's scores ---------------------------------------------------------------


def test_nobody_opens_another_persons_assessment(panel: panels.Panel, administrator: Any) -> None:
    panel.open()
    owner, other = panel.assessors[:2]
    mine = queue_of(owner)[0]
    signed_in(owner).post(address(mine), {**GIVEN, "version": 0, "action": "next"})
    step_aside = reverse("admin:prioritisation_assess_conflict", args=(mine.pk,))
    for person in (other, panel.manager, panel.publisher, panel.analyst, administrator):
        client = signed_in(person)
        assert client.get(address(mine)).status_code == 404
        assert client.post(address(mine), {**GIVEN, "version": 1, "action": "next"}).status_code == 404
        assert client.post(step_aside, {"reason": "x"}).status_code == 404
    assert Client().get(address(mine)).status_code == 302


def test_somebody_taken_off_the_programme_sees_nothing_more(panel: panels.Panel) -> None:
    panel.open()
    me = panel.assessors[0]
    mine = queue_of(me)[0]
    elsewhere = factories.Programme()
    factories.member(elsewhere, me, Role.ASSESSOR)
    me.memberships.filter(programme=panel.programme).delete()
    assert signed_in(me).get(address(mine)).status_code == 404
    assert "Initiative" not in signed_in(me).get(QUEUE).content.decode().partition("<main")[2]


def test_the_queue_holds_only_my_own_scores(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5)
    me = panel.assessors[0]
    for assignment in Assignment.objects.of(me):
        Assessment.objects.filter(assignment=assignment).update(scores=[1, 2, 1, 2])
    page = signed_in(me).get(QUEUE).content.decode()
    assert "</span>1</span> · " in page
    assert "</span>5</span>" not in page


def test_scores_of_the_panel_have_no_page_in_the_admin(panel: panels.Panel, administrator: Any) -> None:
    panel.open()
    for model in ("assessment", "assignment", "result", "entry"):
        for person in (administrator, panel.manager):
            assert signed_in(person).get(f"/admin/prioritisation/{model}/").status_code == 404


def test_the_number_of_queries_does_not_grow(panel: panels.Panel, django_assert_max_num_queries: Any) -> None:
    panel.open()
    client = signed_in(panel.assessors[0])
    mine = queue_of(panel.assessors[0])[0]
    with django_assert_max_num_queries(
        14
    ):  # two of them: translations of its ideas, answers of their senders
        client.get(address(mine))
    with django_assert_max_num_queries(8):
        client.get(QUEUE)
