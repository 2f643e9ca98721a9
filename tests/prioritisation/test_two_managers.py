"""Two managers with the page of one panel before them: nothing is overwritten or done twice, each is told."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from engagement.models import Notice
from prioritisation.models import Assignment, PanelMember, Round
from prioritisation.workflow import Role
from tests import factories, panels
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=8)


def address(round: Round, name: str = "round_panel") -> str:
    return reverse(f"admin:prioritisation_{name}", args=(round.pk,))


class Page:
    """The page as one manager read it: what its form for a file carries stays as it was then."""

    def __init__(self, user: Any, round: Round) -> None:
        self.client, self.round = signed_in(user), round
        shown = self.client.get(address(round)).content.decode()
        found = re.search(r'name="seen" value="([0-9a-f]{64})"', shown)
        assert found is not None
        self.seen = found[1]
        self.file = self.client.get(address(round, "round_assignments")).content

    def press(self, action: str, **values: Any) -> tuple[int, str]:
        answer = self.client.post(address(self.round), {"action": action, **values}, follow=True)
        return (answer.status_code, answer.content.decode())

    def send_file(self) -> tuple[int, str]:
        return self.press("import", file=SimpleUploadedFile("a.csv", self.file), seen=self.seen)


def pairs(round: Round) -> set[tuple[int, int]]:
    return set(Assignment.objects.filter(entry__round=round).values_list("entry_id", "assessor_id"))


def other_manager(panel: panels.Panel) -> Any:
    return factories.member(panel.programme, factories.staff("deputy"), Role.MANAGER)


@pytest.mark.parametrize("opened", [True, False])
def test_a_file_of_an_older_list_undoes_nothing(panel: panels.Panel, opened: bool) -> None:
    round = panel.open() if opened else panel.prepare()
    mine, other = Page(panel.manager, round), Page(other_manager(panel), round)
    entry = round.entries.select_related("initiative").order_by("pk")[0]
    if opened:
        taken = set(entry.assignments.values_list("assessor_id", flat=True))
        free = next(user for user in panel.assessors if user.pk not in taken)
        assert other.press("assign", entry=entry.pk, assessor=free.pk)[0] == 200
    else:
        assert other.send_file()[0] == 200
    before = pairs(round)
    status, shown = mine.send_file()
    assert status == 422
    assert "your file would undo it" in shown
    assert pairs(round) == before
    assert Page(panel.manager, round).send_file()[0] == 200, "with the list as it is now it is taken in"
    assert pairs(round) == before


def test_a_file_sent_by_nobody_who_saw_the_list_is_refused(panel: panels.Panel) -> None:
    round = panel.open()
    mine = Page(panel.manager, round)
    mine.seen = ""
    assert mine.send_file()[0] == 422


def test_what_is_handed_in_meanwhile_does_not_make_a_file_old(panel: panels.Panel) -> None:
    """Else no file could be taken in on a busy day; and a manager would learn when somebody hands in."""
    round = panel.open()
    mine = Page(panel.manager, round)
    panel.score(round, lambda index: 3)
    assert mine.send_file()[0] == 200


def test_somebody_who_joined_or_left_meanwhile_is_said(panel: panels.Panel) -> None:
    round = panel.open()
    newcomer = factories.member(panel.programme, factories.staff("newcomer"), Role.ASSESSOR)
    mine, other = Page(panel.manager, round), Page(other_manager(panel), round)
    assert mine.press("join", user=newcomer.pk)[0] == 200
    status, shown = other.press("join", user=newcomer.pk, capacity=3)
    assert status == 422
    assert "changed the panel meanwhile" in shown
    seat = PanelMember.objects.get(user=newcomer)
    assert seat.capacity is None
    assert mine.press("leave", member=seat.pk, reason="Ill")[0] == 200
    status, shown = other.press("leave", member=seat.pk, reason="Moved")
    assert status == 422
    assert "changed the panel meanwhile" in shown
    assert 'value="Moved"' in shown, "what was typed is kept"
    seat.refresh_from_db()
    assert seat.left_reason == "Ill"


def test_who_is_asked_or_taken_off_twice(panel: panels.Panel) -> None:
    round = panel.open()
    entry = round.entries.order_by("pk")[0]
    taken = set(entry.assignments.values_list("assessor_id", flat=True))
    free = next(user for user in panel.assessors if user.pk not in taken)
    mine, other = Page(panel.manager, round), Page(other_manager(panel), round)
    mails = Notice.objects.filter(user=free).count()
    pair = {"entry": entry.pk, "assessor": free.pk}
    for verb, words in (("assign", "is asked about"), ("unassign", "is not asked about it")):
        assert mine.press(verb, **pair)[0] == 200
        status, shown = other.press(verb, **pair)
        assert status == 422
        assert words in shown
    assert Notice.objects.filter(user=free).count() <= mails + 1


def test_a_conflict_is_taken_back_once(panel: panels.Panel) -> None:
    round = panel.prepare()
    entry = round.entries.order_by("pk")[0]
    pair = {"entry": entry.pk, "assessor": panel.assessors[0].pk, "reason": "Her brother"}
    mine, other = Page(panel.manager, round), Page(other_manager(panel), round)
    assert mine.press("conflict", **pair)[0] == 200
    noted = Assignment.objects.exclude(conflict_at=None).get()
    assert mine.press("clear", assignment=noted.pk)[0] == 200
    status, shown = other.press("clear", assignment=noted.pk)
    assert status == 422
    assert "taken back already" in shown


def test_departments_are_asked_once(panel: panels.Panel) -> None:
    round = panel.prepare()
    clerk = factories.staff("clerk")
    clerk.department = panel.initiatives[0].owner
    clerk.save()
    mine, other = Page(panel.manager, round), Page(other_manager(panel), round)
    assert "1 asked by mail; 0 were" in mine.press("facts", until="2099-01-01")[1]
    assert "0 asked by mail; 1 were" in other.press("facts", until="2099-01-01")[1]
    assert Notice.objects.filter(kind="prioritisation.facts_asked", user=clerk).count() == 1
