"""A conflict of interest that came to light after closing: whose scores leave every figure, and where."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused
from prioritisation import services
from prioritisation.admin.finding import find_round, me, show
from prioritisation.forms.striking import StrikeForm, WhoForm
from prioritisation.workflow import Role, RoundState


@require_http_methods(["GET", "HEAD", "POST"])
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    """First who, by the address; then which initiatives, and why."""
    round = find_round(request, pk, Role.MANAGER, readable=True)
    asked = "person" in request.GET or request.method == "POST"
    who = WhoForm(request.GET if asked else None, round=round)
    person = who.cleaned_data["person"] if who.is_valid() else None
    form = StrikeForm(request.POST if request.method == "POST" else None, round=round, person=person)
    if person and form.is_valid():
        chosen = form.cleaned_data["assignments"]
        try:
            services.strike_assessments(
                round=round,
                assignments=chosen,
                reason=form.cleaned_data["reason"],
                by=me(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            told_how_many = ngettext(
                "The ranking is made again without %(n)d assessment. The old one is kept.",
                "The ranking is made again without %(n)d assessments. The old one is kept.",
                len(chosen),
            )
            messages.success(request, told_how_many % {"n": len(chosen)})
            return HttpResponseRedirect(reverse("admin:prioritisation_results", args=(round.pk,)))
    return show(
        request,
        "ranking_strike",
        _("A conflict of interest came to light"),
        status=422 if form.errors or who.errors else 200,
        round=round,
        who=who,
        form=form if person else who,
        chosen=person,
        changeable=round.state == RoundState.CLOSED,
    )


add_page("prioritisation/round/<int:pk>/strike/", strike, name="prioritisation_strike")
