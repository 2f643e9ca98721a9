"""Did we understand you? By keyboard, without script, in both languages, with an error on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from engagement import links
from prioritisation.models import Understanding
from tests.browser.conftest import DESK, PHONE, check_page
from tests.prioritisation import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Any]


@pytest.fixture
def private(db: Any) -> str:
    """The private page of an idea that went into an initiative."""
    now = timezone.now()
    city = scene.make_city(now)
    scene.work_up(city, now, [[0, 1]])
    return links.tracking_path(city["ideas"][0], "en")


def test_a_sender_answers_by_keyboard_alone(page: Any, live_server: Any, private: str) -> None:
    page.goto(private)
    page.get_by_role("link", name="Read it and answer").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/understood/**")
    page.get_by_label("Yes, that is what I meant").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("The evenings are missing.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=understood")
    assert "Your answer: partly" in page.inner_text("main")
    assert Understanding.objects.get(answer="partly").why == "The evenings are missing."


def test_without_script_an_empty_answer_is_told_and_nothing_lost(new_page: NewPage, private: str) -> None:
    page = new_page(viewport=PHONE, script=False)
    page.goto(private)
    page.click("text=Read it and answer")
    page.check("text=No, I meant something else")
    page.click("text=Send my answer")
    assert "Tell us in a few words" in page.inner_text("main")
    assert page.is_checked("input[value=no]")
    page.fill("textarea", "The people, not the house.")
    page.click("text=Send my answer")
    assert "Your answer: no" in page.inner_text("main")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["", "/fr"], ids=["en", "fr"])
def test_everybody_can_use_it(
    new_page: NewPage, private: str, language: str, dark: bool, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport, dark=dark)
    page.goto(f"{language}{private}")
    check_page(page)
    page.click("a.button[href*=understood]")
    check_page(page)
    page.click("main form button")
    page.wait_for_selector(".error-summary")
    check_page(page)
