"""The log: one line an event, as JSON or as plain text, without personal data.

Nothing that a person typed, was sent or is known by reaches a line: request lines name the route, not the
address; what a message holds is masked; an error gives its kind, its places in the code and its sentence
without the values in it.
"""

from typing import Any


def configuration(*, format: str, level: str) -> dict[str, Any]:
    """Python's logging settings for `format` json or plain: all lines go one way, to standard error."""
    silent = {"level": "CRITICAL", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "config.logs.formatting.JsonFormatter"},
            "plain": {"()": "config.logs.formatting.PlainFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": format}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers print the debugging server's lines and mail whole pages of values.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": silent,
            # At DEBUG it prints every statement with its values.
            "django.db.backends": {"level": "WARNING"},
        },
    }
