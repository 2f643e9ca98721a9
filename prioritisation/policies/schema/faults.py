"""What is wrong with a policy document, in words a city's staff can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


def gettext_noop(message: str) -> str:
    """Mark a message for translation. The schema knows no Django; whoever shows a fault translates it."""
    return message


@dataclass(frozen=True)
class Fault:
    """One fault: `path` such as ``criteria[2].anchors.3`` (empty for the whole document), and why.

    `message` is an English template with ``%(name)s`` places, so that a page can show
    ``gettext(fault.message) % fault.params``; `reason` is the same in English. `line` counts from 1 and is
    known only when the document was read from TOML.
    """

    path: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None

    @property
    def reason(self) -> str:
        return self.message % self.params

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else ""
        place = ", ".join(part for part in (where, self.path) if part)
        return f"{place}: {self.reason}" if place else self.reason


class PolicyError(Exception):
    """A document that is no policy. `faults` holds all that was found, in the document's order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def with_lines(self, lines: Mapping[str, int]) -> PolicyError:
        """The same faults with the line of each path, or of the nearest table around it."""
        return PolicyError([replace(fault, line=_line_of(fault.path, lines)) for fault in self.faults])


def _line_of(path: str, lines: Mapping[str, int]) -> int | None:
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None
