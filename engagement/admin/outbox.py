"""Mails: what waits, what left, and what went wrong."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.words import history_lines, mail_words
from engagement.models import Notice
from engagement.tasks import nudge_mail

NOTICE_TONES = {"waiting": "info", "sent": "good", "failed": "bad"}


class KindFilter(admin.SimpleListFilter):
    """Only kinds of which there are mails."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        kinds = Notice.objects.order_by("kind").values_list("kind", flat=True).distinct()
        return sorted(((kind, mail_words(kind)) for kind in kinds), key=lambda one: one[1])

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Mails by what they are about; addresses are not shown here."""

    detail_template = "admin/engagement/notice_detail.html"
    list_display = ("tells", "shown_state", "about", "to", "made", "sent", "last_error")
    list_filter = ("state", KindFilter)
    list_select_related = ("idea", "report", "user", "department")
    actions = ("send_again",)
    empty_value_display = ""

    def get_ordering(self, request: HttpRequest) -> Any:
        """The newest first: whoever looks for a mail looks for one of these days."""
        return ["-created_at", "-pk"]

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("engagement.change_notice")

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def tells(self, notice: Notice) -> str:
        return mail_words(notice.kind)

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
        return str(notice.user or notice.department or gettext_lazy("the sender"))

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.again_view)
        return [path("<int:pk>/again/", page, name="engagement_notice_again"), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: Notice) -> dict[str, Any]:
        failed = record.state == Notice.State.FAILED
        return {
            "title": _("%(what)s: mail %(n)d") % {"what": mail_words(record.kind), "n": record.pk},
            "tone": NOTICE_TONES.get(record.state, ""),
            "to": self.to(record),
            "tells": mail_words(record.kind),
            "history": history_lines(record.history),
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
