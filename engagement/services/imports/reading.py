"""From the records of a file to ideas ready to be written: everything that takes time, before any lock."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from engagement.models import Call, District, Theme
from engagement.privacy import mask
from engagement.services.ideas import Place
from engagement.services.imports.columns import FIELDS, Mapping
from engagement.tables import Record, Refusal, Table
from engagement.text import fold, title_from

LONGEST = 8000
LONGEST_TITLE = 200
MOST_NOTES = 20
_PARTS = re.compile(r"[;|\n]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-zA-Z]{2,4})?")
_GARBLED = re.compile("Ã[\u0080-\u00bf©¨ª«´§¢¡³±]|â€|äó|Â[\u00a0-\u00bf]|\ufffd")

Beat = Callable[[int, int], None]
"""Told now and then how many steps of how many are done: each record is read, then written."""


@dataclass(frozen=True)
class Refused:
    """One record that becomes no idea, with what stood in it."""

    number: int
    line: int
    code: str
    params: dict[str, Any]
    values: dict[str, str]


@dataclass(frozen=True)
class Item:
    """One record as the columns of an idea, without its reference."""

    key: str
    columns: dict[str, Any]
    searched: str
    """Its words as the public may read them, folded."""
    themes: tuple[int, ...]


@dataclass
class Prepared:
    """All that a file gives. `notes` are codes with parameters."""

    read: int = 0
    items: list[Item] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


class _RecordRefused(Exception):  # noqa: N818 - said as a word
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Reader:
    """Reads one file for one invitation. Makes no query after it is made."""

    def __init__(self, *, table: Table, call: Call, mapping: Mapping, language: str, at: datetime) -> None:
        self.table, self.call, self.mapping = table, call, mapping
        self.language, self.at = language, at
        self.counted: Counter[tuple[str, str]] = Counter()
        self.seen: dict[str, int] = {}
        self.districts = _by_name(District.objects.defer("boundary"), lambda row: (row.code, row.name))
        self.themes = _by_name(Theme.objects.all(), lambda row: (row.key, row.label))

    def prepare(self, beat: Beat | None = None) -> Prepared:
        """Reads all records. Raises `TableError` when the file turns out broken half way."""
        total = sum(1 for _item in self.table.items())
        prepared = Prepared(notes=self._notes_on_columns())
        for item in self.table.items():
            prepared.read += 1
            if isinstance(item, Refusal):
                prepared.refused.append(Refused(item.number, item.line, item.code, dict(item.params), {}))
            else:
                self._take(item, prepared)
            if beat is not None and prepared.read % 100 == 0:
                beat(prepared.read, 2 * total)
        if beat is not None:
            beat(total, 2 * total)
        prepared.notes += list(self._notes_on_records())
        return prepared

    def _take(self, record: Record, prepared: Prepared) -> None:
        try:
            prepared.items.append(self._item(record))
        except _RecordRefused as refusal:
            prepared.refused.append(
                Refused(record.number, record.line, refusal.code, refusal.params, record.values)
            )

    # One record ---------------------------------------------------------------------------------

    def _value(self, record: Record, name: str) -> str:
        column = self.mapping.get(name)
        return record.values.get(column, "").strip() if column else ""

    def _item(self, record: Record) -> Item:
        title, problem, proposal = self._words(record)
        received = self._received(record)
        place = self._place(record)
        shown = mask(title), mask(problem), mask(proposal)
        searched = fold(" ".join(shown))
        # What tells one record from another are the words as they were sent; mostly these are the same.
        said = searched if shown[1:] == (problem, proposal) else fold(" ".join((shown[0], problem, proposal)))
        key = self._key(record, said)
        themes = self._themes_of(record)
        columns = {
            "title": title,
            "problem": problem,
            "proposal": proposal,
            "public_title": shown[0][:LONGEST_TITLE],
            "public_problem": shown[1],
            "public_proposal": shown[2],
            "language": self._language_of(record),
            "received_at": received,
            "changed_at": received,
            "after_cutoff": self.call.cutoff_at is not None and received > self.call.cutoff_at,
            **place.columns(),
        }
        if _GARBLED.search(f"{title} {problem} {proposal} {place.address}"):
            self.counted["garbled_ideas", ""] += 1
        return Item(key=key, columns=columns, searched=searched, themes=themes)

    def _words(self, record: Record) -> tuple[str, str, str]:
        title, problem, proposal = (
            self._value(record, name).replace("\r\n", "\n") for name in ("title", "problem", "proposal")
        )
        if not problem:
            if not title:
                raise _RecordRefused("no_text", column=self.mapping["problem"])
            problem = title
            self.counted["title_as_text", ""] += 1
        if len(title) > LONGEST_TITLE:
            if problem != title:
                problem = f"{title}\n\n{problem}"
            title = title_from(mask(title), LONGEST_TITLE)  # half a phone number is not known for one
            self.counted["title_cut", ""] += 1
        for name, words in (("problem", problem), ("proposal", proposal)):
            if len(words) > LONGEST:
                raise _RecordRefused("too_long", column=self.mapping[name], limit=LONGEST)
        return title or title_from(mask(problem)), problem, proposal

    def _received(self, record: Record) -> datetime:
        text = self._value(record, "received")
        if not text:
            return self.at
        try:
            found: datetime | date | None = parse_date(text.replace("/", "-")) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            raise _RecordRefused("bad_date", value=text[:50], column=self.mapping["received"])
        if not isinstance(found, datetime):
            found = datetime.combine(found, time(12))  # the city's zone comes next
        moment = found if timezone.is_aware(found) else timezone.make_aware(found)
        try:
            day = timezone.localdate(moment.astimezone(UTC))
        except OverflowError as error:  # the first or the last day of the calendar, elsewhere on earth
            raise _RecordRefused("bad_date", value=text[:50], column=self.mapping["received"]) from error
        if moment > self.at and day > timezone.localdate(self.at):
            raise _RecordRefused("future_date", value=text[:50], column=self.mapping["received"])
        return min(moment, self.at)

    def _place(self, record: Record) -> Place:
        name = self._value(record, "district")
        district = self.districts.get(fold(name))
        if name and district is None:
            self.counted["unknown_district", name[:100]] += 1
        latitude, longitude = self._point(record)
        return Place(
            district=district,
            address=self._value(record, "address")[:300],
            latitude=latitude,
            longitude=longitude,
        )

    def _point(self, record: Record) -> tuple[float | None, float | None]:
        texts = self._value(record, "latitude"), self._value(record, "longitude")
        if not any(texts):
            return None, None
        try:
            latitude, longitude = float(texts[0]), float(texts[1])
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return latitude, longitude
        except ValueError:
            pass
        self.counted["bad_point", ""] += 1
        return None, None

    def _themes_of(self, record: Record) -> tuple[int, ...]:
        found = []
        for name in _PARTS.split(self._value(record, "themes")):
            theme = self.themes.get(fold(name))
            if theme is not None:
                found.append(theme.pk)
            elif name.strip():
                self.counted["unknown_theme", name.strip()[:100]] += 1
        return tuple(dict.fromkeys(found))

    def _language_of(self, record: Record) -> str:
        given = self._value(record, "language").lower()
        if not given or _LANGUAGE.fullmatch(given):
            return given[:8] or self.language
        self.counted["bad_language", given[:50]] += 1
        return self.language

    def _key(self, record: Record, body: str) -> str:
        """What makes this record the same in a second run: its number, else all that it says."""
        number = self._value(record, "id")
        said = [fold(self._value(record, name)) for name in FIELDS if name != "id"]
        parts = ("id", number) if number else ("said", body, *said)
        key = hashlib.sha256("\x1f".join((self.call.slug, *parts)).encode()).hexdigest()
        first = self.seen.setdefault(key, record.number)
        if first != record.number:
            if number:
                raise _RecordRefused("same_number", first=first, value=number[:50])
            raise _RecordRefused("same_record", first=first)
        return key

    # Notes --------------------------------------------------------------------------------------

    def _notes_on_columns(self) -> list[tuple[str, dict[str, Any]]]:
        notes: list[tuple[str, dict[str, Any]]] = [
            (note.code, dict(note.params)) for note in self.table.notes
        ]
        used = ", ".join(f"{name}={column}" for name, column in self.mapping.items())
        notes.append(("used_columns", {"columns": used}))
        unused = [column for column in self.table.columns if column not in self.mapping.values()]
        if unused:
            notes.append(("unused_columns", {"columns": ", ".join(unused)[:500]}))
        return notes

    def _notes_on_records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        told = 0
        for (code, value), count in sorted(self.counted.items(), key=lambda one: (bool(one[0][1]), -one[1])):
            told += bool(value)
            if told <= MOST_NOTES:
                yield code, {"value": value, "count": count, "used": self.language}
        if told > MOST_NOTES:
            yield "more_notes", {"count": told - MOST_NOTES}


def _by_name(rows: Any, names: Callable[[Any], tuple[str, dict[str, str]]]) -> dict[str, Any]:
    """Rows by their folded code and by their name in every language."""
    found: dict[str, Any] = {}
    for row in rows:
        code, texts = names(row)
        for name in (*texts.values(), code):
            found[fold(name)] = row
    return found
