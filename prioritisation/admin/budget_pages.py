"""A programme's budget lines and capacities, and an initiative's relations, for who manages the programme."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.admin import refusals
from engagement.admin.base import ReadOnlyAdmin
from engagement.localized import money
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin.scope import managed, person
from prioritisation.forms.portfolios import BudgetLineForm, CapacityForm, RelationForm
from prioritisation.models import BudgetLine, Initiative, Programme, Relation


def _key(sent: str | None) -> int:
    """The key that was sent; 0, which no row has, for anything else."""
    return int(sent) if sent and sent.isdecimal() and len(sent) < 19 else 0


class BudgetPages(ReadOnlyAdmin):
    """One page: the lines, the capacities, and the forms that add or change one."""

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_budget"
        page = self.admin_site.admin_view(self.budget_view)
        return [path("<int:pk>/budget/", page, name=name), *super().get_urls()]

    def budget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = managed(request).get(pk)
        if programme is None or not self.has_view_permission(request):
            raise Http404
        line = programme.budget_lines.filter(pk=_key(request.GET.get("line"))).first()
        capacity = programme.capacities.filter(pk=_key(request.GET.get("capacity"))).first()
        what = request.POST.get("what") if request.method == "POST" else None
        line_form = BudgetLineForm(request.POST if what == "line" else None, line=line)
        capacity_form = CapacityForm(
            request.POST if what == "capacity" else None, capacity=capacity, prefix="capacity"
        )
        form: Any = capacity_form if what == "capacity" else line_form
        status = 200 if what is None else 422
        if what is not None:
            removing = "_remove" in request.POST and (line if what == "line" else capacity) is not None
            if removing or form.is_valid():
                try:
                    self._save(request, programme, form, line, capacity, removing=removing)
                except Refused as refusal:
                    status = _say(form, refusal, line if what == "line" else capacity)
                else:
                    messages.success(request, _("Saved."))
                    return HttpResponseRedirect(self.url("budget", pk))
        context = {
            **self.page_context(request, _("Budget lines and capacities")),
            "record": programme,
            "back": self.detail_url(pk),
            "lines": [
                (one, str(one), money(one.amount), money(_free(one))) for one in programme.budget_lines.all()
            ],
            "capacities": list(programme.capacities.select_related("department")),
            "line": line,
            "capacity": capacity,
            "line_form": line_form,
            "capacity_form": capacity_form,
            "error_form": form,
        }
        return TemplateResponse(request, "admin/prioritisation/programme_budget.html", context, status=status)

    def _save(
        self,
        request: HttpRequest,
        programme: Programme,
        form: Any,
        line: Any,
        capacity: Any,
        *,
        removing: bool,
    ) -> None:
        by, at = person(request), timezone.now()
        if removing and isinstance(form, BudgetLineForm):
            services.remove_budget_line(line=line, by=by, at=at)
        elif removing:
            services.remove_capacity(capacity=capacity, by=by, at=at)
        elif isinstance(form, BudgetLineForm):
            services.save_budget_line(
                programme=programme,
                line=line,
                by=by,
                at=at,
                version=form.cleaned_data["version"],
                **form.values(),
            )
        else:
            services.save_capacity(
                programme=programme, by=by, at=at, version=form.cleaned_data["version"], **form.values()
            )


def _free(line: BudgetLine) -> Decimal:
    return line.amount * (100 - line.reserve) / 100


def _say(form: Any, refusal: Refused, row: Any) -> int:
    form.is_valid()
    refusals.tell(form, refusal)
    if isinstance(refusal, Stale) and row is not None:
        row.refresh_from_db()
        return 409
    return 422


def relations_page(model_admin: Any, request: HttpRequest, initiative: Initiative) -> HttpResponse:
    """What an initiative requires or excludes; the caller has checked that this person manages it."""
    sent = request.POST if request.method == "POST" else None
    removing = sent is not None and "_remove" in sent
    form = RelationForm(None if removing else sent, initiative=initiative)
    related = Relation.objects.select_related("initiative", "other")
    found = related.filter(initiative=initiative) | related.filter(other=initiative)
    status = 200 if sent is None else 422
    if sent is not None and (removing or form.is_valid()):
        try:
            if removing:
                gone = found.filter(pk=_key(sent.get("_remove"))).first()
                if gone is None:
                    raise Http404
                services.unrelate_initiatives(relation=gone, by=person(request), at=timezone.now())
            else:
                services.relate_initiatives(
                    initiative=initiative,
                    kind=form.cleaned_data["kind"],
                    other=form.cleaned_data["other"],
                    by=person(request),
                    at=timezone.now(),
                )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            return HttpResponseRedirect(request.get_full_path())
    context = {
        **model_admin.page_context(request, _("What it requires or excludes")),
        "record": initiative,
        "back": model_admin.detail_url(initiative.pk),
        "relations": list(found),
        "form": form,
    }
    template = "admin/prioritisation/initiative_relations.html"
    return TemplateResponse(request, template, context, status=status)
