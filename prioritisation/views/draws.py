"""Draws by lot of a programme, public from their announcement."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prioritisation import services
from prioritisation.models import Draw, Initiative, Plan, Programme


@require_safe
def draws(request: HttpRequest, programme_slug: str) -> HttpResponse:
    """Every draw, also one that was called off: who is in it, where the seed comes from, what was drawn."""
    programme = get_object_or_404(Programme, slug=programme_slug)
    found = list(Draw.objects.filter(round__programme=programme).order_by("-pk"))
    names = {reference for draw in found for reference in draw.among}
    named = {one.reference: one for one in Initiative.objects.filter(reference__in=names)}
    rows = [
        {
            "draw": draw,
            "initiatives": [named[one] for one in draw.among if one in named],
            "lines": services.lots_shown(draw) if draw.drawn_at else [],
        }
        for draw in found
    ]
    plan = Plan.objects.published().filter(programme=programme).first()
    context = {"programme": programme, "plan": plan, "draws": rows}
    return render(request, "prioritisation/draws.html", context)
