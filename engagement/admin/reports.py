"""Problem reports: the list, one report on its page, and what staff do with them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from engagement import exports, services
from engagement.admin.differences import compare
from engagement.admin.export_pages import ExportPages
from engagement.admin.hand import HandFilter
from engagement.admin.idea_filters import DistrictFilter
from engagement.admin.onward_facts import pair_fact
from engagement.admin.onward_verbs import AS_IDEA, REPORT_BACK
from engagement.admin.submissions import SubmissionAdmin, age
from engagement.admin.verbs import ReasonForm, Verb, VerbForm
from engagement.forms.choices import is_key
from engagement.forms.questions import answers_in_words
from engagement.models import Report, ReportService, User
from engagement.workflow import REPORT_MOVES, ReportState

OPEN = "open"
ALL = "all"


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


class OpenFilter(admin.SimpleListFilter):
    """Opens on what is still to do."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(OPEN, _("to do")), (ALL, _("all")), *Report.State.choices]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or OPEN
        for value, label in self.lookup_choices:
            yield {
                "selected": str(value) == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.value() or OPEN
        if chosen == ALL:
            return queryset
        return queryset.open() if chosen == OPEN else queryset.filter(state=chosen)


class ServiceFilter(admin.SimpleListFilter):
    title = gettext_lazy("report service")
    parameter_name = "service"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(service.pk), str(service)) for service in ReportService.objects.only("code", "name")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(service=value) if is_key(value) else queryset


@admin.register(Report)
class ReportAdmin(ExportPages, SubmissionAdmin):
    moves = REPORT_MOVES
    exportable = (exports.REPORTS,)
    verbs = REPORT_VERBS
    detail_template = "admin/engagement/report_detail.html"
    list_display = ("reference", "service", "shown_state", "district", "received", "expected")
    list_filter = (OpenFilter, ServiceFilter, DistrictFilter, HandFilter, "channel")
    list_deferred = ["description", "public_description", "search"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("service", "district")

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

    def verb_words(self, record: Report) -> str:
        return record.description if record.state != ReportState.WITHDRAWN else ""

    def detail_context(self, request: HttpRequest, record: Report) -> dict[str, Any]:
        readable = record.state != ReportState.WITHDRAWN
        sent, shown = compare(record.description, record.public_description)
        return {
            **super().detail_context(request, record),
            "subtitle": str(record.service),
            "readable": readable,
            "sent": sent,
            "shown": shown,
            "masked": record.description != record.public_description,
            "answers": answers_in_words(record.service.questions, record.answers) if readable else [],
            "photos": list(record.photos.all()) if readable else [],
            "closed": record.state == ReportState.CLOSED,
            "pair": pair_fact(record),
        }
