"""The register of erasures: rows in the database, and the same lines in a file outside of it.

A restored backup is older than what was erased since. The file survives the loss of the database, so that
`replay` can erase it again. It says which record and when, never what stood there.
"""

import fcntl
import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from engagement.models import Erasure, Idea, Report

logger = logging.getLogger(__name__)


@dataclass(frozen=True, order=True)
class Entry:
    """One line: `what` was erased of the record `reference`, which came in at `received_at`, at `at`.

    A number may be given out twice, after a restore that lost its first record; `received_at` tells them
    apart.
    """

    at: datetime
    reference: str
    what: str
    received_at: datetime | None = None

    def line(self) -> str:
        """The entry as it stands in the file: JSON in one line."""
        parts = {"at": self.at.isoformat(), "reference": self.reference, "what": self.what}
        if self.received_at:
            parts["received_at"] = self.received_at.isoformat()
        return json.dumps(parts)


def register_file() -> Path:
    return Path(settings.VAR) / "register" / "erasures.jsonl"


def record_erasure(*, record: Idea | Report, keep_text: bool, at: datetime) -> None:
    """Writes down that a record's sender, or sender and text, were erased; once for each of the two."""
    _record(record, Erasure.What.SENDER if keep_text else Erasure.What.ALL, at)


def record_withdrawal(*, record: Idea | Report, at: datetime) -> None:
    """Writes down that a record's sender took it back: its words are shown to nobody from then on."""
    _record(record, Erasure.What.WITHDRAWN, at)


def _record(record: Idea | Report, what: str, at: datetime) -> None:
    """Call it inside the transaction that does it. The line reaches the file as soon as that is certain."""
    Erasure.objects.get_or_create(reference=record.reference, what=what, defaults={"at": at})
    entry = Entry(at=at, reference=record.reference, what=what, received_at=record.received_at)
    transaction.on_commit(lambda: _append_or_tell(entry))


def _append_or_tell(entry: Entry) -> None:
    """What is erased is erased: a full disk does not take that back. `complete_register` catches up."""
    try:
        append_register([entry])
    except OSError as error:
        logger.error("the register of erasures could not be written: %s", error.strerror)


def append_register(entries: list[Entry]) -> int:
    """Adds those entries that are not in the file yet, each line whole and on disk; gives how many."""
    path = register_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        there = {(entry.reference, entry.what, entry.received_at) for entry in parse_register(text)}
        new = [entry for entry in entries if (entry.reference, entry.what, entry.received_at) not in there]
        if new:
            # After a line that a full disk cut off, the next one starts anew.
            start = "\n" if text and not text.endswith("\n") else ""
            file.write(start + "".join(f"{entry.line()}\n" for entry in new))
            file.flush()
            os.fsync(file.fileno())
    return len(new)


def parse_register(text: str) -> list[Entry]:
    """The entries of a register's text. Half a line, of a machine that fell over, is passed over."""
    entries = []
    for line in text.splitlines():
        try:
            read = json.loads(line)
            received = read.get("received_at")
            entries.append(
                Entry(
                    at=datetime.fromisoformat(read["at"]),
                    reference=read["reference"],
                    what=read["what"],
                    received_at=datetime.fromisoformat(received) if received else None,
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return entries


def read_register() -> list[Entry]:
    """What the file says; nothing where there is none."""
    path = register_file()
    return parse_register(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else []


def missing_from_file() -> list[Entry]:
    """What the database's register says and the file does not."""
    there = {(entry.reference, entry.what) for entry in read_register()}
    rows = [row for row in Erasure.objects.all() if (row.reference, row.what) not in there]
    received: dict[str, datetime] = {}
    for model in (Idea, Report):
        found = model._default_manager.filter(reference__in=[row.reference for row in rows])
        received |= dict(found.values_list("reference", "received_at"))
    return [Entry(row.at, row.reference, row.what, received.get(row.reference)) for row in rows]


def complete_register() -> int:
    """Writes into the file what the database's register has and the file lacks; gives how many lines."""
    missing = missing_from_file()
    return append_register(missing) if missing else 0
