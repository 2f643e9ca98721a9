"""An idea that is a problem report, or a problem report that is an idea: changed, and changed back.

Both rows stay and are one thing sent in (`Transfer`). One goes on; the other rests in the state `as_report`
or `as_idea`, keeps its reference, and its sender's link opens the page of the one that goes on. Photos and
contact are with the one that goes on. The idea's row is always moved first, so that two people who change
the pair from either end wait for each other in one order.
"""

from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import Call, Event, Idea, Photo, Report, ReportService, SimilarLink, Transfer, User
from engagement.services import moves
from engagement.services.acting import Acting
from engagement.services.errors import Refused
from engagement.services.expecting import department_by_rules, expected_moment
from engagement.services.ideas import searchable
from engagement.services.notices import queue_notice
from engagement.services.references import next_reference
from engagement.text import choose, title_from
from engagement.tracking import new_nonce
from engagement.workflow import IDEA_MOVES, REPORT_MOVES, IdeaState, ReportState


@transaction.atomic
def take_as_report(*, idea: Idea, service: ReportService | None = None, **acting: Unpack[Acting]) -> Report:
    """The idea goes on as a problem report of `service`; of the one it was before, if it ever was one.

    It no longer counts as an idea, until it is taken back.
    """
    _check_free(idea)
    pair = _pair(idea=idea)
    if pair is None:
        service = _service_for(idea, service)
    _rest_idea(idea, **acting)
    if pair is not None:
        report = pair.report
        _go_on_report(report, idea, follows=True, **_following(acting))
    else:
        assert service is not None
        report = _report_out_of(idea, service, by=acting["by"], at=acting["at"])
        Transfer.objects.create(idea=idea, report=report, at=acting["at"], by=acting["by"])
    _go_along(idea, report)
    _tell(idea, report, asked=idea, verb="take_as_report", at=acting["at"])
    return report


@transaction.atomic
def take_back_idea(*, idea: Idea, **acting: Unpack[Acting]) -> Idea:
    """What went on as a problem report goes on as the idea again, as public as it was before."""
    moves.check_allowed(IDEA_MOVES["take_back"], state=idea.state, by=acting["by"])
    pair = _pair(idea=idea)
    if pair is None:
        raise Refused(_("This idea never became a problem report."), code="wrong_state")
    _go_on_idea(idea, **acting)
    _rest_report(pair.report, follows=True, **_following(acting))
    _go_along(pair.report, idea)
    _tell(idea, pair.report, asked=idea, verb="take_back", at=acting["at"])
    return idea


@transaction.atomic
def take_as_idea(*, report: Report, call: Call | None = None, **acting: Unpack[Acting]) -> Idea:
    """The problem report goes on as an idea of `call`; as the one it was before, if it ever was one.

    Reports to a private service were promised not to be shown: they may only go to an in-reach invitation.
    """
    moves.check_allowed(REPORT_MOVES["take_as_idea"], state=report.state, by=acting["by"])
    pair = _pair(report=report)
    if pair is None:
        call = _call_for(report, call)
        _rest_report(report, **acting)
        idea = _idea_out_of(report, call, by=acting["by"], at=acting["at"])
        Transfer.objects.create(idea=idea, report=report, at=acting["at"], by=acting["by"])
    else:
        idea = pair.idea
        _go_on_idea(idea, follows=True, **_following(acting))
        _rest_report(report, **acting)
    _go_along(report, idea)
    _tell(idea, report, asked=report, verb="take_as_idea", at=acting["at"])
    return idea


@transaction.atomic
def take_back_report(*, report: Report, **acting: Unpack[Acting]) -> Report:
    """What went on as an idea goes on as the problem report again."""
    moves.check_allowed(REPORT_MOVES["take_back"], state=report.state, by=acting["by"])
    pair = _pair(report=report)
    if pair is None:
        raise Refused(_("This problem report never became an idea."), code="wrong_state")
    _check_free(pair.idea)
    _rest_idea(pair.idea, follows=True, **_following(acting))
    _go_on_report(report, pair.idea, **acting)
    _go_along(pair.idea, report)
    _tell(pair.idea, report, asked=report, verb="take_back", at=acting["at"])
    return report


def _pair(**half: Idea | Report) -> Transfer | None:
    return Transfer.objects.select_related("idea__call", "report__service").filter(**half).first()


def _following(acting: Acting) -> Acting:
    """For the other half: who acted saw the version of the one that they asked about, not of this one."""
    return {**acting, "version": None}


def _check_free(idea: Idea) -> None:
    if idea.outcome:
        raise Refused(_("A plan has answered this idea already: it stays an idea."), code="has_outcome")
    if SimilarLink.objects.standing().filter(original=idea).exists():
        raise Refused(_("Other ideas are joined with this one. Undo that first."), code="has_duplicates")


def _service_for(idea: Idea, service: ReportService | None) -> ReportService:
    if service is None or not service.active:
        raise Refused(_("Choose a report service."), field="service")
    if not idea.call.is_public and not service.private:
        raise Refused(
            _("This idea is for staff only, and reports of this kind are public. Choose another kind."),
            field="service",
        )
    return service


def _call_for(report: Report, call: Call | None) -> Call:
    if call is None:
        raise Refused(_("Choose an invitation."), field="call")
    if report.service.private and call.is_public:
        raise Refused(
            _("Reports of this kind are not shown in public. Choose an invitation for staff only."),
            field="call",
        )
    return call


# The two halves: one rests, the other goes on ----------------------------------------------------


def _rest_idea(idea: Idea, *, follows: bool = False, **acting: Unpack[Acting]) -> None:
    changes = {"eligible": False}
    moves.apply(
        idea,
        IDEA_MOVES["take_as_report"],
        to=IdeaState.AS_REPORT,
        changes=changes,
        follows=follows,
        **_whole(acting),
    )


def _go_on_idea(idea: Idea, *, follows: bool = False, **acting: Unpack[Acting]) -> None:
    left = idea.events.filter(verb="take_as_report").last()
    was_public = left is not None and left.from_state == IdeaState.PUBLISHED
    moves.apply(
        idea,
        IDEA_MOVES["take_back"],
        to=IdeaState.PUBLISHED if was_public else IdeaState.RECEIVED,
        changes={"eligible": True},
        follows=follows,
        **_whole(acting),
    )


def _rest_report(report: Report, *, follows: bool = False, **acting: Unpack[Acting]) -> None:
    moves.apply(
        report, REPORT_MOVES["take_as_idea"], to=ReportState.AS_IDEA, follows=follows, **_whole(acting)
    )


def _go_on_report(report: Report, idea: Idea, *, follows: bool = False, **acting: Unpack[Acting]) -> None:
    """With the words that the idea has now: its sender may have been asked to take something out of them."""
    moves.apply(
        report,
        REPORT_MOVES["take_back"],
        to=ReportState.RECEIVED,
        changes=_as_description(idea, report.service, report.reference),
        follows=follows,
        **_whole(acting),
    )


def _whole(acting: Acting) -> dict[str, Any]:
    return {"version": None, **acting}


def _go_along(resting: Idea | Report, going: Idea | Report) -> None:
    """Photos and contact are always with the one that goes on. Both rows are locked by their moves."""
    contact = type(resting)._default_manager.values_list("contact", flat=True).get(pk=resting.pk)
    type(resting)._default_manager.filter(pk=resting.pk).update(contact=None)
    type(going)._default_manager.filter(pk=going.pk).update(contact=contact)
    resting.contact_id, going.contact_id = None, contact
    if isinstance(going, Report):
        Photo.objects.filter(idea=resting.pk).update(idea=None, report=going)
    else:
        Photo.objects.filter(report=resting.pk).update(idea=going, report=None)


def _tell(idea: Idea, report: Report, *, asked: Idea | Report, verb: str, at: datetime) -> None:
    """One mail, about the number that the verb was done to; its link opens the page of the other."""
    contact = idea.contact or report.contact
    if contact is None or contact.silent_because:
        return
    if isinstance(asked, Idea):
        queue_notice(kind=f"engagement.idea_{verb}", at=at, contact=contact, idea=asked)
    else:
        queue_notice(kind=f"engagement.report_{verb}", at=at, contact=contact, report=asked)


# The other half, when there is none yet ----------------------------------------------------------


_SHARED = ("language", "channel", "whole_city", "district_id", "address", "latitude", "longitude", "cell")


def _shared(record: Idea | Report, at: datetime) -> dict[str, Any]:
    """What the new half has in common with the old: where it is, and when and how it came."""
    return {
        **{name: getattr(record, name) for name in (*_SHARED, "received_at")},
        "changed_at": at,
        "nonce": new_nonce(),
    }


def _born(half: Idea | Report, *, by: User, at: datetime) -> None:
    Event.objects.create(
        idea=half if isinstance(half, Idea) else None,
        report=half if isinstance(half, Report) else None,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb="take_over",
        to_state=half.state,
    )


def _as_description(idea: Idea, service: ReportService, reference: str) -> dict[str, str]:
    """The idea's words as a report has them: as sent, as shown, and folded for search."""
    shown = "\n\n".join(filter(None, (idea.public_problem, idea.public_proposal)))
    return {
        "description": "\n\n".join(filter(None, (idea.problem, idea.proposal))),
        "public_description": shown,
        "search": searchable(reference, choose(service.name, idea.language), shown, idea.address),
    }


def _report_out_of(idea: Idea, service: ReportService, *, by: User, at: datetime) -> Report:
    reference = next_reference(series="R", year=timezone.localtime(at).year)
    report = Report.objects.create(
        reference=reference,
        service=service,
        expected_at=expected_moment(service, at),
        department_id=department_by_rules(service, idea.district),
        **_as_description(idea, service, reference),
        **_shared(idea, at),
    )
    _born(report, by=by, at=at)
    return report


def _idea_out_of(report: Report, call: Call, *, by: User, at: datetime) -> Idea:
    reference = next_reference(series="", year=timezone.localtime(at).year)
    title = title_from(report.public_description)
    idea = Idea.objects.create(
        reference=reference,
        call=call,
        title=title,
        problem=report.description,
        public_title=title,
        public_problem=report.public_description,
        after_cutoff=call.cutoff_at is not None and report.received_at > call.cutoff_at,
        search=searchable(reference, title, report.public_description),
        **_shared(report, at),
    )
    _born(idea, by=by, at=at)
    return idea
