"""The triage desk: the queue of ideas, and everything about one idea on one page."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import TextField
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import FILTERS
from engagement.admin.differences import compare
from engagement.admin.idea_filters import (
    ALL,
    QUEUE,
    CallFilter,
    CutoffFilter,
    DistrictFilter,
    StateFilter,
    ThemeFilter,
)
from engagement.admin.idea_verbs import IDEA_VERBS, alike, originals_for
from engagement.admin.verbs import VerbAdmin
from engagement.admin.words import timeline
from engagement.localized import localized
from engagement.models import Idea, Photo
from engagement.workflow import IDEA_MOVES, TRIAGE, IdeaState

TONES = {
    IdeaState.PUBLISHED: "good",
    IdeaState.CORRECTION: "warn",
    IdeaState.DECLINED: "bad",
    IdeaState.RECEIVED: "info",
}
_LONG_TEXTS = [field.name for field in Idea._meta.fields if isinstance(field, TextField)]


def age(at: datetime) -> str:
    """How long ago, in whole days."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    return _("today") if days <= 0 else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@admin.register(Idea)
class IdeaAdmin(VerbAdmin):
    moves = IDEA_MOVES
    verbs = IDEA_VERBS
    detail_template = "admin/engagement/idea_detail.html"
    list_display = (
        "reference",
        "shown_title",
        "shown_state",
        "call",
        "district",
        "received",
        "channel",
        "counts",
    )
    list_filter = (
        StateFilter,
        CallFilter,
        ThemeFilter,
        DistrictFilter,
        "channel",
        CutoffFilter,
    )
    list_deferred = _LONG_TEXTS
    search_fields = ("search",)
    search_help_text = gettext_lazy("Words or reference")

    # The list -----------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("call", "district")

    def get_ordering(self, request: HttpRequest) -> Any:
        """The queue is worked through from its oldest; other lists show the newest first."""
        if request.GET.get("state", QUEUE) == QUEUE:
            return ["received_at", "pk"]
        return ["-received_at", "-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return queryset.matching(search_term), False

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def shown_title(self, idea: Idea) -> str:
        return idea.title or _("(no text)")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, idea: Idea) -> str:
        tone = TONES.get(IdeaState(idea.state), "")
        return format_html('<span class="pill {}">{}</span>', tone, idea.get_state_display())

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, idea: Idea) -> str:
        return format_html(
            '<time datetime="{}">{}</time>', timezone.localdate(idea.received_at), age(idea.received_at)
        )

    @admin.display(description=gettext_lazy("counts"), boolean=True, ordering="eligible")
    def counts(self, idea: Idea) -> bool:
        return idea.eligible

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        in_queue = request.GET.get("state", QUEUE) == QUEUE
        switch = (
            (_("See all ideas"), self.url("changelist") + f"?state={ALL}")
            if in_queue
            else (_("Back to the queue"), self.url("changelist"))
        )
        title = _("Queue: ideas that wait for a decision") if in_queue else _("Ideas")
        context = {"title": title, "switch": switch, "links": self.desk_links(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def desk_links(self, request: HttpRequest) -> list[tuple[Any, str]]:
        return []

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        return {
            "record": record,
            "url": self.detail_url(record.pk, filters),
            "title": record.title or _("(no text)"),
            "about": f"{record.get_state_display()} · {record.call} · {age(record.received_at)}",
        }

    # One idea -----------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/contact/", wrap(self.contact_view), name=f"{name}_contact"),
            path("photo/<int:pk>/", wrap(self.photo_view), name=f"{name}_photo"),
            *super().get_urls(),
        ]

    def detail_context(self, request: HttpRequest, record: Idea) -> dict[str, Any]:
        filters = request.GET.get(FILTERS, "")
        decides = request.user.has_perm(TRIAGE)
        return {
            "subtitle": record.title,
            "tone": TONES.get(IdeaState(record.state), ""),
            "age": age(record.received_at),
            "words": _words(record),
            "masked": record.problem != record.public_problem
            or record.proposal != record.public_proposal
            or record.title != record.public_title,
            "answers": _answers(record, record.answers, confidential=False),
            "confidential": _answers(record, record.confidential_answers, confidential=True)
            if decides
            else [],
            "verbs": self.verbs_for(request, record),
            "verb_addresses": {verb.name: self.url("do", verb.name) for verb in self.verbs},
            "selected": f"{record.pk}:{record.version}",
            "here": request.get_full_path(),
            "timeline": timeline(record),
            "original": record.links_to_original.standing().select_related("original").first(),
            "joined": [
                (link, f"{link.idea_id}:{link.idea.version}")
                for link in record.duplicates.standing().select_related("idea")
            ],
            "similar": alike(record, originals_for([record]), limit=5) if decides else [],
            "may_see_contact": request.user.has_perm("engagement.view_contact"),
            "around": self._around(request, record, filters),
            "revisions": list(record.revisions.all()),
        }

    def _around(self, request: HttpRequest, record: Idea, filters: str) -> dict[str, Any]:
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

    def photo_view(self, request: HttpRequest, pk: int) -> Any:
        """A picture sent with an idea or a problem report, for staff who may see the record."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = get_object_or_404(Photo, pk=pk, idea__isnull=False)
        try:
            return FileResponse(photo.file.open("rb"), headers={"Cache-Control": "private, no-store"})
        except FileNotFoundError as error:
            raise Http404 from error


def _words(idea: Idea) -> list[dict[str, Any]]:
    """The sender's words as sent beside as shown; the marks are where they differ."""
    rows = []
    for label, sent, shown in (
        (_("Title"), idea.title, idea.public_title),
        (_("What is the problem, and for whom?"), idea.problem, idea.public_problem),
        (_("What could help?"), idea.proposal, idea.public_proposal),
    ):
        if sent or shown:
            left, right = compare(sent, shown)
            rows.append({"label": label, "sent": left, "shown": right})
    return rows


def _answers(idea: Idea, answers: dict[str, Any], *, confidential: bool) -> list[tuple[str, str]]:
    """Questions of the invitation with the answers given to them."""
    return [
        (localized(question.get("label")) or str(question["key"]), str(answers[question["key"]]))
        for question in idea.call.questions
        if bool(question.get("confidential")) is confidential and answers.get(question.get("key"))
    ]
