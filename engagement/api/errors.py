"""Answers that every endpoint may give besides its own, as the schema describes them."""

from typing import Any

_DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
_FIELDS = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


ERRORS = {
    "400": _answer("A value that the parameter cannot have: why, by the parameter's name.", _FIELDS),
    "404": _answer("Not there, or not public; also a page beyond the last.", _DETAIL),
    "429": _answer("Too many requests from one address: wait as long as Retry-After says.", _DETAIL),
}


def describe_errors(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: `result` is the whole schema."""
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"] = {**ERRORS, **operation["responses"]}
    return result
