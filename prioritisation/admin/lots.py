"""The draw by lot of a round: announce it, enter the seed when it is known, or call it off."""

from typing import Any

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
from prioritisation.forms.lots import AnnounceForm, CancelForm, SeedForm
from prioritisation.models import Draw, Round
from prioritisation.workflow import Role, RoundState


@require_http_methods(["GET", "HEAD", "POST"])
def lots(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    if request.method == "POST":
        round = find_round(request, pk, Role.MANAGER, readable=True)
    draw = next(iter(services.draws_of(round)), None)
    action = request.POST.get("action") if request.method == "POST" else None
    initial = {"version": draw.version} if draw else {}
    forms: dict[str, Any] = {
        "announce": AnnounceForm(
            request.POST if action == "announce" else None, prefix="announce", offered=_offered(round)
        ),
        "draw": SeedForm(request.POST if action == "draw" else None, prefix="draw", initial=initial),
        "cancel": CancelForm(request.POST if action == "cancel" else None, prefix="cancel", initial=initial),
    }
    used = forms.get(action or "")
    if used is not None and used.is_valid() and _done(request, round, draw, action or "", used):
        return HttpResponseRedirect(reverse("admin:prioritisation_lots", args=(round.pk,)))
    return show(
        request,
        "lots",
        _("Draw by lot"),
        status=422 if used is not None and used.errors else 200,
        round=round,
        form=used,
        forms=forms,
        draw=draw,
        past=draw is not None and services.outdated(draw),
        lines=services.lots_shown(draw) if draw and draw.drawn_at else [],
        cancelled=list(Draw.objects.filter(round=round, cancelled_at__isnull=False)),
        offered=_offered(round),
        pending=round.state == RoundState.CLOSED,
    )


def _offered(round: Round) -> list[tuple[str, str]]:
    """What the ranking offers to be drawn among, in words with the numbers."""
    words = {
        services.TIED: _("those of one rank across the line"),
        services.BORDERLINE: _("those too close to the line to tell apart"),
    }
    found = []
    for basis, (among, places) in services.all_equals(round).items():
        if 0 < places < len(among):
            text = ngettext(
                "%(label)s: %(n)s initiatives for %(places)s place",
                "%(label)s: %(n)s initiatives for %(places)s places",
                places,
            )
            found.append((basis, text % {"label": words[basis], "n": len(among), "places": places}))
    return found


def _done(request: HttpRequest, round: Round, draw: Draw | None, action: str, form: Any) -> bool:
    common: dict[str, Any] = {"by": me(request), "at": timezone.now(), **form.cleaned_data}
    try:
        if action == "announce":
            services.announce_draw(round=round, **common)
            messages.success(request, _("The draw is announced, and public from now on."))
        elif draw is None:
            form.add_error(None, _("No draw is announced."))
            return False
        elif action == "draw":
            services.draw_lots(draw=draw, **common)
            messages.success(request, _("The lots are drawn, and the decisions drafted."))
        else:
            services.cancel_draw(draw=draw, **common)
            messages.success(request, _("The draw is called off. It stays on record."))
    except Refused as refusal:
        refusals.tell(form, refusal)
        return False
    return True


add_page("prioritisation/round/<int:pk>/lots/", lots, name="prioritisation_lots")
