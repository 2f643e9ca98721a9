"""Jobs and mails: what waits for the worker, what it did, and what went wrong."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.models import Job, Notice
from engagement.services.imports import KIND as IMPORT
from engagement.services.imports import refused_path, worded
from engagement.tasks import nudge_mail

JOB_NAMES = {IMPORT: gettext_lazy("Import of ideas")}
JOB_TONES = {"queued": "info", "running": "warn", "done": "good", "failed": "bad", "cancelled": ""}
NOTICE_TONES = {"waiting": "info", "sent": "good", "failed": "bad"}


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Everybody sees the jobs they asked for; who may view jobs sees all."""

    detail_template = "admin/engagement/job_detail.html"
    list_display = ("name", "shown_state", "done", "by", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("by",)
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if super().has_view_permission(request, obj):
            return True
        asks = request.user.is_active and request.user.has_perm("engagement.import_idea")
        return asks and (obj is None or obj.by_id == request.user.pk)

    def get_queryset(self, request: HttpRequest) -> Any:
        jobs = super().get_queryset(request)
        return jobs if request.user.has_perm("engagement.view_job") else jobs.filter(by=request.user.pk)

    @admin.display(description=gettext_lazy("job"))
    def name(self, job: Job) -> str:
        return f"{JOB_NAMES.get(job.kind, job.kind)} {job.pk}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, job: Job) -> str:
        tone = JOB_TONES.get(job.state, "")
        return format_html('<span class="pill {}">{}</span>', tone, job.get_state_display())

    @admin.display(description=gettext_lazy("done"))
    def done(self, job: Job) -> str:
        return f"{job.progress} / {job.total}" if job.total else str(job.progress or "")

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.refused_view)
        return [
            path("<int:pk>/refused.csv", page, name="engagement_job_refused"),
            *super().get_urls(),
        ]

    def detail_context(self, request: HttpRequest, record: Job) -> dict[str, Any]:
        result = record.result or {}
        of_import = record.kind == IMPORT
        return {
            "title": self.name(record),
            "tone": JOB_TONES.get(record.state, ""),
            "of_import": of_import,
            "result": result,
            "notes": [worded(code, params) for code, params in result.get("notes", [])] if of_import else [],
            "refusals": [
                (number, line, worded(code, params))
                for number, line, code, params in result.get("refusals", [])
            ]
            if of_import
            else [],
            "download": self.url("refused", record.pk)
            if of_import and result.get("refused") and refused_path(record).exists()
            else "",
        }

    def refused_view(self, request: HttpRequest, pk: int) -> Any:
        """The refused records of an import, with what stood in them."""
        job = self.record(request, str(pk))
        if not request.user.has_perm("engagement.import_idea"):
            raise PermissionDenied
        file = refused_path(job)
        if job.kind != IMPORT or not file.exists():
            raise Http404
        name = f"{job.parameters.get('name', 'import')}.refused.csv"
        return FileResponse(file.open("rb"), as_attachment=True, filename=name)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Mails by what they are about; addresses are not shown here."""

    detail_template = "admin/engagement/notice_detail.html"
    list_display = ("kind", "shown_state", "about", "to", "made", "sent", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("idea", "report", "user")
    actions = ("send_again",)

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("engagement.change_notice")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, notice: Notice) -> str:
        tone = NOTICE_TONES.get(notice.state, "")
        return format_html('<span class="pill {}">{}</span>', tone, notice.get_state_display())

    @admin.display(description=gettext_lazy("about"))
    def about(self, notice: Notice) -> str:
        return str(notice.idea or notice.report or "")

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def made(self, notice: Notice) -> Any:
        return timezone.localdate(notice.created_at)

    @admin.display(description=gettext_lazy("sent"), ordering="sent_at")
    def sent(self, notice: Notice) -> Any:
        return timezone.localdate(notice.sent_at) if notice.sent_at else "–"

    @admin.display(description=gettext_lazy("to"))
    def to(self, notice: Notice) -> str:
        return str(notice.user or gettext_lazy("the sender"))

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.again_view)
        return [path("<int:pk>/again/", page, name="engagement_notice_again"), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: Notice) -> dict[str, Any]:
        failed = record.state == Notice.State.FAILED
        return {
            "tone": NOTICE_TONES.get(record.state, ""),
            "to": self.to(record),
            "again": self.url("again", record.pk) if failed and self.has_again_permission(request) else "",
        }

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, str(pk))
        if request.method != "POST" or not self.has_again_permission(request):
            raise PermissionDenied
        self._again(request, [record])
        return HttpResponseRedirect(self.detail_url(pk))

    @admin.action(description=gettext_lazy("Send the failed ones again"), permissions=["again"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        self._again(request, list(queryset))

    def _again(self, request: HttpRequest, notices: list[Notice]) -> None:
        failed = [notice for notice in notices if notice.state == Notice.State.FAILED]
        for notice in failed:
            services.retry_notice(notice=notice, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        nudge_mail()
        told = ngettext("%(n)d mail is sent again.", "%(n)d mails are sent again.", len(failed))
        self.message_user(
            request, told % {"n": len(failed)}, messages.SUCCESS if failed else messages.WARNING
        )
