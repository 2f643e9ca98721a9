"""Staff put a translation beside an idea and decide about copies at once, with and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from engagement import services
from engagement.models import Idea
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LETTER = "The library is to close on Saturday afternoons. Please keep it open until five, all year round."
MAY = ["engagement.view_idea", "engagement.triage_idea", "engagement.translate_idea"]
WAYS = [("", DESK), ("/fr", PHONE)]


def signed_in(page: Page) -> Any:
    client = Client()
    user = factories.staff(f"moderator-{id(page)}", permissions=MAY)
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    return user


@pytest.fixture
def spanish(transactional_db: Any) -> Idea:
    idea: Idea = factories.Idea(
        state="published",
        published_at=factories.NOW,
        language="es",
        public_title="Bancos a la sombra",
        public_problem="Los mayores no tienen donde sentarse.",
    )
    return idea


@pytest.mark.parametrize(("language", "viewport"), WAYS)
def test_a_translation_is_put_beside_and_read(
    new_page: Callable[..., Page], spanish: Idea, language: str, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    signed_in(page)
    page.goto(f"{language}/admin/engagement/idea/{spanish.pk}/change/")
    check_page(page)
    into = "en" if not language else "fr"
    page.locator(f"a[href*='/translation/{into}/']").click()
    check_page(page)
    page.locator("form[aria-labelledby=beside-title] button").first.click()
    expect(page.locator(".error-summary")).to_be_focused()
    check_page(page)
    page.fill("[name=title]", "Shaded benches")
    page.fill("[name=problem]", "Older people have nowhere to sit.")
    page.check("[name=how][value=machine]")
    page.locator("form[aria-labelledby=beside-title] button").first.click()
    page.goto(f"{language}/ideas/{spanish.reference}/")
    expect(page.locator("#translation-title")).to_be_visible()
    check_page(page)
    page.goto(f"{language}/ideas/?q=shaded")
    expect(page.get_by_role("link", name="Shaded benches")).to_be_visible()
    check_page(page)


@pytest.mark.parametrize("script", [True, False])
def test_copies_are_decided_at_once_by_keyboard(
    new_page: Callable[..., Page], transactional_db: Any, script: bool
) -> None:
    call = factories.Call()
    copies = [
        factories.Idea(call=call, public_title="Library", public_problem=f"{LETTER} {own}".strip())
        for own in ("", "", "My boys read there.", "Please.")
    ]
    page = new_page(script=script)
    user = signed_in(page)
    page.goto("/admin/engagement/idea/")
    page.get_by_role("link", name="1 group of copies: 4 ideas").press("Enter")
    page.get_by_role("link", name="4 copies").press("Enter")
    page.locator("[name=selected]").last.press("Space")
    page.get_by_role("button", name="Publish what is ticked").press("Enter")
    expect(page.get_by_role("button", name="Publish (3)")).to_be_visible()
    services.publish_idea(idea=copies[0], by=user, at=factories.NOW)
    page.get_by_role("button", name="Publish (3)").press("Enter")
    expect(page.get_by_text("2 done, 1 not")).to_be_visible()
    assert Idea.objects.filter(state="published").count() == 3


@pytest.mark.parametrize(("language", "viewport"), WAYS)
def test_the_pages_of_copies_are_sound_and_after_a_mistake(
    new_page: Callable[..., Page], transactional_db: Any, language: str, viewport: dict[str, int]
) -> None:
    call = factories.Call()
    first, *_others = [
        factories.Idea(call=call, public_title="Library", public_problem=f"{LETTER} {own}".strip())
        for own in ("", "", "My boys read there.")
    ]
    page = new_page(viewport=viewport)
    signed_in(page)
    page.goto(f"{language}/admin/engagement/idea/copies/")
    check_page(page)
    page.goto(f"{language}/admin/engagement/idea/copies/{first.pk}/")
    check_page(page)
    for box in page.locator("[name=selected]").all():
        box.uncheck()
    page.locator("button[value=decline]").click()
    expect(page.locator(".error-summary")).to_be_focused()
    check_page(page)
