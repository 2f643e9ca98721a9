"""Where the interface is, which services there are, and what each asks."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from engagement.forms.questions import (
    in_their_order,
    is_shown_only,
    question_key,
    question_label,
    value_labels,
)
from engagement.localized import localized
from engagement.models import ReportService
from engagement.open311.answers import MIME, Fault, answer
from engagement.open311.resources import resource

CHANGED = "2026-11-26T00:00:00Z"
"""When this interface last changed what it serves."""
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_LISTS = ("singlevaluelist", "multivaluelist")
_DATATYPES = ("string", "number", "datetime", "text", *_LISTS)


def offered() -> Any:
    """Services to which anybody may send: in use, and not private."""
    return ReportService.objects.filter(active=True, private=False)


@resource("GET")
def discovery(request: HttpRequest, format: str) -> HttpResponse:
    here = f"{settings.WINNOW_BASE_URL}/open311/v2"
    # What is sent to a made-up city reaches nobody: it is a place for tests and stands in for a real one.
    test = here if settings.WINNOW_DEMONSTRATION else settings.WINNOW_OPEN311_TEST_URL
    endpoints = [_endpoint(here, "production"), *([_endpoint(test, "test")] if test else [])]
    content = {
        "changeset": CHANGED,
        "contact": settings.WINNOW_CONTACT_EMAIL,
        "key_service": f"Ask {settings.WINNOW_CONTACT_EMAIL} for an API key. Reading needs none.",
        "endpoints": endpoints,
    }
    return answer(format, "discovery", content)


def _endpoint(url: str, kind: str) -> dict[str, Any]:
    formats = list(MIME.values())
    return {
        "specification": _SPECIFICATION,
        "url": url,
        "changeset": CHANGED,
        "type": kind,
        "formats": formats,
    }


@resource("GET")
def service_list(request: HttpRequest, format: str) -> HttpResponse:
    rows = [
        {
            "service_code": service.code,
            "service_name": str(service),
            "description": localized(service.description) or None,
            "metadata": bool(service.questions),
            "type": "realtime",
            "keywords": service.keywords or None,
            "group": localized(service.group) or None,
        }
        for service in offered()
    ]
    return answer(format, "services", rows)


@resource("GET")
def service_definition(request: HttpRequest, format: str, code: str) -> HttpResponse:
    service = offered().filter(code=code).first()
    if service is None:
        raise Fault(404, "service_code: not known here")
    asked = enumerate(in_their_order(service.questions), 1)
    attributes = [_attribute(order, question) for order, question in asked]
    return answer(format, "service_definition", {"service_code": service.code, "attributes": attributes})


def _attribute(order: int, question: dict[str, Any]) -> dict[str, Any]:
    datatype = question.get("datatype")
    asked = not is_shown_only(question)
    values = value_labels(question) if datatype in _LISTS else {}
    return {
        "variable": asked,
        "code": question_key(question),
        "datatype": datatype if datatype in _DATATYPES else "text",
        "required": asked and bool(question.get("required")),
        "datatype_description": localized(question.get("help")) or None,
        "order": order,
        "description": question_label(question),
        "values": [{"key": key, "name": name} for key, name in values.items()],
    }
