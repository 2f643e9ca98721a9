"""Ideas on a map: hexagons with their number from afar, points from near, and a table that says the same.

Only ideas whose text may be shown are on it. The filters are those of the list.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from engagement import links
from engagement.forms.browsing import IdeaFilters
from engagement.models import Idea
from engagement.querysets import IdeaQuerySet
from engagement.views import map_parts


def _shown(filters: IdeaFilters) -> IdeaQuerySet:
    return filters.apply(Idea.objects.public()).readable()


@require_safe
def idea_map(request: HttpRequest) -> HttpResponse:
    context = map_parts.page_context(request, IdeaFilters(request.GET), Idea.objects.public().readable())
    return render(request, "engagement/idea_map.html", context)


@require_safe
@cache_control(public=True, max_age=60)
def idea_map_data(request: HttpRequest) -> HttpResponse:
    """GeoJSON: all hexagons, or with `?box=west,south,east,north` the points inside."""
    shown = _shown(IdeaFilters(request.GET))
    ideas = shown.filter(latitude__isnull=False)
    if "box" not in request.GET:
        around = map_parts.districts(shown.filter(latitude__isnull=True))
        return map_parts.collection([*map_parts.hexagons(ideas), *around])
    box = map_parts.read_box(request.GET["box"])
    return map_parts.collection(_points(map_parts.inside(ideas, box)) if box else [])


def _points(ideas: IdeaQuerySet) -> list[dict[str, Any]]:
    language = get_language() or ""
    found: Any = (
        ideas.order_by("rotation", "pk")
        .only("reference", "language", "public_title", "latitude", "longitude", "call")
        .with_translated_title(language)
    )
    return [
        map_parts.point(
            idea,
            title=idea.translated_title or idea.public_title or idea.reference,
            language=language if idea.translated_title else idea.language,
            path=links.public_path(idea, language),
            sent=(idea.public_title, idea.language) if idea.translated_title else None,
        )
        for idea in found[: map_parts.POINTS]
    ]
