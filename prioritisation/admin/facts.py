"""Facts to check: what the owner department reads, confirms or puts right before a round opens."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from engagement.admin import refusals
from engagement.desk_pages import DeskLink, add_page
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin.finding import me, show
from prioritisation.forms.initiatives import cost_lines
from prioritisation.forms.panels import FactsForm

LIST, ONE = "prioritisation_facts", "prioritisation_fact"


@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """The initiatives of my department, those that lack a check first."""
    rows: list[dict[str, Any]] = [
        {"initiative": one, "check": services.check_of(one)} for one in services.to_check(me(request))
    ]
    rows.sort(key=lambda row: row["check"] is not None)
    waiting = sum(row["check"] is None for row in rows)
    return show(request, "facts", _("Facts to check"), rows=rows, waiting=waiting)


@require_http_methods(["GET", "HEAD", "POST"])
def fact(request: HttpRequest, reference: str) -> HttpResponse:
    initiative = get_object_or_404(services.to_check(me(request)), reference=reference)
    data = request.POST if request.method == "POST" else None
    form, costs = FactsForm(data, initiative=initiative), cost_lines(data, initiative)
    if data is not None and _valid(form, costs, data):
        common: dict[str, Any] = {"initiative": initiative, "by": me(request), "at": timezone.now()}
        values = form.cleaned_data
        try:
            if data.get("action") == "confirm":
                services.confirm_facts(version=values["version"], note=values["note"], **common)
            else:
                services.correct_facts(costs=costs.lines(), **values, **common)
        except Refused as refusal:
            refusals.tell(form, refusal)
            if isinstance(refusal, Stale):
                initiative.refresh_from_db()
        else:
            messages.success(request, _("Thank you. It is on record."))
            return HttpResponseRedirect(reverse(f"admin:{LIST}"))
    bad = bool(form.errors) or (costs.is_bound and not costs.is_valid())
    return show(
        request,
        "fact",
        _("Are these facts right?"),
        status=422 if bad else 200,
        initiative=initiative,
        check=services.check_of(initiative),
        form=form,
        costs=costs,
    )


def _valid(form: FactsForm, costs: Any, data: Any) -> bool:
    """Who confirms changes nothing: where something was typed over, it is asked which of the two is meant."""
    if data.get("action") != "confirm":
        return bool(form.is_valid() & costs.is_valid())
    if not form.is_valid():
        return False
    whole = "timeframe_months" in data
    if whole and (set(form.changed_data) - {"note", "version"} or costs.has_changed()):
        form.add_error(None, _("You changed something here. Press “Save my corrections”, or put it back."))
        return False
    return True


def _has_department(request: HttpRequest) -> bool:
    return services.to_check(me(request)).exists()


add_page(
    "prioritisation/facts/",
    facts,
    name=LIST,
    link=DeskLink("prioritisation", gettext_lazy("Facts to check"), LIST, _has_department),
)
add_page("prioritisation/facts/<str:reference>/", fact, name=ONE)
