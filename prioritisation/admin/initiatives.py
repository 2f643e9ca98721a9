"""Initiatives: the list, everything about one on one page, and the form to write it."""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, DecimalField, OuterRef, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from engagement.admin import refusals
from engagement.admin.base import FILTERS
from engagement.admin.verbs import Chosen, Verb
from engagement.localized import money
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin import budget_pages
from prioritisation.admin.evidence import EvidencePages
from prioritisation.admin.initiative_filters import (
    AgreedFilter,
    BandFilter,
    OwnerFilter,
    ThemeFilter,
    UnderstoodFilter,
)
from prioritisation.admin.initiative_verbs import INITIATIVE_VERBS
from prioritisation.admin.scope import ProgrammeFilter, managed, person
from prioritisation.admin.words import timeline
from prioritisation.admin.working_up import WORK_UP, may_work_up, start_view
from prioritisation.forms.initiatives import TEXTS, InitiativeForm, cost_lines
from prioritisation.models import CostLine, IdeaLink, Initiative
from prioritisation.workflow import INITIATIVE_MOVES, InitiativeState, allowed

TONES = {
    InitiativeState.READY: "info",
    InitiativeState.CHOSEN: "good",
    InitiativeState.SET_ASIDE: "bad",
    InitiativeState.MERGED: "warn",
}
SHORT_STATES = {
    InitiativeState.READY: pgettext_lazy("one initiative", "ready"),
    InitiativeState.MERGED: pgettext_lazy("one initiative", "merged"),
}
"""For a pill in a list, where the whole name is too long for a line."""
UNDECIDED = (InitiativeState.DRAFT, InitiativeState.READY)
_ALSO = {
    "record_agreement": (*UNDECIDED, InitiativeState.CHOSEN),
    "link_ideas": UNDECIDED,
    "link_evidence": UNDECIDED,
    "unlink_idea": UNDECIDED,
    "split": UNDECIDED,
}
"""Verbs that move no state, and the states in which they make sense."""


@admin.register(Initiative)
class InitiativeAdmin(EvidencePages):
    moves = {}
    verbs = INITIATIVE_VERBS
    detail_template = "admin/prioritisation/initiative_detail.html"
    list_display = (
        "shown_reference",
        "shown_title",
        "shown_state",
        "shown_owner",
        "agreed",
        "ideas_in",
        "cost",
        "months",
    )
    list_filter = (
        ProgrammeFilter,
        "state",
        ThemeFilter,
        OwnerFilter,
        AgreedFilter,
        UnderstoodFilter,
        "kind",
        BandFilter,
    )
    list_deferred = ["search", *(name for name in TEXTS if name != "title")]
    list_max_show_all = 300
    ordering = ("-reference",)
    search_fields = ("search",)
    search_help_text = gettext_lazy("Words or reference")

    # Who may ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.seen_by(person(request)).select_related("owner", "programme")

    def may(self, request: HttpRequest, verb: Verb, record: Any = None) -> bool:
        if not request.user.has_perm(WORK_UP):
            return False
        return bool(managed(request)) if record is None else record.programme_id in managed(request)

    def verbs_for(self, request: HttpRequest, record: Any) -> list[Verb]:
        now = {move.verb for move in allowed(INITIATIVE_MOVES, record.state)}
        now |= {name for name, states in _ALSO.items() if record.state in states}
        return [verb for verb in self.verbs if verb.name in now and self.may(request, verb, record)]

    def _chosen(self, request: HttpRequest) -> Chosen:
        """Somebody else's programme is not there: an address with its initiatives leads nowhere."""
        chosen = super()._chosen(request)
        asked = (request.POST.get("selected") or request.GET.get("selected") or "").split(",")
        if len(chosen) < len([pair for pair in asked if pair]):
            raise Http404
        return chosen

    # The list -----------------------------------------------------------------------------------

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        costs = CostLine.objects.filter(initiative=OuterRef("pk")).values("initiative")
        links = IdeaLink.objects.filter(initiative=OuterRef("pk")).values("initiative")
        found = {
            pk: (ideas or 0, total)
            for pk, ideas, total in Initiative.objects.filter(
                pk__in=[row.pk for row in changelist.result_list]
            )
            .annotate(
                ideas_count=Subquery(links.annotate(n=Count("pk")).values("n")),
                cost_total=Subquery(
                    costs.annotate(n=Sum("amount")).values("n"),
                    output_field=DecimalField(max_digits=16, decimal_places=2),
                ),
            )
            .values_list("pk", "ideas_count", "cost_total")
        }
        for row in changelist.result_list:
            row.ideas_count, row.cost_total = found[row.pk]
        return changelist

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return queryset.matching(search_term), False

    @admin.display(description=gettext_lazy("reference"), ordering="reference")
    def shown_reference(self, initiative: Initiative) -> str:
        return initiative.reference

    @admin.display(description=gettext_lazy("title"))
    def shown_title(self, initiative: Initiative) -> str:
        return initiative.shown_title

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, initiative: Initiative) -> str:
        tone = TONES.get(InitiativeState(initiative.state), "")
        word = SHORT_STATES.get(InitiativeState(initiative.state)) or initiative.get_state_display()
        return format_html('<span class="pill {}">{}</span>', tone, word)

    @admin.display(description=gettext_lazy("owner department"), ordering="owner")
    def shown_owner(self, initiative: Initiative) -> str:
        return str(initiative.owner) if initiative.owner else "–"

    @admin.display(description=gettext_lazy("agreed"), boolean=True, ordering="owner_agreed_at")
    def agreed(self, initiative: Initiative) -> bool:
        return initiative.owner_agreed_at is not None

    @admin.display(description=gettext_lazy("ideas"))
    def ideas_in(self, initiative: Any) -> str:
        count = int(initiative.ideas_count)
        return ngettext("%(n)d idea", "%(n)d ideas", count) % {"n": count}

    @admin.display(description=gettext_lazy("cost"))
    def cost(self, initiative: Any) -> str:
        return money(initiative.cost_total) if initiative.cost_total is not None else "–"

    @admin.display(description=gettext_lazy("time"), ordering="timeframe_months")
    def months(self, initiative: Initiative) -> str:
        count = initiative.timeframe_months
        return "–" if count is None else ngettext("%(n)d month", "%(n)d months", count) % {"n": count}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        links = []
        if may_work_up(request):
            links = [
                (_("Published ideas in no initiative yet"), self.waiting_url(key)) for key in managed(request)
            ][:1]
            links.append((_("Start one without an idea"), self.url("start")))
        return super().changelist_view(request, {"links": links, **(extra_context or {})})

    def waiting_url(self, programme: int) -> str:
        address = reverse("admin:engagement_idea_changelist")
        return f"{address}?state=published&worked_up=no-{programme}"

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        return {
            "record": record.reference,
            "url": self.detail_url(record.pk, filters),
            "title": record.shown_title,
            "about": f"{record.get_state_display()} · {record.programme}",
        }

    # One initiative -----------------------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("start/", wrap(self.start_view), name=f"{name}_start"),
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/relations/", wrap(self.relations_view), name=f"{name}_relations"),
            *super().get_urls(),
        ]

    def start_view(self, request: HttpRequest) -> HttpResponse:
        if not may_work_up(request):
            raise Http404
        return start_view(request)

    def detail_context(self, request: HttpRequest, record: Initiative) -> dict[str, Any]:
        filters = request.GET.get(FILTERS, "")
        lines = list(record.cost_lines.all())
        return {
            "tone": TONES.get(InitiativeState(record.state), ""),
            "verbs": self.verbs_for(request, record),
            "verb_addresses": {verb.name: self.url("do", verb.name) for verb in self.verbs},
            "selected": f"{record.pk}:{record.version}",
            "here": request.get_full_path(),
            "edit_url": self.url("edit", record.pk) if self._may_edit(request, record) else None,
            "texts": [
                (InitiativeForm.base_fields[name].label, getattr(record, name))
                for name in TEXTS
                if name != "title"
            ],
            "impacts": list(record.theme_impacts.select_related("theme")),
            "districts": list(record.districts.all()),
            "relations": [
                *record.relations.select_related("other"),
                *record.related_from.select_related("initiative"),
            ],
            "relations_url": self.url("relations", record.pk)
            if record.programme_id in managed(request) and request.user.has_perm(WORK_UP)
            else "",
            "costs": [(line, money(line.amount)) for line in lines],
            "total": money(sum((line.amount for line in lines), Decimal(0))) if lines else "",
            "ideas": list(
                record.ideas.select_related("call", "district")
                .prefetch_related("translations")
                .order_by("reference")
            ),
            **services.understood_in_short(record),
            "idea_pages": request.user.has_perm("engagement.view_idea"),
            "merged_from": list(record.merged_from.all()),
            "timeline": timeline(
                services.events_for(record.events.all(), person(request))
                .select_related("by")
                .order_by("-at", "-pk")
            ),
            "decisions": list(record.decisions.select_related("round", "prepared_by").order_by("-pk")),
            "revisions": list(record.revisions.select_related("made_by").order_by("-number")),
            "around": self._around(request, record, filters),
            "delivery_url": self._delivery_url(request, record),
            "evidence": self.evidence_rows(record, changing=self._may_edit(request, record)),
        }

    def _delivery_url(self, request: HttpRequest, record: Initiative) -> str:
        """Where it is followed to delivery, for who may tell of it."""
        if record.state != InitiativeState.CHOSEN:
            return ""
        mine = services.followed_by(person(request)).filter(pk=record.pk).exists()
        return reverse("admin:prioritisation_delivery_one", args=(record.reference,)) if mine else ""

    def _around(self, request: HttpRequest, record: Initiative, filters: str) -> dict[str, Any]:
        around = self.neighbours(self.listed(request, filters), record.pk)
        for name in ("previous", "next"):
            around[name] = around[name] and self.detail_url(around[name], filters)
        return around

    def relations_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        initiative = self.record(request, str(pk))
        if initiative.programme_id not in managed(request) or not request.user.has_perm(WORK_UP):
            raise Http404
        return budget_pages.relations_page(self, request, initiative)

    # Writing it ---------------------------------------------------------------------------------

    def _may_edit(self, request: HttpRequest, initiative: Initiative) -> bool:
        mine = request.user.has_perm(WORK_UP) and initiative.programme_id in managed(request)
        return mine and initiative.state in UNDECIDED

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        initiative = self.record(request, str(pk))
        if initiative.programme_id not in managed(request) or not request.user.has_perm(WORK_UP):
            raise Http404
        filters = request.POST.get("filters") or request.GET.get(FILTERS, "")
        if initiative.state not in UNDECIDED:
            messages.warning(request, _("It is decided; its text no longer changes."))
            return HttpResponseRedirect(self.detail_url(pk, filters))
        data = request.POST if request.method == "POST" else None
        form, costs = InitiativeForm(data, initiative=initiative), cost_lines(data, initiative)
        if data is None:
            return self._edit_page(request, initiative, form, costs, filters)
        if not (form.is_valid() & costs.is_valid()):
            return self._edit_page(request, initiative, form, costs, filters, status=422)
        try:
            services.save_initiative(
                initiative=initiative,
                values=form.values(),
                themes=form.impacts(),
                districts=form.cleaned_data["districts"],
                costs=costs.lines(),
                by=person(request),
                at=timezone.now(),
                version=form.cleaned_data["version"],
            )
        except Stale as stale:
            form.add_error(None, str(stale.message))
            form.overwrite(initiative.version)
            return self._edit_page(request, initiative, form, costs, filters, status=409, stale=True)
        except Refused as refusal:
            refusals.tell(form, refusal)
            return self._edit_page(request, initiative, form, costs, filters, status=422)
        messages.success(request, _("%(reference)s is saved.") % {"reference": initiative.reference})
        if "_stay" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(self.detail_url(pk, filters))

    def _edit_page(
        self,
        request: HttpRequest,
        initiative: Initiative,
        form: InitiativeForm,
        costs: Any,
        filters: str,
        *,
        status: int = 200,
        stale: bool = False,
    ) -> HttpResponse:
        title = _("Work up %(reference)s") % {"reference": initiative.reference}
        context = {
            **self.page_context(request, title),
            "record": initiative,
            "form": form,
            "costs": costs,
            "filters": filters,
            "detail_url": self.detail_url(initiative.pk, filters),
            "stale": form.saved_otherwise() if stale else [],
            "ideas": list(initiative.ideas.prefetch_related("translations").order_by("reference")),
        }
        template = "admin/prioritisation/initiative_edit.html"
        return TemplateResponse(request, template, context, status=status)
