"""What happened in a programme, in words: one line of a timeline."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from engagement.admin.words import MAILS
from prioritisation.models import Event, Initiative, Round

HAPPENED: dict[str, Any] = {
    "work_up": _("Started"),
    "change_initiative": _("Text or figures changed"),
    "link_ideas": _("Ideas added"),
    "unlink_idea": _("An idea taken out"),
    "link_evidence": _("Evidence from problem reports added"),
    "change_evidence": _("Evidence from problem reports changed"),
    "remove_evidence": _("Evidence from problem reports taken away"),
    "mark_ready": _("Ready for assessment"),
    "back_to_draft": _("Back to draft"),
    "record_agreement": _("The owner department agreed"),
    "merge": _("Merged into another initiative"),
    "set_aside": _("Set aside"),
    "reopen": _("Opened again"),
    "carry_out": _("Decided"),
    "check_gate": _("A condition was checked"),
    "declare_conflict": _("An assessor declared a conflict of interest"),
    "make_programme": _("Programme made"),
    "change_programme": _("Programme changed"),
    "add_member": _("A member was added"),
    "remove_member": _("A member was removed"),
    "add_steps": _("Steps added to the checklist"),
    "change_step": _("A step of the checklist changed"),
    "remove_step": _("A step of the checklist removed"),
    "tick_step": _("A step of the checklist done"),
    "untick_step": _("A step of the checklist open again"),
    "adopt_policy": _("Scoring rules adopted"),
    "change_policy": _("Scoring rules changed"),
    "approve_policy": _("Scoring rules approved"),
    "prepare_round": _("Round prepared"),
    "open_round": _("Round opened"),
    "join_panel": _("Somebody joined the panel"),
    "leave_panel": _("Somebody left the panel"),
    "ask_missing": _("Missing assessors asked"),
    "assign_person": _("An assessor was asked about one more"),
    "unassign_person": _("An assessor is no longer asked about one"),
    "note_conflict": _("A conflict of interest noted before opening"),
    "clear_conflict": _("A noted conflict of interest taken back"),
    "import_assignments": _("Assignments taken from a file"),
    "top_up": _("Further assessors asked near the line"),
    "remind_panel": _("Assessors reminded"),
    "refresh_entry": _("New wording taken into the round"),
    "ask_for_facts": _("Departments asked to check the facts"),
    "confirm_facts": _("The owner department confirmed the facts"),
    "correct_facts": _("The owner department corrected the facts"),
    "change_round": _("Round changed"),
    "close_round": _("Round closed"),
    "strike_assessments": _("Assessments were struck for a conflict of interest"),
    "adopt_result": _("A changed ranking was adopted"),
    "clarify_anchor": _("A level of the scoring rules put in clearer words"),
    "ask_opinion": _("A further opinion asked for"),
    "discuss": _("The panel talked about an initiative"),
    "rank_again": _("The ranking made again"),
    "draft_decisions": _("Decisions drafted"),
    "decide": _("A decision was made or changed"),
    "publish_decision": _("Decision published"),
    "publish_decisions": _("Decisions published"),
    "publish_over_limits": _("Published with more than there is money for, or than departments can carry"),
    "check_decision": _("A decision was looked through by another person"),
    "save_sitting": _("A sitting was written down"),
    "set_sitting": _("A decision was given its sitting"),
    "save_reply": _("The department replied to the decision"),
    "announce_draw": _("A draw by lot was announced"),
    "draw_lots": _("Lots were drawn"),
    "cancel_draw": _("A draw by lot was called off"),
    "start_amendment": _("An amendment of the plan was begun"),
    "save_amendment": _("The draft of an amendment changed"),
    "drop_amendment": _("The draft of an amendment was thrown away"),
    "adopt_amendment": _("The plan was amended"),
    "put_in": _("Put into the plan by an amendment"),
    "take_out": _("Taken out of the plan by an amendment"),
    "start_scenario": _("A selection was begun"),
    "change_scenario": _("The rules of a selection changed"),
    "remove_scenario": _("A selection was removed"),
    "adopt_scenario": _("A selection was adopted"),
    "change_budget": _("Budget lines changed"),
    "change_capacity": _("A department’s capacity changed"),
    "relate": _("A relation to another initiative added"),
    "unrelate": _("A relation to another initiative removed"),
    "read_ballots": _("Residents’ ballots read from a file"),
    "count_ballots": _("Residents’ ballots counted"),
    "start_delivery": _("Work started, told to its senders"),
    "report_progress": _("News of carrying it out, told to its senders"),
    "deliver": _("Delivered, told to its senders"),
    "drop": _("Dropped from what is carried out, told to its senders"),
    "take_up_again": _("Taken up again, told to its senders"),
    "undo_delivery": _("A step of carrying it out was undone before anybody was told"),
    "export_staff_file": _("The staff's file was downloaded"),
}

MAILS["prioritisation.round_opened"] = _("Round opened")
MAILS["prioritisation.asked_again"] = _("Asked to score again")
MAILS["prioritisation.more_asked"] = _("More to assess")
MAILS["prioritisation.reminder"] = _("Reminder of assessments")
MAILS["prioritisation.facts_asked"] = _("Facts to check")

_VERSION = _("Version %(n)d")
COUNTED: dict[str, Any] = {
    "ask_missing": ngettext_lazy("%(n)d more was asked.", "%(n)d more were asked.", "n"),
    "top_up": ngettext_lazy("%(n)d more was asked.", "%(n)d more were asked.", "n"),
    "remind_panel": ngettext_lazy("%(n)d mail was sent.", "%(n)d mails were sent.", "n"),
    "ask_for_facts": ngettext_lazy("%(n)d mail was sent.", "%(n)d mails were sent.", "n"),
    "draft_decisions": ngettext_lazy("%(n)d decision was drafted.", "%(n)d decisions were drafted.", "n"),
    "publish_decisions": ngettext_lazy(
        "%(n)d decision was published.", "%(n)d decisions were published.", "n"
    ),
    "strike_assessments": ngettext_lazy(
        "%(n)d assessment was struck.", "%(n)d assessments were struck.", "n"
    ),
    "read_ballots": ngettext_lazy("%(n)d ballot was read.", "%(n)d ballots were read.", "n"),
    "adopt_policy": _VERSION,
    "change_policy": _VERSION,
    "approve_policy": _VERSION,
    "start_amendment": _VERSION,
}
"""Verbs whose note is a number, or begins with one: of what, in words."""

_STATES = {
    **dict(Initiative.State.choices),
    **dict(Round.State.choices),
    **dict(Initiative.Delivery.choices),
}


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as lines for staff. They come with `by` selected."""
    return [
        {
            "at": event.at,
            "title": HAPPENED.get(event.verb, event.verb),
            "by": str(event.by) if event.by else "Winnow",
            "state": _STATES.get(event.to_state, "") if event.to_state != event.from_state else "",
            "reason": event.reason,
            "text": event.text,
            **_noted(event),
            "public": event.public,
        }
        for event in events
    ]


def _noted(event: Event) -> dict[str, str]:
    """The note as it was written, or what its number counts."""
    counted = COUNTED.get(event.verb)
    number, _colon, rest = event.note.partition(": ")
    if counted is None or not number.isdecimal():
        return {"told": "", "note": event.note}
    return {"told": str(counted % {"n": int(number)}), "note": rest}


MAILS["prioritisation.understood"] = _("Did we understand you?")
MAILS["prioritisation.delivery"] = _("What became of an initiative of the plan")
