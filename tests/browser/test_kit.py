"""A volunteer at a meeting: types notes while the network comes and goes, with and without script."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement import links, models, services
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]


@pytest.fixture
def link(transactional_db: Any) -> models.MeetingLink:
    meeting = models.Meeting.objects.create(
        call=factories.Call(), kind="workshop", title={"en": "In the hall"}, date=timezone.localdate()
    )
    manager = factories.staff("manager", permissions=["engagement.manage_call"])
    at = timezone.now()
    return services.make_meeting_link(meeting=meeting, ends_at=at + timedelta(hours=1), by=manager, at=at)


def test_lines_wait_in_the_browser_until_the_network_is_back(new_page: NewPage, link: Any) -> None:
    page = new_page(viewport=PHONE)
    page.goto(links.kit_path(link))
    page.context.set_offline(True)
    notes = page.get_by_label("What stands on the notes?")
    for note in ("No bench at the pond", "Too few bins"):
        notes.fill(note)
        notes.press("Enter")
    expect(page.get_by_text("until the network is back: 2")).to_be_visible()
    assert not models.Idea.objects.exists()
    check_page(page)
    page.context.set_offline(False)
    expect(page.get_by_text("Sent: 2")).to_be_visible()
    assert [line.idea.problem for line in link.lines.all()] == ["No bench at the pond", "Too few bins"]
    page.reload()
    expect(page.get_by_text("2 lines so far")).to_be_visible()
    expect(page.get_by_text("until the network is back")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_kit_without_script_and_with_an_error(new_page: NewPage, link: Any, language: str) -> None:
    page = new_page(viewport=PHONE, script=False)
    page.goto(links.kit_path(link, language))
    page.locator("[name=lines]").fill("One\nTwo\nThree")
    page.locator("[name=lines] >> xpath=ancestor::form").locator("button").click()
    assert link.lines.count() == 3
    page.locator("[name=count]").fill("-4")
    page.locator("[name=count] >> xpath=ancestor::form").locator("button").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_of_a_meeting(new_page: NewPage, link: Any, dark: bool) -> None:
    words = services.LineWords("No bench at the pond", "en", 4)
    line = services.record_line(link=link, words=words, key="", at=timezone.now())
    models.Idea.objects.filter(pk=line.idea_id).update(state="published", published_at=timezone.now())
    for viewport in (PHONE, DESK):
        page = new_page(viewport=viewport, dark=dark)
        for address in (
            links.kit_path(link),
            links.kit_path(link, "fr"),
            links.kit_path(link, page="kit_sheet"),
            f"/meetings/{link.meeting_id}/",
            f"/fr/meetings/{link.meeting_id}/",
            "/kit/1/aa-bb/",
        ):
            page.goto(address)
            check_page(page)
