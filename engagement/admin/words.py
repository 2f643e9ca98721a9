"""What happened, in words: lines of timelines, and of the histories of jobs and mails."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.models import Event, Idea, Report, User

HAPPENED: dict[str, Any] = {
    "receive": _("Received"),
    "publish": _("Published"),
    "decline": _("Declined"),
    "ask_correction": _("Asked for a correction"),
    "pass_on": _("Passed on"),
    "link_duplicate": _("Joined with a similar idea"),
    "unlink_duplicate": _("No longer joined with another idea"),
    "reopen": _("Opened again"),
    "answer": _("Answered by those it was passed on to"),
    "split": _("Split into several ideas"),
    "quote": _("Taken out of a letter that held several ideas"),
    "take_as_report": _("Changed into a problem report"),
    "take_as_idea": _("Changed into an idea"),
    "take_back": _("Changed back"),
    "take_over": _("Goes on under a new number"),
    "schedule": _("Set to be published at an hour"),
    "unschedule": _("No longer to be published by itself"),
    "support": _("Supports on paper were typed in"),
    "withdraw_support": _("Supports on paper were taken back"),
    "appeal": _("The sender asked to look at the refusal again"),
    "grant_appeal": _("Appeal granted: the refusal is taken back"),
    "refuse_appeal": _("Appeal refused: the refusal stands"),
    "publish_note": _("A note was published"),
    "hide_note": _("A note was hidden"),
    "hide_text": _("Its text was hidden"),
    "show_text": _("Its text is shown again"),
    "resend": _("Corrected and sent again"),
    "withdraw": _("Withdrawn by the sender"),
    "erase": _("The sender's data were erased"),
    "outcome": _("What a plan made of it"),
    "follow_up": _("News of what a plan made of it"),
    "start": _("Work started"),
    "update": _("Told how it stands"),
    "close": _("Closed"),
    "confirm_fixed": _("The sender says that it is fixed"),
    "not_fixed": _("The sender says that it is not fixed"),
    "view_contact": _("Looked at the contact"),
    "export_contact": _("The contact was given out in a file"),
    "place_hold": _("Put on legal hold"),
    "lift_hold": _("Legal hold lifted"),
    "redact_photo": _("Parts of a photo were blacked out"),
    "unredact_photo": _("A photo is shown whole again"),
    "translate": _("A translation was put beside it"),
    "remove_translation": _("A translation was taken away"),
    "correct_line": _("Corrected by who typed it in at the meeting"),
    "purge_contact": _("The contact was removed: kept long enough"),
    "undo": _("Undone before anybody was told"),
}


MAILS: dict[str, Any] = {
    "engagement.referral_asked": _("Question to a department"),
    "engagement.department_reports": _("A department’s new problem reports"),
    "engagement.person_link": _("Link to an address"),
    "engagement.person_news": _("News of what somebody follows"),
    "engagement.idea_joined_by": _("Idea: another one was joined with it"),
    "engagement.import_done": _("Import done"),
    "engagement.export_done": _("Export done"),
}
"""Mails to staff, by kind. An app above this one adds its own. Mails to senders are said as what happened."""


def mail_words(kind: str) -> str:
    """What a mail tells: those to staff by a name, those to senders by what happened to what they sent."""
    if kind in MAILS:
        return str(MAILS[kind])
    about, _line, verb = kind.rpartition(".")[2].partition("_")
    happened = HAPPENED.get("receive" if verb == "received" else verb)
    subject = {"idea": Idea, "report": Report}.get(about)
    if happened is None or subject is None:
        return kind
    what = str(subject._meta.verbose_name).capitalize()
    return str(_("%(what)s: %(words)s")) % {"what": what, "words": happened}


def who(event: Event) -> str:
    """The member of staff by name, else the sender or Winnow itself."""
    return str(event.by) if event.by else str(event.get_actor_display()).capitalize()


def _new_state(event: Event, labels: dict[str, Any]) -> str:
    """Where the record came to, unless the line says so already ("Received", "Published") or it stayed."""
    label = str(labels.get(event.to_state, ""))
    said = str(HAPPENED.get(event.verb, "")).casefold() == label.casefold()
    return "" if said or event.from_state in ("", event.to_state) else label


def timeline(record: Idea | Report) -> list[dict[str, Any]]:
    """The record's events for staff, newest first: with internal notes and lines residents don't see."""
    labels = dict(type(record).State.choices)
    events = list(record.events.select_related("by").order_by("-at", "-pk"))
    undone = {event.undoes_id for event in events}
    return [
        {
            "at": event.at,
            "title": HAPPENED.get(event.verb, event.verb),
            "by": who(event),
            "state": _new_state(event, labels),
            "reason": event.reason,
            "text": event.text,
            "note": event.note,
            "public": event.public,
            "link": event.link,
            "undone": event.pk in undone,
        }
        for event in events
    ]


LINES: dict[str, Any] = {
    "ask": _("Asked for"),
    "start": _("Begun"),
    "resume": _("The worker ended; begun anew"),
    "finish": _("Done"),
    "fail": _("Failed"),
    "give_up": _("Given up"),
    "cancel": pgettext_lazy("job", "Cancelled"),
    "retry": _("Tried again"),
    "again": _("Sent again after it failed"),
}


def history_lines(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history of a job or a mail in words, oldest first: `at`, `title`, `by`, `note`."""
    people = {
        one.pk: str(one) for one in User.objects.filter(pk__in=[row["by"] for row in history if "by" in row])
    }
    return [
        {
            "at": datetime.fromisoformat(row["at"]),
            "title": LINES.get(row["what"], row["what"]),
            "by": people.get(row.get("by", 0), ""),
            "note": row.get("error", ""),
        }
        for row in history
    ]
