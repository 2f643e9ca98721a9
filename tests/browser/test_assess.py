"""Scoring by keyboard and on a phone, in a real browser."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from prioritisation.models import Assessment, Assignment
from tests import panels

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    """West Hollywood's rules: five criteria, all judged by assessors."""
    return panels.make(now, initiatives=6, policy="west-hollywood-2018")


def begin(panel: panels.Panel, page: Any, sign_in: Any) -> list[Assignment]:
    panel.open(stage="roadmap", per_initiative=6)
    me = panel.assessors[0]
    sign_in(me)
    mine = list(Assignment.objects.of(me).to_do())
    page.goto(f"/admin/prioritisation/assess/{mine[0].pk}/")
    return mine


def test_five_criteria_take_six_key_presses(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    mine = begin(panel, page, sign_in)
    keys = Keys(page)
    for place, assignment in enumerate(mine):
        keys.press("5", "0", "3", "c", "4")
        leads_to = f"**/assess/{mine[place + 1].pk}/" if place + 1 < len(mine) else "**/assess/"
        with page.expect_navigation(url=leads_to):
            keys.press("Control+Enter")
        saved = Assessment.objects.get(assignment=assignment)
        assert saved.scores == [5, 0, 3, None, 4]
        assert len(saved.missing) == 1
        assert saved.submitted_at is not None
    assert keys.pressed == 6 * len(mine) <= 7 * len(mine)


def test_automatic_saving_does_not_get_in_the_way(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    mine = begin(panel, page, sign_in)
    keys = Keys(page)
    keys.press("1", "2")
    page.get_by_text("Saved at").wait_for()
    saved = Assessment.objects.get(assignment=mine[0])
    assert (saved.scores[:3], saved.submitted_at) == ([1, 2, None], None)
    # Sent while a save is on its way: the page waits for its answer, and nobody is told of a conflict.
    page.route("**/assess/*/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    keys.press("3")
    page.wait_for_timeout(1100)
    keys.press("4", "5")
    with page.expect_navigation(url=f"**/assess/{mine[1].pk}/"):
        keys.press("Control+Enter")
    saved.refresh_from_db()
    assert saved.scores == [1, 2, 3, 4, 5]


def test_a_save_that_fails_is_told_and_tried_again(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    begin(panel, page, sign_in)
    page.route("**/assess/*/", lambda route: route.abort())
    Keys(page).press("1")
    page.get_by_text("Not saved: no answer from the server").wait_for()
    assert not Assessment.objects.exists()
    page.unroute("**/assess/*/")
    Keys(page).press("2")
    page.get_by_text("Saved at").wait_for()
    assert Assessment.objects.get().scores[:2] == [1, 2]


def test_another_window_is_told_before_anything_is_lost(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    mine = begin(panel, page, sign_in)
    second = page.context.new_page()
    second.goto(f"/admin/prioritisation/assess/{mine[0].pk}/")
    Keys(second).press("1")
    second.get_by_text("Saved at").wait_for()
    Keys(page).press("5")
    page.get_by_text("You changed this in another window").wait_for()
    assert Assessment.objects.get().scores[0] == 1


def test_keys_move_note_and_can_be_turned_off(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    begin(panel, page, sign_in)
    keys = Keys(page)
    keys.press("j", "j", "k")
    current = page.locator("[data-criterion].current")
    assert current.locator("legend").inner_text().startswith("2.")
    keys.press("n")
    page.keyboard.type("3 reasons")
    assert current.locator("textarea").input_value() == "3 reasons"
    keys.press("Escape", "ArrowDown")
    assert current.locator("legend").inner_text().startswith("3.")
    assert page.locator("input[type=radio]:checked").count() == 0
    keys.press("?")
    page.locator("#keys-on").uncheck()
    keys.press("4")
    assert page.locator("input[type=radio]:checked").count() == 0


def test_the_note_opens_at_both_ends_only(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    begin(panel, page, sign_in)
    opened = []
    for place, level in enumerate("05314"):
        Keys(page).press(level)
        note = page.locator("[data-criterion]").nth(place).locator("details.w-note")
        opened.append(note.get_attribute("open") is not None)
    assert opened == [True, True, False, False, False]


def test_the_brief_fits_a_phone_and_buttons_fit_a_thumb(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    words = "People with a pram, a cane or a heavy bag cannot get from the platform to the street. " * 2
    for initiative in panel.initiatives:
        initiative.summary = {"en": words * 3}
        initiative.need = {"en": words}
        initiative.who_gains = {"en": "12,000 people a day, older people and families first"}
        initiative.title = {"en": "Lifts and ramps at the eight busiest stations of the two old lines"}
        initiative.save()
    page.set_viewport_size({"width": 360, "height": 640})
    begin(panel, page, sign_in)
    first = page.locator("[data-criterion]").first
    assert first.bounding_box()["y"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for label in page.locator(".w-score-points label").all():
        box = label.bounding_box()
        assert min(box["width"], box["height"]) >= 44


def test_no_barrier_before_and_after_an_error(
    panel: panels.Panel, page: Any, sign_in: Any, violations: Any
) -> None:
    begin(panel, page, sign_in)
    assert violations() == []
    page.get_by_role("button", name="Save and next").click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert violations() == []
    page.goto("/admin/prioritisation/assess/")
    assert violations() == []


def test_without_script_the_page_does_all_the_same(
    panel: panels.Panel, chromium: Any, live_server: Any
) -> None:

    panel.open(stage="roadmap", per_initiative=6)
    me = panel.assessors[0]
    client = Client()
    client.force_login(me)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    page = context.new_page()
    mine = list(Assignment.objects.of(me).to_do())
    page.goto(f"/admin/prioritisation/assess/{mine[0].pk}/")
    for criterion in page.locator("[data-criterion]").all():
        criterion.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Save and next").click()
    assert page.url.endswith(f"/{mine[1].pk}/")
    assert Assessment.objects.get(assignment=mine[0]).scores == [2] * 5
    context.close()
