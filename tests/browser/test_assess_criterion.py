"""One criterion for all of one's initiatives, by keyboard, on a phone and without script."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from prioritisation.models import Assessment, Assignment
from tests import panels
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mine(now: Any) -> list[Assignment]:
    panel = panels.make(now, initiatives=4, policy="west-hollywood-2018")
    panel.open(stage="roadmap", per_initiative=6)
    return list(Assignment.objects.of(panel.assessors[0]).to_do())


def address(mine: list[Assignment], place: int = 0) -> str:
    policy = mine[0].entry.round.policy_version.document
    return f"/admin/prioritisation/assess/round/{mine[0].entry.round_id}/{policy['criteria'][place]['key']}/"


def scores(mine: list[Assignment], place: int = 0) -> list[float | None]:
    found = {one.assignment_id: one for one in Assessment.objects.all()}
    return [found[one.pk].scores[place] if one.pk in found else None for one in mine]


def test_a_digit_scores_and_goes_on_and_every_row_saves_itself(
    mine: list[Assignment], page: Any, sign_in: Any
) -> None:
    sign_in(mine[0].assessor)
    page.goto(address(mine))
    page.keyboard.press("5")
    page.keyboard.press("0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    page.locator("[data-saved]", has_text="Saved at").nth(2).wait_for()
    assert scores(mine) == [5, 0, None, None]
    assert page.locator("[data-progress]").first.inner_text() == "3 / 4"
    # The row saved itself: sending the page afterwards meets no conflict.
    page.keyboard.press("k")
    page.keyboard.press("3")
    with page.expect_navigation(url=f"**{address(mine, 1)}"):
        page.keyboard.press("Control+Enter")
    assert scores(mine)[2] == 3


def test_a_row_changed_in_another_window_says_so_and_the_others_go_on(
    mine: list[Assignment], page: Any, sign_in: Any
) -> None:
    sign_in(mine[0].assessor)
    page.goto(address(mine))
    second = page.context.new_page()
    second.goto(address(mine))
    second.keyboard.press("1")
    second.get_by_text("Saved at").first.wait_for()
    page.keyboard.press("5")
    page.keyboard.press("4")
    page.get_by_text("You changed this in another window").wait_for()
    page.get_by_text("Saved at").wait_for()
    assert scores(mine)[:2] == [1, 4]
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()
    check_page(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert scores(mine)[:2] == [5, 4]


def test_it_fits_a_phone_without_barriers(mine: list[Assignment], page: Any, sign_in: Any) -> None:
    page.set_viewport_size(PHONE)
    sign_in(mine[0].assessor)
    page.goto(address(mine))
    check_page(page)
    for label in page.locator(".w-score-points label").all():
        box = label.bounding_box()
        assert min(box["width"], box["height"]) >= 44


def test_without_script_every_row_can_be_saved(mine: list[Assignment], new_page: Any) -> None:
    page = new_page(script=False)
    client = Client()
    client.force_login(mine[0].assessor)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    page.goto(address(mine))
    for place, row in enumerate(page.locator("[data-row]").all()[:2]):
        row.get_by_role("radio").nth(place + 1).check()
    page.locator("[data-row]").nth(1).get_by_role("button", name="Save").click()
    assert page.url.endswith(f"#r{mine[1].pk}")
    assert scores(mine) == [1, 2, None, None]
