"""Writing an idea with help beside it, on a phone; the same without script on the preview."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.models import Idea
from tests import factories
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]
WRITTEN = "There is no roof at the bus stop on Foundry Road.\nPeople wait in the rain."


@pytest.fixture
def other(transactional_db: Any) -> Any:
    call = factories.Call(slug="ideas", opens_at=timezone.now() - timedelta(days=2), supports="token")
    words = "The bus stop on Foundry Road has no roof"
    return factories.Idea(
        call=call, state="published", public_title=words, public_problem=f"{words}, so we wait in the rain."
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_ideas_like_it_stand_below_the_text_and_a_draft_comes_back(
    live_server: Any, new_page: NewPage, other: Any, dark: bool
) -> None:
    page = new_page(viewport=PHONE, dark=dark)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    box = page.locator("[data-similar]")
    expect(box).to_be_hidden()
    page.locator("#id_problem").press_sequentially(WRITTEN)
    expect(box).to_be_visible()
    expect(box).to_contain_text(other.public_title)
    expect(page.locator("[data-similar-said]")).to_have_text("1 idea is like yours")
    expect(page.locator("#id_title")).to_have_value("There is no roof at the bus stop on Foundry Road")
    check_page(page)

    page.locator("#id_title").fill("A roof")
    page.locator("#id_problem").press_sequentially(" Please.")
    expect(page.locator("#id_title")).to_have_value("A roof")
    page.locator("#id_email").fill("ana@mail.example")
    page.reload()
    expect(page.locator("#id_problem")).to_have_value(f"{WRITTEN} Please.")
    expect(page.locator("#id_title")).to_have_value("A roof")
    assert "ana@" not in page.evaluate("JSON.stringify({...localStorage})")

    page.wait_for_timeout(2000)
    page.locator("form[data-send] button.large").click()
    page.wait_for_url("**/t/**")
    assert Idea.objects.get(title="A roof").problem.replace("\r", "") == f"{WRITTEN} Please."
    assert page.evaluate("localStorage.length") == 0
    page.go_back()
    expect(page.locator("#id_problem")).to_be_visible()


def test_the_enter_key_sends_and_does_not_go_through_the_other_door(
    live_server: Any, new_page: NewPage, other: Any
) -> None:
    factories.ReportService(code="stop", keywords="stop", name={"en": "Bus stop"})
    page = new_page(viewport=PHONE)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    page.locator("#id_problem").fill(WRITTEN)
    expect(page.get_by_role("button", name="Report it instead")).to_be_visible()
    page.locator("#id_title").press("Enter")
    page.wait_for_url("**/t/**")


def test_a_draft_is_thrown_away(live_server: Any, new_page: NewPage, other: Any) -> None:
    page = new_page(viewport=PHONE)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    page.locator("#id_problem").fill(WRITTEN)
    page.get_by_role("button", name="Throw the draft away").click()
    expect(page.locator("#id_problem")).to_have_value("")
    expect(page.locator("[data-draft-note]")).to_be_hidden()
    page.reload()
    expect(page.locator("#id_problem")).to_have_value("")


def test_without_script_the_preview_has_them_and_sends(
    live_server: Any, new_page: NewPage, other: Any
) -> None:
    page = new_page(viewport=PHONE, script=False)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    expect(page.locator("[data-draft-note]")).to_be_hidden()
    page.locator("#id_problem").fill(f"{WRITTEN} Call 514 555 0199.")
    page.get_by_role("button", name="See it first").click()
    expect(page.locator("article")).to_contain_text("[phone]")
    expect(page.locator(".similar")).to_contain_text(other.public_title)
    page.get_by_role("button", name="Change something").click()
    expect(page.locator("#id_problem")).to_have_value(f"{WRITTEN} Call 514 555 0199.")
    page.locator("button.large").click()
    expect(page.locator("#personal")).to_contain_text("514 555 0199")
    page.get_by_role("button", name="Send it as it is").first.click()
    page.wait_for_url("**/t/**")
    assert "514" not in Idea.objects.get(problem__contains="514").public_problem


def test_a_large_photo_is_made_smaller_in_the_browser(
    live_server: Any, new_page: NewPage, other: Any, tmp_path: Any
) -> None:
    from PIL import Image

    file = tmp_path / "large.jpg"
    Image.effect_noise((4000, 3000), 80).convert("RGB").save(file, "JPEG", quality=95)
    page = new_page(viewport=PHONE)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    page.locator("#id_photo").set_input_files(file)
    expect(page.locator("#id_photo[data-shrunk=yes]")).to_be_visible()
    size = page.evaluate("document.getElementById('id_photo').files[0].size")
    assert size < file.stat().st_size / 2
