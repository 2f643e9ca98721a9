"""After a restore: what was erased since the backup is erased again, what was taken back is taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engagement.models import Erasure, Idea, Report
from engagement.services.erasing import erase_report_sender, erase_sender, take_back
from engagement.services.errors import Refused
from engagement.services.register import Entry


@dataclass
class Replayed:
    """What became of the register's entries, by reference. `refused` says why, as of a legal hold."""

    erased: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def replay_erasures(*, entries: Iterable[Entry]) -> Replayed:
    """Erases each record of `entries` that this database still holds, in the order it was done.

    Each is a transaction of its own: one that is refused keeps no other from being erased. Timeline and
    register tell the time at which it was erased first.
    """
    told = Replayed()
    for entry in sorted(set(entries), key=lambda one: (one.at, one.reference, one.what)):
        record = _find(entry)
        if record is None:
            told.absent.append(entry.reference)
        elif _is_done(record, entry):
            told.already.append(entry.reference)
        else:
            _erase(record, entry, told)
    return told


def _find(entry: Entry) -> Idea | Report | None:
    """The record that was erased; nothing where it is not there, or another one bears its number now."""
    model = Report if entry.reference.startswith("R") else Idea
    found: Idea | Report | None = model._default_manager.filter(reference=entry.reference).first()
    if found is not None and entry.received_at not in (None, found.received_at):
        return None
    return found


def _is_done(record: Idea | Report, entry: Entry) -> bool:
    if Erasure.objects.filter(reference=entry.reference, what__in=(entry.what, "all")).exists():
        return True
    return entry.what == Erasure.What.WITHDRAWN and record.state == "withdrawn"


def _erase(record: Idea | Report, entry: Entry, told: Replayed) -> None:
    keep_text = entry.what == Erasure.What.SENDER
    try:
        if entry.what == Erasure.What.WITHDRAWN:
            take_back(record=record, at=entry.at)
        elif isinstance(record, Idea):
            erase_sender(idea=record, at=entry.at, keep_text=keep_text)
        else:
            erase_report_sender(report=record, at=entry.at, keep_text=keep_text)
    except Refused as refusal:
        told.refused[entry.reference] = str(refusal)
    else:
        told.erased.append(entry.reference)
