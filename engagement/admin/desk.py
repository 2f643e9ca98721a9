"""What waits for whoever reads ideas, handles problem reports or looks after the mail."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.desk_pages import Card, add_cards
from engagement.models import AbuseReport, Appeal, Idea, Note, Notice, Referral, Report
from engagement.querysets import ReportQuerySet
from engagement.workflow import (
    ALL_REPORTS,
    ANSWER,
    APPEALS,
    HANDLE_REPORTS,
    MODERATE,
    OWN_REPORTS,
    TRIAGE,
    IdeaState,
    NoteState,
)


def _oldest(at: datetime | None) -> str:
    if at is None:
        return ""
    days = (timezone.localdate() - timezone.localdate(at)).days
    if days <= 0:
        return _("The oldest came today.")
    told = ngettext("The oldest came %(n)d day ago.", "The oldest came %(n)d days ago.", days)
    return told % {"n": days}


def _may(request: HttpRequest, *permissions: str) -> bool:
    return request.user.has_perms(permissions)


def _next(kind: str, count: int) -> str:
    return reverse(f"admin:engagement_{kind}_next") if count else ""


def _ideas() -> Iterator[Card]:
    page = reverse("admin:engagement_idea_changelist")
    count, oldest = Idea.objects.waiting().count_and_oldest()
    text = ngettext("idea waits for a first decision", "ideas wait for a first decision", count)
    yield Card(count, text, page, _oldest(oldest), _next("idea", count))
    count, oldest = Idea.objects.waiting_for_correction().count_and_oldest()
    text = ngettext(
        "idea is with its sender for a correction", "ideas are with their senders for a correction", count
    )
    yield Card(count, text, f"{page}?state={IdeaState.CORRECTION}", _oldest(oldest))


def _longest(at: datetime | None) -> str:
    if at is None:
        return ""
    days = (timezone.localdate() - timezone.localdate(at)).days
    if days <= 0:
        return _("All were asked today.")
    told = ngettext("One has waited for %(n)d day.", "One has waited for %(n)d days.", days)
    return told % {"n": days}


def _referrals(request: HttpRequest) -> Iterator[Card]:
    """For a department its own; for who triages all of them."""
    waiting = Referral.objects.unanswered()
    if not _may(request, TRIAGE):
        waiting = waiting.for_member(getattr(request.user, "department_id", None))
    count, oldest = waiting.count_and_oldest()
    text = ngettext(
        "idea that was passed on waits for an answer", "ideas that were passed on wait for an answer", count
    )
    yield Card(count, text, reverse("admin:engagement_referral_changelist"), _longest(oldest))


def _appeals(request: HttpRequest) -> Iterator[Card]:
    """Those that this person may decide: somebody else refused."""
    waiting = Appeal.objects.filter(decided_at__isnull=True).exclude(refused_by=request.user.pk)
    found = waiting.order_by().aggregate(count=Count("pk"), oldest=Min("asked_at"))
    text = ngettext("appeal waits for a decision", "appeals wait for a decision", found["count"])
    page = reverse("admin:engagement_appeal_changelist")
    yield Card(found["count"], text, page, _longest(found["oldest"]))


def _notes() -> Iterator[Card]:
    held = Note.objects.filter(state=NoteState.HELD).order_by()
    found = held.aggregate(count=Count("pk"), oldest=Min("sent_at"))
    text = ngettext("note waits to be read", "notes wait to be read", found["count"])
    yield Card(found["count"], text, reverse("admin:engagement_note_changelist"), _oldest(found["oldest"]))
    told = AbuseReport.objects.filter(handled_at__isnull=True).order_by()
    found = told.aggregate(count=Count("pk"), oldest=Min("at"))
    text = ngettext("report of abuse waits", "reports of abuse wait", found["count"])
    page = reverse("admin:engagement_abusereport_changelist")
    yield Card(found["count"], text, page, _oldest(found["oldest"]))


def _reports(reports: ReportQuerySet) -> Iterator[Card]:
    """Of all for who handles them all; for a department of its own. The list shows each the same ones."""
    found = reports.open_in_figures(timezone.now())
    count, late, back = found["count"], found["late"], found["back"]
    text = ngettext("problem report is open", "problem reports are open", count)
    page = reverse("admin:engagement_report_changelist")
    yield Card(count, text, page, _oldest(found["oldest"]), _next("report", count))
    if late:
        text = ngettext(
            "problem report is past its promised day", "problem reports are past their promised day", late
        )
        yield Card(late, text, f"{page}?state=late")
    if back:
        text = ngettext(
            "problem report is not fixed, says its sender",
            "problem reports are not fixed, say their senders",
            back,
        )
        yield Card(back, text, f"{page}?state=back")


def _mails() -> Iterator[Card]:
    count = Notice.objects.failed().count()
    page = reverse("admin:engagement_notice_changelist")
    text = ngettext("mail could not be sent", "mails could not be sent", count)
    yield Card(count, text, f"{page}?state__exact={Notice.State.FAILED}")


def cards(request: HttpRequest) -> Iterator[Card]:
    if _may(request, "engagement.view_idea", TRIAGE):
        yield from _ideas()
    if _may(request, TRIAGE) or _may(request, ANSWER):
        yield from _referrals(request)
    if _may(request, MODERATE):
        yield from _notes()
    if _may(request, APPEALS):
        yield from _appeals(request)
    if settings.WINNOW_REPORTS_ENABLED:
        if _may(request, ALL_REPORTS, HANDLE_REPORTS):
            yield from _reports(Report.objects.all())
        elif _may(request, OWN_REPORTS):
            yield from _reports(Report.objects.for_member(getattr(request.user, "department_id", None)))
    if _may(request, "engagement.view_notice", "engagement.change_notice"):
        yield from _mails()


add_cards(cards)
