"""Private links stay out of logs: who reads a log must not be able to open a sender's page."""

import logging
import re

_LINK = re.compile(r"(/t/[\w-]+/)[\w-]+")


def hide(text: str) -> str:
    """`text` with the secret part of each private link replaced: `/t/2026-00123/***/`."""
    return _LINK.sub(r"\1***", text)


class HidePrivateLinks(logging.Filter):
    """Rewrites what is about to be logged: the message with its parts."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "/t/" in said:
            record.msg, record.args = hide(said), None
        return True
