"""The manager's pages of a round in a real browser: no barriers, and none after an error."""

from typing import Any

import pytest

from prioritisation import services
from tests import panels
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_no_barriers_from_preparing_to_publishing(now: Any, page: Any, sign_in: Any) -> None:
    panel = panels.make(now, initiatives=7)
    prepared = panel.prepare()
    sign_in(panel.manager)
    start = "/admin/prioritisation/round"
    reference = panel.initiatives[6].reference
    for viewport in (PHONE, {"width": 1280, "height": 800}):
        page.set_viewport_size(viewport)
        for path in ("/", "/prepare/?programme=plan", f"/{prepared.pk}/change/", f"/{prepared.pk}/open/"):
            page.goto(start + path)
            check_page(page)
    services.open_round(round=prepared, by=panel.manager, at=now)
    panel.score(prepared, lambda index: [5, 4, 3, 3, 3, 2, 1][index], notes="A note")
    for path in ("change/", "close/", "conditions/", f"conditions/{reference}/"):
        page.goto(f"{start}/{prepared.pk}/{path}")
        check_page(page)
    page.get_by_role("button", name="Save the finding").click()
    check_page(page)
    panel.close(prepared)
    services.draft_decisions(round=prepared, by=panel.manager, at=now)
    for viewport in (PHONE, {"width": 1280, "height": 800}):
        page.set_viewport_size(viewport)
        for path in ("ranking/", f"ranking/{reference}/", "method/", "decisions/", "publish/"):
            page.goto(f"{start}/{prepared.pk}/{path}")
            check_page(page)
        page.goto(f"{start}/{prepared.pk}/decisions/{reference}/")
        check_page(page)
        page.get_by_label("goes on").check()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("alert").wait_for()
        check_page(page)


def test_choosing_a_reason_fills_in_its_text(now: Any, page: Any, sign_in: Any) -> None:
    panel = panels.make(now, initiatives=3)
    round = panel.open()
    panel.close(round)
    sign_in(panel.manager)
    page.goto(f"/admin/prioritisation/round/{round.pk}/decisions/{panel.initiatives[0].reference}/")
    page.get_by_label("Reason").select_option("outside_powers")
    assert "does not have the power" in page.locator("#id_text_0").input_value()
    assert "n’a pas le pouvoir" in page.locator("#id_text_1").input_value()
    assert page.locator("#id_override_reason_0").input_value() == ""
