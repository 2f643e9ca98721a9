"""Services, rules of routing, notes and appeals by keyboard alone: what was refused is told first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from engagement.models import Appeal, Note, ReportService, RoutingRule
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 768, "height": 1024}
START = "/admin/engagement"
FOCUSED = "(document.activeElement.labels?.[0] ?? document.activeElement).innerText?.trim() ?? ''"


@pytest.fixture
def desk(page: Any, sign_in: Callable[[Any], None]) -> Any:
    sign_in(factories.staff("everything", superuser=True))
    page.set_viewport_size(PHONE)
    return page


def reach(page: Any, words: str) -> None:
    """Goes on with Tab until what has the focus says so."""
    for _step in range(90):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(words):
            return
    raise AssertionError(f"{words} cannot be reached on {page.url}")


def press(page: Any, words: str) -> None:
    reach(page, words)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def refused(page: Any, first: str) -> None:
    """A list of what is wrong has the focus; its first line leads to the field."""
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    for viewport in (DESK, TABLET, PHONE):
        page.set_viewport_size(viewport)
        check_page(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == first
    page.keyboard.press("Enter")


def test_a_service_is_written_down_in_french(desk: Any) -> None:
    desk.goto(f"/fr{START}/reportservice/add/")
    press(desk, "Enregistrer")
    refused(desk, "Code")
    desk.keyboard.type("pont")
    reach(desk, "Français")
    desk.keyboard.type("Pont")
    press(desk, "Enregistrer")
    assert ReportService.objects.get().name == {"fr": "Pont"}
    assert "Pont" in desk.locator("#result_list").inner_text()
    check_page(desk)


def test_a_rule_is_tried_and_its_trial_is_read_first(desk: Any) -> None:
    department = factories.Department(name={"en": "Bridges", "fr": "Ponts"})
    service = factories.ReportService(name={"en": "Bridge", "fr": "Pont"})
    report = factories.Report(service=service, received_at=timezone.now())
    desk.goto(f"{START}/routingrule/add/")
    press(desk, "Try it on past reports")
    refused(desk, "Department")
    desk.keyboard.type("Bri")
    press(desk, "Try it on past reports")
    assert desk.evaluate(FOCUSED) == "Problem reports of the last 90 days"
    row = desk.locator("tbody tr", has_text="this rule").inner_text()
    assert report.reference in row
    assert "Bridge: nobody yet → Bridges" in row
    for viewport in (DESK, TABLET, PHONE):
        desk.set_viewport_size(viewport)
        check_page(desk)
    press(desk, "Save")
    assert RoutingRule.objects.get().department == department


def test_a_note_is_hidden_with_a_reason(desk: Any) -> None:
    idea = factories.Idea(state="published")
    note = Note.objects.create(
        idea=idea, voter="v" * 64, kind="fact", text="Zzz", state="held", sent_at=timezone.now()
    )
    desk.goto(f"/fr{START}/note/{note.pk}/change/")
    press(desk, "Masquer")
    press(desk, "Masquer")
    refused(desk, "Pourquoi\u00a0: ce que lira l’auteur de la note")
    reach(desk, "Anglais")
    desk.keyboard.type("Cela blesse quelqu’un.")
    press(desk, "Masquer")
    note.refresh_from_db()
    assert note.state == "hidden"
    check_page(desk)


def test_an_appeal_is_decided(desk: Any) -> None:
    idea = factories.Idea(state="declined")
    appeal = Appeal.objects.create(
        idea=idea, text="It is yours.", asked_at=timezone.now(), refused_by=factories.User()
    )
    desk.goto(f"{START}/appeal/{appeal.pk}/change/")
    press(desk, "Decide and tell the sender")
    refused(desk, "What you decide")
    desk.keyboard.press("Tab")
    desk.keyboard.press("ArrowDown")
    reach(desk, "English")
    desk.keyboard.type("The bus is run by the region.")
    press(desk, "Decide and tell the sender")
    appeal.refresh_from_db()
    assert appeal.outcome == Appeal.Outcome.REFUSED
    check_page(desk)


@pytest.mark.parametrize("script", [True, False])
def test_what_a_list_offers_folds_up_on_a_phone_alone(new_page: Any, script: bool) -> None:
    client = Client()
    client.force_login(factories.staff("everything", superuser=True))
    page = new_page(viewport=PHONE, script=script)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])
    page.goto(f"{START}/idea/")
    offered = page.get_by_role("link", name="Type in an idea")
    assert not offered.is_visible()
    page.locator(".w-menu summary").focus()
    page.keyboard.press("Enter")
    assert offered.is_visible()
    page.keyboard.press("Enter")
    page.set_viewport_size(DESK)
    assert offered.is_visible()
    assert not page.locator(".w-menu summary").is_visible()
    offered.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/type-in/")
