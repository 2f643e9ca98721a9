"""What opens a sender's page stands in no log."""

import logging
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from config.logs.formatting import JsonFormatter, PlainFormatter
from engagement import links
from tests import factories


def test_no_handler_writes_a_line_that_was_not_scrubbed() -> None:
    for handler in settings.LOGGING["handlers"].values():
        formatter = import_string(settings.LOGGING["formatters"][handler["formatter"]]["()"])
        assert formatter in {JsonFormatter, PlainFormatter}


def test_a_private_address_is_logged_without_its_key(db: Any) -> None:
    idea = factories.Idea()
    path = links.tracking_path(idea, "fr", page="tracking_erase")
    record = logging.LogRecord("any", logging.WARNING, "", 1, "Bad Request: %s", (path,), None)
    for formatter in (JsonFormatter(), PlainFormatter()):
        line = formatter.format(record)
        assert links.tracking_token(idea) not in line
        assert "/fr/t/…/erase/" in line
