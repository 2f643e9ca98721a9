"""Problem reports: the list, one report on its page, and what staff do with them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from engagement import exports, services
from engagement.admin import previews
from engagement.admin.differences import compare
from engagement.admin.export_pages import ExportPages
from engagement.admin.hand import HandFilter
from engagement.admin.idea_filters import DistrictFilter, ReportFlagFilter, flag_words
from engagement.admin.onward_facts import pair_fact
from engagement.admin.onward_verbs import AS_IDEA, REPORT_BACK
from engagement.admin.opening import ALL, OpeningFilter
from engagement.admin.submissions import SubmissionAdmin, age
from engagement.admin.verbs import ReasonForm, Verb, VerbForm
from engagement.forms.choices import is_key
from engagement.forms.questions import answers_in_words
from engagement.localized import LocalizedFormField
from engagement.models import Department, Report, ReportService, User
from engagement.privacy import mask
from engagement.workflow import ALL_REPORTS, REPORT_MOVES, ReportState

OPEN = "open"
LATE = "late"
BACK = "back"
NEAR = 5
"""Open ones near a report that its page names; that there are more is said."""


def _start(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.start_report(report=report, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _reopen(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.reopen_report(report=report, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _close(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.close_report(
        report=report,
        by=by,
        at=at,
        version=version,
        reason=said["reason"],
        text=said["text"],
        note=said["note"],
    )


class UpdateForm(VerbForm):
    """News between two states: the sender and the public read it."""

    text = LocalizedFormField(
        label=gettext_lazy("What the sender and the public will read"),
        help_text=gettext_lazy("For example: the part is ordered and comes next week."),
        rows=4,
    )


def _update(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.update_report(report=report, by=by, at=at, version=version, text=said["text"], note=said["note"])


REPORT_VERBS = (
    Verb(
        "start",
        gettext_lazy("Start work"),
        lambda n: ngettext("work started", "work started on %(n)d reports", n) % {"n": n},
        _start,
        tone="",
        at_once=True,
    ),
    Verb(
        "update",
        gettext_lazy("Tell how it stands"),
        lambda n: ngettext("news published", "news published on %(n)d reports", n) % {"n": n},
        _update,
        form=UpdateForm,
        leads_on=False,
    ),
    Verb(
        "close",
        gettext_lazy("Close"),
        lambda n: npgettext("problem report", "closed", "%(n)d reports closed", n) % {"n": n},
        _close,
        form=ReasonForm,
    ),
    Verb(
        "reopen",
        gettext_lazy("Open again"),
        lambda n: npgettext("problem report", "open again", "%(n)d reports open again", n) % {"n": n},
        _reopen,
    ),
    AS_IDEA,
    REPORT_BACK,
)


class OpenFilter(OpeningFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    opening = OPEN

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (OPEN, _("to do")),
            (LATE, _("past the promised day")),
            (BACK, _("not fixed, says the sender")),
            (ALL, _("all")),
            *Report.State.choices,
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen()
        if chosen == ALL:
            return queryset
        if chosen == LATE:
            return queryset.late(timezone.now())
        if chosen == BACK:
            return queryset.came_back()
        return queryset.open() if chosen == OPEN else queryset.filter(state=chosen)


class ServiceFilter(admin.SimpleListFilter):
    title = gettext_lazy("report service")
    parameter_name = "service"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(service.pk), str(service)) for service in ReportService.objects.only("code", "name")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(service=value) if is_key(value) else queryset


class DepartmentFilter(admin.SimpleListFilter):
    """Whose reports: by the rules of routing, else by their service."""

    title = gettext_lazy("department")
    parameter_name = "department"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(one.pk), str(one)) for one in Department.objects.all()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset.of_department(value) if is_key(value) else queryset


def sees_all(request: HttpRequest) -> bool:
    """A department sees its own, without the addresses and numbers of people that senders wrote into them."""
    return request.user.has_perm(ALL_REPORTS)


@admin.register(Report)
class ReportAdmin(ExportPages, SubmissionAdmin):
    moves = REPORT_MOVES
    exportable = (exports.REPORTS,)
    verbs = REPORT_VERBS
    detail_template = "admin/engagement/report_detail.html"
    list_display = ("reference", "service", "shown_state", "district", "handled_by", "received", "expected")
    list_filter = (
        OpenFilter,
        DepartmentFilter,
        ServiceFilter,
        DistrictFilter,
        HandFilter,
        ReportFlagFilter,
        "channel",
    )
    list_deferred = ["description", "public_description", "search"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """For a department its own, on every page and in every action; for who sees all of them all."""
        found = super().get_queryset(request).select_related("service__department", "district", "department")
        if not sees_all(request):
            found = found.for_member(getattr(request.user, "department_id", None))
        return found.prefetch_related("flags")

    def get_list_display(self, request: HttpRequest) -> Any:
        return [one for one in self.list_display if one != "handled_by" or sees_all(request)]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [one for one in self.list_filter if one is not DepartmentFilter or sees_all(request)]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, record: Report) -> str:
        shown = super().shown_state(record)
        if record.state != ReportState.RECEIVED or not (kinds := flag_words(record)):
            return shown
        return format_html('{} <span class="pill warn">{}</span>', shown, kinds)

    @admin.display(description=gettext_lazy("department"))
    def handled_by(self, report: Report) -> str:
        return str(report.department or report.service.department or "–")

    @admin.display(description=gettext_lazy("expected by"), ordering="expected_at")
    def expected(self, report: Report) -> Any:
        return timezone.localdate(report.expected_at) if report.expected_at else "–"

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is to do is done from its oldest."""
        if request.GET.get("state", OPEN) == OPEN:
            return ["received_at", "pk"]
        return ["-received_at", "-pk"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        to_do = request.GET.get("state", OPEN) == OPEN
        switch = (
            (_("See all problem reports"), self.url("changelist") + f"?state={ALL}")
            if to_do
            else (_("Back to what is to do"), self.url("changelist"))
        )
        title = _("Problem reports to do") if to_do else _("Problem reports")
        context = {"title": title, "switch": switch, "links": self.export_links(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        return {
            "record": record,
            "url": self.detail_url(record.pk, filters),
            "title": str(record.service),
            "about": f"{record.get_state_display()} · {age(record.received_at)}",
        }

    def verb_words(self, request: HttpRequest, record: Report) -> str:
        if record.state == ReportState.WITHDRAWN:
            return ""
        return record.description if sees_all(request) else record.public_description

    def _near(self, request: HttpRequest, record: Report) -> list[services.SimilarReport]:
        """Other open ones of this reader's that may tell of the same, while this one is open."""
        if record.state not in (ReportState.RECEIVED, ReportState.IN_PROGRESS):
            return []
        seen = Report.objects.all()
        if not sees_all(request):
            seen = seen.for_member(getattr(request.user, "department_id", None))
        return services.alike_among(seen, record, at=timezone.now(), limit=NEAR + 1)

    def _rehearsed(self, request: HttpRequest, *args: Any) -> dict[str, Any] | None:
        preview = super()._rehearsed(request, *args)
        return preview if preview is None or sees_all(request) else previews.without_sender(preview)

    def detail_context(self, request: HttpRequest, record: Report) -> dict[str, Any]:
        readable = record.state != ReportState.WITHDRAWN
        words = record.description if sees_all(request) else record.public_description
        sent, shown = compare(words, record.public_description)
        near = self._near(request, record)
        answers = answers_in_words(record.service.questions, record.answers) if readable else []
        if not sees_all(request):
            answers = [(question, mask(answer)) for question, answer in answers]
        return {
            **super().detail_context(request, record),
            "subtitle": str(record.service),
            "readable": readable,
            "sent": sent,
            "shown": shown,
            "sees_all": sees_all(request),
            "words": words,
            "masked": words != record.public_description,
            "answers": answers,
            "photos": self.photo_rows(request, record) if readable else [],
            "closed": record.state == ReportState.CLOSED,
            "flags": list(record.flags.all()),
            "near": near[:NEAR],
            "near_more": len(near) > NEAR,
            "pair": pair_fact(request, record),
        }
