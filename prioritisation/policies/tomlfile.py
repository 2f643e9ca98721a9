"""Policies as TOML files: how a city takes its scoring rules out, edits them, and puts them back."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import tomli_w

from prioritisation.policies.schema import PolicyError, parse
from prioritisation.policies.schema.faults import Fault, gettext_noop

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?$")
_NAME = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_FIELD = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_MOST_DOTS = 500
"""In a line: reading a key of n parts takes n² steps, and a small file with a long one would take minutes."""
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")


def loads(text: str) -> dict[str, Any]:
    """The document in a TOML text, checked by the schema.

    Raises PolicyError with the line of each fault: one fault for broken TOML, all faults otherwise.
    """
    document = _document(text)
    try:
        parse(document)
    except PolicyError as error:
        raise error.with_lines(_lines(text)) from None
    return document


def dumps(document: dict[str, Any]) -> str:
    """The TOML text of a document. `loads` gives the same document back, with the same digest.

    Raises PolicyError if the document is no policy.
    """
    parse(document)
    return tomli_w.dumps(document, multiline_strings=False)


def _document(text: str) -> dict[str, Any]:
    for number, words in enumerate(text.split("\n"), start=1):
        if words.count(".") > _MOST_DOTS:
            raise PolicyError([Fault("", gettext_noop("is nested too deeply"), line=number)])
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise PolicyError([Fault("", gettext_noop("is nested too deeply"))]) from None
    except ValueError as error:  # TOMLDecodeError, or a number with thousands of digits
        reason = str(error)
        place = _PLACE.search(reason)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        detail = _PLACE.sub("", reason)
        fault = Fault("", gettext_noop("is not valid TOML: %(detail)s"), {"detail": detail}, line)
        raise PolicyError([fault]) from None


def _lines(text: str) -> dict[str, int]:
    """The line of each table and field, by path. Best effort: a field inside a one-line table has none of its
    own and takes the line of that table."""
    lines: dict[str, int] = {}
    counts: Counter[str] = Counter()
    table = ""
    for number, line in _outside_texts(text):
        header = _HEADER.match(line)
        if header:
            table = _table(header[2], counts, new=header[1] == "[[")
            lines.setdefault(re.sub(r"\[0\]$", "", table), number)
            lines.setdefault(table, number)
            continue
        field = _FIELD.match(line)
        if field:
            path = table
            for name in _names(field[1]):
                path = f"{path}.{name}" if path else name
                lines.setdefault(path, number)
    return lines


def _outside_texts(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that do not lie inside a text of several lines."""
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            yield number, line
        for mark in (inside,) if inside else ('"""', "'''"):
            if line.count(mark) % 2:
                inside = "" if inside else mark
                break


def _table(name: str, counts: Counter[str], *, new: bool) -> str:
    """The path of a header such as ``[criteria.swing]`` inside the third criterion."""
    names = _names(name)
    path = ""
    for index, part in enumerate(names):
        path = f"{path}.{part}" if path else part
        if new and index == len(names) - 1:
            counts[path] += 1
        if counts[path]:
            path = f"{path}[{counts[path] - 1}]"
    return path


def _names(dotted: str) -> list[str]:
    return [double or single or bare for double, single, bare in _PART.findall(dotted)]
