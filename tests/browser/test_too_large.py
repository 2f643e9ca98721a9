"""A form that is too large: the page says how to go on, and whoever goes back finds what was typed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]
WORDS = ("There is no roof at the bus stop on Foundry Road. " * 60).strip()


@pytest.mark.parametrize(
    ("path", "name", "script"),
    [
        ("/calls/box/send/", "problem", False),
        ("/fr/calls/box/send/", "problem", True),
        ("/report/lamp/", "description", True),
    ],
)
def test_going_back_the_text_is_still_there(
    new_page: NewPage, transactional_db: Any, settings: Any, path: str, name: str, script: bool
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    factories.ReportService(code="lamp", name={"en": "Street lamp"})
    factories.Call(slug="box", opens_at=timezone.now() - timedelta(days=2))
    page = new_page(viewport=PHONE, script=script)
    opened = page.goto(path)
    assert opened is not None
    # Browsers forget what stands on a page that must not be stored, as soon as it is left.
    assert "no-store" not in opened.headers["cache-control"]
    assert "no-cache" in opened.headers["cache-control"]
    page.locator(f"[name={name}]").fill(WORDS)
    form = "form[data-send]" if name == "problem" else "main form"
    with page.expect_navigation() as sent:
        page.locator(f"{form} button.large").first.click()
    assert sent.value.status == 413
    said = "votre texte s’y trouve toujours" if path.startswith("/fr") else "your text is still there"
    expect(page.locator(".lead")).to_contain_text(said)
    if script:
        check_page(page)
    page.go_back()
    expect(page.locator(f"[name={name}]")).to_have_value(WORDS)
