"""States and timelines in words, the same on public pages and on private ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import translate_url
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from engagement.localized import localized
from engagement.models import Call, Event, Idea, Reason, Report
from engagement.templatetags.winnow import local
from engagement.workflow import OPEN_IDEA_STATES, IdeaState, ReportState


@dataclass(frozen=True)
class StateWords:
    """A state as a reader meets it: a label, a tone (see components/state.html), what it means."""

    label: Any
    tone: str
    meaning: Any


_IDEA = {
    IdeaState.RECEIVED: StateWords(
        pgettext_lazy("idea", "Received"), "", gettext_lazy("Staff have not looked at it yet.")
    ),
    IdeaState.PUBLISHED: StateWords(
        gettext_lazy("Published"),
        "info",
        gettext_lazy("Everybody can read it. It is waiting to be worked on."),
    ),
    IdeaState.CORRECTION: StateWords(
        gettext_lazy("Waiting for a correction"),
        "warn",
        gettext_lazy("We asked the sender to change something."),
    ),
    IdeaState.DUPLICATE: StateWords(
        gettext_lazy("Joined with a similar idea"),
        "info",
        gettext_lazy("Another idea asks for the same. Both are kept and are looked at together."),
    ),
    IdeaState.PASSED_ON: StateWords(
        gettext_lazy("Passed on"), "info", gettext_lazy("Somebody else can do this. We passed it on.")
    ),
    IdeaState.SPLIT: StateWords(
        gettext_lazy("Split into several ideas"),
        "info",
        gettext_lazy("It held several ideas. Each now has a number of its own."),
    ),
    IdeaState.AS_REPORT: StateWords(
        gettext_lazy("Handled as a problem report"),
        "info",
        gettext_lazy("It can be repaired without a plan, so those who do that have it."),
    ),
    IdeaState.DECLINED: StateWords(
        gettext_lazy("Declined"), "bad", gettext_lazy("We will not go on with it. The reason is below.")
    ),
    IdeaState.WITHDRAWN: StateWords(
        pgettext_lazy("idea", "Withdrawn"),
        "",
        gettext_lazy("The sender took it back. The text is no longer shown."),
    ),
}
_OUTCOME = {
    Idea.Outcome.IN_PLAN: StateWords(
        gettext_lazy("In the plan"), "good", gettext_lazy("It is part of an initiative that was chosen.")
    ),
    Idea.Outcome.SET_ASIDE: StateWords(
        gettext_lazy("Set aside"),
        "warn",
        gettext_lazy("It is part of an initiative that was not chosen this time. The reason is below."),
    ),
    Idea.Outcome.WORKED_UP: StateWords(
        gettext_lazy("Being worked up"),
        "info",
        gettext_lazy("Staff are making a project out of it, alone or together with other ideas."),
    ),
}
_REPORT = {
    ReportState.RECEIVED: StateWords(
        pgettext_lazy("problem report", "Received"), "", gettext_lazy("Staff have not started on it yet.")
    ),
    ReportState.IN_PROGRESS: StateWords(
        gettext_lazy("In progress"), "info", gettext_lazy("Staff are working on it.")
    ),
    ReportState.CLOSED: StateWords(
        pgettext_lazy("problem report", "Closed"),
        "good",
        gettext_lazy("Staff have finished with it. Closed does not always mean fixed: read what they wrote."),
    ),
    ReportState.AS_IDEA: StateWords(
        gettext_lazy("Taken as an idea"),
        "info",
        gettext_lazy("It asks for more than a repair, so it is looked at together with other ideas."),
    ),
    ReportState.WITHDRAWN: StateWords(
        pgettext_lazy("problem report", "Withdrawn"),
        "",
        gettext_lazy("The sender took it back. The text is no longer shown."),
    ),
}


def state_words(record: Idea | Report) -> StateWords:
    """What became of an idea, else its state; the state of a problem report."""
    if isinstance(record, Report):
        return _REPORT[ReportState(record.state)]
    if record.outcome and record.state != IdeaState.WITHDRAWN:
        return _OUTCOME[Idea.Outcome(record.outcome)]
    return _IDEA[IdeaState(record.state)]


_VERBS: dict[str, Any] = {
    "receive": gettext_lazy("Received"),
    "publish": gettext_lazy("Published"),
    "decline": gettext_lazy("Declined"),
    "ask_correction": gettext_lazy("Asked for a correction"),
    "pass_on": gettext_lazy("Passed on"),
    "link_duplicate": gettext_lazy("Joined with a similar idea"),
    "unlink_duplicate": gettext_lazy("Parted again from the similar idea"),
    "reopen": gettext_lazy("Opened again"),
    "answer": gettext_lazy("Answered by those it was passed on to"),
    "split": gettext_lazy("Split into several ideas"),
    "quote": gettext_lazy("Taken out of a letter that held several ideas"),
    "take_as_report": gettext_lazy("Changed into a problem report"),
    "take_as_idea": gettext_lazy("Changed into an idea"),
    "take_back": gettext_lazy("Changed back"),
    "take_over": gettext_lazy("Goes on under a new number"),
    "resend": gettext_lazy("Corrected and sent again"),
    "withdraw": gettext_lazy("Withdrawn"),
    "start": gettext_lazy("Work started"),
    "close": gettext_lazy("Closed"),
}
_ACTORS: dict[str, Any] = {
    Event.Actor.RESIDENT: pgettext_lazy("who did it", "the sender"),
    Event.Actor.STAFF: pgettext_lazy("who did it", "the city"),
    Event.Actor.SYSTEM: pgettext_lazy("who did it", "automatic"),
}


def _title(event: Event, reasons: dict[tuple[str, str], Reason]) -> str:
    if event.verb == "outcome":
        return str(_OUTCOME[Idea.Outcome(event.reason)].label) if event.reason in Idea.Outcome.values else ""
    title = str(_VERBS.get(event.verb, event.verb))
    reason = reasons.get((event.verb, event.reason))
    return _("%(what)s: %(reason)s") % {"what": title, "reason": localized(reason.label)} if reason else title


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events for components/timeline.html. One query, for the reasons they name."""
    events = list(events)
    codes = {event.reason for event in events if event.reason and event.verb != "outcome"}
    named = Reason.objects.filter(code__in=codes).only("action", "code", "label") if codes else ()
    reasons = {(reason.action, reason.code): reason for reason in named}
    return [
        {
            "at": event.at,
            "title": _title(event, reasons),
            "text": local(event.text),
            "by": _ACTORS.get(event.actor, ""),
        }
        for event in events
    ]


def local_link(link: str) -> str:
    """A path of this site in the page's language; anything else is not linked."""
    return translate_url(link, get_language() or "en") if link.startswith("/") else ""


def dated_steps(call: Call, at: datetime) -> list[dict[str, Any]]:
    """The planned dates of an invitation, in order: day, words, and whether it is past."""
    today = timezone.localdate(at)
    steps = []
    for step in call.planned_dates:
        try:
            day = date.fromisoformat(step["date"])
        except (KeyError, TypeError, ValueError):
            continue
        steps.append({"day": day, "label": step.get("label") or step.get("what"), "past": day < today})
    return sorted(steps, key=lambda step: step["day"])


@dataclass(frozen=True)
class Promise:
    """What comes next and when; `late` when the last date we gave is past and the answer is not there."""

    day: date | None = None
    label: Any = None
    late: bool = False


def promise(record: Idea | Report, at: datetime) -> Promise:
    today = timezone.localdate(at)
    if isinstance(record, Report):
        if record.expected_at is None or record.state in (ReportState.CLOSED, ReportState.WITHDRAWN):
            return Promise()
        day = timezone.localdate(record.expected_at)
        return Promise(day=day, late=day < today)
    if record.outcome in (Idea.Outcome.IN_PLAN, Idea.Outcome.SET_ASIDE):
        return Promise()
    if record.state == IdeaState.CORRECTION:
        return Promise()  # the sender has the next move: until then no date of the city's holds
    if record.state not in OPEN_IDEA_STATES | {IdeaState.DUPLICATE}:
        return Promise()
    steps = dated_steps(record.call, at)
    coming = next((step for step in steps if not step["past"]), None)
    if coming:
        return Promise(day=coming["day"], label=coming["label"])
    return Promise(day=steps[-1]["day"], label=steps[-1]["label"], late=True) if steps else Promise()
