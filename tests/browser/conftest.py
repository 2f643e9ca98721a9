"""A real browser on a real server, offline but for that. Tests that use it are marked `browser`."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests import ground

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    # Playwright keeps an event loop in this thread; the ORM in the test itself does not mind.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

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
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
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

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.fixture
def violations(page: Any) -> Callable[[], list[str]]:
    """`faults_of` the test's `page`."""
    return lambda: faults_of(page)


def check_page(page: Any) -> None:
    """No axe violation, and nothing that makes the page scroll sideways."""
    assert faults_of(page) == [], page.url
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{page.url} is {too_wide} px wider than the window"
