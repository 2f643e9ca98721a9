"""The texts marked for translation, found in code and templates without gettext's tools."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("config", "engagement", "prioritisation")

_PLAIN = {"gettext": "m", "ngettext": "mp", "pgettext": "cm", "npgettext": "cmp"}
MARKS = {name + end: what for name, what in _PLAIN.items() for end in ("", "_lazy")} | {
    "gettext_noop": "m",
    "_": "m",
}
"""Function to its arguments: c is the context, m the message, p its plural."""

_STRING = r"""u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_CALL = re.compile(rf"\b({'|'.join(sorted(MARKS, key=len, reverse=True))})\(({_STRING}(?:, {_STRING})*)")


@dataclass(frozen=True)
class Message:
    """`place`: file and line. A text without context has the context ""."""

    place: str
    context: str
    text: str
    plural: str

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


def _made(place: str, function: str, strings: list[str]) -> Message:
    said = dict(zip(MARKS[function], strings, strict=False))
    return Message(place, said.get("c", ""), said["m"], said.get("p", ""))


def in_python(source: str, name: str) -> Iterator[Message]:
    """Raises ValueError for a text put together before it is looked up: no catalogue can have it."""
    tree = ast.parse(source)
    called = dict(zip(MARKS, MARKS, strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            called |= {one.asname: one.name for one in node.names if one.asname and one.name in MARKS}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        function = called.get(node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        if function is None:
            continue
        texts = node.args[: len(MARKS[function])]
        if any(isinstance(text, ast.JoinedStr) for text in texts):
            raise ValueError(f"{name}:{node.lineno} translates an f-string")
        strings = [
            text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)
        ]
        if texts and len(strings) == len(texts):
            yield _made(f"{name}:{node.lineno}", function, strings)


def in_template(source: str, name: str) -> Iterator[Message]:
    calls = templatize(source, origin=name)
    for match in _CALL.finditer(calls):
        strings = [ast.literal_eval(text) for text in re.findall(_STRING, match[2])]
        yield _made(f"{name}:{calls.count(chr(10), 0, match.start()) + 1}", match[1], strings)


def all_messages() -> Iterator[Message]:
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from in_python(path.read_text("utf-8"), str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt", ".xml", ".svg"):
            yield from in_template(path.read_text("utf-8"), str(path.relative_to(ROOT)))
