"""What opens a sender's page stands in no log."""

import logging
from typing import Any

import pytest
from django.conf import settings

from config.private_links import HidePrivateLinks
from engagement import links
from tests import factories


def test_a_refused_page_is_logged_without_the_key_in_its_address(
    client: Any, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    idea = factories.Idea()
    client.post(links.tracking_path(idea, "fr", page="tracking_erase"), {})
    record = next(one for one in caplog.records if "/t/" in one.getMessage())
    assert links.tracking_token(idea) not in caplog.text
    assert record.getMessage().endswith(f"/fr/t/{idea.reference}/***/erase/")


def test_every_handler_has_the_filter() -> None:
    for handler in settings.LOGGING["handlers"].values():
        assert "private_links" in handler["filters"]


def test_other_lines_are_left_as_they_are() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s of %d", ("one", 2), None)
    assert HidePrivateLinks().filter(record)
    assert record.getMessage() == "one of 2"
