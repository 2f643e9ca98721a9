"""What other parts of Winnow ask the sender of an idea: shown on its private page, copied, erased with it.

This app knows ideas and their senders, and nothing of plans. Whoever asks makes itself known here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from engagement.models import Idea

Said = dict[str, str | None]
"""One answer as the sender's copy has it: what was asked about, the answer, the words, when."""


@dataclass(frozen=True)
class Question:
    """One question on the private page of an idea. `answered` is the answer in words; "" where none is."""

    about: str
    page: str
    """The name of the page where it is answered; it takes the idea's reference and token, and `about`."""
    title: str
    answered: str
    open: bool
    until: date | None = None
    """When those who read the answers mean to be done; None where nobody knows yet."""


@dataclass(frozen=True)
class Asking:
    """Of an idea: what its sender is asked, what was answered, and how the sender's words are forgotten."""

    questions: Callable[[Idea], list[Question]]
    said: Callable[[Idea], list[Said]]
    forget: Callable[[Idea], None]


_KNOWN: list[Asking] = []


def add_asking(asking: Asking) -> Asking:
    _KNOWN.append(asking)
    return asking


def questions_to_sender(idea: Idea) -> list[Question]:
    return [question for asking in _KNOWN for question in asking.questions(idea)]


def said_by_sender(idea: Idea) -> list[Said]:
    return [one for asking in _KNOWN for one in asking.said(idea)]


def forget_answers(idea: Idea) -> None:
    """The words of the sender go; that there was an answer stays, as figures rest on it."""
    for asking in _KNOWN:
        asking.forget(idea)
