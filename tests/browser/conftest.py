"""A real browser on a real server, offline but for that. Tests that use it are marked `browser`."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import h3
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from engagement.forms import hygiene
from tests import factories, ground, patience
from tests.browser.resident import Resident

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
SMALL = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 256}
"""A window of 1280 x 1024 at 400 %: what an old phone shows, and no more than a few lines of it."""

HERE = {"latitude": 45.5, "longitude": -73.6}
WRITTEN = "There is no roof at the bus stop on Foundry Road, and people wait in the rain."


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    # Playwright keeps an event loop in this thread; the ORM in the test itself does not mind.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=patience.BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=ground.chromium(),
            args=["--no-sandbox", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Makes pages: `new_page(viewport=PHONE, script=False, dark=True)`. An error of a script, or anything
    the content policy stops, fails the test."""
    contexts = []
    faults: list[str] = []

    def _new_page(*, viewport: dict[str, int] | None = None, script: bool = True, dark: bool = False) -> Any:
        context = chromium.new_context(
            viewport=viewport or DESK,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            base_url=live_server.url,
        )
        context.set_default_timeout(patience.BROWSER)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield _new_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page of 1280 x 800, with scripts, in light colours."""
    return new_page()


@pytest.fixture
def call(transactional_db: Any, monkeypatch: Any) -> Any:
    """An invitation with everything on; a browser that types fast is taken for no robot."""
    monkeypatch.setattr(hygiene, "TOO_QUICK", 0)
    cache.clear()
    ring = [[-73.7, 45.4], [-73.5, 45.4], [-73.5, 45.6], [-73.7, 45.6], [-73.7, 45.4]]
    west = factories.District(
        code="west", name={"en": "West", "fr": "Ouest"}, boundary={"type": "Polygon", "coordinates": [ring]}
    )
    opened = timezone.now() - timedelta(days=2)
    call = factories.Call(slug="ideas", opens_at=opened, supports="token", notes="open", appeal_days=30)
    call.themes.add(factories.Theme())
    factories.Idea(
        call=call,
        state="published",
        reference="2026-59999",
        public_title="The bus stop on Foundry Road has no roof",
        public_problem=WRITTEN,
        district=west,
        cell=h3.latlng_to_cell(*HERE.values(), 9),
        **HERE,
    )
    factories.ReportService(
        code="stop", keywords="stop", name={"en": "Bus stop", "fr": "Arrêt d’autobus"}, target_days=5
    )
    return call


@pytest.fixture(
    params=[("en", True), ("en", False), ("fr", True), ("fr", False)],
    ids=["en-script", "en-no-script", "fr-script", "fr-no-script"],
)
def who(request: Any, new_page: Callable[..., Any], monkeypatch: Any) -> Resident:
    """Somebody on a small phone who uses the keyboard alone, and types fast without being a robot."""
    monkeypatch.setattr(hygiene, "TOO_QUICK", 0)
    language, script = request.param
    return Resident(new_page(viewport=PHONE, script=script), language, script)


@pytest.fixture
def sign_in(page: Any) -> Callable[[Any], None]:
    """Signs a member of staff in on `page`, without the sign-in page."""

    def _sign_in(user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
        )

    return _sign_in


def faults_of(page: Any) -> list[str]:
    """What axe finds wrong on the page as it is now: the rule and the first place, for the failure."""
    from axe_playwright_python.sync_playwright import Axe

    # Its program is half a megabyte: one reading a document is enough.
    axe = Axe("" if page.evaluate("'axe' in window") else Axe().axe_script)
    found = axe.run(page).response["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.fixture
def violations(page: Any) -> Callable[[], list[str]]:
    """`faults_of` the test's `page`."""
    return lambda: faults_of(page)


_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check_page(page: Any) -> None:
    """No axe violation, and nothing that makes the page scroll sideways."""
    assert faults_of(page) == [], page.url
    too_wide = page.evaluate(_TOO_WIDE)
    assert too_wide <= 0, f"{page.url} is {too_wide} px wider than the window"


def check_all_looks(page: Any) -> None:
    """`check_page` as it stands, without loading it anew: light and dark, on a phone and on a desk."""
    for dark in (False, True):
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        for viewport in (DESK, PHONE):
            page.set_viewport_size(viewport)
            check_page(page)


_CUT_OFF = """() => {
  const wide = document.documentElement.clientWidth;
  const hidden = (one) => !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    || one.closest(".vh, .skip, svg, .leaflet-container, table");
  const speaks = (one) => one.matches("input, select, textarea, button, img")
    || [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  return [...document.body.querySelectorAll("*")].filter((one) => {
    if (hidden(one) || !speaks(one)) return false;
    const place = one.getBoundingClientRect();
    if (place.width <= 1) return false;
    const clips = getComputedStyle(one).overflow !== "visible" && !one.matches("input, select, img");
    return place.left < -1 || place.right > wide + 1
      || clips && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
  }).map((one) => one.outerHTML.slice(0, 160));
}"""


def check_narrow(page: Any) -> None:
    """Nothing scrolls sideways at the window's width, and no words are cut off or stand outside it."""
    too_wide = page.evaluate(_TOO_WIDE)
    assert too_wide <= 0, f"{page.url} is {too_wide} px wider than the window"
    assert page.evaluate(_CUT_OFF) == [], page.url
