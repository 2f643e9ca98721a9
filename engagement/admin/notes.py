"""Notes that wait for a moderator, and what readers report."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.idea_filters import flag_words
from engagement.admin.opening import ALL, OpeningFilter
from engagement.admin.submissions import age
from engagement.admin.verbs import Verb, VerbAdmin, VerbForm
from engagement.localized import LocalizedFormField
from engagement.models import AbuseReport, Note, User
from engagement.workflow import MODERATE, NOTE_MOVES, NoteState

WAITING, HANDLED = "waiting", "handled"


class NoteStateFilter(OpeningFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    opening = NoteState.HELD

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Note.State.choices, (ALL, _("all"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen()
        return queryset if chosen == ALL else queryset.filter(state=chosen)


class HideForm(VerbForm):
    why = LocalizedFormField(
        label=gettext_lazy("Why: what the author of the note will read"),
        help_text=gettext_lazy("One language is enough. The author can answer."),
        rows=3,
    )


def _publish(note: Note, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.publish_note(note=note, by=by, at=at, version=version, note_text=form.cleaned_data["note"])


def _hide(note: Note, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.hide_note(note=note, by=by, at=at, version=version, why=said["why"], note_text=said["note"])


NOTE_VERBS = (
    Verb(
        "publish",
        gettext_lazy("Publish"),
        lambda n: ngettext("note published", "%(n)d notes published", n) % {"n": n},
        _publish,
        tone="",
        at_once=True,
    ),
    Verb(
        "hide",
        gettext_lazy("Hide"),
        lambda n: ngettext("note hidden", "%(n)d notes hidden", n) % {"n": n},
        _hide,
        form=HideForm,
        tone="danger",
    ),
)


class _Moderated:
    """Pages for who may moderate notes."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.has_perm(MODERATE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(Note)
class NoteAdmin(_Moderated, VerbAdmin):
    moves = NOTE_MOVES
    verbs = NOTE_VERBS
    detail_template = "admin/engagement/note_detail.html"
    list_title = gettext_lazy("Notes on ideas")
    list_display = ("shown_text", "kind", "of_idea", "shown_state", "sent")
    list_filter = (NoteStateFilter, "kind")

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.select_related("idea__call", "decided_by").prefetch_related("flags")

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["sent_at", "pk"]

    def flows_on(self, record: Any) -> bool:
        return False

    @admin.display(description=gettext_lazy("text"))
    def shown_text(self, note: Note) -> str:
        return Truncator(_text(note)).words(20)

    @admin.display(description=gettext_lazy("idea"))
    def of_idea(self, note: Note) -> str:
        return note.idea.reference

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, note: Note) -> str:
        kinds = flag_words(note)
        answered = _("its author answered") if note.state == NoteState.HELD and note.answer else ""
        return format_html(
            '<span class="pill">{}</span> <span class="w-quiet">{}</span>',
            note.get_state_display(),
            "; ".join(part for part in (kinds, answered) if part),
        )

    @admin.display(description=gettext_lazy("sent"), ordering="sent_at")
    def sent(self, note: Note) -> str:
        return age(note.sent_at)

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        row = super().verb_row(record, filters)
        return {**row, "title": Truncator(_text(record)).words(20), "about": record.idea.reference}

    def verb_words(self, request: HttpRequest, record: Any) -> str:
        return _text(record)

    def detail_context(self, request: HttpRequest, record: Note) -> dict[str, Any]:
        return {
            "title": _("Note on %(reference)s") % {"reference": record.idea.reference},
            "text": _text(record),
            "verbs": self.verbs_for(request, record),
            "verb_addresses": {verb.name: self.url("do", verb.name) for verb in self.verbs},
            "selected": f"{record.pk}:{record.version}",
            "here": request.get_full_path(),
            "flags": list(record.flags.all()),
            "media": self.media,
        }


def _text(note: Note) -> str:
    """What its author took back nobody reads any more."""
    return _("(withdrawn)") if note.state == NoteState.WITHDRAWN else note.text


class HandledFilter(OpeningFilter):
    title = gettext_lazy("state")
    parameter_name = "handled"
    opening = WAITING

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waiting")), (HANDLED, _("handled")), (ALL, _("all"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen()
        return queryset if chosen == ALL else queryset.filter(handled_at__isnull=chosen == WAITING)


@admin.register(AbuseReport)
class AbuseReportAdmin(_Moderated, ReadOnlyAdmin):
    detail_template = "admin/engagement/abuse_detail.html"
    list_title = gettext_lazy("What readers report")
    list_display = ("excerpt", "of_idea", "shown_reason", "shown_outcome", "told")
    list_filter = (HandledFilter, "reason")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.select_related("idea__call", "note__idea__call", "handled_by")

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["at", "pk"]

    @admin.display(description=gettext_lazy("about"))
    def excerpt(self, report: AbuseReport) -> str:
        return Truncator(" · ".join(_reported(report))).words(15)

    @admin.display(description=gettext_lazy("idea"))
    def of_idea(self, report: AbuseReport) -> str:
        return str(_idea(report).reference)

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, report: AbuseReport) -> str:
        return report.get_reason_display()

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, report: AbuseReport) -> str:
        return report.get_outcome_display() or _("waiting")

    @admin.display(description=gettext_lazy("told"), ordering="at")
    def told(self, report: AbuseReport) -> str:
        return age(report.at)

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.handle_view)
        return [path("<int:pk>/handle/", page, name="engagement_abusereport_handle"), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: AbuseReport) -> dict[str, Any]:
        others = AbuseReport.objects.filter(idea=record.idea, note=record.note).exclude(pk=record.pk)
        return {
            "title": _("Report about %(reference)s") % {"reference": _idea(record).reference},
            "idea": _idea(record),
            "language": (record.note or _idea(record)).language,
            "texts": _reported(record),
            "others": list(others),
            "address": self.url("handle", record.pk),
            "may_show": record.idea is not None and record.idea.text_hidden,
            "media": self.media,
        }

    def handle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, str(pk))
        if request.method != "POST":
            return HttpResponseRedirect(self.detail_url(pk))
        if not request.user.has_perm(MODERATE):
            raise PermissionDenied
        acting: Any = {"by": request.user, "at": timezone.now()}
        try:
            if request.POST.get("outcome") == "show" and record.idea is not None:
                services.show_again(idea=record.idea, **acting)
                told = _("Its text is shown again.")
            elif request.POST.get("outcome") == AbuseReport.Outcome.HIDDEN:
                told = _answered(_("It is hidden."), services.hide_reported(report=record, **acting))
            else:
                told = _answered(_("It stays as it is."), services.keep_reported(report=record, **acting))
        except services.Refused as refusal:
            messages.error(request, str(refusal.message))
            return HttpResponseRedirect(self.detail_url(pk))
        messages.success(request, told)
        return HttpResponseRedirect(self.url("changelist"))


def _answered(told: str, reports: int) -> str:
    """What was done, and of how many readers' reports it was the answer: all of them leave the list."""
    if reports < 2:
        return told
    all_told = ngettext(
        "It answers %(n)d report about it.", "It answers all %(n)d reports about it.", reports
    ) % {"n": reports}
    return f"{told} {all_told}"


def _idea(report: AbuseReport) -> Any:
    return report.idea or (report.note.idea if report.note else None)


def _reported(report: AbuseReport) -> list[str]:
    """All that the reader may have meant: of an idea its title and its proposal too."""
    if report.note is not None:
        return [_text(report.note)]
    idea = _idea(report)
    return [text for text in (idea.public_title, idea.public_problem, idea.public_proposal) if text]
