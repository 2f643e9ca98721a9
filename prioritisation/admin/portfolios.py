"""Selections for a closed round: built under rules, compared with the best, locked, adopted."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused, Stale
from prioritisation import rankings, services
from prioritisation.admin import portfolio_view
from prioritisation.admin.finding import find_round, job_page, me, show
from prioritisation.forms.portfolios import AdoptForm, LockForm, NameForm, RulesForm
from prioritisation.models import Result, Scenario
from prioritisation.policies import schema
from prioritisation.workflow import Role

ASKERS = (Role.MANAGER, Role.ANALYST)
"""Who has the long part worked out."""


def find_scenario(request: HttpRequest, pk: int, *roles: str) -> Scenario:
    """The scenario with its round, under the round's own rules of who reads and when."""
    found = Scenario.objects.filter(pk=pk).values_list("round", flat=True).first()
    if found is None:
        raise Http404
    round = find_round(request, found, *roles, readable=True)
    scenario = Scenario.objects.get(pk=pk)
    scenario.round = round
    return scenario


def _url(scenario: Scenario, page: str = "") -> str:
    return reverse(f"admin:prioritisation_scenario{page and f'_{page}'}", args=(scenario.pk,))


# The round's selections ---------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def portfolio(request: HttpRequest, pk: int) -> HttpResponse:
    """All scenarios of a round, what was adopted, and a new one."""
    roles = (Role.MANAGER,) if request.method == "POST" else ()
    round = find_round(request, pk, *roles, readable=True)
    form = NameForm(request.POST or None if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.start_scenario(
                round=round, name=form.cleaned_data["name"], by=me(request), at=timezone.now()
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            return HttpResponseRedirect(_url(made))
    return show(
        request,
        "portfolio",
        _("Selections"),
        round=round,
        status=422 if form.errors else 200,
        form=form,
        scenarios=list(services.scenarios_of(round)),
        adopted=list(round.results.filter(kind=Result.Kind.PORTFOLIO).select_related("made_by", "scenario")),
        budget_url=reverse("admin:prioritisation_programme_budget", args=(round.programme_id,)),
    )


# One scenario -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    """The builder: the best selection beside one's own, which the form keeps."""
    found = find_scenario(request, pk, *((Role.MANAGER,) if request.method == "POST" else ()))
    if request.method == "POST":
        try:
            services.save_selection(
                scenario=found,
                selection=request.POST.getlist("selected"),
                by=me(request),
                at=timezone.now(),
                version=_version(request),
            )
        except Refused as refusal:
            found.selection = request.POST.getlist("selected")
            status = 409 if isinstance(refusal, Stale) else 422
            return _builder(request, found, status=status, error=str(refusal.message))
        n = len(found.selection)
        messages.success(request, ngettext("%(n)d is ticked.", "%(n)d are ticked.", n) % {"n": n})
        return HttpResponseRedirect(_url(found) + "#yours")
    return _builder(request, found)


def _version(request: HttpRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


def _builder(request: HttpRequest, found: Scenario, *, status: int = 200, error: str = "") -> HttpResponse:
    frame: dict[str, Any] = {"round": found.round, "scenario": found, "error": error}
    try:
        inputs = services.read_rules(found.round, found.rules)
    except Refused as refusal:
        return show(request, "scenario", found.name, status=status, faults=str(refusal.message), **frame)
    view = portfolio_view.view(found, inputs, services.analysed(found, inputs))
    wanted = request.GET.get("show", "")
    rows = [row for row in view.rows if wanted in ("", *row.groups)]
    return show(
        request,
        "scenario",
        found.name,
        status=status,
        view=view,
        rows=rows,
        hidden=[row for row in view.rows if row.ticked and row not in rows],
        wanted=wanted,
        fresh=found.result_id is None,
        may_ask=services.has_role(me(request), found.round.programme, *ASKERS),
        **frame,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_scenario(request, pk, Role.MANAGER)
    policy = schema.parse(found.round.policy_version.document)
    sent = request.POST if request.method == "POST" else None
    form = RulesForm(sent, rules=found.rules, policy=policy)
    status = 200
    if sent is not None and form.is_valid():
        try:
            services.save_rules(
                scenario=found,
                rules=form.document(),
                by=me(request),
                at=timezone.now(),
                version=form.cleaned_data["version"],
            )
        except Refused as refusal:
            status = _refused(form, refusal, found)
        else:
            messages.success(request, _("The rules are saved."))
            return HttpResponseRedirect(_url(found))
    if sent is not None and status == 200:
        status = 422
    return show(
        request, "scenario_rules", _("Rules"), status=status, round=found.round, scenario=found, form=form
    )


def _refused(form: Any, refusal: Refused, found: Scenario) -> int:
    refusals.tell(form, refusal)
    if isinstance(refusal, Stale):
        form.overwrite(Scenario.objects.get(pk=found.pk).version)
        return 409
    return 422


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """One initiative in a scenario: its exact price, and whether it is locked."""
    found = find_scenario(request, pk, Role.MANAGER)
    rules = found.rules
    held = {one["reference"]: one for one in rules.get("locks") or []}
    free = {one["reference"]: one for one in rules.get("without_cost") or []}
    if not found.round.entries.filter(initiative__reference=reference).exists():
        raise Http404
    now = held.get(reference) or free.get(reference) or {}
    state = now.get("lock") or ("without_cost" if reference in free else "")
    form = LockForm(
        request.POST if request.method == "POST" else None,
        initial={"lock": state, "reason": now.get("reason", ""), "version": found.version},
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.lock_initiative(
                scenario=found,
                reference=reference,
                lock=form.cleaned_data["lock"],
                reason=form.cleaned_data["reason"],
                by=me(request),
                at=timezone.now(),
                version=form.cleaned_data["version"],
            )
        except Refused as refusal:
            status = _refused(form, refusal, found)
        else:
            return HttpResponseRedirect(_url(found) + f"#row-{reference}")
    return show(
        request,
        "scenario_lock",
        reference,
        status=status,
        round=found.round,
        scenario=found,
        form=form,
        reference=reference,
        one=portfolio_view.one(found, reference),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_scenario(request, pk, Role.MANAGER)
    try:
        broken = portfolio_view.broken_own(found)
        feasible = portfolio_view.feasible(found)
    except Refused:  # rules that do not fit what there is: the page of the scenario says which
        return HttpResponseRedirect(_url(found))
    form = AdoptForm(
        request.POST if request.method == "POST" else None,
        broken=broken,
        feasible=feasible,
        initial={"own": "0" if feasible else "1", "version": found.version},
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            result = services.adopt_scenario(
                scenario=found,
                own=given["own"] == "1",
                reason=given["reason"],
                despite=given.get("despite") if given.get("accept") else None,
                draft=given["draft"],
                by=me(request),
                at=timezone.now(),
                version=given["version"],
            )
        except Refused as refusal:
            status = _refused(form, refusal, found)
        else:
            messages.success(request, _("The selection is adopted and stays on record."))
            return HttpResponseRedirect(
                reverse("admin:prioritisation_portfolio_result", args=(found.round_id, result.pk))
            )
    return show(
        request,
        "scenario_adopt",
        _("Adopt a selection"),
        status=status,
        round=found.round,
        scenario=found,
        form=form,
        drafted=found.round.decisions.count(),
        fresh=found.result_id is None,
    )


@require_POST
def analyse(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_scenario(request, pk, *ASKERS)
    try:
        job = services.queue_analysis(scenario=found, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return HttpResponseRedirect(_url(found))
    return job_page(job)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_scenario(request, pk, Role.MANAGER)
    try:
        services.remove_scenario(scenario=found, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return HttpResponseRedirect(_url(found))
    messages.success(request, _("%(name)s: removed.") % {"name": found.name})
    return HttpResponseRedirect(reverse("admin:prioritisation_portfolio", args=(found.round_id,)))


# What was adopted ---------------------------------------------------------------------------------------


@require_safe
def adopted(request: HttpRequest, pk: int, result: int) -> HttpResponse:
    """An adopted selection: what it holds, how it was made, and whether it comes out the same again."""
    round = find_round(request, pk, readable=True)
    found = round.results.filter(pk=result, kind=Result.Kind.PORTFOLIO).select_related("made_by").first()
    if found is None:
        raise Http404
    same = (
        rankings.fingerprint(found.inputs) == found.inputs_sha256
        and services.recompute_portfolio(found) == found.output
    )
    return show(
        request,
        "portfolio_result",
        _("An adopted selection"),
        round=round,
        result=found,
        same=same,
        kept=portfolio_view.adopted(round, found),
    )


_AT = "prioritisation/scenario/<int:pk>/"
add_page("prioritisation/round/<int:pk>/portfolio/", portfolio, name="prioritisation_portfolio")
add_page(
    "prioritisation/round/<int:pk>/portfolio/<int:result>/", adopted, name="prioritisation_portfolio_result"
)
add_page(_AT, scenario, name="prioritisation_scenario")
add_page(f"{_AT}rules/", rules, name="prioritisation_scenario_rules")
add_page(f"{_AT}adopt/", adopt, name="prioritisation_scenario_adopt")
add_page(f"{_AT}analyse/", analyse, name="prioritisation_scenario_analyse")
add_page(f"{_AT}remove/", remove, name="prioritisation_scenario_remove")
add_page(f"{_AT}initiative/<str:reference>/", lock, name="prioritisation_scenario_lock")
