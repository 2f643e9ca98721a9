"""A moderator blacks out a face: by dragging, and without script by numbers."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from engagement import photos, services
from engagement.models import Photo
from tests import factories
from tests.browser.conftest import DESK, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 768, "height": 1024}


@pytest.fixture
def photo(transactional_db: Any) -> Photo:
    file = BytesIO()
    Image.effect_noise((640, 480), 90).convert("RGB").save(file, "JPEG")
    picture = photos.clean(file.getvalue())
    idea = factories.Idea(state="received")
    return services.attach_photo(
        record=idea, photo=picture, caption="A bench", rights_confirmed=True, at=timezone.now()
    )


def signed_in(page: Page) -> Page:
    client = Client()
    permissions = ["engagement.view_idea", "engagement.triage_idea"]
    client.force_login(factories.staff(f"moderator-{id(page)}", permissions=permissions))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    return page


def address(photo: Photo, language: str = "") -> str:
    return f"{language}/admin/engagement/idea/{photo.idea_id}/photos/{photo.pk}/"


def test_dragging_draws_a_box(new_page: Callable[..., Page], photo: Photo) -> None:
    page = signed_in(new_page())
    page.goto(f"/admin/engagement/idea/{photo.idea_id}/change/")
    page.get_by_role("link", name="Black out parts").click()
    expect(page.get_by_text("Drag over the photo")).to_be_visible()
    frame = page.locator("[data-boxes-surface]").bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + frame["width"] * 0.25, frame["y"] + frame["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.5, steps=4)
    page.mouse.up()
    expect(page.locator(".w-redact-box")).to_have_count(1)
    assert abs(float(page.locator("[name=box1-width]").input_value()) - 25) < 1
    page.mouse.click(frame["x"] + 5, frame["y"] + 5)
    expect(page.locator("[name=box2-left]")).to_have_value("")
    page.locator("[name=box2-left]").fill("60")
    page.get_by_role("button", name="Take the last box away").click()
    expect(page.locator("[name=box2-left]")).to_have_value("")
    check_page(page)
    page.get_by_role("button", name="Save with black boxes").click()
    expect(page.get_by_text("Everybody now sees the photo with black boxes")).to_be_visible()
    check_page(page)
    with Photo.objects.get().redacted.open("rb") as file:
        assert photos.is_black(file.read(), [photos.Box(27, 27, 20, 20)])


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("viewport", [DESK, TABLET], ids=["1280", "768"])
def test_without_script(
    new_page: Callable[..., Page], photo: Photo, language: str, viewport: dict[str, int]
) -> None:
    page = signed_in(new_page(viewport=viewport, script=False))
    page.goto(address(photo, language))
    expect(page.locator("[data-boxes-less]")).to_be_hidden()
    page.locator("[value=save]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for side, number in (("left", "10"), ("top", "10"), ("width", "30"), ("height", "30")):
        page.locator(f"[name=box1-{side}]").fill(number)
    page.locator("[value=preview]").click()
    shown = page.locator("[data-boxes-surface] img")
    assert "box1-left=10" in str(shown.get_attribute("src"))
    assert not Photo.objects.get().redacted
    page.locator("[value=save]").click()
    expect(page.locator("[value=whole]")).to_be_visible()
    assert Photo.objects.get().redacted
    page.locator("[value=whole]").click()
    expect(page.locator("[value=whole]")).to_have_count(0)
    assert not Photo.objects.get().redacted


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("viewport", [DESK, TABLET], ids=["1280", "768"])
def test_the_page_and_an_error_are_accessible(
    new_page: Callable[..., Page], photo: Photo, language: str, viewport: dict[str, int]
) -> None:
    page = signed_in(new_page(viewport=viewport))
    page.goto(address(photo, language))
    check_page(page)
    page.locator("[name=box1-left]").fill("200")
    page.locator("[value=save]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)
