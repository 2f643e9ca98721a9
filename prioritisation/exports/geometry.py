"""Where an initiative is, as GeoJSON: its districts as one MultiPolygon (RFC 7946, WGS84)."""

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, mapping, shape
from shapely.geometry.polygon import orient

from engagement.models import District
from engagement.tables.writing import Row

DIGITS = 6
"""Decimal places of a degree: about ten centimetres, as RFC 7946 advises."""


class Places:
    """Boundaries of the districts that are named, read once."""

    def __init__(self, codes: Iterable[str]) -> None:
        districts = District.objects.filter(code__in=set(codes), boundary__isnull=False)
        self._areas = {
            code: shape(boundary) for code, boundary in districts.values_list("code", "boundary") if boundary
        }

    def __call__(self, row: Row) -> Mapping[str, Any] | None:
        """The geometry of one row; None for the whole city, and where no boundary is known."""
        codes = row["districts"]
        assert isinstance(codes, list)
        areas = [self._areas[code] for code in codes if code in self._areas]
        if row["whole_city"] or not areas:
            return None
        return _multipolygon(shapely.union_all([shapely.make_valid(area) for area in areas]))


def _multipolygon(area: Any) -> Mapping[str, Any]:
    """Outer rings run counter-clockwise and holes clockwise: the right-hand rule."""
    rounded = shapely.set_precision(area, 10**-DIGITS)
    parts = [part for part in shapely.get_parts(rounded) if part.geom_type == "Polygon"]
    drawn = mapping(MultiPolygon([orient(part, sign=1.0) for part in parts]))
    return {"type": "MultiPolygon", "coordinates": _rounded(drawn["coordinates"])}


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(coordinates, DIGITS)
    return [_rounded(inner) for inner in coordinates]
