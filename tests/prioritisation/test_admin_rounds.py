"""Rounds in the admin: prepared, opened, watched and closed, without a figure before its time."""

import re
from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from prioritisation import services
from prioritisation.models import Assessment, Assignment, Event, GateCheck, Round
from prioritisation.workflow import Role, RoundState
from tests import factories, panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db
LIST = "/admin/prioritisation/round/"


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=8)


def prepared_values(panel: panels.Panel) -> dict[str, Any]:
    return {
        "programme": panel.programme.slug,
        "title_en": "First round",
        "policy_version": panel.version.pk,
        "stage": "plan",
        "per_initiative": 3,
        "places": 4,
        "due": "2026-06-30",
        "panel": [user.pk for user in panel.assessors],
        "initiatives": [one.pk for one in panel.initiatives],
    }


def test_prepare_proposes_all_that_is_ready_and_the_whole_panel(panel: panels.Panel) -> None:
    client = signed_in(panel.manager)
    page = client.get(reverse("admin:prioritisation_round_prepare"), {"programme": panel.programme.slug})
    ticked = re.findall(r'<input [^>]*name="(\w+)"[^>]*\bchecked', page.content.decode())
    expected = {"initiatives": 8, "panel": 6, "severity": 1, "disclosure": 1}
    assert Counter(ticked) == expected
    answer = client.post(reverse("admin:prioritisation_round_prepare"), prepared_values(panel))
    round = Round.objects.get()
    assert answer["Location"] == address("round_change", round)
    assert (round.entries.count(), round.panel.count(), round.places, round.seed > 0) == (8, 6, 4, True)
    assert str(round.due_at) == "2026-07-01 03:59:00+00:00"  # the end of that day in the city
    shown = words(client.get(address("round_change", round)))
    assert "initiatives 8 assessments in all 24 hours of the whole panel 1" in shown
    assert not Assignment.objects.exists()


def test_prepare_says_what_is_missing_and_keeps_what_was_typed(panel: panels.Panel) -> None:
    values = {**prepared_values(panel), "initiatives": [], "per_initiative": "0"}
    answer = signed_in(panel.manager).post(reverse("admin:prioritisation_round_prepare"), values)
    assert answer.status_code == 422
    assert "First round" in answer.content.decode()
    assert answer.content.decode().count("error-summary") >= 1
    assert not Round.objects.exists()


def test_what_opening_does_was_shown_before(panel: panels.Panel) -> None:
    """An assessor of the owner's department is not asked; with the panel so small that leaves gaps."""
    owner = panel.initiatives[0].owner
    for user in panel.assessors[:4]:
        user.department = owner
        user.save()
    round = panel.prepare()
    client = signed_in(panel.manager)
    before = words(client.get(address("round_open", round)))
    assert "8 initiatives have too few assessors" in before
    answer = client.post(address("round_open", round), {"version": round.version}, follow=True)
    assert "Too few assessors for" in words(answer)
    assert "with too few assessors 8" in words(answer)
    assert Assignment.objects.count() == 8 * 2


def test_a_round_opens_once_and_the_second_is_told(panel: panels.Panel) -> None:
    round = panel.prepare()
    client = signed_in(panel.manager)
    assert client.post(address("round_open", round), {"version": round.version}).status_code == 302
    again = client.post(address("round_open", round), {"version": round.version})
    assert again.status_code == 422
    assert Event.objects.filter(verb="open_round").count() == 1
    assert Assignment.objects.count() == 8 * 3


def test_changing_is_for_rounds_that_are_not_open_and_not_for_stale_pages(panel: panels.Panel) -> None:
    round = panel.prepare()
    client = signed_in(panel.manager)
    values = {**prepared_values(panel), "version": round.version, "places": 2}
    assert client.post(address("round_edit", round), values).status_code == 302
    stale = client.post(address("round_edit", round), {**values, "places": 3})
    assert stale.status_code == 422
    assert "Somebody else changed this round" in words(stale)
    round.refresh_from_db()
    assert round.places == 2
    services.open_round(round=round, by=panel.manager, at=panel.now)
    assert client.post(address("round_edit", round), {**values, "version": 3}).status_code == 422
    assert round.entries.count() == 8


def test_closing_says_how_many_are_missing(panel: panels.Panel) -> None:
    round = panel.open()
    assert "24 assessments are not handed in" in words(
        signed_in(panel.manager).get(address("round_close", round))
    )
    answer = signed_in(panel.manager).post(address("round_close", round), {"version": round.version})
    assert answer["Location"] == address("ranking", round)
    round.refresh_from_db()
    assert (round.state, round.results.count()) == (RoundState.CLOSED, 1)


def test_the_monitor_counts_and_tells_no_score(panel: panels.Panel) -> None:
    """Two rounds that differ in nothing but the scores have the same page."""
    round = panel.open()
    panel.score(round, lambda index: 5, notes="Brilliant, by far the best")
    client = signed_in(panel.manager)
    pages = []
    for level in (5, 0):
        Assessment.objects.update(scores=[level] * 4)
        pages.append([words(client.get(url)) for url in (address("round_change", round), LIST)])
    assert pages[0] == pages[1]
    assert "24 / 24" in pages[0][1]
    assert "Brilliant" not in "".join(pages[0])


def test_counts_beside_names_are_for_managers(panel: panels.Panel) -> None:
    """With them whoever reads letters finds the person: by how many each gave, and with whom."""
    prepared = panel.prepare()
    urls = [address("round_change", prepared)]
    for state in (RoundState.PREPARING, RoundState.OPEN, RoundState.CLOSED):
        if state == RoundState.OPEN:
            services.open_round(round=prepared, by=panel.manager, at=panel.now)
            panel.score(prepared, lambda index: 3)
        if state == RoundState.CLOSED:
            panel.close(prepared)
        for person in (panel.manager, panel.publisher, panel.analyst):
            page = words(signed_in(person).get(urls[0]))
            named = [str(one) for one in panel.assessors if str(one) in page]
            assert bool(named) == (person == panel.manager), (state, person, named)


def test_only_managers_read_why_somebody_stepped_aside(panel: panels.Panel) -> None:
    round = panel.open()
    assignment = Assignment.objects.select_related("entry__round").filter(entry__round=round)[0]
    services.declare_conflict(
        assignment=assignment, reason="My sister's firm", by=assignment.assessor, at=panel.now
    )
    seen = {
        person.username: "sister" in words(signed_in(person).get(address("round_change", round)))
        for person in (panel.manager, panel.publisher, panel.analyst)
    }
    assert seen == {"manager": True, "publisher": False, "analyst": False}


PAGES = ["round_change", "round_gates", "ranking", "method", "decisions", "publish", "published"]
VERBS = ["round_edit", "round_open", "round_close", "decisions_draft", "decisions"]


def test_people_of_another_programme_find_nothing(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 3)
    panel.close(round)
    stranger = factories.staff("stranger", permissions=["prioritisation.manage_programme"])
    other = factories.Programme()
    factories.member(other, stranger, Role.MANAGER, Role.PUBLISHER, Role.ANALYST, Role.ASSESSOR)
    client, reference = signed_in(stranger), panel.initiatives[0].reference
    for name in PAGES:
        assert client.get(address(name, round)).status_code in (403, 404), name
    for name in VERBS:
        assert client.post(address(name, round), {"version": 1}).status_code == 404, name
    for name in ("ranked", "decision", "round_gate"):
        assert client.get(address(name, round, reference)).status_code == 404, name
    prepare = reverse("admin:prioritisation_round_prepare")
    assert client.get(prepare, {"programme": panel.programme.slug}).status_code == 404
    assert str(panel.programme) not in words(client.get(LIST))


def test_assessors_and_onlookers_do_not_run_rounds(panel: panels.Panel) -> None:
    round = panel.open()
    panel.close(round)
    before = Event.objects.count()
    for person in (panel.assessors[0], panel.analyst, panel.publisher):
        client = signed_in(person)
        for name in VERBS:
            assert client.post(address(name, round), {"version": 3}).status_code == 403, name
        prepare = reverse("admin:prioritisation_round_prepare")
        assert client.post(prepare, prepared_values(panel)).status_code == 403
    for name in PAGES:
        assert signed_in(panel.assessors[0]).get(address(name, round)).status_code in (403, 404), name
    assert Event.objects.count() == before


def test_a_finding_needs_a_public_text_and_ends_with_the_round(panel: panels.Panel) -> None:
    round = panel.open()
    client, reference = signed_in(panel.manager), panel.initiatives[0].reference
    url = address("round_gate", round, reference)
    refused = client.post(url, {"gate": "powers", "verdict": "fail"})
    assert (refused.status_code, GateCheck.objects.count()) == (422, 0)
    client.post(url, {"gate": "powers", "verdict": "fail", "text_en": "The province decides."})
    assert "The province decides." in words(client.get(address("round_gates", round)))
    panel.close(round)
    late = client.post(url, {"gate": "new", "verdict": "fail", "text_en": "Already done."})
    assert late.status_code == 422
    assert GateCheck.objects.count() == 1


def test_the_page_of_a_round_does_not_grow_in_queries(
    panel: panels.Panel, django_assert_max_num_queries: Any
) -> None:
    round = panel.open()
    client = signed_in(panel.manager)
    with django_assert_max_num_queries(22):
        client.get(address("round_change", round))
    with django_assert_max_num_queries(16):
        client.get(LIST)


@pytest.mark.parametrize("wrong", [{"due": "9999-12-31"}, {"places": "9" * 20}])
def test_what_no_calendar_and_no_column_holds_is_an_error(panel: panels.Panel, wrong: dict[str, str]) -> None:
    values = {**prepared_values(panel), **wrong}
    answer = signed_in(panel.manager).post(reverse("admin:prioritisation_round_prepare"), values)
    assert answer.status_code == 422
    assert not Round.objects.exists()
