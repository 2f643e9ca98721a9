"""Every public page, walked: in both languages, light and dark, wide and narrow, zoomed, and by keyboard.

The pages are found by asking the resolver: a new address that no walk reaches, and that is not said here to
be a file or only a button, fails the test.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from engagement import links, services
from engagement.models import Person
from engagement.views.known import COOKIE
from tests import factories
from tests.browser.conftest import DESK, PHONE, SMALL, ZOOMED, check_narrow, check_page
from tests.safety import places

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]

NO_PAGES = {
    *("city_css", "favicon", "healthz", "healthz_web", "dev_mail", "dev_mail_detail"),
    *("engagement:idea_feed", "engagement:idea_map_data", "engagement:districts_geojson"),
    *("engagement:photo", "engagement:tracking_photo", "engagement:mine_export"),
    *("engagement:report_feed", "engagement:report_map_data"),
    *("engagement:idea_similar", "engagement:report_similar"),
    "prioritisation:plan_feed",
    *("prioritisation:plan_ballots", "prioritisation:plan_dictionary", "prioritisation:plan_export"),
    *("prioritisation:plan_figures", "prioritisation:plan_figures_dictionary"),
    "prioritisation:staff_export",
}
"""Files, and parts of a page that a script asks for."""
ONLY_POSTS = {
    *("engagement:idea_support", "engagement:idea_note"),
    *("engagement:follow", "engagement:report_me_too"),
}
PUBLIC = ("engagement:", "prioritisation:", "home", "about", "privacy", "accessibility")
TABS = 8
"""From the link that skips the heads of pages to the first thing to do, at most."""


def pages() -> list[places.Place]:
    return [
        place for place in places.places() if place.name.startswith(PUBLIC) and place.name not in NO_PAGES
    ]


def addresses() -> tuple[dict[str, str], Person]:
    """Where each public page stands in a small city, and whose browser sees those of one person."""
    cache.clear()
    at = timezone.now()
    city = places.build(at)
    found = {place.name: city.address(place) for place in pages()}
    staff = factories.staff("decides", superuser=True)
    factories.Reason(action="ask_correction", code="unclear", text={"en": "Where?", "fr": "Où?"})
    unclear = factories.Idea()
    services.ask_correction(idea=unclear, by=staff, at=at, reason="unclear")
    declined = factories.Idea(call=factories.Call(appeal_days=30))
    services.decline_idea(idea=declined, by=staff, at=at, reason=factories.Reason().code)
    closed = factories.Report(state="closed", closed_at=at - timedelta(days=1))
    found |= {
        f"engagement:{page}": links.tracking_path(record, "en", page)
        for page, record in (
            ("tracking_correct", unclear),
            ("tracking_appeal", declined),
            ("tracking_fixed", closed),
        )
    }
    return found, Person.objects.get(email=places.SENDER)


def known(page: Page, person: Person) -> None:
    """Makes the page's browser one that used a link of the person."""
    client = Client()
    client.post(links.wish_path(person, "mine", timezone.now() + timedelta(days=1)))
    cookie = {"name": COOKIE, "value": client.cookies[COOKIE].value, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])


def walked(page: Page, path: str) -> bool:
    """Opens a page; false for one that leads elsewhere, answers with a file or only takes posts."""
    answer = page.request.get(path, max_redirects=0)
    assert answer.status < 500, f"{path}: {answer.status}"
    if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
        return False
    page.goto(path)
    return True


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["", "/fr"], ids=["en", "fr"])
def test_every_public_page_has_no_fault_that_axe_finds(new_page: NewPage, language: str, dark: bool) -> None:
    found, person = addresses()
    page = new_page(viewport=DESK, dark=dark)
    known(page, person)
    missed = set()
    for name, path in found.items():
        if not walked(page, language + path):
            missed.add(name)
            continue
        for viewport in (DESK, PHONE):
            page.set_viewport_size(viewport)
            check_page(page)
    assert missed <= ONLY_POSTS
    assert len(found) > 40
    page.goto(f"{language}/no-such-page/")
    check_page(page)


@pytest.mark.parametrize("language", ["", "/fr"], ids=["en", "fr"])
def test_narrow_and_zoomed_nothing_is_lost_and_few_keys_lead_to_what_one_can_do(
    new_page: NewPage, language: str
) -> None:
    found, person = addresses()
    page = new_page(viewport=SMALL)
    known(page, person)
    for name, path in found.items():
        if walked(page, language + path):
            check_narrow(page)
            page.set_viewport_size(ZOOMED)
            check_narrow(page)
            _reachable(page, name)
            page.set_viewport_size(SMALL)


def test_a_browser_that_is_not_known_asks_for_an_address(new_page: NewPage) -> None:
    for language in ("", "/fr"):
        page = new_page(viewport=SMALL)
        page.goto(f"{language}/mine/")
        check_page(page)
        check_narrow(page)


_SEEN = """one => {
  const { left, top, width, height } = one.getBoundingClientRect();
  const x = left + Math.min(width / 2, 20), y = top + Math.min(height / 2, 20);
  const there = document.elementFromPoint(x, y);
  return y >= 0 && y <= innerHeight && Boolean(there) && (one.contains(there) || there.contains(one));
}"""
_TO_DO = (
    "a.button, a.cover, summary, button:not([tabindex='-1']), input:not([tabindex='-1']), select, textarea"
)
_AT = """goal => {
  const at = document.activeElement;
  return at === goal || (goal.type === "radio" && at.name === goal.name);
}"""
"""Of several radio buttons the one that is chosen takes the focus."""


def _reachable(page: Page, name: str) -> None:
    """What one can do first on a page takes the focus after few keys, and is seen when it has it."""
    goals = page.locator(f"main :is({_TO_DO}):visible")
    if not goals.count():
        return
    goal = goals.first.element_handle()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _press in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate(_AT, goal):
            assert page.evaluate(f"({_SEEN})(document.activeElement)"), (
                f"{name}: what has the focus is not seen"
            )
            return
    raise AssertionError(f"{name}: what one can do first is not reached with {TABS} tabs")
