"""How one field of the editor and one place in the rules' document belong together.

A slot reads its place as the field's initial value, and puts back what was typed. Whatever was typed goes
in, also what is wrong: the schema is the only judge of a document, and its faults come back by their paths.
What was not changed stays as it was, to the byte, so that saving nothing keeps the fingerprint.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from engagement.localized import LocalizedFormField

Path = tuple[str | int, ...]
"""`("criteria", 0, "label")`."""


def written(path: Path) -> str:
    """A path as the schema writes it: `criteria[0].label`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def get(document: Any, path: Path) -> Any:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def put(document: Any, path: Path, value: Any) -> None:
    """Sets the place; None takes it out, and a table that is left empty with it."""
    *way, last = path
    here = document
    for part in way:
        if isinstance(here, dict) and not isinstance(here.get(str(part)), dict | list):
            if value is None:
                return
            here[part] = {}
        here = here[part]
    if not isinstance(here, dict):
        return
    if value is not None:
        here[last] = value
    elif last in here:
        del here[last]
        if not here and way:
            put(document, tuple(way), None)


@dataclass(frozen=True)
class Slot:
    """`shown` turns what stands there into what the field shows, `typed` what was typed into what stands.

    `typed(cleaned, before)` gives the new value, None to leave the place out.
    """

    path: Path
    field: forms.Field
    shown: Callable[[Any], Any]
    typed: Callable[[Any, Any], Any]

    def put(self, document: dict[str, Any], cleaned: Any) -> None:
        before = get(document, self.path)
        if self.shown(before) != self.shown(after := self.typed(cleaned, before)):
            put(document, self.path, copy.deepcopy(after))


def _lines(text: Any) -> str:
    return str(text).replace("\r\n", "\n").strip()


def text(path: Path, label: Any, **more: Any) -> Slot:
    field = forms.CharField(label=label, required=False, **more)
    return Slot(
        path, field, lambda value: "" if value is None else _lines(value), lambda new, _old: new or None
    )


def number(path: Path, label: Any, **more: Any) -> Slot:
    """Numbers with a point or a comma. What is no number stays as typed, for the schema to name."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": "8", **more.pop("attrs", {})})
    field = forms.CharField(label=label, required=False, widget=widget, **more)
    return Slot(path, field, plain, lambda new, _old: read_number(new))


def plain(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.12g}"
    return "" if value is None else str(value)


def read_number(typed: str) -> Any:
    if not typed.strip():
        return None
    try:
        found = float(typed.strip().replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
        return int(found) if found.is_integer() else found
    except (ValueError, OverflowError):
        return typed


def localized(path: Path, label: Any, languages: Sequence[str], *, rows: int = 2, **more: Any) -> Slot:
    """A text in each language of the rules. One that the city does not use is kept as it is."""
    field = LocalizedFormField(label=label, required=False, rows=rows, **more)

    def shown(value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            return {}
        return {code: _lines(words) for code, words in value.items() if _lines(words)}

    def typed(new: Any, old: Any) -> Any:
        kept = {code: words for code, words in shown(old).items() if code not in field.codes}
        given = {code: _lines(words) for code, words in (new or {}).items() if code in languages}
        return {**kept, **given} or None

    return Slot(path, field, shown, typed)


def choice(
    path: Path, label: Any, choices: Sequence[tuple[str, Any]], default: str = "", **more: Any
) -> Slot:
    """One of a few words. The default need not stand in the document; the empty choice takes it out."""
    field = forms.ChoiceField(label=label, required=False, choices=choices, **more)

    def shown(value: Any) -> str:
        return default if value is None else str(value)

    return Slot(path, field, shown, lambda new, _old: (int(new) if new in {"1", "-1"} else new) or None)


def boolean(path: Path, label: Any, **more: Any) -> Slot:
    return Slot(
        path, forms.BooleanField(label=label, required=False, **more), bool, lambda new, _old: bool(new)
    )


def pairs(path: Path, label: Any, **more: Any) -> Slot:
    """A table of figure and value, one pair on a line: `12: 0.75`."""
    field = forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": 5}), **more)

    def shown(value: Any) -> str:
        if not isinstance(value, list | tuple):
            return "" if value is None else str(value)
        return "\n".join(
            ": ".join(plain(one) for one in pair) if isinstance(pair, list | tuple) else str(pair)
            for pair in value
        )

    def typed(new: str, _old: Any) -> Any:
        lines = [line for line in _lines(new).split("\n") if line.strip()]
        return [[read_number(part) for part in line.split(":")] for line in lines] or None

    return Slot(path, field, shown, typed)
