"""Writing what a file gave: all of it in one transaction, or nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import Call, Event, Flag, Idea, User
from engagement.services.errors import Refused as ServiceRefused
from engagement.services.imports.columns import Mapping, MappingError, settle
from engagement.services.imports.flagging import flag
from engagement.services.imports.reading import Beat, Item, Prepared, Reader, Refused
from engagement.services.imports.words import worded
from engagement.services.references import next_references
from engagement.tables import Table
from engagement.text import fold
from engagement.tracking import new_nonce

CHUNK = 500
STATES = (Idea.State.RECEIVED.value, Idea.State.PUBLISHED.value)


@dataclass
class ImportReport:
    """What came of a file: read = created + already there + refused."""

    read: int = 0
    created: int = 0
    already_there: int = 0
    first: str = ""
    last: str = ""
    dry_run: bool = False
    refused: list[Refused] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def as_result(self, shown: int = 100) -> dict[str, Any]:
        """As a job keeps it: counts, notes, and the first refusals, all as codes."""
        return {
            "read": self.read,
            "created": self.created,
            "already_there": self.already_there,
            "refused": len(self.refused),
            "first": self.first,
            "last": self.last,
            "notes": [list(note) for note in self.notes],
            "refusals": [[one.number, one.line, one.code, one.params] for one in self.refused[:shown]],
        }


def import_ideas(
    *,
    table: Table,
    name: str,
    call: Call,
    at: datetime,
    by: User | None = None,
    mapping: Mapping | None = None,
    language: str,
    state: str = Idea.State.RECEIVED,
    dry_run: bool = False,
    beat: Beat | None = None,
    before_commit: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Takes the ideas of a file in, each once however often it is run, and mails nobody.

    `name` is the file's, for the timelines. `by` is the member of staff; absent, the city's operator runs
    it from the machine itself. `before_commit` is called inside the transaction. Raises `TableError` for a
    file that breaks half way and `Refused` for what does not fit; then nothing was written.
    """
    if by is not None and not by.has_perm("engagement.import_idea"):
        raise ServiceRefused(_("You are not allowed to do this."), code="forbidden")
    if state not in STATES:
        raise AssertionError(f"ideas cannot be imported as {state}")
    try:
        settled = settle(table.columns, mapping or {})
    except MappingError as error:
        raise ServiceRefused(worded(error.code, error.params), field="mapping") from error
    reader = Reader(table=table, call=call, mapping=settled, language=language, at=at)
    prepared = reader.prepare(beat)
    report = ImportReport(read=prepared.read, refused=prepared.refused, notes=prepared.notes, dry_run=dry_run)
    if dry_run:
        new = _new(prepared.items)
        report.created, report.already_there = len(new), len(prepared.items) - len(new)
        report.notes += flag(((item, item.key) for item in new), call=call, state=state).notes()
        return report
    try:
        with transaction.atomic():
            _write(prepared, report, call=call, name=name, by=by, at=at, state=state, beat=beat)
            if before_commit is not None:
                before_commit(report)
    except IntegrityError as error:
        raise ServiceRefused(worded("clash", {})) from error
    return report


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _new(items: Sequence[Item]) -> list[Item]:
    """Those that an earlier run did not bring."""
    there: set[str | None] = set()
    for chunk in _chunks(items):
        keys = [item.key for item in chunk]
        there.update(Idea.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    return [item for item in items if item.key not in there]


def _write(
    prepared: Prepared,
    report: ImportReport,
    *,
    call: Call,
    name: str,
    by: User | None,
    at: datetime,
    state: str,
    beat: Beat | None,
) -> None:
    new = _new(prepared.items)
    report.created, report.already_there = len(new), len(prepared.items) - len(new)
    if not new:
        return
    references = next_references(series="", year=timezone.localtime(at).year, count=len(new))
    report.first, report.last = references[0], references[-1]
    numbered = list(zip(new, references, strict=True))
    flagged = flag(numbered, call=call, state=state)
    report.notes += flagged.notes()
    through = Idea.themes.through
    note = f"import: {name[:200]}, {timezone.localtime(at):%Y-%m-%d %H:%M}"
    for number, chunk in enumerate(_chunks(numbered)):
        if beat is not None:
            beat(prepared.read + prepared.read * number * CHUNK // len(new), 2 * prepared.read)
        ideas = Idea.objects.bulk_create(
            [_idea(item, reference, call, flagged.state_of(item, state)) for item, reference in chunk]
        )
        through._default_manager.bulk_create(
            through(idea_id=idea.pk, theme_id=theme)
            for (item, _reference), idea in zip(chunk, ideas, strict=True)
            for theme in item.themes
        )
        Event.objects.bulk_create(_event(idea, by=by, note=note) for idea in ideas)
        items = (item for item, _reference in chunk)
        Flag.objects.bulk_create(flagged.rows(zip(items, ideas, strict=True), at))


def _idea(item: Item, reference: str, call: Call, state: str) -> Idea:
    return Idea(
        reference=reference,
        call=call,
        channel=Idea.Channel.IMPORT,
        state=state,
        published_at=item.columns["received_at"] if state == Idea.State.PUBLISHED else None,
        nonce=new_nonce(),
        source_key=item.key,
        search=f" {fold(reference)} {item.searched}",
        **item.columns,
    )


def _event(idea: Idea, *, by: User | None, note: str) -> Event:
    return Event(
        idea=idea,
        at=idea.received_at,
        actor=Event.Actor.STAFF if by else Event.Actor.SYSTEM,
        by=by,
        verb="receive",
        to_state=idea.state,
        note=note,
    )
