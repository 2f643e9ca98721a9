"""What ideas and problem reports share on the desk: their age, their sender's contact, their place."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import FILTERS
from engagement.admin.hand import HandPages, short_hand
from engagement.admin.holds import HoldPages
from engagement.admin.keys import VERB_KEYS
from engagement.admin.photo_pages import PhotoPages
from engagement.admin.returning import KEPT
from engagement.admin.undoing import UndoPages
from engagement.admin.words import HAPPENED, timeline
from engagement.templatetags.winnow import ago

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


class SubmissionAdmin(UndoPages, HandPages, HoldPages, PhotoPages):
    """Read-only pages with verbs for something that residents sent in."""

    search_fields = ("search",)
    search_help_text = gettext_lazy("Words or reference")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("claimed_by")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """What was withdrawn is found by its reference only: its words are nobody's any more."""
        found = queryset.matching(search_term)
        if search_term.strip():
            found = found.exclude(Q(state="withdrawn") & ~Q(reference=search_term.strip()))
        return found, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        page = super().changelist_view(request, extra_context)
        shown = getattr(page, "context_data", None) or {}
        if "cl" in shown:
            asked = request.GET.copy()
            for name in (KEPT, "p"):
                asked.pop(name, None)
            shown["work"] = self.work(request, asked.urlencode(), shown["cl"].queryset)
            shown["keys"] = self.keys()
        return page

    def note_row(self, request: HttpRequest, row: Any) -> None:
        row.held = short_hand(row, request.user)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, record: Any) -> str:
        return format_html(
            '<span class="pill {}">{}</span>{}',
            TONES.get(record.state, ""),
            SHORT_STATES.get(record.state) or record.get_state_display(),
            format_html(' <span class="w-hand">{}</span>', record.held) if record.held else "",
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
        listed = self.listed(request, filters)
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
            "around": self._around(listed, record, filters),
            "work": self.work(request, filters, listed),
            "flows_on": self.flows_on(record),
            "verb_keys": VERB_KEYS,
            "undo": self._undo(request, record),
            **self.hand_context(request, record),
        }

    def flows_on(self, record: Any) -> bool:
        """What waits is worked off one after the other; who decides anew about something stays with it."""
        return bool(record.state == "received")

    def _undo(self, request: HttpRequest, record: Any) -> dict[str, Any] | None:
        """What this person may still take back on the record's page."""
        last = services.move_to_undo(record=record, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        return {"url": self.url("undo"), "what": HAPPENED[last.verb]} if last else None

    def _around(self, listed: Any, record: Any, filters: str) -> dict[str, Any]:
        around = self.neighbours(listed, record.pk)
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
