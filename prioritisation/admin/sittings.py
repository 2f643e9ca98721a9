"""Sittings of a programme: written down once, named by many decisions, printed on the plan."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused
from prioritisation import services
from prioritisation.admin.finding import find_round, me, roles_in, show
from prioritisation.forms.decisions import SittingForm
from prioritisation.models import DecisionMeeting, Round
from prioritisation.workflow import Role


@require_http_methods(["GET", "HEAD", "POST"])
def sittings(request: HttpRequest, pk: int) -> HttpResponse:
    """All sittings of the round's programme; a form for a new one for who prepares decisions."""
    round = _find(request, pk)
    form = SittingForm(request.POST or None, initial={"body": round.programme.body})
    if request.method == "POST" and form.is_valid() and _save(request, round, form, None):
        return HttpResponseRedirect(_url(round))
    return _page(request, round, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def sitting(request: HttpRequest, pk: int, sitting: int) -> HttpResponse:
    round = _find(request, pk)
    found = get_object_or_404(DecisionMeeting, pk=sitting, programme=round.programme_id)
    names = ("body", "held_on", "resolution", "present", "stood_aside", "version")
    form = SittingForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid() and _save(request, round, form, found):
        return HttpResponseRedirect(_url(round))
    return _page(request, round, form, found)


def _find(request: HttpRequest, pk: int) -> Round:
    return find_round(request, pk, *((Role.MANAGER,) if request.method == "POST" else ()))


def _url(round: Round) -> str:
    return reverse("admin:prioritisation_sittings", args=(round.pk,))


def _save(request: HttpRequest, round: Round, form: SittingForm, found: DecisionMeeting | None) -> bool:
    try:
        services.save_sitting(
            programme=round.programme, sitting=found, by=me(request), at=timezone.now(), **form.cleaned_data
        )
    except Refused as refusal:
        refusals.tell(form, refusal)
        return False
    messages.success(request, _("The sitting is written down."))
    return True


def _page(
    request: HttpRequest, round: Round, form: SittingForm, found: DecisionMeeting | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "sitting": found,
        "fixed": found is not None and services.sitting_is_published(found),
        "writes": roles_in(request, round)["manager"],
        "rows": list(round.programme.decision_meetings.all()),
    }
    status = 422 if form.errors else 200
    return show(request, "sittings", _("Sittings"), status=status, round=round, **context)


add_page("prioritisation/round/<int:pk>/sittings/", sittings, name="prioritisation_sittings")
add_page("prioritisation/round/<int:pk>/sittings/<int:sitting>/", sitting, name="prioritisation_sitting")
