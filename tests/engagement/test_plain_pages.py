"""The pages on privacy and accessibility: what they say is what the system does and what the tests test."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from engagement import services
from engagement.models import RetentionRule
from engagement.views import plain
from tests.browser import conftest as browser
from tests.browser import test_public_pages as walks

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_how_long_things_are_kept_is_read_from_the_rules_in_force(client: Client) -> None:
    services.install_retention()
    RetentionRule.objects.filter(kind="contact-of-idea").update(days=77)
    RetentionRule.objects.filter(kind="abuse-report").update(active=False)
    shown = {row["what"]: row["time"] for row in client.get("/privacy/").context["kept"]}
    known = services.keepings()
    assert shown[known["contact-of-idea"].label] == "77 days"
    assert known["abuse-report"].label not in shown
    assert len(shown) == RetentionRule.objects.filter(active=True).count()
    french = text_of(client, "/fr/privacy/")
    assert "77 jours" in french
    assert "Combien de temps nous le gardons" in french


def test_the_page_on_privacy_asks_little_of_the_database(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    services.install_retention()
    with django_assert_max_num_queries(1):
        client.get("/privacy/")


def test_what_is_said_to_be_tested_is_what_the_tests_walk() -> None:
    widths = (browser.SMALL["width"], browser.PHONE["width"], browser.DESK["width"])
    assert widths == plain.TESTED.widths
    walked = walks.test_every_public_page_has_no_fault_that_axe_finds
    looks = {mark.args[0]: mark.args[1] for mark in walked.pytestmark}
    assert looks == {"language": ["", "/fr"], "dark": [False, True]}, "in English and French, light and dark"


def test_how_to_complain_is_said_with_the_citys_address_and_its_time(client: Client, settings: Any) -> None:
    settings.WINNOW_ACCESS_ANSWER_DAYS = 7
    text = text_of(client, "/accessibility/")
    assert f"mailto:{settings.WINNOW_CONTACT_EMAIL}" in text
    assert "Within 7 working days we answer" in text
    assert "Nobody has tested with screen readers" in text
    assert "en 7 jours ouvrables" in text_of(client, "/fr/accessibility/")


@pytest.mark.parametrize("path", ["/", "/mine/", "/track/", "/about/"])
def test_privacy_is_linked_before_anything_is_asked(path: str, client: Client) -> None:
    assert 'href="/privacy/"' in text_of(client, path)
    assert settings.WINNOW_CONTACT_EMAIL in text_of(client, "/privacy/")
