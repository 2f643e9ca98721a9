"""The mail before it leaves, in a browser: with script beside the form, without script on the same page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from engagement.models import Idea, Notice
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idea(db: Any) -> Any:
    contact = factories.Contact(language="fr", updates_consent_at=factories.OPENED)
    factories.Reason(
        action="decline", code="state", text={"en": "Not ours.", "fr": "Pas du ressort de la ville."}
    )
    return factories.Idea(language="fr", contact=contact, title="Des autobus")


def opened(page: Any, idea: Idea, language: str) -> None:
    client = Client()
    client.force_login(factories.staff("desk", superuser=True))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    page.goto(f"{language}/admin/engagement/idea/do/decline/?selected={idea.pk}:{idea.version}")


@pytest.mark.parametrize(("language", "viewport"), [("", DESK), ("/fr", PHONE)])
def test_with_script_the_mail_follows_what_is_typed(
    language: str, viewport: dict[str, int], new_page: Callable[..., Any], idea: Any
) -> None:
    page = new_page(viewport=viewport)
    opened(page, idea, language)
    page.locator("input[name=reason]").first.check()
    mail = page.locator(".w-mail")
    mail.get_by_text("Pas du ressort de la ville.").wait_for()
    check_page(page)
    page.locator("textarea[name=text_fr]").fill("Écrivez au transporteur.")
    mail.get_by_text("Écrivez au transporteur.").wait_for()
    assert page.locator("textarea[name=text_fr]").input_value() == "Écrivez au transporteur."
    assert not Notice.objects.exists()
    assert Idea.objects.get().state == "received"


@pytest.mark.parametrize(("language", "viewport"), [("/fr", DESK), ("", PHONE)])
def test_without_script_the_button_keeps_what_was_typed(
    language: str, viewport: dict[str, int], new_page: Callable[..., Any], idea: Any
) -> None:
    page = new_page(viewport=viewport, script=False)
    opened(page, idea, language)
    preview = page.locator("button[name=_preview]")
    page.locator("textarea[name=note]").fill("Ask Kim.")
    preview.click()
    assert page.locator(".w-mail").count() == 0, "no reason yet: the page says so"
    assert page.locator("textarea[name=note]").input_value() == "Ask Kim."
    page.locator("input[name=reason]").first.check()
    preview.click()
    assert "Pas du ressort de la ville." in page.locator(".w-mail").inner_text()
    assert page.locator("textarea[name=note]").input_value() == "Ask Kim."
    assert Idea.objects.get().state == "received"


@pytest.mark.parametrize(("language", "viewport"), [("", PHONE), ("/fr", DESK)])
def test_with_script_an_error_is_said_by_the_page(
    language: str, viewport: dict[str, int], new_page: Callable[..., Any], idea: Any
) -> None:
    page = new_page(viewport=viewport)
    opened(page, idea, language)
    with page.expect_navigation():
        page.locator("button[name=_preview]").click()
    assert page.locator("[role=alert], .errornote, .error-summary").count()
    check_page(page)
    page.locator("input[name=reason]").first.check()
    with page.expect_navigation():
        page.locator("button[name=_preview]").click()
    page.locator(".w-mail").get_by_text("Pas du ressort de la ville.").wait_for()
    assert not page.locator("[role=alert], .errornote, .error-summary, .error").count(), (
        "nothing is wrong now"
    )
