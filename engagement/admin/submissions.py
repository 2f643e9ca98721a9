"""What ideas and problem reports share on the desk: their age, their sender's contact, their place."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import FILTERS
from engagement.admin.holds import HoldPages
from engagement.admin.words import timeline

TONES = {
    "received": "info",
    "published": "good",
    "correction": "warn",
    "declined": "bad",
    "in_progress": "warn",
    "closed": "good",
}

SHORT_STATES = {
    "correction": gettext_lazy("to correct"),
    "duplicate": gettext_lazy("joined"),
}
"""For a pill in a list, where the whole name is too long for a line."""


def age(at: datetime) -> str:
    """How long ago, in whole days."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    return _("today") if days <= 0 else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def ago(at: datetime) -> str:
    """The same as a part of a sentence."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    return _("today") if days <= 0 else ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


class SubmissionAdmin(HoldPages):
    """Read-only pages with verbs for something that residents sent in."""

    search_fields = ("search",)
    search_help_text = gettext_lazy("Words or reference")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return queryset.matching(search_term), False

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, record: Any) -> str:
        return format_html(
            '<span class="pill {}">{}</span>',
            TONES.get(record.state, ""),
            SHORT_STATES.get(record.state) or record.get_state_display(),
        )

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, record: Any) -> str:
        return format_html(
            '<time datetime="{}">{}</time>', timezone.localdate(record.received_at), age(record.received_at)
        )

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_contact"
        page = self.admin_site.admin_view(self.contact_view)
        return [path("<int:pk>/contact/", page, name=name), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        filters = request.GET.get(FILTERS, "")
        return {
            **self.hold_facts(request, record),
            "tone": TONES.get(record.state, ""),
            "ago": ago(record.received_at),
            "verbs": self.verbs_for(request, record),
            "verb_addresses": {verb.name: self.url("do", verb.name) for verb in self.verbs},
            "selected": f"{record.pk}:{record.version}",
            "here": request.get_full_path(),
            "timeline": timeline(record),
            "may_see_contact": request.user.has_perm("engagement.view_contact"),
            "contact_url": self.url("contact", record.pk),
            "around": self._around(request, record, filters),
        }

    def _around(self, request: HttpRequest, record: Any, filters: str) -> dict[str, Any]:
        around = self.neighbours(request, record.pk, filters)
        for name in ("previous", "next"):
            around[name] = around[name] and self.detail_url(around[name], filters)
        return around

    def contact_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows the contact to a permitted person, and writes down that they looked."""
        record = self.record(request, str(pk))
        if not request.user.has_perm("engagement.view_contact"):
            raise PermissionDenied
        filters = request.POST.get("filters", "")
        if request.method != "POST":
            return HttpResponseRedirect(self.detail_url(pk, filters))
        try:
            contact = services.record_contact_view(record=record, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except services.Refused as refusal:
            messages.warning(request, str(refusal.message))
            return HttpResponseRedirect(self.detail_url(pk, filters))
        context = {
            **self.page_context(request, _("Contact of %(record)s") % {"record": record}),
            "record": record,
            "contact": contact,
            "back": self.detail_url(pk, filters),
        }
        response = TemplateResponse(request, "admin/engagement/contact.html", context)
        response["Cache-Control"] = "no-store"
        return response
