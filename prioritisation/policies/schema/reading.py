"""Reading one table of a document field by field: a fault is noted with its path, and reading goes on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from prioritisation.policies.schema.faults import Fault, gettext_noop
from prioritisation.policies.schema.policy import LocalizedText

KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
LONGEST_TEXT = 4000
MOST_ENTRIES = 200
"""Of one list, and of unknown fields that are named: a file of a million would keep everybody waiting."""

MISSING = gettext_noop("is missing")
NOT_TEXT = gettext_noop("must be text")
NOT_NUMBER = gettext_noop("must be a number")


class Table:
    """One table (JSON object) of the document.

    Every reader takes the field's name and gives back a value of the right type even when the field is wrong;
    the faults say so, and `parse` refuses the document in the end. `finish` complains of unread fields.
    """

    def __init__(self, value: object, path: str, faults: list[Fault], languages: tuple[str, ...]) -> None:
        self.path = path
        self.faults = faults
        self.languages = languages
        self._known: set[str] = set()
        self._nulls: set[str] = set()
        self._fields: dict[str, object] = {}
        if not isinstance(value, dict):
            faults.append(Fault(path, gettext_noop("must be a table of fields")))
            self._broken = True
            return
        self._broken = False
        for name, item in value.items():
            if not isinstance(name, str):
                faults.append(Fault(path, gettext_noop("has a field whose name is not text")))
            elif item is None:
                self._nulls.add(name)
                self.fault(name, gettext_noop("is null; leave the field out instead"))
            else:
                self._fields[name] = item

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, message: str, **params: object) -> None:
        """Note a fault of a field, or of the table itself when the name is empty."""
        self.faults.append(Fault(self.at(name) if name else self.path, message, params))

    def has(self, name: str) -> bool:
        self._known.add(name)
        return name in self._fields

    def names(self) -> Iterator[str]:
        return iter(self._fields)

    def _take(self, name: str, *, required: bool) -> object:
        """The raw value, None when absent (an explicit null has been refused already)."""
        self._known.add(name)
        value = self._fields.get(name)
        if value is None and required and not self._broken and name not in self._nulls:
            self.fault(name, MISSING)
        return value

    def text(self, name: str, *, required: bool = True) -> str:
        value = self._take(name, required=required)
        return "" if value is None else self._checked(name, value)

    def _checked(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            self.fault(name, NOT_TEXT)
        elif not value.strip():
            self.fault(name, gettext_noop("is empty"))
        elif len(value) > LONGEST_TEXT:
            self.fault(name, gettext_noop("is longer than %(most)s characters"), most=LONGEST_TEXT)
        elif CONTROL.search(value):
            self.fault(name, gettext_noop("holds a character that cannot be shown"))
        else:
            return value
        return ""

    def key(self, name: str = "key") -> str:
        value = self.text(name)
        if value and not KEY.fullmatch(value):
            message = gettext_noop(
                "must start with a small letter and hold only small letters, digits, hyphens and underscores"
            )
            self.fault(name, message)
        return value

    def reference(self, name: str, known: Iterable[str], *, required: bool = True) -> str | None:
        """The key of something that is defined elsewhere in the document."""
        value = self.text(name, required=required)
        if value and value not in set(known):
            self.fault(name, gettext_noop("names “%(found)s”, which these rules do not define"), found=value)
        return value or None

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of the words allowed here."""
        value = self._take(name, required=default is None)
        if isinstance(value, str) and value in choices:
            return value
        if value is not None:
            self.fault(name, gettext_noop("must be one of: %(choices)s"), choices=", ".join(choices))
        return default or choices[0]

    def boolean(self, name: str, default: bool) -> bool:
        value = self._take(name, required=False)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(name, gettext_noop("must be true or false"))
        return default

    def number(
        self, name: str, default: float | None = None, *, low: float = -1e9, high: float = 1e9
    ) -> float:
        value = self._take(name, required=default is None)
        number = self._number(name, value, low, high) if value is not None else None
        if number is None:
            return float(low if default is None else default)
        return number

    def _number(self, name: str, value: object, low: float, high: float) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # nan
            self.fault(name, NOT_NUMBER)
            return None
        if not low <= value <= high:
            message = gettext_noop("must lie between %(low)s and %(high)s")
            if low == high:
                message = gettext_noop("must be %(low)s")
            self.fault(name, message, low=plain(low), high=plain(high))
            return None
        return float(value)

    def whole(self, name: str, default: int | None = None, *, low: int, high: int) -> int:
        number = self.number(name, default, low=low, high=high)
        if not number.is_integer():
            self.fault(name, gettext_noop("must be a whole number"))
        return int(number)

    def optional_number(self, name: str, *, low: float, high: float) -> float | None:
        return self.number(name, low=low, high=high) if self.has(name) else None

    def optional_whole(self, name: str, *, low: int, high: int) -> int | None:
        return self.whole(name, low=low, high=high) if self.has(name) else None

    def localized(self, name: str) -> LocalizedText:
        """One text in each of the policy's languages."""
        value = self._take(name, required=True)
        if value is None:
            return {}
        table = Table(value, self.at(name), self.faults, self.languages)
        texts = {language: table.text(language) for language in self.languages}
        table.finish()
        return texts

    def optional_localized(self, name: str) -> LocalizedText | None:
        return self.localized(name) if self.has(name) else None

    def table(self, name: str, *, required: bool = True) -> Table:
        """A table inside this one; an absent one reads as empty."""
        value = self._take(name, required=required)
        inner = Table({} if value is None else value, self.at(name), self.faults, self.languages)
        inner._broken = inner._broken or (value is None)  # said once: its fields are not missing as well
        return inner

    def items(self, name: str, *, required: bool = False) -> list[object]:
        value = self._take(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.fault(name, gettext_noop("must be a list"))
            return []
        return list(value)

    def tables(self, name: str, *, required: bool = False, identity: str = "key") -> list[Table]:
        """A list of tables; those that say the same `identity` twice are a fault."""
        items = self.items(name, required=required)
        if len(items) > MOST_ENTRIES:
            self.fault(name, gettext_noop("has more than %(most)s entries"), most=MOST_ENTRIES)
            items = items[:MOST_ENTRIES]
        tables = [
            Table(item, f"{self.at(name)}[{index}]", self.faults, self.languages)
            for index, item in enumerate(items)
        ]
        if required and self._fields.get(name) in ([], ()):
            self.fault(name, gettext_noop("needs at least one entry"))
        seen: set[str] = set()
        for table in tables:
            value = table._fields.get(identity)
            if isinstance(value, str) and value in seen:
                table.fault(identity, gettext_noop("is used twice: “%(found)s”"), found=value)
            elif isinstance(value, str):
                seen.add(value)
        return tables

    def finish(self) -> None:
        """Complain of every field that nobody read: a misspelt one would otherwise be lost in silence."""
        unknown = [name for name in self._fields if name not in self._known]
        for name in unknown[:MOST_ENTRIES]:
            near = difflib.get_close_matches(name[:60], sorted(self._known), n=1)
            if near:
                self.fault(name, gettext_noop("has no place here; did you mean “%(near)s”?"), near=near[0])
            else:
                self.fault(name, gettext_noop("has no place here"))


def plain(number: float) -> str:
    """A number as people write it: 3, 0.5."""
    return f"{number:g}"
