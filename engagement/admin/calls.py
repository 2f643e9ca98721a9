"""Invitations and meetings: read-only for most, a form of ours for who may change them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.call_forms import CallForm, CallRows, MeetingForm
from engagement.models import Call, Meeting

MANAGE = "engagement.manage_call"


class FormAdmin(ReadOnlyAdmin):
    """A record with one form for making and changing it, saved by a service."""

    actions = None
    form_template = "admin/engagement/form.html"

    def may_save(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_save(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_save(request) or super().has_view_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if not self.may_save(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        record = None if object_id is None else self.record(request, object_id)
        return self.form_view(request, record)

    def form_view(self, request: HttpRequest, record: Any) -> HttpResponse:
        raise NotImplementedError

    def saved(self, request: HttpRequest, record: Any) -> HttpResponse:
        messages.success(request, _("%(record)s: saved.") % {"record": record})
        if "_stay" in request.POST:
            return HttpResponseRedirect(self.detail_url(record.pk))
        return HttpResponseRedirect(self.list_url(request))

    def form_page(self, request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
        record = form.instance if form.instance.pk else None
        title = str(context.pop("title", "")) or _("New")
        return TemplateResponse(
            request,
            context.pop("template", self.form_template),
            {
                **self.page_context(request, title),
                "form": form,
                "record": record,
                "media": self.media + form.media,
                **context,
            },
        )


@admin.register(Call)
class CallAdmin(FormAdmin):
    detail_template = "admin/engagement/call_detail.html"
    list_display = ("name", "kind", "now", "opens_at", "closes_at", "ideas_received")
    list_filter = ("kind",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(received_count=Count("ideas"))

    @admin.display(description=gettext_lazy("invitation"))
    def name(self, call: Call) -> str:
        return str(call)

    @admin.display(description=gettext_lazy("now"))
    def now(self, call: Call) -> str:
        at = timezone.now()
        if call.is_open(at):
            return format_html('<span class="pill good">{}</span>', _("open"))
        words = _("not yet open") if at < call.opens_at else _("closed")
        return format_html('<span class="pill">{}</span>', words)

    @admin.display(description=gettext_lazy("ideas"), ordering="received_count")
    def ideas_received(self, call: Any) -> str:
        address = reverse("admin:engagement_idea_changelist")
        return format_html('<a href="{}?state=all&amp;call={}">{}</a>', address, call.pk, call.received_count)

    def detail_context(self, request: HttpRequest, record: Call) -> dict[str, Any]:
        return {"preview": self.preview(record), "themes": list(record.themes.all())}

    def preview(self, call: Call) -> str:
        return reverse("engagement:call_detail", args=[call.slug]) if call.is_public else ""

    def form_view(self, request: HttpRequest, record: Any) -> HttpResponse:
        # The form may write into its instance, also when it is refused: it gets a copy of its own.
        title = str(record) if record else _("New invitation")
        data = request.POST if request.method == "POST" else None
        initial = {"version": record.version} if record else {"opens_at": timezone.now()}
        form = CallForm(data, instance=Call.objects.get(pk=record.pk) if record else None, initial=initial)
        rows = CallRows(data, record)
        sound = [form.is_valid(), rows.is_valid()]  # both: each tells its errors
        if data is not None and all(sound):
            try:
                call = services.save_call(
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    values={**form.values(), **rows.values()},
                    themes=list(form.cleaned_data["themes"]),
                    call=record,
                    version=form.cleaned_data["version"],
                )
            except services.Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            else:
                return self.saved(request, call)
        return self.form_page(
            request,
            form,
            title=title,
            template="admin/engagement/call_form.html",
            rows=rows,
            preview=self.preview(record) if record else "",
        )


@admin.register(Meeting)
class MeetingAdmin(FormAdmin):
    detail_template = "admin/engagement/meeting_detail.html"
    list_display = ("name", "kind", "date", "place", "attendance", "ideas_received")
    list_filter = ("kind",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(received_count=Count("ideas"))

    @admin.display(description=gettext_lazy("meeting"))
    def name(self, meeting: Meeting) -> str:
        return str(meeting)

    @admin.display(description=gettext_lazy("ideas"), ordering="received_count")
    def ideas_received(self, meeting: Any) -> int:
        return int(meeting.received_count)

    def form_view(self, request: HttpRequest, record: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        copy = Meeting.objects.get(pk=record.pk) if record else None
        form = MeetingForm(data, instance=copy)
        if data is not None and form.is_valid():
            try:
                meeting = services.record_meeting(
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    values=dict(form.cleaned_data),
                    meeting=record,
                )
            except services.Refused as refusal:
                form.add_error(None, str(refusal.message))
            else:
                return self.saved(request, meeting)
        return self.form_page(request, form, title=str(record) if record else _("New meeting"))
