"""Evidence and checklists in a real browser: no barrier, nothing too wide, on a phone and at a desk."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from prioritisation import services
from prioritisation.models import Assignment
from tests import factories, panels
from tests.browser.conftest import DESK, PHONE, check_page
from tests.prioritisation import reports_archive as reports
from tests.prioritisation import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def panel(settings: Any, tmp_path: Path, now: Any, transactional_db: Any) -> panels.Panel:
    """An open round whose first initiative carries evidence, and a published plan of another round."""
    settings.VAR = tmp_path / "var"
    west = factories.District(code="west", boundary=scene.square(-79.0), population=5000)
    rows = [
        ("Street Lights", f"2026-0{1 + hour % 4}-{5 + hour:02} {hour:02}:30:00", reports.WEST, 3 + hour)
        for hour in range(20)
    ]
    reports.fill(tmp_path, now, rows)
    made = panels.make(now)
    made.manager.user_permissions.add(
        *factories.permissions_named(
            "prioritisation.work_up_initiative",
            "prioritisation.view_initiative",
            "prioritisation.view_programme",
        )
    )
    for initiative in made.work_up(4):
        initiative.districts.set([west])
    services.link_evidence(
        initiative=made.initiatives[0],
        services=["Street Lights"],
        from_date=date(2025, 1, 1),
        to_date=date(2026, 4, 30),
        note={"en": "Lamps go out in winter."},
        by=made.manager,
        at=now,
    )
    return made


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_staff_and_assessors_meet_no_barrier(
    panel: panels.Panel, page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    page.set_viewport_size(viewport)
    sign_in(panel.manager)
    first = panel.initiatives[0]
    page.goto(f"/admin/prioritisation/initiative/{first.pk}/change/")
    for summary in page.locator(".evidence summary").all():
        summary.click()
    assert page.locator(".heat svg:visible").count() == 1
    check_page(page)
    page.get_by_role("link", name="Add evidence from problem reports").click()
    page.get_by_label("Find kinds of report by words").fill("lights")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add evidence from problem reports", exact=True).click()
    page.get_by_role("alert").wait_for()
    check_page(page)
    page.goto(f"/admin/prioritisation/programme/{panel.programme.pk}/checklist/")
    check_page(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Add these steps").click()
    page.get_by_role("link", name="Back to the programme").click()
    page.get_by_role("button", name=re.compile("Tick off.*Approve the scoring rules")).click()
    page.get_by_role("button", name="Not done after all").wait_for()
    check_page(page)
    panel.open()
    mine = Assignment.objects.filter(entry__initiative=first).first()
    assert mine is not None
    sign_in(mine.assessor)
    page.goto(f"/admin/prioritisation/assess/{mine.pk}/")
    page.get_by_text("problem reports (Street Lights)").first.click()
    check_page(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_published_figures_meet_no_barrier(
    panel: panels.Panel, now: Any, new_page: Any, viewport: dict[str, int], dark: bool
) -> None:
    round = panel.open()
    panel.score(round, lambda index: 4)
    panel.close(round)
    services.draft_decisions(round=round, by=panel.manager, at=now)
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=now)
    services.publish_round(round=round, by=panel.publisher, at=now)
    page = new_page(viewport=viewport, dark=dark)
    page.goto(f"/plans/p/{panel.initiatives[0].reference}/")
    for summary in page.locator(".evidence summary").all():
        summary.click()
    assert page.locator(".heat svg:visible").count() == 1
    check_page(page)
