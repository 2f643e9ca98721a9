"""One answer in two formats: JSON, and XML without attributes, each the other's picture.

In JSON the root and the singular wrappers of XML fall away (the "Spark convention"): a list is a bare list,
what is empty is null. Codes and references are strings, whatever the examples of the specification print.
"""

import json
import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse

MIME = {"json": "application/json", "xml": "text/xml"}
_ITEMS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
    "values": "value",
    "media_urls": "media_url",
}
"""What one entry of a list is called in XML."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Exception):  # noqa: N818 - it is what the answer tells, several at once where there are several
    """What is wrong with a request: the HTTP status, and a sentence for each fault."""

    def __init__(self, status: int, *told: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(*told)
        self.status = status
        self.told = told
        self.headers = headers or {}


def format_of(request: HttpRequest) -> str:
    """The format that was asked for: by the ending of the address, else by `Accept`, else XML."""
    ending = request.path_info.rpartition(".")[2]
    if ending in MIME:
        return ending
    return "json" if "json" in request.headers.get("Accept", "") else "xml"


def answer(format: str, root: str, content: Any, status: int = 200) -> HttpResponse:
    """`content` is made of dicts, lists, texts, numbers, booleans and None. Any site may read it (CORS)."""
    if format == "json":
        body = json.dumps(content, ensure_ascii=False)
    else:
        body = f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, content)}\n'
    made = HttpResponse(
        body.encode(errors="replace"), content_type=f"{MIME[format]}; charset=utf-8", status=status
    )
    made["Access-Control-Allow-Origin"] = "*"
    made["Access-Control-Expose-Headers"] = "X-Total-Count, Link, Retry-After"
    return made


def faults(format: str, fault: Fault) -> HttpResponse:
    content = [{"code": str(fault.status), "description": told} for told in fault.told]
    made = answer(format, "errors", content, fault.status)
    for name, value in fault.headers.items():
        made[name] = value
    return made


def _element(name: str, content: Any) -> str:
    if isinstance(content, dict):
        inner = "".join(_element(key, value) for key, value in content.items())
    elif isinstance(content, list):
        inner = "".join(_element(_ITEMS[name], value) for value in content)
    elif isinstance(content, bool):
        inner = "true" if content else "false"
    else:
        inner = "" if content is None else escape(_NOT_XML.sub("", str(content)), quote=False)
    return f"<{name}>{inner}</{name}>"


def moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
