"""A resident on a phone: sends an idea in French with and without script, follows it, corrects it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement import links, services
from engagement.models import Idea
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROBLEM = "Il n’y a pas d’abri à mon arrêt, et les personnes âgées attendent sous la pluie."
NewPage = Callable[..., Page]


@pytest.fixture
def call(transactional_db: Any) -> Any:
    # the districts' map is kept for a while: an earlier test's districts must not be shown here
    cache.delete_many(["engagement.districts.en", "engagement.districts.fr"])
    square = [[-73.7, 45.4], [-73.5, 45.4], [-73.5, 45.6], [-73.7, 45.6], [-73.7, 45.4]]
    factories.District(
        code="west", name={"en": "West", "fr": "Ouest"}, boundary={"type": "Polygon", "coordinates": [square]}
    )
    call = factories.Call(
        slug="ideas",
        opens_at=timezone.now() - timedelta(days=2),
        asks_phone=True,
        planned_dates=[
            {"date": "2190-03-01", "label": {"en": "The council decides", "fr": "Le conseil décide"}}
        ],
        questions=[
            {"key": "cost", "label": {"en": "What would it cost?", "fr": "Quel coût?"}, "confidential": True},
            {
                "key": "size",
                "label": {"en": "How many people?", "fr": "Combien de personnes?"},
                "datatype": "singlevaluelist",
                "values": [
                    {"key": "few", "label": {"fr": "Peu"}},
                    {"key": "many", "label": {"fr": "Beaucoup"}},
                ],
            },
        ],
    )
    call.themes.set([factories.Theme(key="a"), factories.Theme(key="b")])
    return call


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_idea_is_sent_on_a_phone_in_french(
    live_server: Any, new_page: NewPage, call: Any, script: bool
) -> None:
    page = new_page(viewport=PHONE, script=script)
    page.goto(f"{live_server.url}/fr/calls/ideas/send/")
    expect(page.locator("[data-map-open]")).to_be_visible(visible=script)
    page.locator("#id_proposal").fill("Un toit.")
    page.locator("input[name=themes]").first.check()
    page.locator("#id_where").select_option("west")
    page.locator("#id_wants_updates").check()
    page.locator("form[method=post] button.large").click()

    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#id_problem_error")).to_be_visible()
    expect(page.locator("#id_email_error")).to_be_visible()
    expect(page.locator("#id_proposal")).to_have_value("Un toit.")
    expect(page.locator("input[name=themes]").first).to_be_checked()
    expect(page.locator("#id_where")).to_have_value("west")

    page.locator("#id_problem").fill(PROBLEM)
    page.locator("#id_email").fill("ana@mail.example")
    page.locator("form[method=post] button.large").click()
    page.wait_for_url("**/fr/t/**")
    idea = Idea.objects.get()
    assert (idea.language, idea.problem, str(idea.district.code)) == ("fr", PROBLEM, "west")
    expect(page.locator("h1")).to_be_visible()
    if not script:
        expect(page.locator("[data-copy]").first).to_be_hidden()
    assert idea.reference in page.content()
    assert "Le conseil décide" in page.content()


def test_axe_finds_nothing_on_the_way(live_server: Any, new_page: NewPage, call: Any) -> None:
    for viewport, dark, prefix in ((PHONE, False, "/fr"), (DESK, True, "")):
        page = new_page(viewport=viewport, dark=dark)
        for path in ("/calls/", "/calls/ideas/", "/calls/ideas/send/"):
            page.goto(live_server.url + prefix + path)
            check_page(page)
        page.locator("form[method=post] button.large").click()
        expect(page.locator(".error-summary")).to_be_focused()
        check_page(page)
        page.locator("#id_problem").fill(PROBLEM)
        page.locator("form[method=post] button.large").click()
        page.wait_for_url("**/t/**")
        check_page(page)
        page.goto(page.url.split("?")[0])
        check_page(page)
        private = page.url
        for path in ("withdraw/", "erase/"):
            page.goto(private + path)
            check_page(page)
        page.locator("button.danger").click()
        expect(page.locator(".error-summary")).to_be_visible()
        check_page(page)


def test_axe_finds_nothing_on_public_pages(live_server: Any, new_page: NewPage, call: Any) -> None:
    factories.ReportService(
        code="lamp", group={"en": "Streets"}, notice={"en": "Call 911."}, description={"en": "A dark lamp."}
    )
    factories.Theme()
    idea = factories.Idea(
        call=call, state="published", outcome="in_plan", outcome_text={"en": "It is in."}, language="fr"
    )
    other = factories.Idea(call=call, state="published")
    services.link_duplicate(
        idea=other, original=idea, by=factories.staff("m", superuser=True), at=timezone.now()
    )
    report = factories.Report(address="12 Elm", expected_at=timezone.now())
    page = new_page(viewport=PHONE)
    for path in (
        *("/ideas/", "/ideas/?q=zebra", f"/ideas/{idea.reference}/", f"/ideas/{other.reference}/"),
        *("/report/", "/report/lamp/", f"/reports/{report.reference}/", "/track/"),
        *("/about/", "/privacy/", "/accessibility/"),
    ):
        for prefix in ("", "/fr"):
            page.goto(live_server.url + prefix + path)
            check_page(page)
    page.goto(f"{live_server.url}/report/lamp/")
    page.locator("form[method=post] button.large").click()
    expect(page.locator("#id_where_error")).to_be_visible()
    check_page(page)
    page.goto(f"{live_server.url}/track/")
    page.locator("main button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    check_page(page)


def test_a_point_is_chosen_on_the_map_with_the_keyboard_alone(
    live_server: Any, new_page: NewPage, call: Any
) -> None:
    page = new_page(viewport=PHONE)
    page.goto(f"{live_server.url}/calls/ideas/send/")
    assert "leaflet" not in "".join(
        script.get_attribute("src") or "" for script in page.locator("script").all()
    )
    page.locator("[data-map-open] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-interactive").first).to_be_visible()
    expect(page.locator("[data-map]")).to_be_focused()
    page.locator("[data-map-middle]").focus()
    page.keyboard.press("Enter")
    check_page(page)
    page.locator("form[method=post] button.large").click()
    expect(page.locator(".error-summary")).to_be_visible()
    kept = page.locator("#id_latitude").input_value()
    assert 45.4 < float(kept) < 45.6
    page.locator("#id_problem").fill(PROBLEM)
    page.locator("form[method=post] button.large").click()
    page.wait_for_url("**/t/**")
    idea = Idea.objects.get()
    assert idea.latitude == float(kept)
    assert idea.district is not None


def test_a_correction_can_be_sent_from_the_private_link(
    live_server: Any, new_page: NewPage, call: Any
) -> None:
    """Guards the page's referrer policy: the wrong one makes browsers send `Origin: null` with a form."""
    at = timezone.now()
    idea = services.submit_idea(call=call, draft=services.IdeaDraft(problem="Dark.", language="en"), at=at)
    factories.Reason(action="ask_correction", code="unclear", text={"en": "Where?"})
    services.ask_correction(idea=idea, by=factories.staff("m", superuser=True), at=at, reason="unclear")
    page = new_page(viewport=PHONE)
    page.goto(live_server.url + links.tracking_path(idea))
    check_page(page)
    page.get_by_role("link", name="Correct and send again").click()
    check_page(page)
    page.locator("#id_problem").fill("")
    page.locator("main button").click()
    expect(page.locator("#id_problem_error")).to_be_visible()
    check_page(page)
    page.locator("#id_problem").fill("The lamp at Elm and First is dark.")
    page.locator("main button").click()
    page.wait_for_url("**done=corrected")
    idea.refresh_from_db()
    assert idea.state == "received"
