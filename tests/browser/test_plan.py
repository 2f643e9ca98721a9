"""Home, plan, initiative and the API's documentation in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.browser.conftest import DESK, PHONE, check_page
from tests.prioritisation import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(now: datetime) -> dict[str, Any]:
    city = scene.make_city(now)
    city["plan"] = scene.publish(city, now)
    return city


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_a_fault(
    city: dict[str, Any], new_page: Callable[..., Any], viewport: dict[str, int], dark: bool
) -> None:
    page = new_page(viewport=viewport, dark=dark)
    chosen, aside = city["initiatives"][0].reference, city["initiatives"][-1].reference
    for path in (
        "/",
        "/fr/",
        "/plans/",
        "/plans/the-plan/",
        "/plans/the-plan/?theme=mobility",
        "/fr/plans/the-plan/",
        f"/plans/the-plan/{chosen}/",
        f"/plans/the-plan/{aside}/",
        "/plans/the-plan/ideas/?outcome=in_plan",
    ):
        page.goto(path)
        check_page(page)


def test_details_open_without_a_fault(city: dict[str, Any], new_page: Callable[..., Any]) -> None:
    """What is folded away is checked too."""
    page = new_page(viewport=PHONE)
    page.goto("/plans/the-plan/")
    for fold in page.locator("summary").all():
        fold.click()
    assert page.get_by_text("9 ideas became 7 initiatives").last.is_visible()
    check_page(page)


def test_long_lists_are_folded_on_a_phone_only_and_never_on_paper(
    city: dict[str, Any], new_page: Callable[..., Any]
) -> None:
    name = "Initiative 3"
    phone = new_page(viewport=PHONE)
    phone.goto("/plans/the-plan/")
    assert not phone.get_by_role("link", name=name).is_visible()
    phone.get_by_role("link", name=re.compile("What was chosen")).click()
    phone.get_by_text("The list of what was chosen").click()
    assert phone.get_by_role("link", name=name).is_visible()
    phone.goto("/plans/the-plan/?theme=mobility")
    assert phone.get_by_role("link", name="Initiative 0").is_visible(), "who filters wants to see"
    phone.goto("/plans/the-plan/")
    phone.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert phone.locator("main details:not([open])").count() == 0
    desk = new_page(viewport=DESK)
    desk.goto("/plans/the-plan/")
    assert desk.get_by_role("link", name=name).is_visible()


def test_the_plan_works_without_script(city: dict[str, Any], new_page: Callable[..., Any]) -> None:
    page = new_page(script=False)
    page.goto("/plans/the-plan/")
    page.get_by_label("Theme").select_option("Getting around")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("theme=mobility"))
    assert page.get_by_text("2 of 4 initiatives, 2 hidden by filters").is_visible()
    page.get_by_role("link", name="Clear filters").click()
    assert page.get_by_text("hidden by filters").count() == 0


def test_a_resident_finds_what_became_of_an_idea(
    city: dict[str, Any], new_page: Callable[..., Any], tmp_path: Path
) -> None:
    """From the home page to the idea and on to its initiative, by links alone, on a phone."""
    page = new_page(viewport=PHONE)
    page.goto("/")
    page.get_by_role("link", name="Find it in the list of all ideas").click()
    reference = city["ideas"][4].reference
    row = page.get_by_role("row").filter(has_text=reference)
    assert "In the plan" in row.inner_text()
    row.get_by_role("link", name="Initiative 3").click()
    assert page.get_by_role("heading", name="This initiative is in the plan").is_visible()
    page.get_by_role("link", name=city["ideas"][4].public_title).click()
    page.get_by_role("link", name="See the initiative").click()
    assert page.get_by_role("heading", name="Initiative 3", level=1).is_visible()


def test_the_list_can_be_taken_away(city: dict[str, Any], page: Any, tmp_path: Path) -> None:
    page.goto("/plans/the-plan/")
    with page.expect_download() as started:
        page.get_by_role("link", name="GEOJSON", exact=True).last.click()
    download = started.value
    assert download.suggested_filename == "the-plan-v1.geojson"
    download.save_as(tmp_path / "list.geojson")
    assert len(json.loads((tmp_path / "list.geojson").read_text())["features"]) == 7


def test_the_api_can_be_tried_under_the_content_policy(city: dict[str, Any], page: Any) -> None:
    """`page` fails on anything that the policy stops."""
    page.goto(reverse("api-docs"))
    page.locator("#operations-plans-plans_funnel_retrieve .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("slug").fill("the-plan")
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table")
    assert '"received": 13' in page.locator(".live-responses-table").inner_text()
