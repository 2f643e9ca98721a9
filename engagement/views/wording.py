"""States and timelines in words, the same on public pages and on private ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import translate_url
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from engagement.flags import UNLISTED, FlagKind
from engagement.localized import localized
from engagement.models import Call, Event, Idea, Reason, Report
from engagement.services import DELIVERED, DROPPED, NEWS, STARTED
from engagement.templatetags.winnow import local
from engagement.workflow import IdeaState, ReportState


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
        gettext_lazy("Everybody can read it. No decision is taken on it yet."),
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
        gettext_lazy("It is part of an initiative that was not chosen this time."),
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
    "appeal": gettext_lazy("The sender asked to look at the refusal again"),
    "grant_appeal": gettext_lazy("Appeal granted: the refusal is taken back"),
    "refuse_appeal": gettext_lazy("Appeal refused: the refusal stands"),
    "hide_text": gettext_lazy("Its text was hidden"),
    "show_text": gettext_lazy("Its text is shown again"),
    "resend": gettext_lazy("Corrected and sent again"),
    "withdraw": gettext_lazy("Withdrawn"),
    "start": gettext_lazy("Work started"),
    "update": gettext_lazy("News"),
    "close": gettext_lazy("Closed"),
    "confirm_fixed": gettext_lazy("The sender says that it is fixed"),
    "not_fixed": gettext_lazy("The sender says that it is not fixed: open again"),
}
_ACTORS: dict[str, Any] = {
    Event.Actor.RESIDENT: pgettext_lazy("who did it", "the sender"),
    Event.Actor.STAFF: pgettext_lazy("who did it", "the city"),
    Event.Actor.SYSTEM: pgettext_lazy("who did it", "automatic"),
}


_FOLLOW_UPS: dict[str, Any] = {
    NEWS: gettext_lazy("News of the initiative"),
    STARTED: gettext_lazy("Work on the initiative started"),
    DELIVERED: gettext_lazy("The initiative is delivered"),
    DROPPED: gettext_lazy("The initiative was dropped"),
}
"""What became of the initiative that a plan made of an idea."""


def _title(event: Event, reasons: dict[tuple[str, str], Reason]) -> str:
    if event.verb == "outcome":
        return str(_OUTCOME[Idea.Outcome(event.reason)].label) if event.reason in Idea.Outcome.values else ""
    if event.verb == "follow_up":
        return str(_FOLLOW_UPS.get(event.reason, _FOLLOW_UPS[NEWS]))
    title = str(_VERBS.get(event.verb, event.verb))
    reason = reasons.get((event.verb, event.reason))
    return _("%(what)s: %(reason)s") % {"what": title, "reason": localized(reason.label)} if reason else title


_OWN_REASONS = ("outcome", "follow_up")
"""Verbs whose reason is not one of the city's list."""


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events for components/timeline.html. One query, for the reasons they name."""
    events = list(events)
    codes = {event.reason for event in events if event.reason and event.verb not in _OWN_REASONS}
    named = Reason.objects.filter(code__in=codes).only("action", "code", "label") if codes else ()
    reasons = {(reason.action, reason.code): reason for reason in named}
    return [
        {
            "at": event.at,
            "verb": event.verb,
            "title": _title(event, reasons),
            "text": local(event.text),
            "by": _ACTORS.get(event.actor, ""),
        }
        for event in events
    ]


_FLAGS: dict[str, Any] = {
    FlagKind.HONEYPOT: gettext_lazy("a field that people do not see was filled in, as programs do"),
    FlagKind.QUICK: gettext_lazy("it was sent faster than people type"),
    FlagKind.LINKS: gettext_lazy("it holds links to other sites"),
    FlagKind.VELOCITY: gettext_lazy("many texts came from your network within an hour"),
    FlagKind.NEAR_DUPLICATE: gettext_lazy("the same text was sent before"),
    FlagKind.WORD: gettext_lazy("it holds a word that staff look at first"),
    FlagKind.PERSONAL: gettext_lazy("it seems to hold personal data, such as a phone number"),
    FlagKind.ABUSE: gettext_lazy("readers asked us to look at it"),
}


def why_read_first(idea: Idea) -> list[Any]:
    """Why staff read an idea before everybody does, for its sender; nothing where that is so for all."""
    if idea.state != IdeaState.RECEIVED or idea.call.moderation == Call.Moderation.BEFORE:
        return []
    return [
        _FLAGS[kind] for kind in dict.fromkeys(idea.flags.values_list("kind", flat=True)) if kind in _FLAGS
    ]


def why_not_listed(report: Report) -> list[Any]:
    """Why a report with a public page is on no public list yet, for its sender."""
    if not report.is_public:
        return []
    kinds = list(report.flags.filter(kind__in=UNLISTED).values_list("kind", flat=True))
    if not kinds or Report.objects.listed().filter(pk=report.pk).exists():
        return []
    return [_FLAGS[kind] for kind in dict.fromkeys(kinds)]


def local_link(link: str) -> str:
    """A path of this site in the page's language; anything else is not linked."""
    return translate_url(link, get_language() or "en") if link.startswith("/") else ""


@dataclass(frozen=True)
class Promise:
    """What comes next and when; `late` when the last date we gave is past and the answer is not there."""

    day: date | None = None
    label: Any = None
    late: bool = False


def promise(record: Idea | Report, at: datetime) -> Promise:
    step = record.next_step(at)
    return Promise(step.day, step.label, late=step.past) if step else Promise()
