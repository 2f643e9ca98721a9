"""Jobs: what waits for the worker, how far it is, what came of it; cancel, try again, take files away."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.words import history_lines
from engagement.localized import percent as percentage
from engagement.models import Heartbeat, Job, User
from engagement.tasks import nudge_jobs

TONES = {"queued": "info", "running": "warn", "done": "good", "failed": "bad", "cancelled": ""}
WORKER_SILENT = timedelta(seconds=60)
SAID_EVERY = 10
"""Percent: so often a screen reader is told, however often the page looks."""


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Everybody sees the jobs they asked for; who may view jobs sees all."""

    detail_template = "admin/engagement/job_detail.html"
    list_display = ("name", "shown_state", "done", "asked_by", "created_at", "finished_at", "act")
    list_filter = ("state",)
    list_select_related = ("by",)
    list_deferred = ["parameters", "result"]
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the list of lists for who may ask for a job at all. Told without a query: every page asks."""
        user = request.user
        if not user.is_active or not isinstance(user, User):
            return False
        asks = {kind.listed_for or kind.permission for kind in services.kinds.values()} - {""}
        return user.has_perm("engagement.view_job") or any(user.has_perm(name) for name in asks)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if super().has_view_permission(request, obj):
            return True
        user = request.user
        return user.is_active and isinstance(user, User) and (obj is None or services.may_act(user, obj))

    def get_queryset(self, request: HttpRequest) -> Any:
        jobs = super().get_queryset(request)
        return jobs if request.user.has_perm("engagement.view_job") else jobs.filter(by=request.user.pk)

    # The list -----------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("job"))
    def name(self, job: Job) -> str:
        return f"{services.kind_of(job).title} {job.pk}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, job: Job) -> str:
        return format_html(
            '<span class="pill {}">{}</span>', TONES.get(job.state, ""), job.get_state_display()
        )

    @admin.display(description=gettext_lazy("done"))
    def done(self, job: Job) -> str:
        percent = services.progress_of(job, timezone.now()).percent
        return "" if percent is None or job.is_over else percentage(percent)

    @admin.display(description=gettext_lazy("asked for by"), ordering="by")
    def asked_by(self, job: Job) -> str:
        return str(job.by or "")

    @admin.display(description=gettext_lazy("Cancel"))
    def act(self, job: Job) -> str:
        if job.is_over:
            return ""
        # A button of the list's own form, which posts elsewhere: it works without script.
        label = _("Cancel %(job)s") % {"job": self.name(job)}
        return format_html(
            '<button class="w-small" formaction="{}" aria-label="{}">{}</button>',
            f"{self.url('cancel', job.pk)}?next=list",
            label,
            _("Cancel"),
        )

    # Addresses ----------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        wrap = self.admin_site.admin_view
        name = "engagement_job"
        return [
            path("<int:pk>/progress/", wrap(self.progress_view), name=f"{name}_progress"),
            path("<int:pk>/cancel/", wrap(self.cancel_view), name=f"{name}_cancel"),
            path("<int:pk>/again/", wrap(self.again_view), name=f"{name}_again"),
            path("<int:pk>/files/<slug:key>/", wrap(self.file_view), name=f"{name}_file"),
            *super().get_urls(),
        ]

    # One job ------------------------------------------------------------------------------------

    def detail_context(self, request: HttpRequest, record: Job) -> dict[str, Any]:
        user, kind, now = _user(request), services.kind_of(record), timezone.now()
        may = services.may_act(user, record)
        progress = services.progress_of(record, now)
        again = record.state in {Job.State.FAILED, Job.State.CANCELLED} and may
        no_way = services.no_way_back(record) if again else ""
        said_already = no_way == record.error
        done = record.state == Job.State.DONE
        files = services.files_for(user, record)
        return {
            "title": self.name(record),
            "tone": TONES.get(record.state, ""),
            "kind": kind,
            "progress": progress,
            "elapsed": services.in_words(progress.seconds) if progress.seconds is not None else "",
            "left": _left(progress.left),
            "told": kind.tell(record) if done and record.result else None,
            "files": [(one, self.url("file", record.pk, one.key)) for one in files],
            "files_gone": done and may and _gone(kind.files(record)),
            "no_worker": record.state == Job.State.QUEUED and _no_worker(),
            "cancel": self.url("cancel", record.pk) if may and not record.is_over else "",
            "again": self.url("again", record.pk) if again and not no_way else "",
            "no_way_back": "" if said_already else no_way,
            "history": history_lines(record.history),
            "said": _said(record, progress.percent),
            "poll": "" if record.is_over else self._poll(record, progress.percent),
        }

    def _poll(self, job: Job, percent: int | None) -> str:
        """Where the page asks again; what was said last goes along, so that only news is said."""
        return f"{self.url('progress', job.pk)}?said={quote(_said(job, percent))}"

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of a job's page that changes, for htmx; whoever comes here without gets the page."""
        job = self.record(request, str(pk))
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(self.detail_url(pk))
        context = self.detail_context(request, job)
        news = context["said"] if context["said"] != request.GET.get("said") else ""
        shown = {**context, "record": job, "news": news, "polled": True}
        response = TemplateResponse(request, "admin/engagement/job_body.html", shown)
        response["Cache-Control"] = "no-store"
        return response

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._posted(request, pk)
        try:
            services.cancel_job(job=job, by=_user(request), at=timezone.now())
        except services.Refused as refusal:
            messages.warning(request, str(refusal.message))
        else:
            messages.success(request, _("Cancelled: %(job)s.") % {"job": self.name(job)})
        to_list = request.GET.get("next") == "list"
        return HttpResponseRedirect(self.url("changelist") if to_list else self.detail_url(pk))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._posted(request, pk)
        try:
            services.retry_job(job=job, by=_user(request), at=timezone.now())
        except services.Refused as refusal:
            messages.warning(request, str(refusal.message))
        else:
            nudge_jobs()
            messages.success(request, _("It is tried again."))
        return HttpResponseRedirect(self.detail_url(pk))

    def _posted(self, request: HttpRequest, pk: int) -> Job:
        job: Job = self.record(request, str(pk))
        if request.method != "POST" or not services.may_act(_user(request), job):
            raise PermissionDenied
        return job

    def file_view(self, request: HttpRequest, pk: int, key: str) -> Any:
        """A file of the job, for who asked for it and for administrators. Never kept by a cache."""
        job = self.record(request, str(pk))
        if not services.may_act(_user(request), job):
            raise PermissionDenied
        files = {one.key: one for one in services.files_for(_user(request), job)}
        if key not in files:
            raise Http404
        file = files[key]
        response = FileResponse(
            file.path.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
        response["Cache-Control"] = "private, no-store"
        return response


def _gone(files: Sequence[services.JobFile]) -> bool:
    return bool(files) and not any(one.path.exists() for one in files)


def _no_worker() -> bool:
    alive = Heartbeat.objects.filter(name="worker", at__gte=timezone.now() - WORKER_SILENT)
    return not alive.exists()


def _left(seconds: int | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    return _("about %(time)s left") % {"time": services.in_words(seconds // 60 * 60)}


def _said(job: Job, percent: int | None) -> str:
    """What a screen reader is told; it changes seldom."""
    if job.state == Job.State.RUNNING and percent is not None:
        return _("%(share)s done") % {"share": percentage(percent // SAID_EVERY * SAID_EVERY)}
    return str(job.get_state_display())
