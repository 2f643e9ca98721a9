"""No page makes the browser report a breach of the Content-Security-Policy, as residents and as staff."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.safety.places import build, places

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOT_PAGES = ("api-", "healthz", "city_css", "favicon", "admin:jsi18n", "admin:logout", "dev_mail")
FILES = (
    "_export",
    "_file",
    "plan_dictionary",
    "plan_ballots",
    "plan_figures",
    "figures_dictionary",
    "districts_geojson",
    "photo",
    "_progress",
    "staff_export",
)


def test_no_page_breaks_the_policy(page: Any, live_server: Any, sign_in: Callable[[Any], None]) -> None:
    """`page` fails the test for whatever the browser tells its console, breaches among it."""
    city = build(timezone.now())
    seen = 0
    for who in ("a resident", "administrator"):
        client = Client(raise_request_exception=False)
        if user := city.people[who]:
            client.force_login(user)
            sign_in(user)
        for place in places():
            if not place.name or place.name.startswith(NOT_PAGES) or place.name.endswith(FILES):
                continue
            address = city.address(place)
            answer = client.get(address)
            if answer.status_code == 200 and "attachment" not in answer.get("Content-Disposition", ""):
                page.goto(f"{live_server.url}{address}", wait_until="load")
                seen += 1
    assert seen > 100
