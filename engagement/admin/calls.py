"""Invitations and meetings: read-only for most, a form of ours for who may change them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import links, services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.call_forms import CallForm, CallRows, LinkForm, MeetingForm
from engagement.admin.photo_pages import PhotoPages
from engagement.admin.refusals import tell
from engagement.models import Call, Meeting, MeetingLink
from engagement.qr import qr_code

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

    def try_saving(
        self, request: HttpRequest, form: Any, save: Callable[[], Any], *more: Any
    ) -> HttpResponse | None:
        """Where to go once `save` has saved a sound form; nothing where there is something to put right.

        `more` are other forms of the page: each tells its errors. A refusal stands at the first form.
        """
        sound = [one.is_valid() for one in (form, *more)]
        if not form.is_bound or not all(sound):
            return None
        try:
            record = save()
        except services.Refused as refusal:
            tell(form, refusal)
            return None
        return self.saved(request, record)

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

        def save() -> Call:
            return services.save_call(
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                values={**form.values(), **rows.values()},
                themes=list(form.cleaned_data["themes"]),
                call=record,
                version=form.cleaned_data["version"],
            )

        return self.try_saving(request, form, save, rows) or self.form_page(
            request,
            form,
            title=title,
            template="admin/engagement/call_form.html",
            rows=rows,
            preview=self.preview(record) if record else "",
        )


@admin.register(Meeting)
class MeetingAdmin(PhotoPages, FormAdmin):
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

        def save() -> Meeting:
            return services.record_meeting(
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                values=dict(form.cleaned_data),
                meeting=record,
            )

        return self.try_saving(request, form, save) or self.form_page(
            request,
            form,
            title=str(record) if record else _("New meeting"),
            template="admin/engagement/meeting_form.html",
            kit=self.url("kit", record.pk) if record else "",
        )

    def detail_context(self, request: HttpRequest, record: Meeting) -> dict[str, Any]:
        may = any(request.user.has_perm(f"engagement.{one}") for one in ("type_in_idea", "triage_idea"))
        return {"photos": self.photo_rows(request, record) if may else []}

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.kit_view)
        return [path("<int:pk>/kit/", page, name="engagement_meeting_kit"), *super().get_urls()]

    def kit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The links to a meeting's kit: make one, show its address, end it."""
        meeting = self.record(request, str(pk))
        if not self.may_save(request):
            raise PermissionDenied
        form = LinkForm(request.POST if "make" in request.POST else None, meeting=meeting)
        if request.method == "POST":
            try:
                if self._kit_posted(request, meeting, form):
                    return HttpResponseRedirect(self.url("kit", pk))
            except services.Refused as refusal:
                tell(form, refusal)
        context = {
            **self.page_context(request, _("Meeting kit: %(meeting)s") % {"meeting": meeting}),
            "record": meeting,
            "form": form,
            "back": self.detail_url(pk),
            "links": [_told(request, link) for link in meeting.links.all()],
            "photos": self.photo_rows(request, meeting),
        }
        response = TemplateResponse(request, "admin/engagement/meeting_kit.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _kit_posted(self, request: HttpRequest, meeting: Meeting, form: LinkForm) -> bool:
        by, at = request.user, timezone.now()
        if "end" in request.POST:
            typed = request.POST["end"]
            link = get_object_or_404(meeting.links, pk=int(typed) if typed.isdecimal() else 0)
            services.end_meeting_link(link=link, by=by, at=at)  # type: ignore[arg-type]
            messages.success(request, _("The link is ended."))
            return True
        if not form.is_valid():
            return False
        services.make_meeting_link(meeting=meeting, by=by, at=at, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("The link is made. Give it to who types at the meeting."))
        return True


def _told(request: HttpRequest, link: MeetingLink) -> dict[str, Any]:
    """A link for the page: its address only while it lives."""
    lives = link.ends_at > timezone.now() and bool(link.nonce)
    address = request.build_absolute_uri(links.kit_path(link)) if lives else ""
    return {
        "link": link,
        "address": address,
        "qr": qr_code(address) if lives else "",
        "lines": link.lines.count(),
    }
