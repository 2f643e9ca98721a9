"""A programme's checklist in the admin: the list on its page, and the pages that change it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.admin import refusals
from engagement.admin.base import ReadOnlyAdmin
from engagement.localized import localized
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin import checklist_facts
from prioritisation.admin.scope import managed, person
from prioritisation.forms.checklist import ProposalForm, StepForm
from prioritisation.models import ChecklistItem, Programme

TEMPLATE = "admin/prioritisation/checklist.html"
STEP_TEMPLATE = "admin/prioritisation/checklist_step.html"


def rows(programme: Programme) -> list[dict[str, Any]]:
    """The steps by date, each with what Winnow can tell about it, and how late it is."""
    today = timezone.localdate()
    items = list(programme.checklist.select_related("done_by").by_date())
    facts = checklist_facts.of(programme, {item.key for item in items if item.key})
    return [
        {"item": item, "fact": facts.get(item.key, ""), "late": "" if item.done_at else _late(item, today)}
        for item in items
    ]


def _late(item: ChecklistItem, today: Any) -> str:
    days = (today - item.due_on).days if item.due_on else 0
    if days <= 0:
        return ""
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}


class ChecklistPages(ReadOnlyAdmin):
    """The pages of the checklist, for who manages the programme; for everybody else they are not there."""

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/checklist/", wrap(self.checklist_view), name=f"{name}_checklist"),
            path("<int:pk>/checklist/<int:step>/", wrap(self.step_view), name=f"{name}_step"),
            path("<int:pk>/checklist/<int:step>/tick/", wrap(self.tick_view), name=f"{name}_tick"),
            *super().get_urls(),
        ]

    def _managed(self, request: HttpRequest, pk: int) -> Programme:
        programme = managed(request).get(pk)
        if programme is None or not self.has_view_permission(request):
            raise Http404
        return programme

    def _step(self, request: HttpRequest, pk: int, step: int) -> ChecklistItem:
        found = self._managed(request, pk).checklist.filter(pk=step).first()
        if found is None:
            raise Http404
        return found

    # The whole list: the standard steps, and an own one ------------------------------------------

    def checklist_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = self._managed(request, pk)
        proposed = services.propose_steps(programme)
        taking = "_propose" in request.POST
        proposal = ProposalForm(request.POST if taking else None, proposed=proposed)
        adding = request.method == "POST" and not taking
        form = StepForm(request.POST if adding else None)
        if request.method == "POST":
            asked = proposal if taking else form
            if asked.is_valid() and self._add(request, programme, proposal, form, taking):
                return HttpResponseRedirect(self.url("checklist", pk))
        context = {
            **self.page_context(request, _("Checklist")),
            "record": programme,
            "back": self.detail_url(pk),
            "rows": rows(programme),
            "proposal": proposal,
            "form": form,
            "error_form": proposal if taking else form,
        }
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, TEMPLATE, context, status=status)

    def _add(
        self, request: HttpRequest, programme: Programme, proposal: ProposalForm, form: StepForm, taking: bool
    ) -> bool:
        if taking:
            steps = proposal.chosen()
        else:
            given = form.cleaned_data
            steps = [services.StepDraft(label=given["label"], due_on=given["due_on"])]
        try:
            made = services.add_steps(programme=programme, steps=steps, by=person(request), at=timezone.now())
        except Refused as refusal:
            (proposal if taking else form).add_error(None, str(refusal.message))
            return False
        told = ngettext("%(n)d step is added.", "%(n)d steps are added.", len(made)) % {"n": len(made)}
        messages.success(request, told)
        return True

    # One step -----------------------------------------------------------------------------------

    def step_view(self, request: HttpRequest, pk: int, step: int) -> HttpResponse:
        item = self._step(request, pk, step)
        if request.method != "POST":
            return self._step_page(request, item, StepForm(item=item))
        form = StepForm(request.POST, item=item)
        removing = "_remove" in request.POST
        if not form.is_valid() and not removing:
            return self._step_page(request, item, form, status=422)
        try:
            self._change(request, item, form, removing)
        except Refused as refusal:
            refusals.tell(form, refusal)
            fresh = ChecklistItem.objects.filter(pk=step).first()
            if fresh is None or not isinstance(refusal, Stale):
                return self._step_page(request, item, form, status=422)
            form.overwrite(fresh.version)
            return self._step_page(request, fresh, form, status=409)
        said = _("%(step)s: removed.") if removing else _("%(step)s: saved.")
        messages.success(request, said % {"step": localized(item.label)})
        return HttpResponseRedirect(self.detail_url(pk) + "#checklist-title")

    def _change(self, request: HttpRequest, item: ChecklistItem, form: StepForm, removing: bool) -> None:
        version = form.cleaned_data.get("version")
        if removing:
            services.remove_step(item=item, by=person(request), at=timezone.now(), version=version)
            return
        services.change_step(
            item=item,
            label=form.cleaned_data["label"],
            due_on=form.cleaned_data["due_on"],
            by=person(request),
            at=timezone.now(),
            version=version,
        )

    def _step_page(
        self, request: HttpRequest, item: ChecklistItem, form: StepForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.page_context(request, _("Change a step")),
            "record": item.programme,
            "item": item,
            "back": self.detail_url(item.programme_id),
            "form": form,
        }
        return TemplateResponse(request, STEP_TEMPLATE, context, status=status)

    def tick_view(self, request: HttpRequest, pk: int, step: int) -> HttpResponse:
        """Done, or not done after all: one press on the programme's page."""
        item = self._step(request, pk, step)
        verb = services.untick_step if request.POST.get("done") == "0" else services.tick_step
        sent = request.POST.get("version", "")
        version = int(sent) if sent.isdecimal() and len(sent) < 10 else None
        if request.method == "POST":
            try:
                verb(item=item, by=person(request), at=timezone.now(), version=version)
            except Refused as refusal:
                messages.error(request, str(refusal.message))
        return HttpResponseRedirect(self.detail_url(pk) + "#checklist-title")
