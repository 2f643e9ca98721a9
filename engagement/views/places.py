"""District boundaries for the map of a form: no tiles, no other host."""

import json
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from engagement.localized import localized
from engagement.models import District

CACHE_SECONDS = 600


def _rounded(coordinates: Any) -> Any:
    """Five decimals are about a metre: enough to choose a district by eye, half the bytes."""
    if isinstance(coordinates, int | float):
        return round(float(coordinates), 5)
    return [_rounded(part) for part in coordinates]


def _feature(district: District) -> dict[str, Any] | None:
    boundary = district.boundary or {}
    geometry = boundary.get("geometry", boundary)
    if not geometry.get("coordinates"):
        return None
    return {
        "type": "Feature",
        "properties": {"code": district.code, "name": localized(district.name)},
        "geometry": {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])},
    }


def _geojson() -> str:
    features = [_feature(district) for district in District.objects.filter(active=True)]
    collection = {"type": "FeatureCollection", "features": [feature for feature in features if feature]}
    return json.dumps(collection, separators=(",", ":"), ensure_ascii=False)


@require_safe
@cache_control(public=True, max_age=CACHE_SECONDS)
def districts_geojson(request: HttpRequest) -> HttpResponse:
    key = f"engagement.districts.{get_language()}"
    body = cache.get(key)
    if body is None:
        body = _geojson()
        cache.set(key, body, CACHE_SECONDS)
    return HttpResponse(body, content_type="application/geo+json")
