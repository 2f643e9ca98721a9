"""What speaks for reading an imported idea first: the same reasons as for one that is sent on the web."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engagement.flags import Reason, Signs, reasons
from engagement.models import Call, Flag, Idea
from engagement.services.flagging import body_of, holds
from engagement.services.imports.reading import Item
from engagement.similarity import key_of
from engagement.workflow import IdeaState


@dataclass
class Flagged:
    """What was found, by the key of the record, and how often in all."""

    found: dict[str, list[Reason]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    """Records that were to be published, and wait because the invitation says so of what is flagged."""
    counted: Counter[str] = field(default_factory=Counter)

    def state_of(self, item: Item, wanted: str) -> str:
        """The state in which the record's idea begins."""
        return IdeaState.RECEIVED if item.key in self.waiting else wanted

    def rows(self, ideas: Iterable[tuple[Item, Idea]], at: datetime) -> list[Flag]:
        """The flags of ideas that are written."""
        return [
            Flag(idea=idea, kind=reason.kind, detail=reason.detail[:200], raised_at=at)
            for item, idea in ideas
            for reason in self.found.get(item.key, ())
        ]

    def notes(self) -> list[tuple[str, dict[str, Any]]]:
        told = [(f"flagged_{kind}", {"count": count}) for kind, count in sorted(self.counted.items())]
        return told + ([("held_back", {"count": len(self.waiting)})] if self.waiting else [])


def flag(numbered: Iterable[tuple[Item, str]], *, call: Call, state: str) -> Flagged:
    """Looks through new records, each with its reference. One query, whatever their number.

    Texts that are the same are found by what they say as a number (`key_of`), not each against each.
    """
    known = _known(call)
    listed = call.word_list.splitlines()
    done = Flagged()
    for item, reference in numbered:
        words = item.columns
        body = body_of(words["problem"], words["proposal"])
        key = key_of(body)
        twin = known.setdefault(key, reference) if key else reference
        others = [] if twin == reference else [(twin, body)]
        text = body if words["title"] in body else f"{words['title']}\n{body}"
        found = reasons(text, signs=Signs(), words=listed, others=others, body=body)
        if found:
            done.found[item.key] = found
            done.counted.update(str(reason.kind) for reason in found)
            if state == IdeaState.PUBLISHED and holds(call.moderation, found):
                done.waiting.add(item.key)
    return done


def _known(call: Call) -> dict[int, str]:
    """By what it says the first idea of the invitation that says so."""
    there = Idea.objects.filter(call=call).exclude(state=IdeaState.WITHDRAWN).order_by("received_at", "pk")
    found: dict[int, str] = {}
    for reference, problem, proposal in there.values_list("reference", "problem", "proposal").iterator():
        found.setdefault(key_of(body_of(problem, proposal)), reference)
    return found
