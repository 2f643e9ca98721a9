"""What the maps of the public lists are made of: hexagons with numbers, districts with numbers, a table.

`rows` are ideas or problem reports, as far as the map may show them.
"""

from collections import Counter
from typing import Any

import h3
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, JsonResponse

from engagement.boundaries import middle
from engagement.localized import localized
from engagement.models import District
from engagement.paging import how_many, remembered

COARSE, FINE = 7, 8
"""Resolutions of H3: hexagons of about 5 km² and 0.7 km²."""
POINTS = 300
"""Points shown at once; a closer look shows the rest."""
Box = tuple[float, float, float, float]


def page_context(request: HttpRequest, filters: Any, everything: Any) -> dict[str, Any]:
    """What the page of a map shows beside it: the table, what the filters hide, where tiles come from."""
    query = request.GET.urlencode()
    rows = by_district(filters.apply(everything))
    shown = sum(row["number"] for row in rows)
    return {
        "rows": rows,
        "shown": shown,
        "placed": sum(row["placed"] for row in rows),
        "hidden": max(how_many(everything) - shown, 0) if filters.chosen() else 0,
        "filters": filters.named(),
        "query": f"?{query}" if query else "",
        "tiles": settings.WINNOW_MAP_TILES,
        "credit": settings.WINNOW_MAP_CREDIT,
    }


def by_district(rows: Any) -> list[dict[str, Any]]:
    """By part of the city: its `code` and `name`, the `number` of rows, and how many tell a point."""
    counted = (
        rows.order_by()
        .values("district__code", "district__name", "whole_city")
        .annotate(number=Count("pk"), placed=Count("latitude"))
    )
    found = remembered("map_table", rows, lambda: list(counted), lambda made: sum(r["number"] for r in made))
    named = [
        {**row, "code": row["district__code"], "name": localized(row["district__name"] or {})}
        for row in found
    ]
    return sorted(named, key=lambda row: (not row["name"], row["name"], row["whole_city"]))


def collection(features: list[dict[str, Any]]) -> JsonResponse:
    body = {"type": "FeatureCollection", "features": features}
    return JsonResponse(
        body, content_type="application/geo+json", json_dumps_params={"separators": (",", ":")}
    )


def hexagons(rows: Any) -> list[dict[str, Any]]:
    counted = rows.exclude(cell="").order_by().values_list("cell").annotate(number=Count("pk"))
    cells = remembered("map", rows, lambda: list(counted), lambda made: sum(number for _cell, number in made))
    features = []
    for resolution in (COARSE, FINE):
        by_parent: Counter[str] = Counter()
        for cell, number in cells:
            if h3.is_valid_cell(cell):
                by_parent[h3.cell_to_parent(cell, resolution)] += number
        features += [_hexagon(cell, number, resolution) for cell, number in sorted(by_parent.items())]
    return features


def _hexagon(cell: str, number: int, resolution: int) -> dict[str, Any]:
    ring = [[round(lng, 5), round(lat, 5)] for lat, lng in h3.cell_to_boundary(cell)]
    lat, lng = h3.cell_to_latlng(cell)
    return {
        "type": "Feature",
        "properties": {"n": number, "r": resolution, "at": [round(lat, 5), round(lng, 5)]},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def districts(rows: Any) -> list[dict[str, Any]]:
    """Rows that name a part of the city and no point: their number in its middle."""
    counted = rows.filter(district__isnull=False).order_by().values_list("district")
    numbers = remembered(
        "map_districts",
        rows,
        lambda: dict(counted.annotate(number=Count("pk"))),
        lambda made: sum(made.values()),
    )
    features = []
    for key, code, boundary in District.objects.filter(pk__in=numbers).values_list("pk", "code", "boundary"):
        spot = middle(boundary or {})
        if spot:
            at = [round(part, 5) for part in spot]
            found = {"n": numbers[key], "r": 0, "at": at, "district": code}
            place = {"type": "Point", "coordinates": [at[1], at[0]]}
            features.append({"type": "Feature", "properties": found, "geometry": place})
    return features


def read_box(text: str) -> Box | None:
    parts = text.split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    return (west, south, east, north) if west <= east and south <= north else None


def inside(rows: Any, box: Box) -> Any:
    west, south, east, north = box
    return rows.filter(longitude__range=(west, east), latitude__range=(south, north))


def point(
    row: Any, title: str, language: str, path: str, sent: tuple[str, str] | None = None
) -> dict[str, Any]:
    """A point that leads to the page of a row. `sent` is the title as it was sent and its language, where
    `title` is a translation."""
    beside = {"sent": sent[0], "sent_language": sent[1]} if sent else {}
    return {
        "type": "Feature",
        "properties": {"title": title, "language": language, "path": path, **beside},
        "geometry": {"type": "Point", "coordinates": [row.longitude, row.latitude]},
    }
