"""One line of the doctor's list."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """The city works; somebody should look before it does not."""
    FAULT = "fault"
    """Something does not work, or data is in danger."""


@dataclass(frozen=True)
class Finding:
    """What `check` found, in one sentence, and what to do in another; nothing to do where all is well."""

    check: str
    level: Level
    text: str
    todo: str = ""

    def line(self) -> str:
        return f"{self.level:<8} {self.check}: {self.text}" + (f" {self.todo}" if self.todo else "")

    def as_dict(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, text: str) -> Finding:
    return Finding(check, Level.OK, text)


def warning(check: str, text: str, todo: str) -> Finding:
    return Finding(check, Level.WARNING, text, todo)


def fault(check: str, text: str, todo: str) -> Finding:
    return Finding(check, Level.FAULT, text, todo)
