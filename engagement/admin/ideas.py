"""The triage desk: the queue of ideas, and everything about one idea on one page."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import exports
from engagement.admin.copies import CopiesPages
from engagement.admin.differences import compare
from engagement.admin.export_pages import ExportPages
from engagement.admin.extensions import (
    ExtraAction,
    Fact,
    extra_idea_actions,
    extra_idea_facts,
    extra_idea_filters,
)
from engagement.admin.hand import HandFilter
from engagement.admin.idea_filters import (
    ALL,
    QUEUE,
    CallFilter,
    CutoffFilter,
    DistrictFilter,
    FlagFilter,
    StateFilter,
    ThemeFilter,
    flag_words,
)
from engagement.admin.idea_verbs import IDEA_VERBS, likenesses, originals_for
from engagement.admin.import_pages import ImportPages
from engagement.admin.onward_facts import onward_facts, planned
from engagement.admin.paper_supports import PaperPages
from engagement.admin.returning import with_kept
from engagement.admin.submissions import SubmissionAdmin, age
from engagement.admin.translating import TranslationPages
from engagement.admin.type_in import TypeInPages
from engagement.admin.verbs import Verb
from engagement.forms.questions import answers_in_words
from engagement.models import Idea, Reason
from engagement.workflow import IDEA_MOVES, TRIAGE, IdeaState

WORDS = ("title", "problem", "proposal")
_LONG_TEXTS = [field.name for field in Idea._meta.fields if isinstance(field, TextField)]


@admin.register(Idea)
class IdeaAdmin(
    CopiesPages, TypeInPages, PaperPages, TranslationPages, ImportPages, ExportPages, SubmissionAdmin
):
    moves = IDEA_MOVES
    exportable = (exports.IDEAS, exports.CONTACTS)
    verbs = IDEA_VERBS
    detail_template = "admin/engagement/idea_detail.html"
    list_display = (
        "reference",
        "shown_title",
        "shown_state",
        "of_call",
        "in_district",
        "received",
    )
    list_filter = (
        StateFilter,
        CallFilter,
        ThemeFilter,
        DistrictFilter,
        HandFilter,
        FlagFilter,
        "channel",
        CutoffFilter,
    )
    list_deferred = _LONG_TEXTS

    # The list -----------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> Any:
        """What the filters have made the same in every row is not said again in each of them."""
        shown = [*super().get_list_display(request)]
        if CallFilter.parameter_name in request.GET:
            shown.remove("of_call")
        if StateFilter.chosen(request) in {ALL, IdeaState.DECLINED}:
            shown.append("counts")
        return shown

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("call", "district").prefetch_related("flags")

    def get_ordering(self, request: HttpRequest) -> Any:
        """The queue is worked through from its oldest; other lists show the newest first."""
        if StateFilter.chosen(request) == QUEUE:
            return ["received_at", "pk"]
        return ["-received_at", "-pk"]

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def shown_title(self, idea: Idea) -> str:
        return title_of(idea)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, record: Idea) -> str:
        shown = super().shown_state(record)
        if record.state == IdeaState.RECEIVED and (kinds := flag_words(record)):
            shown = format_html('{} <span class="pill warn">{}</span>', shown, kinds)
        if record.publish_at is None:
            return shown
        return format_html('{} <span class="w-quiet">{}</span>', shown, planned(record.publish_at))

    def verbs_for(self, request: HttpRequest, record: Idea) -> list[Verb]:
        verbs = super().verbs_for(request, record)
        return [verb for verb in verbs if verb.name != "unschedule" or record.publish_at is not None]

    @admin.display(description=gettext_lazy("invitation"), ordering="call")
    def of_call(self, idea: Idea) -> str:
        return str(idea.call)

    @admin.display(description=gettext_lazy("district"), ordering="district__code")
    def in_district(self, idea: Idea) -> str:
        return str(idea.district or (_("the whole city") if idea.whole_city else ""))

    @admin.display(description=gettext_lazy("counts"), boolean=True, ordering="eligible")
    def counts(self, idea: Idea) -> bool:
        return idea.eligible

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*super().get_list_filter(request), *extra_idea_filters]

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        for extra in extra_idea_actions:
            if extra.shown(request):
                actions[extra.name] = (partial(_open_extra, extra=extra), extra.name, str(extra.label))
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        in_queue = StateFilter.chosen(request) == QUEUE
        switch = (
            (_("See all ideas"), self.url("changelist") + f"?state={ALL}")
            if in_queue
            else (_("Back to the queue"), self.url("changelist"))
        )
        title = _("Queue: ideas that wait for a decision") if in_queue else _("Ideas")
        links = [
            *(self.copies_links(request) if in_queue else []),
            *self.type_in_links(request),
            *self.import_links(request),
            *self.export_links(request),
        ]
        context = {"title": title, "switch": switch, "links": links}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        return {
            "record": record,
            "url": self.detail_url(record.pk, filters),
            "title": title_of(record),
            "about": f"{record.get_state_display()} · {record.call} · {age(record.received_at)}",
        }

    def verb_words(self, request: HttpRequest, record: Idea) -> str:
        return f"{record.problem}\n\n{record.proposal}" if staff_may_read(record) else ""

    # One idea -----------------------------------------------------------------------------------

    def _reasons(self, request: HttpRequest, record: Idea) -> list[tuple[str, Reason]]:
        """The standard reasons for declining, each with the digit that opens the form with it picked."""
        decline = next((verb for verb in self.verbs_for(request, record) if verb.name == "decline"), None)
        if decline is None:
            return []
        found = Reason.objects.filter(action=decline.name, active=True)
        return [(str(place) if place < 10 else "", reason) for place, reason in enumerate(found, 1)]

    def detail_context(self, request: HttpRequest, record: Idea) -> dict[str, Any]:
        decides = request.user.has_perm(TRIAGE)
        shown = staff_may_read(record)
        open_questions = [one for one in record.call.questions if not one.get("confidential")]
        closed_questions = [one for one in record.call.questions if one.get("confidential")]
        return {
            **super().detail_context(request, record),
            "subtitle": title_of(record),
            "words": _words(record) if shown else [],
            "shown": shown,
            "masked": shown and _is_masked(record),
            "answers": answers_in_words(open_questions, record.answers) if shown else [],
            "confidential": answers_in_words(closed_questions, record.confidential_answers)
            if decides and shown
            else [],
            "original": record.links_to_original.standing().select_related("original").first(),
            "joined": [
                (link, f"{link.idea_id}:{link.idea.version}")
                for link in record.duplicates.standing().select_related("idea")
            ],
            "similar": likenesses(record, originals_for([record]), limit=5) if decides and shown else [],
            "may_join": any(verb.name == "link_duplicate" for verb in self.verbs_for(request, record)),
            "translations": self.translation_rows(request, record) if shown else [],
            "revisions": list(record.revisions.all()) if shown else [],
            "photos": self.photo_rows(request, record) if shown else [],
            "reasons": self._reasons(request, record),
            "extra_actions": [
                (extra.label, extra.address()) for extra in extra_idea_actions if extra.shown(request)
            ],
            "paper_url": self.paper_url(request, record),
            "flags": list(record.flags.all()),
            "extra_facts": _facts(request, record),
            **onward_facts(request, record),
        }


def staff_may_read(idea: Idea) -> bool:
    """What its sender took back nobody reads any more, at the desk as little as in public."""
    return idea.state != IdeaState.WITHDRAWN


def title_of(idea: Idea) -> str:
    if not staff_may_read(idea):
        return _("(withdrawn)")
    return idea.title or _("(no text)")


def _is_masked(idea: Idea) -> bool:
    return any(getattr(idea, name) != getattr(idea, f"public_{name}") for name in WORDS)


def _open_extra(desk: IdeaAdmin, request: HttpRequest, queryset: Any, *, extra: ExtraAction) -> HttpResponse:
    ideas = list(queryset)
    return extra.open(request, ideas, with_kept(request.get_full_path(), (idea.pk for idea in ideas)))


def _facts(request: HttpRequest, idea: Idea) -> dict[Any, list[Fact]]:
    """What other apps tell of the idea, by heading."""
    told: dict[Any, list[Fact]] = {}
    for tell in extra_idea_facts:
        for fact in tell(request, idea):
            told.setdefault(fact.heading, []).append(fact)
    return told


def _words(idea: Idea) -> list[dict[str, Any]]:
    """The sender's words, as sent beside as shown where the two differ; the marks are where.

    The title heads the page, and is here only where it was masked.
    """
    rows = []
    for label, sent, shown in (
        (_("Title"), idea.title, idea.public_title),
        (_("What is the problem, and for whom?"), idea.problem, idea.public_problem),
        (_("What could help?"), idea.proposal, idea.public_proposal),
    ):
        if (sent or shown) and (sent != shown or sent != idea.title):
            left, right = compare(sent, shown)
            rows.append({"label": label, "masked": sent != shown, "sent": left, "shown": right})
    return rows
