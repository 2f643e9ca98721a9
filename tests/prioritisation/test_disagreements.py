"""What is read apart: the list before and after closing, a further opinion, and scores given again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from engagement.models import Notice
from engagement.services import Refused
from prioritisation import emails, services
from prioritisation.models import Assessment, Assignment, Discussion, Event, Round
from prioritisation.workflow import Role
from tests import factories, panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    return panels.make(now, initiatives=3, assessors=4, places=1)


@pytest.fixture
def scored(panel: panels.Panel) -> Round:
    """Three assessors an initiative of four; the first initiative is read apart, the others are not."""
    round = panel.open(per_initiative=3)
    panel.score(round, lambda index: 3 + index % 2)
    entry = round.entries.get(initiative=panel.initiatives[0])
    for level, one in zip((0, 5, 3), entry.assignments.order_by("pk"), strict=True):
        services.save_assessment(
            assignment=one,
            scores=dict.fromkeys(panels.CRITERIA, level),
            notes={"strategy": f"zz-{level}"},
            by=one.assessor,
            at=panel.now,
            submit=True,
        )
    return round


def entry_of(panel: panels.Panel, round: Round) -> Any:
    return round.entries.get(initiative=panel.initiatives[0])


def later(panel: panels.Panel, hours: int) -> datetime:
    return panel.now + timedelta(hours=hours)


def test_while_open_the_manager_reads_which_and_asks_one_more(
    client: Client, panel: panels.Panel, scored: Round
) -> None:
    address = f"/admin/prioritisation/round/{scored.pk}/disagreement/"
    for person in (panel.analyst, panel.assessors[0]):
        client.force_login(person)
        assert client.get(address).status_code == 403
    client.force_login(panel.manager)
    text = client.get(address).content.decode()
    assert panel.initiatives[0].reference in text
    assert panel.initiatives[1].reference not in text
    assert "zz-" not in text
    before = set(entry_of(panel, scored).assignments.values_list("assessor", flat=True))
    assert client.post(f"{address}{panel.initiatives[0].reference}/opinion/").status_code == 302
    asked = entry_of(panel, scored).assignments.get(origin=Assignment.Origin.OPINION)
    assert asked.assessor_id not in before
    notice = Notice.objects.get(kind="prioritisation.more_asked")
    assert notice.user == asked.assessor
    body = emails.compose(notice, panel.now).body
    assert "Your list has grown" in body
    assert panel.initiatives[0].reference not in body
    again = client.post(f"{address}{panel.initiatives[0].reference}/opinion/", follow=True)
    assert "Nobody of the panel is left" in again.content.decode()


def test_nobody_on_the_panel_learns_of_a_further_opinion_before_closing(
    client: Client, panel: panels.Panel, scored: Round
) -> None:
    """A manager who scores as well would know from it that others read the initiative apart."""
    services.ask_opinion(entry=entry_of(panel, scored), by=panel.manager, at=panel.now)
    sitting, beside = panel.assessors[0], panel.manager
    factories.member(panel.programme, sitting, Role.MANAGER)
    for person in (sitting, beside):
        person.user_permissions.add(*factories.permissions_named("prioritisation.view_initiative"))

    def told(person: Any) -> bool:
        client.force_login(person)
        page = f"/admin/prioritisation/initiative/{panel.initiatives[0].pk}/change/"
        return "A further opinion asked for" in client.get(page).content.decode()

    assert (told(sitting), told(beside)) == (False, True)
    scored.panel.filter(user=sitting).update(left_at=panel.now)  # knows the own scores still
    assert told(sitting) is False
    for one in Assignment.objects.filter(entry__round=scored).not_handed_in():
        one.delete()
    panel.close(scored)
    assert (told(sitting), told(beside)) == (True, True)


def test_after_closing_far_apart_comes_first_with_dots_and_notes(
    client: Client, panel: panels.Panel, scored: Round
) -> None:
    panel.close(scored)
    client.force_login(panel.analyst)
    address = f"/admin/prioritisation/round/{scored.pk}/disagreement/"
    text = client.get(address).content.decode()
    assert "1 of 3 initiatives is not read alike" in text
    one = client.get(f"{address}{panel.initiatives[0].reference}/").content.decode()
    assert "zz-0" in one
    assert "zz-5" in one
    assert "zz-3" not in one  # of the extremes only
    assert one.count("dots-dot") == 12
    assert not any(person.username in one for person in panel.assessors)
    assert "Note it" not in one
    assert client.post(f"{address}{panel.initiatives[0].reference}/", {"verdict": "keep"}).status_code == 403


def test_scores_given_again_make_a_ranking_with_the_old_one_as_parent(
    client: Client, panel: panels.Panel, scored: Round
) -> None:
    panel.close(scored)
    first = services.latest_result(scored)
    client.force_login(panel.manager)
    entry = entry_of(panel, scored)
    other = scored.entries.get(initiative=panel.initiatives[1]).assignments.first()
    assert other is not None
    with pytest.raises(Refused):
        give(entry.assignments.first(), 4, later(panel, 1))
    services.discuss(
        entry=entry, verdict="rescore", reason="two readings", by=panel.manager, at=later(panel, 1)
    )
    assert Notice.objects.filter(kind="prioritisation.asked_again").count() == 3
    message = emails.compose(Notice.objects.filter(kind="prioritisation.asked_again")[0], panel.now)
    assert panel.initiatives[0].reference in message.subject
    own = entry.assignments.order_by("pk")[0]
    client.force_login(own.assessor)
    screen = client.get(f"/admin/prioritisation/assess/{own.pk}/").content.decode()
    assert "Save and next" in screen
    assert "until the round closes" not in screen
    queue = client.get("/admin/prioritisation/assess/").content.decode()
    assert queue.count("asked again") == 1
    assert "please look again" in queue
    for one in entry.assignments.order_by("pk"):
        give(one, 4, later(panel, 2))
    with pytest.raises(Refused):
        give(other, 0, later(panel, 2))  # nobody asked for that one
    assert services.asked_again_open(scored) == {"asked": 3, "done": 3}
    assert services.latest_result(scored) == first
    queue = client.get("/admin/prioritisation/assess/").content.decode()
    assert "asked again" not in queue
    assert "looked at again" in queue
    assert "please look again" not in queue
    made = services.rank_again(round=scored, reason="talked about", by=panel.manager, at=later(panel, 3))
    assert made.parent == first
    assert made.reason == "talked about"
    assert services.latest_result(scored) == made
    assert services.recompute(made) == made.output
    first.refresh_from_db()
    assert services.recompute(first) == first.output
    with pytest.raises(Refused):
        give(own, 1, later(panel, 4))  # the ranking is made
    assert Event.objects.filter(verb="discuss", public=True).count() == 1


def give(assignment: Any, level: float, at: datetime) -> Assessment:
    return services.save_assessment(
        assignment=Assignment.objects.select_related("entry__round").get(pk=assignment.pk),
        scores=dict.fromkeys(panels.CRITERIA, level),
        by=assignment.assessor,
        at=at,
        submit=True,
    )


def test_drafted_decisions_end_scoring_again(panel: panels.Panel, scored: Round) -> None:
    panel.close(scored)
    entry = entry_of(panel, scored)
    services.discuss(entry=entry, verdict="rescore", reason="why", by=panel.manager, at=later(panel, 1))
    services.draft_decisions(round=scored, by=panel.manager, at=later(panel, 2))
    with pytest.raises(Refused):
        give(entry.assignments.first(), 4, later(panel, 3))
    with pytest.raises(Refused):
        services.discuss(entry=entry, verdict="rescore", reason="why", by=panel.manager, at=later(panel, 3))
    with pytest.raises(Refused):
        services.rank_again(round=scored, reason="why", by=panel.manager, at=later(panel, 3))
    assert Discussion.objects.count() == 1


def test_what_was_agreed_is_kept_and_a_refusal_keeps_what_was_typed(
    client: Client, panel: panels.Panel, scored: Round
) -> None:
    panel.close(scored)
    client.force_login(panel.manager)
    address = f"/admin/prioritisation/round/{scored.pk}/disagreement/{panel.initiatives[0].reference}/"
    answer = client.post(address, {"verdict": "", "reason": "zz-typed"})
    assert answer.status_code == 422
    assert "zz-typed" in answer.content.decode()
    assert client.post(address, {"verdict": "keep", "reason": "both are right"}).status_code == 302
    assert "both are right" in client.get(address).content.decode()
    merge = client.post(address, {"verdict": "merge", "reason": "the same"})
    assert merge["Location"].endswith(f"/{panel.initiatives[0].reference}/")
    assert "/decisions/" in merge["Location"]
