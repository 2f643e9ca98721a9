"""A clerk's Monday in small: eight ideas decided by keys alone, in either language, and without script."""

from typing import Any

import pytest

from engagement.models import Event, Idea, SimilarLink
from prioritisation.services.setup import install_city
from tests import factories
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/engagement/idea/"
MAY = ["engagement.view_idea", "engagement.triage_idea"]
SUBJECTS = (
    "Shelters at the stops of line fourteen",
    "Trees on the market square",
    "A night bus on Fridays",
    "Shelters at the stops of line fourteen, please",
    "Benches along the river path",
    "A library open on Sundays",
    "Buy cheap watches",
    "Lamps in the underpass",
)


@pytest.fixture
def queue(page: Any, sign_in: Any) -> list[Idea]:
    """Eight ideas that wait, and a clerk who has signed in."""
    install_city()
    call = factories.Call()
    ideas = [
        factories.Idea(call=call, title=title, search=f" {title.lower()}", received_at=factories.OPENED)
        for title in SUBJECTS
    ]
    sign_in(factories.staff("clerk", permissions=MAY))
    return ideas


class Keys:
    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """The last of them leads to another page, whose keys work before this returns."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(keys[-1])
        self.page.wait_for_selector("html.w-keys-on", state="attached")

    @property
    def heading(self) -> str:
        return str(self.page.locator("h1").first.inner_text())


def states() -> list[str]:
    return list(Idea.objects.order_by("pk").values_list("state", flat=True))


def test_eight_ideas_by_keys_alone(queue: list[Idea], page: Any) -> None:
    keys = Keys(page)
    page.goto(LIST)
    keys.press("n")
    assert queue[0].reference in keys.heading
    assert page.evaluate("document.activeElement.id") == "start"
    keys.press("p")
    assert queue[1].reference in keys.heading
    keys.press("u")
    assert queue[0].reference in keys.heading
    assert states()[0] == "received"
    keys.press("p")
    assert queue[1].reference in keys.heading
    keys.press("2")
    assert page.locator("input[name=reason]").nth(1).is_checked()
    assert "already" in page.locator("textarea[name=text_en]").input_value()
    keys.press("Control+Enter")
    keys.press("c")
    keys.press("1", "Control+Enter")
    keys.press("s")
    keys.press("1", "Control+Enter")
    assert SimilarLink.objects.get().original == queue[0]
    keys.press("b")
    keys.press("n")
    assert queue[4].reference in keys.heading
    keys.press("n")
    assert queue[5].reference in keys.heading
    for _ in range(3):
        keys.press("p")
    assert queue[4].reference in keys.heading
    keys.press("p")
    assert page.get_by_text("Nothing waits here any more.").is_visible()
    assert states() == ["published", "declined", "correction", "duplicate", *["published"] * 4]
    assert Event.objects.filter(verb="undo").count() == 1


def test_letters_are_letters_in_a_field_and_when_keys_are_off(queue: list[Idea], page: Any) -> None:
    keys = Keys(page)
    page.goto(f"{LIST}{queue[0].pk}/change/")
    page.wait_for_selector("html.w-keys-on", state="attached")
    keys.press("d")
    note = page.locator("textarea[name=note]")
    note.focus()
    page.keyboard.type("p1?l")
    assert note.input_value() == "p1?l"
    page.keyboard.press("Escape")
    keys.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys dl").evaluate("list => list.getBoundingClientRect().top < innerHeight / 2")
    page.get_by_text("Single letters and digits work as keys").click()
    page.reload()
    for key in ("p", "1", "n"):
        page.keyboard.press(key)
    assert queue[0].reference in keys.heading
    assert page.locator("html.w-keys-on").count() == 0
    assert states() == ["received"] * 8


def test_the_same_letters_in_french(queue: list[Idea], page: Any) -> None:
    keys = Keys(page)
    page.goto(f"/fr{LIST}")
    keys.press("n")
    assert page.get_by_role("button", name="Publier", exact=True).get_attribute("aria-keyshortcuts") == "p"
    keys.press("p")
    assert queue[1].reference in keys.heading
    assert states()[0] == "published"


def test_without_script_the_buttons_do_the_same(queue: list[Idea], page: Any, new_page: Any) -> None:
    plain = new_page(script=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(LIST)
    plain.get_by_role("button", name="Next free item").click()
    plain.get_by_role("button", name="Publish", exact=True).click()
    plain.get_by_role("button", name="Undo", exact=True).click()
    assert queue[0].reference in plain.locator("h1").first.inner_text()
    plain.get_by_role("link", name="Not possible within this plan").click()
    plain.get_by_role("button", name="Decline and open the next").click()
    assert queue[1].reference in plain.locator("h1").first.inner_text()
    assert states()[0] == "declined"


@pytest.mark.parametrize("wide", [True, False], ids=["1280", "360"])
def test_every_page_of_the_desk_is_sound(queue: list[Idea], page: Any, wide: bool) -> None:
    if not wide:
        page.set_viewport_size(PHONE)
    keys = Keys(page)
    page.goto(LIST)
    check_page(page)
    keys.press("n")
    page.keyboard.press("?")
    check_page(page)
    page.keyboard.press("Escape")
    keys.press("d")
    check_page(page)
    keys.press("Control+Enter")
    assert page.locator(".error-summary").is_visible()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    check_page(page)
    keys.press("1", "Control+Enter")
    assert page.locator(".w-undo").is_visible()
    check_page(page)


@pytest.mark.parametrize("language", ["", "/fr"], ids=["en", "fr"])
def test_all_is_within_reach_at_1280_by_800(queue: list[Idea], page: Any, language: str) -> None:
    """Words, place, similar ideas, reasons and every verb stand in the first window."""
    page.goto(f"{language}{LIST}{queue[0].pk}/change/")
    reasons = ".w-reasons li:nth-child(9)"
    for selector in (".w-words", "#facts-title", "#similar-title", reasons, "[data-key=s]"):
        box = page.locator(selector).first.bounding_box()
        assert box["y"] + box["height"] <= 800, selector
