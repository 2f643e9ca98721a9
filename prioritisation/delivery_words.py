"""What is told of carrying an initiative out: the same sentences in mails, on timelines and on pages."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from engagement.text import choose
from prioritisation.workflow import DeliveryState

STATES: dict[str, tuple[Any, str]] = {
    DeliveryState.PLANNED: (pgettext_lazy("one initiative", "Planned"), ""),
    DeliveryState.STARTED: (pgettext_lazy("one initiative", "Started"), "info"),
    DeliveryState.DELIVERED: (pgettext_lazy("one initiative", "Delivered"), "good"),
    DeliveryState.DROPPED: (pgettext_lazy("one initiative", "Dropped"), "bad"),
}
"""A state's word and the tone of its pill (components/state.html)."""

HAPPENED: dict[str, Any] = {
    "start_delivery": gettext_lazy("Work started"),
    "report_progress": gettext_lazy("News"),
    "deliver": pgettext_lazy("one initiative", "Delivered"),
    "drop": pgettext_lazy("one initiative", "Dropped"),
    "take_up_again": gettext_lazy("Taken up again"),
}
"""What a step is called in a list of steps."""


class Step(Protocol):
    """What the sentences need of `models.DeliveryStep`."""

    verb: str
    state: str
    text: Any
    expected_on: date | None
    missed_on: date | None


def day(on: date) -> str:
    return date_format(on, "DATE_FORMAT")


def headline(verb: str, title: str) -> str:
    """What happened to it, in a sentence."""
    sentences = {
        "start_delivery": _("Work on “%(title)s” has started."),
        "report_progress": _("There is news of “%(title)s”."),
        "deliver": _("“%(title)s” is delivered."),
        "drop": _("“%(title)s” will not be carried out after all."),
        "take_up_again": _("Work on “%(title)s” is taken up again."),
    }
    return sentences[verb] % {"title": title}


def missed(step: Step) -> str:
    """The date that was promised before and was past by then; empty where none was."""
    if step.missed_on is None:
        return ""
    on = {"day": day(step.missed_on)}
    if step.verb == "report_progress":
        return _("It is late: we had promised the next step by %(day)s.") % on
    return _("It came later than promised: by %(day)s.") % on if step.verb != "drop" else ""


def next_step(state: str, expected_on: date | None) -> str:
    """What comes next and by when; empty where nothing does."""
    if state == DeliveryState.PLANNED:
        told = _("Next step: work is to start by %(day)s.")
        without = _("Next step: work is to start. No date is set yet.")
    elif state == DeliveryState.STARTED:
        told = _("Next step: it is to be done by %(day)s.")
        without = _("Next step: it is to be done. No date is set yet.")
    else:
        return ""
    return told % {"day": day(expected_on)} if expected_on else without


def late_since(expected_on: date) -> str:
    """For a date that is past while nothing came of it."""
    return _("It is late: %(day)s was promised, and that is past.") % {"day": day(expected_on)}


def coming(state: str, expected_on: date | None, *, late: bool) -> str:
    """What is next as it stands today: the promise, or that it was missed."""
    return late_since(expected_on) if late and expected_on else next_step(state, expected_on)


def told(step: Step, title: Mapping[str, str], language: str) -> str:
    """A line of a timeline in the language that is in force: what, what was missed, why, what is next."""
    parts = [headline(step.verb, choose(title, language)), missed(step), choose(step.text, language)]
    return "\n\n".join(part for part in (*_joined(parts), next_step(step.state, step.expected_on)) if part)


def _joined(parts: list[str]) -> list[str]:
    """The first two sentences in one paragraph."""
    head, missed_date, words = parts
    return [f"{head} {missed_date}".strip(), words]
