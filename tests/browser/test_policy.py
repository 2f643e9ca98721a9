"""No page makes the browser report a breach of the Content-Security-Policy, as residents and as staff."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.safety.places import build, places

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _is_page(answer: Any) -> bool:
    """Ours to style: around a picture or a feed a browser puts a page of its own."""
    html = str(answer.get("Content-Type", "")).startswith("text/html")
    return answer.status_code == 200 and html and "attachment" not in answer.get("Content-Disposition", "")


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
            if not place.name or place.name == "admin:logout":
                continue
            address = city.address(place)
            answer = client.get(address)
            if _is_page(answer):
                page.goto(f"{live_server.url}{address}", wait_until="load")
                seen += 1
    assert seen > 100
