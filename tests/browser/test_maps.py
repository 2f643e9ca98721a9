"""Maps of ideas and reports: what is really drawn, and tiles only of the server that the city names."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import h3
import pytest
from playwright.sync_api import Page, expect

from engagement.models import Idea
from tests import factories
from tests.browser.conftest import HERE, check_all_looks, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]
TILES = "https://tiles.example/{z}/{x}/{y}.png"


def opened(page: Page, path: str = "/ideas/map/") -> Page:
    page.emulate_media(reduced_motion="reduce")
    page.goto(path)
    page.locator("[data-map-open] button").press("Enter")
    expect(page.locator(".map-hexagon").first).to_be_visible()
    return page


def test_hexagons_with_their_number_then_points_that_lead_to_their_idea(new_page: NewPage, call: Any) -> None:
    first = Idea.objects.get(reference="2026-59999")
    for _twin in range(2):
        factories.Idea(call=call, state="published", cell=first.cell, **HERE)
    page = opened(new_page())
    assert page.locator(".map-number").all_inner_texts() == ["3"]
    shape = page.locator(".map-hexagon")
    # "M x y L x y ... z": six corners, of a size that one can see
    assert str(shape.get_attribute("d")).upper().count("L") == 5
    box = shape.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 10
    for _closer in range(2):
        page.locator(".map-number").press("Enter")
    expect(page.locator(".map-idea")).to_have_count(3)
    middle = page.locator("[data-map]").bounding_box()
    point = page.locator(".map-idea").first.bounding_box()
    assert middle is not None
    assert point is not None
    assert middle["x"] <= point["x"] <= middle["x"] + middle["width"]
    page.locator(f".map-idea[title='{first.public_title}']").press("Enter")
    expect(page.locator(f".leaflet-popup a[href='/ideas/{first.reference}/']")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ideas/{first.reference}/")


def test_problem_reports_are_found_by_filters_and_on_their_map(new_page: NewPage, call: Any) -> None:
    placed = {**HERE, "cell": h3.latlng_to_cell(*HERE.values(), 9)}
    lamp = factories.ReportService(name={"en": "Lamp", "fr": "Lampadaire"}, group={"en": "Light"})
    one = factories.Report(service=lamp, **placed)
    factories.Report(service__group={"en": "Light"}, state="closed", **placed)
    page = new_page()
    page.goto("/fr/reports/")
    page.locator(".filters summary").press("Enter")
    check_all_looks(page)
    page.get_by_label("État").select_option("open")
    page.get_by_role("button", name="Afficher").press("Enter")
    page.wait_for_url("**/fr/reports/?*state=open*")
    check_all_looks(page)
    page.get_by_role("link", name="Voir ces signalements sur une carte").press("Enter")
    page.wait_for_url("**/fr/reports/map/?*state=open*")
    opened(page, page.url)
    check_all_looks(page)
    for _closer in range(2):
        page.locator(".map-number").press("Enter")
    expect(page.locator(".map-idea")).to_have_count(1)
    page.locator(".map-idea").press("Enter")
    expect(page.locator(f".leaflet-popup a[href='/fr/reports/{one.reference}/']")).to_be_focused()
    check_page(page)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Tous les signalements").press("Enter")
    page.wait_for_url("**/fr/reports/")


def test_nothing_is_asked_of_another_server(new_page: NewPage, call: Any, live_server: Any) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    expect(page.locator(".leaflet-tile")).to_have_count(0)


def policy_with_tiles() -> Any:
    """The content policy of a city that names a server of tiles, as the settings make it."""
    program = (
        "import json\nfrom django.conf import settings\nprint(json.dumps(settings.CONTENT_SECURITY_POLICY))"
    )
    environment = {**os.environ, "WINNOW_MAP_TILES": TILES, "DJANGO_SETTINGS_MODULE": "config.settings"}
    made = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return json.loads(made.stdout)


def test_pictures_come_from_the_server_that_the_city_names(
    new_page: NewPage, call: Any, settings: Any
) -> None:
    settings.WINNOW_MAP_TILES, settings.WINNOW_MAP_CREDIT = TILES, "Map of the region"
    settings.CONTENT_SECURITY_POLICY = policy_with_tiles()
    page = new_page()
    page.route(
        "https://tiles.example/**",
        lambda route: route.fulfill(
            content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg'/>"
        ),
    )
    opened(page)
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Map of the region")
