"""Log records as lines. Both formats tell the same: what `facts` finds fit to be told."""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from config.logs.scrubbing import blank, scrub, sentence, trace

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; every line written meanwhile bears it."""

REQUEST_ID = "winnow.request_id"
"""Where the request itself keeps its number."""

_SAYS_WHO = ("axes",)
"""Loggers whose arguments are names and addresses of people who signed in."""


def _argument(record: logging.LogRecord, value: Any) -> Any:
    if isinstance(value, BaseException):
        return sentence(value)
    if isinstance(value, str) and record.name.startswith(_SAYS_WHO):
        return "…"
    return value


def _message(record: logging.LogRecord) -> str:
    """A record's text without what its arguments may hold."""
    if isinstance(record.msg, BaseException):
        return sentence(record.msg)
    request = getattr(record, "request", None)
    if request is not None and isinstance(record.args, tuple) and record.args:
        # Django's "Not Found: /the/whole/path": the route stands in the request's own line.
        return scrub(blank(str(record.args[0])))
    arguments = record.args
    if isinstance(arguments, Mapping):
        # A worker's report of a failed task: its error and arguments, written out.
        told = {"exc", "traceback", "args", "kwargs", "return_value"}
        hidden = {name: "…" if name in told else value for name, value in arguments.items()}
        text = str(record.msg) % hidden
    elif arguments:
        text = str(record.msg) % tuple(_argument(record, value) for value in arguments)
    else:
        text = str(record.msg)
    if record.name.startswith(("django.security", *_SAYS_WHO)):
        text = blank(text)
    return scrub(text)


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """What a line tells: `at` (UTC), `level`, `from`, `message`, `request`; of a request its own facts
    (see `requests.RequestLog`); of an error `trace`, a list of places."""
    told: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "from": record.name,
        "message": _message(record),
    }
    # Django tells of a bad answer when our middleware is done with it.
    asked = getattr(getattr(record, "request", None), "META", {})
    if number := request_id.get() or asked.get(REQUEST_ID, ""):
        told["request"] = number
    told |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[1] is not None:
        told["trace"] = trace(record.exc_info[1])
    return told


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts(record), ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """The same for people: time, level, logger, message, the rest as name=value, a trace below."""

    def format(self, record: logging.LogRecord) -> str:
        told = facts(record)
        places = told.pop("trace", [])
        head = " ".join(str(told.pop(name)) for name in ("at", "level", "from", "message"))
        rest = "".join(f" {name}={value}" for name, value in told.items())
        return "\n  ".join([head + rest, *places])
