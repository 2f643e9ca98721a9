"""Every move of ideas and problem reports, ready to be made: one table for all tests that walk them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engagement import services
from engagement.models import Appeal, Call, Event, Idea, Report, SimilarLink, Transfer
from tests import factories

Act = Callable[..., Any]
"""`act(record, version=None)`: makes the move through its service."""


def idea_move(verb: str, idea: Idea, by: Any, now: Any) -> Act:
    """The move `verb` with all that it needs already there, so that only the move itself is left to do."""
    said: dict[str, Any] = {"at": now, "by": by}
    service: Callable[..., Any] = getattr(services, f"{verb}_idea", lambda **_: None)
    if verb in {"decline", "ask_correction", "pass_on"}:
        said["reason"] = factories.Reason(action=verb).code
        service = services.ask_correction if verb == "ask_correction" else service
    elif verb == "link_duplicate":
        said["original"] = factories.Idea(call=idea.call, state="published")
        service = services.link_duplicate
    elif verb == "unlink_duplicate":
        if idea.state == "duplicate":
            original = factories.Idea(call=idea.call, state="published")
            SimilarLink.objects.create(
                idea=idea, original=original, state_before="published", linked_at=now, linked_by=by
            )
        service = services.unlink_duplicate
    elif verb == "split":
        said["parts"] = [services.Quotation(idea.problem), services.Quotation(idea.title)]
    elif verb == "take_as_report":
        said["service"] = factories.ReportService()
        service = services.take_as_report
    elif verb == "take_back":
        _pair(idea, factories.Report(), by, now)
    elif verb == "schedule":
        said["hour"] = now + timedelta(hours=1)
    elif verb == "unschedule":
        Idea.objects.filter(pk=idea.pk).update(publish_at=now + timedelta(hours=1), publish_by=by)
    elif verb.endswith("appeal"):
        _refused(idea, now)
        service = getattr(services, verb)
        if verb == "appeal":
            del said["by"]
            said["text"] = "You read it too fast."
        else:
            said["text"] = {"en": "Looked at again."}
            Appeal.objects.create(idea=idea, text="Look again.", asked_at=now, refused_by=factories.User())
    elif verb in {"resend", "withdraw"}:
        del said["by"]
        if verb == "resend":
            said["draft"] = services.IdeaDraft(problem="No shelter at my stop.", language="en")
    return lambda record, version=None: service(idea=record, version=version, **said)


def report_move(verb: str, report: Report, by: Any, now: Any) -> Act:
    """The same for problem reports."""
    said: dict[str, Any] = {"at": now, "by": by}
    service: Callable[..., Any] = getattr(services, f"{verb}_report", lambda **_: None)
    if verb == "close":
        said["reason"] = factories.Reason(action="close").code
    elif verb == "take_as_idea":
        said["call"] = factories.Call()
        service = services.take_as_idea
    elif verb == "take_back":
        _pair(factories.Idea(), report, by, now)
    elif verb == "update":
        said["text"] = {"en": "The part is ordered."}
    elif verb in {"withdraw", "confirm_fixed", "not_fixed"}:
        del said["by"]
        if verb == "not_fixed":
            said["words"] = "It is dark again."
    return lambda record, version=None: service(report=record, version=version, **said)


def _refused(idea: Idea, now: Any) -> None:
    """It was declined by somebody, and its invitation knows appeals."""
    Call.objects.filter(pk=idea.call_id).update(appeal_days=30)
    idea.call.refresh_from_db()
    if idea.state == "declined":
        Event.objects.create(
            idea=idea, at=now, actor="staff", by=factories.User(), verb="decline", to_state="declined"
        )


def _pair(idea: Idea, report: Report, by: Any, now: Any) -> None:
    """The two are one thing: whichever is not at rest goes on."""
    Transfer.objects.create(idea=idea, report=report, at=now, by=by)
