"""What a page becomes by what one does on it: errors, suggestions, filters, maps, opened parts, previews.

Each is looked at in both languages, light and dark, on a phone and on a desk, without loading it anew.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement import links, services
from engagement.models import Idea, Meeting
from tests import factories
from tests.browser.conftest import HERE, WRITTEN, check_all_looks
from tests.browser.test_public_pages import known
from tests.engagement.test_persons import person_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]
SEND = "main form[method=post] button.large"


@pytest.fixture(params=["", "/fr"], ids=["en", "fr"])
def language(request: Any) -> str:
    return str(request.param)


def error_shown(page: Page, button: str = SEND) -> None:
    page.locator(button).first.click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^(Please check|À vérifier)"))
    check_all_looks(page)


def test_while_an_idea_is_written(new_page: NewPage, call: Any, language: str) -> None:
    page = new_page()
    page.goto(f"{language}/calls/ideas/send/")
    error_shown(page)
    page.locator("#id_problem").fill(f"{WRITTEN} Call 514 555 0199.")
    expect(page.locator("[data-similar] h2")).to_be_visible()
    check_all_looks(page)
    page.locator("[data-map-open] button").click()
    expect(page.locator(".map-district")).to_be_visible()
    check_all_looks(page)
    page.locator("[data-map-middle]").click()
    expect(page.locator(".map-point")).to_be_visible()
    check_all_looks(page)
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_visible()
    check_all_looks(page)
    page.locator("button[name=preview]").click()
    expect(page.locator("article")).to_contain_text("Foundry Road")
    check_all_looks(page)
    page.locator(SEND).click()
    page.wait_for_url("**/t/**")
    check_all_looks(page)
    page.goto(f"{language}/calls/ideas/send/")
    page.locator("#id_problem").fill(f"{WRITTEN} Call 514 555 0199.")
    page.locator(SEND).click()
    expect(page.locator("#personal")).to_be_visible()
    check_all_looks(page)
    page.locator("button[name=carry]").click()
    expect(page.locator("#carry")).to_be_attached()
    check_all_looks(page)


def test_on_the_page_of_an_idea(new_page: NewPage, call: Any, language: str) -> None:
    idea = Idea.objects.get(reference="2026-59999")
    page = new_page()
    page.goto(f"{language}/ideas/{idea.reference}/")
    for part in page.locator("main summary").all():
        part.click()
    check_all_looks(page)
    page.locator("#support button").click()
    expect(page.locator("#support [role=status]")).to_be_visible()
    check_all_looks(page)
    page.locator("#notes summary").click()
    error_shown(page, "#notes form button")
    page.locator("#notes textarea").fill("It floods there.")
    page.locator("#notes form button").click()
    expect(page.locator("#notes .notice.good")).to_be_visible()
    check_all_looks(page)
    page.locator("#follow summary").click()
    error_shown(page, "#follow button")
    page.locator("#id_email").fill("ana@mail.example")
    page.locator("main button").click()
    expect(page.locator("h1 + .lead")).to_contain_text("ana@mail.example")
    check_all_looks(page)
    page.goto(f"{language}/ideas/{idea.reference}/abuse/")
    error_shown(page, "main button")
    page.locator("main input[type=radio]").first.check()
    page.locator("main button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    check_all_looks(page)


def test_support_by_mail(new_page: NewPage, call: Any, language: str) -> None:
    call.supports = call.Supports.CONFIRMED
    call.save()
    page = new_page()
    page.goto(f"{language}/ideas/2026-59999/")
    page.locator("#support summary").click()
    check_all_looks(page)
    error_shown(page, "#support button")


def test_while_a_problem_is_reported(new_page: NewPage, call: Any, language: str) -> None:
    near = factories.Report(
        service__code="lamp", service__name={"en": "Lamp", "fr": "Lampadaire"}, address="12 Elm", **HERE
    )
    near.received_at = timezone.now() - timedelta(days=1)
    near.save()
    page = new_page()
    page.goto(f"{language}/report/")
    page.locator("#id_q").press_sequentially("zzz")
    expect(page.locator("[data-filter-told]")).not_to_be_empty()
    check_all_looks(page)
    error_shown(page, "#describe-title ~ form button")
    page.locator("#id_description").fill("The lamp is dark.")
    page.locator("#describe-title ~ form button").click()
    expect(page.locator("#carry")).to_be_attached()
    check_all_looks(page)
    page.goto(f"{language}/report/lamp/")
    error_shown(page)
    page.locator("#id_address").fill("12 Elm")
    page.locator("#id_address").press("Tab")
    expect(page.locator("[data-similar-count]")).to_be_visible()
    check_all_looks(page)
    page.route("**/similar/**", lambda route: route.abort())  # then the page after sending asks
    page.goto(f"{language}/report/lamp/")
    page.locator("#id_description").fill("Dark.")
    page.locator("#id_address").fill("12 Elm")
    page.locator(SEND).click()
    expect(page.locator("[data-similar-count]")).to_be_visible()
    check_all_looks(page)
    page.locator("[name=wish]").click()
    expect(page.locator("#me-too [role=status]")).to_be_visible()
    check_all_looks(page)


def test_on_private_pages(new_page: NewPage, call: Any, language: str) -> None:
    at, staff = timezone.now(), factories.staff("decides", superuser=True)
    factories.Reason(action="ask_correction", code="unclear", text={"en": "Where?", "fr": "Où?"})
    unclear, declined = factories.Idea(call=call), factories.Idea(call=call)
    services.ask_correction(idea=unclear, by=staff, at=at, reason="unclear")
    services.decline_idea(idea=declined, by=staff, at=at, reason=factories.Reason().code)
    closed = factories.Report(state="closed", closed_at=at)
    written_in = language.strip("/") or "en"
    page = new_page()
    page.goto(f"{language}/track/")
    error_shown(page, "main button")
    page.goto(links.tracking_path(unclear, written_in, "tracking_correct"))
    page.locator("#id_problem").fill("")
    error_shown(page, "main button")
    page.goto(links.tracking_path(declined, written_in, "tracking_appeal"))
    error_shown(page, "main button")
    page.locator("#id_text").fill("There is a school next door.")
    page.locator("main button").click()
    expect(page.locator("main [role=status]")).to_be_visible()
    check_all_looks(page)
    page.goto(links.tracking_path(closed, written_in))
    check_all_looks(page)
    error_shown(page, "main form button")
    page.goto(links.tracking_path(declined, written_in, "tracking_erase"))
    error_shown(page, "main button")
    page.locator("main input[type=radio]").first.check()
    page.locator("main button").click()
    expect(page.locator("main form")).to_have_count(0)
    check_all_looks(page)


def test_on_the_pages_of_one_address(new_page: NewPage, call: Any, language: str) -> None:
    person = person_of(email="ana@mail.example")
    page = new_page()
    page.goto(f"{language}/mine/")
    error_shown(page, "main button")
    idea = factories.Idea(call=call, contact=factories.Contact(email=person.email, confirmed_at=None))
    page.goto(links.address_path(idea, language.strip("/") or "en"))
    page.locator("main button").first.click()
    expect(page.locator("main form")).to_have_count(0)
    check_all_looks(page)
    services.follow(person=person, record=Idea.objects.get(reference="2026-59999"), at=timezone.now())
    known(page, person)
    page.goto(f"{language}/mine/")
    page.locator("button:has(.vh)").first.click()
    expect(page.locator(".notice.good")).to_be_visible()
    check_all_looks(page)
    page.goto(f"{language}/mine/erase/")
    error_shown(page, "main button")
    page.locator("main input[type=radio]").first.check()
    page.locator("main button").click()
    expect(page.locator("main form")).to_have_count(0)
    check_all_looks(page)
    page.goto(links.stop_path(person_of(email="other@mail.example")))
    page.locator("main button").click()
    check_all_looks(page)


def test_while_ideas_are_browsed(new_page: NewPage, call: Any, language: str) -> None:
    page = new_page()
    page.goto(f"{language}/ideas/")
    page.locator("form.filters summary").click()
    check_all_looks(page)
    page.locator("#id_district").select_option("west")
    page.locator("form.filters button").first.click()
    page.wait_for_url("**district=west**")
    check_all_looks(page)
    page.locator("#id_q").fill("zebra")
    page.locator("form.filters button").first.click()
    expect(page.locator(".empty")).to_be_visible()
    check_all_looks(page)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{language}/ideas/map/")
    page.locator("[data-map-open] button").click()
    expect(page.locator(".map-number").first).to_be_visible()
    check_all_looks(page)
    page.locator(".map-number").first.press("Enter")
    page.locator(".map-number").first.press("Enter")
    page.locator(".map-idea").first.press("Enter")
    expect(page.locator(".leaflet-popup a[href*='2026-59999']")).to_be_visible()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    word = "Fermer" if language else "Close"
    expect(page.locator(".leaflet-popup-close-button")).to_have_attribute("aria-label", word)
    check_all_looks(page)


def test_in_the_meeting_kit(new_page: NewPage, call: Any, language: str) -> None:
    at = timezone.now()
    meeting = Meeting.objects.create(
        call=call, kind="workshop", title={"en": "In the hall", "fr": "Dans la salle"}, date=at.date()
    )
    manager = factories.staff("manager", permissions=["engagement.manage_call"])
    link = services.make_meeting_link(meeting=meeting, ends_at=at + timedelta(hours=1), by=manager, at=at)
    page = new_page()
    page.goto(links.kit_path(link, language.strip("/") or "en"))
    page.locator("[name=count]").fill("-4")
    error_shown(page, "#room-title ~ form button")
    error_shown(page, "#wall-title ~ form button")
    page.locator("[name=lines]").press_sequentially("No bench at the pond\n")
    expect(page.locator("[data-kit-status]")).not_to_be_empty()
    check_all_looks(page)
    page.goto(links.kit_path(link, language.strip("/") or "en"))
    page.locator("main summary").click()
    check_all_looks(page)
    page.locator("details [name=problem]").fill("")
    error_shown(page, "details form button")
    page.context.set_offline(True)
    page.locator("[name=lines]").press_sequentially("Too few bins\n")
    expect(page.locator("[data-kit-waiting] li")).to_have_count(1)
    check_all_looks(page)
