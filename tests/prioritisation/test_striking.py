"""A conflict of interest found after closing, from the page to the new ranking."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from prioritisation import services
from prioritisation.models import Assignment, Result
from tests import panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel() -> panels.Panel:
    made = panels.make(timezone.now())
    made.work_up(4)
    return made


def address(round: Any, person: Any = None) -> str:
    return f"/admin/prioritisation/round/{round.pk}/strike/" + (f"?person={person.pk}" if person else "")


def test_chosen_scores_leave_every_figure_and_the_rows_stay(
    client: Client, panel: panels.Panel, closed: Any
) -> None:
    person = panel.assessors[0]
    own = Assignment.objects.filter(entry__round=closed, assessor=person).order_by("pk")
    first = services.latest_result(closed)
    client.force_login(panel.manager)
    page = client.get(address(closed, person)).content.decode()
    assert all(one.entry.initiative.reference in page for one in own)
    answer = client.post(
        address(closed, person), {"assignments": [own[0].pk], "reason": "Owns the building beside it."}
    )
    assert answer["Location"].endswith("/results/")
    again = services.latest_result(closed)
    assert (again.parent, again.reason) == (first, "Owns the building beside it.")
    kept = {one["reference"]: len(one["reviews"]) for one in again.inputs["initiatives"]}
    before = {one["reference"]: len(one["reviews"]) for one in first.inputs["initiatives"]}
    gone = own[0].entry.initiative.reference
    assert kept == before | {gone: before[gone] - 1}
    assert own[0].assessment.scores
    assert gone not in client.get(address(closed, person)).content.decode()


@pytest.mark.parametrize("key", ["0", "-1", "9" * 24, "x", "\x00"])
def test_a_key_that_no_database_holds_is_an_answer_and_no_crash(
    client: Client, panel: panels.Panel, closed: Any, key: str
) -> None:
    client.force_login(panel.manager)
    sent = {"assignments": [key], "reason": "A cousin’s firm."}
    assert client.post(address(closed, panel.assessors[0]), sent).status_code == 422


@pytest.mark.parametrize("missing", ["assignments", "reason"])
def test_what_is_missing_is_said_and_nothing_changes(
    client: Client, panel: panels.Panel, closed: Any, missing: str
) -> None:
    person = panel.assessors[0]
    own = Assignment.objects.filter(entry__round=closed, assessor=person)
    sent = {"assignments": [one.pk for one in own], "reason": "A cousin’s firm."}
    client.force_login(panel.manager)
    answer = client.post(
        address(closed, person), {key: value for key, value in sent.items() if key != missing}
    )
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert Result.objects.filter(round=closed).count() == 1


def test_somebody_else_s_assessment_can_not_be_sent_along(
    client: Client, panel: panels.Panel, closed: Any
) -> None:
    other = Assignment.objects.filter(entry__round=closed, assessor=panel.assessors[1])[0]
    client.force_login(panel.manager)
    answer = client.post(
        address(closed, panel.assessors[0]), {"assignments": [other.pk], "reason": "A cousin’s firm."}
    )
    assert answer.status_code == 422
    assert Result.objects.filter(round=closed).count() == 1


def test_it_is_for_managers_of_closed_rounds(client: Client, panel: panels.Panel) -> None:
    round = panel.open()
    client.force_login(panel.manager)
    assert client.get(address(round)).status_code == 404
    panel.score(round, lambda index: 5 - index)
    closed = panel.close(round)
    assert client.post(address(closed), {"reason": "x"}).status_code == 422
    client.force_login(panel.analyst)
    assert client.get(address(closed)).status_code == 403


def test_who_compares_the_lists_learns_scores_and_nobodys_name(
    client: Client, panel: panels.Panel, closed: Any
) -> None:
    """Means before and after give away what was left out: that is said where the reason is written. Whose
    it was stands on no page that an analyst or a publisher reads."""
    person = panel.assessors[0]
    own = Assignment.objects.filter(entry__round=closed, assessor=person).order_by("pk").first()
    assert own
    first = services.latest_result(closed)
    client.force_login(panel.manager)
    assert "can work out the scores left out" in client.get(address(closed, person)).content.decode()
    client.post(address(closed, person), {"assignments": [own.pk], "reason": "Owns the building beside it."})
    start, gone = f"/admin/prioritisation/round/{closed.pk}", own.entry.initiative.reference
    for reader in (panel.analyst, panel.publisher):
        client.force_login(reader)
        for path in (
            "/change/",
            "/results/",
            f"/results/{first.pk}/",
            "/ranking/",
            f"/ranking/{gone}/",
            f"/ranking/{gone}/?result={first.pk}",
            "/method/",
            f"/method/?result={first.pk}",
            "/disagreement/",
            "/ranking-file/csv/",
        ):
            answer = client.get(start + path)
            assert answer.status_code == 200, path
            text = b"".join(answer) if answer.streaming else answer.content
            for assessor in panel.assessors:
                assert assessor.username not in text.decode(), path
                assert str(assessor) not in text.decode(), path
