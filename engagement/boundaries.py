"""Districts as areas: read from a GeoJSON file, found by a point, drawn as outlines without tiles or script.

Pure (shapely only). Coordinates are WGS84 degrees; a file in a projected system is refused, not guessed at.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

MEGABYTE = 1024 * 1024
MAX_BYTES = 32 * MEGABYTE
CODE_LENGTH = 50

BOUNDARY_ERRORS: dict[str, str] = {
    "too_large": "The file is larger than {limit_mb} MB. Simplify the boundaries first.",
    "not_geojson": "The file is not GeoJSON. Export the boundaries as GeoJSON in WGS84.",
    "topojson": "The file is TopoJSON. Export the boundaries as GeoJSON in WGS84.",
    "empty": "The file holds no features.",
    "no_polygons": "None of the features is an area (Polygon or MultiPolygon).",
    "not_an_area": "Feature {feature} is not an area (Polygon or MultiPolygon) but {kind}.",
    "broken_shape": "The shape of feature {feature} is broken and cannot be mended.",
    "projected": "The coordinates are not longitude and latitude (WGS84): {found}. Export the file in WGS84.",
    "missing_property": "Feature {feature} has no property “{property}”. There are: {properties}.",
    "no_name_property": "No property names the districts. Say which one does. There are: {properties}.",
    "empty_name": "Feature {feature} has no name in the property “{property}”.",
    "name_twice": "Two features are named “{name}”. Merge them into one, or choose another property.",
    "bad_number": "In feature {feature}, “{value}” is not a {what}.",
}

# Usual names of properties, lower case, in the order of preference.
_NAMES = (
    "name nom district_name nom_district name_en name_fr label libelle neighborhood neighbourhood "
    "neighborhood_name neighbourhood_name area_name arrondissement borough boro_name quartier district ward"
)
_CODES = "code district_code code_id abbrev abbreviation id num number numero district_id ward_id"
_POPULATIONS = "population pop population_total total_population pop_total population_totale"
_QUINTILES = "quintile deprivation_quintile quintile_defavorisation"
_WGS84 = re.compile(r"(CRS84|EPSG:+(4326|4269)\b)", re.IGNORECASE)


class BoundaryError(Exception):
    """The file is refused. `code` and `params` are stable; `message` is plain English."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params = params
        self.message = BOUNDARY_ERRORS[code].format(**params)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Boundary:
    """One district. `geometry`: a GeoJSON Polygon or MultiPolygon; `quintile`: 1 to 5."""

    code: str
    name: str
    geometry: dict[str, Any]
    population: int | None = None
    quintile: int | None = None


# Reading


def read_districts(
    path: Path, *, name: str | None = None, population: str | None = None, quintile: str | None = None
) -> list[Boundary]:
    """The districts of a GeoJSON file, in its order. Raises `BoundaryError`.

    `name`, `population`, `quintile`: the properties that hold them; without them the usual names are
    looked for, and for the name then any one property that names every feature differently.
    """
    features = _features(_document(path))
    properties = [_properties(feature) for feature in features]
    name_key = _name_key(properties, name)
    names = _names(properties, name_key)
    code_key = _guess(properties, _CODES)
    populations = _numbers(properties, population, _POPULATIONS, "population", 0, 10**9)
    quintiles = _numbers(properties, quintile, _QUINTILES, "quintile from 1 to 5", 1, 5)
    geometries = _geometries(features)
    codes = _codes(names, [str(found[code_key]) for found in properties] if code_key else None)
    columns = zip(codes, names, geometries, populations, quintiles, strict=True)
    return [Boundary(*fields) for fields in columns]


def _document(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise BoundaryError("too_large", limit_mb=MAX_BYTES // MEGABYTE)
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BoundaryError("not_geojson") from error
    if not isinstance(document, dict):
        raise BoundaryError("not_geojson")
    if document.get("type") == "Topology":
        raise BoundaryError("topojson")
    crs = document.get("crs")
    if crs and not _WGS84.search(json.dumps(crs)):
        raise BoundaryError("projected", found=json.dumps(crs)[:100])
    return document


def _features(document: dict[str, Any]) -> list[dict[str, Any]]:
    features = [document] if document.get("type") == "Feature" else document.get("features")
    if not isinstance(features, list) or not all(isinstance(found, dict) for found in features):
        raise BoundaryError("not_geojson")
    if not features:
        raise BoundaryError("empty")
    return features


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _listed(properties: Sequence[dict[str, Any]]) -> str:
    return ", ".join(sorted({key for found in properties for key in found})) or "none"


def _name_key(properties: Sequence[dict[str, Any]], given: str | None) -> str:
    if given:
        return given
    guessed = _guess(properties, _NAMES)
    if guessed:
        return guessed
    # A single district cannot show which property differs.
    for key in properties[0] if len(properties) > 1 else ():
        values = {found.get(key) for found in properties if isinstance(found.get(key), str)}
        if len(values) == len(properties):
            return key
    raise BoundaryError("no_name_property", properties=_listed(properties))


def _guess(properties: Sequence[dict[str, Any]], usual: str) -> str | None:
    """The property of a usual name that every feature has, with a different value each."""
    spelt = {_slug(key).replace("-", "_"): key for key in properties[0]}
    for name in usual.split():
        key = spelt.get(name)
        if key is None:
            continue
        values = [str(found.get(key) or "").strip() for found in properties]
        if all(values) and len(set(values)) == len(values):
            return key
    return None


def _names(properties: Sequence[dict[str, Any]], key: str) -> list[str]:
    names: list[str] = []
    seen: set[str] = set()
    for number, found in enumerate(properties, start=1):
        if key not in found:
            raise BoundaryError("missing_property", feature=number, property=key, properties=_listed([found]))
        value = found[key]
        name = " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""
        if not name:
            raise BoundaryError("empty_name", feature=number, property=key)
        if name.casefold() in seen:
            raise BoundaryError("name_twice", name=name)
        seen.add(name.casefold())
        names.append(name)
    return names


def _codes(names: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """Short codes for addresses, all different: the file's own, or made of the names."""
    codes: list[str] = []
    for number, text in enumerate(given or names, start=1):
        code = _slug(text)[:CODE_LENGTH] or f"district-{number}"
        if code in codes:
            code = f"{code[: CODE_LENGTH - 5]}-{number}"
        codes.append(code)
    return codes


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _numbers(
    properties: Sequence[dict[str, Any]],
    given: str | None,
    usual: str,
    what: str,
    low: int,
    high: int,
) -> list[int | None]:
    """Whole numbers of a property: the one given, which all must have, or a usual one if it is there."""
    spelt = {_slug(key).replace("-", "_"): key for found in properties for key in found}
    key = given or next((spelt[name] for name in usual.split() if name in spelt), None)
    if key is None:
        return [None] * len(properties)
    numbers: list[int | None] = []
    for number, found in enumerate(properties, start=1):
        if given and key not in found:
            raise BoundaryError("missing_property", feature=number, property=key, properties=_listed([found]))
        value = found.get(key)
        if value is None or value == "":
            numbers.append(None)
            continue
        try:
            whole = float(str(value))
            if isinstance(value, bool) or not whole.is_integer() or not low <= whole <= high:
                raise ValueError
        except (ValueError, OverflowError):
            raise BoundaryError("bad_number", feature=number, value=str(value)[:50], what=what) from None
        numbers.append(int(whole))
    return numbers


def _geometries(features: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = [_kind(feature) for feature in features]
    areas = [kind in ("Polygon", "MultiPolygon") for kind in kinds]
    if not any(areas):
        raise BoundaryError("no_polygons")
    if not all(areas):
        first = areas.index(False)
        raise BoundaryError("not_an_area", feature=first + 1, kind=kinds[first])
    return [_geometry(number, feature["geometry"]) for number, feature in enumerate(features, start=1)]


def _kind(feature: dict[str, Any]) -> str:
    geometry = feature.get("geometry")
    return str(geometry.get("type")) if isinstance(geometry, dict) else "nothing"


def _geometry(number: int, geometry: dict[str, Any]) -> dict[str, Any]:
    try:
        area = shapely.force_2d(shape(geometry))
        finite = np.isfinite(shapely.get_coordinates(area)).all()
        west, south, east, north = area.bounds
    except Exception as error:  # shapely lets every kind of error through, according to what is broken
        raise BoundaryError("broken_shape", feature=number) from error
    if not finite or area.is_empty:
        raise BoundaryError("broken_shape", feature=number)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BoundaryError("projected", found=f"{west:.6g}, {south:.6g}")
    if not area.is_valid:
        area = _polygonal(shapely.make_valid(area))
    if area.is_empty or not area.area:
        raise BoundaryError("broken_shape", feature=number)
    # Tuples become lists, as in a file.
    mended: dict[str, Any] = json.loads(json.dumps(mapping(area)))
    return mended


def _polygonal(area: Any) -> Any:
    """Only what has a surface: mending a shape can leave lines and points beside it."""
    parts = [part for part in shapely.get_parts(area, return_index=False) if part.area]
    return shapely.union_all([part for part in parts if part.geom_type in ("Polygon", "MultiPolygon")])


# Finding


class Locator:
    """Finds the district of a point. Make one and ask it often: it keeps the shapes prepared."""

    def __init__(self, boundaries: Sequence[Boundary]) -> None:
        self._shapes = [shape(boundary.geometry) for boundary in boundaries]
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def locate(self, lat: float, lon: float, margin: float = 0.0) -> int | None:
        """The index of the district; on a common border the first of them; None outside of all, or further
        away than `margin` degrees."""
        if not (math.isfinite(lat) and math.isfinite(lon)):
            return None
        how = "dwithin" if margin else "intersects"
        found = self._tree.query(shapely.Point(lon, lat), predicate=how, distance=margin or None)
        return int(min(found)) if len(found) else None


def locate(lat: float, lon: float, boundaries: Sequence[Boundary], margin: float = 0.0) -> int | None:
    """The index of the district that a point lies in. For more than a few points make a `Locator`."""
    return Locator(boundaries).locate(lat, lon, margin)


def middle(boundary: dict[str, Any]) -> tuple[float, float] | None:
    """(latitude, longitude) of a point inside a district's kept boundary; nothing where there is none."""
    geometry = boundary.get("geometry", boundary)
    if not geometry.get("coordinates"):
        return None
    point = shape(geometry).representative_point()
    return point.y, point.x


# Drawing


@dataclass(frozen=True, slots=True)
class Projection:
    """Degrees to the drawing's units and back: equirectangular, true to scale at the middle latitude."""

    width: int
    height: int
    west: float
    north: float
    across: float  # units for a degree of longitude
    down: float  # units for a degree of latitude

    def to_drawing(self, lat: float, lon: float) -> tuple[float, float]:
        return (lon - self.west) * self.across, (self.north - lat) * self.down

    def to_place(self, x: float, y: float) -> tuple[float, float]:
        """(latitude, longitude) of a click at x, y in the drawing's own units."""
        return self.north - y / self.down, self.west + x / self.across


@dataclass(frozen=True, slots=True)
class Outline:
    """`paths[i]` is the `d` of district i for a `viewBox` of "0 0 width height"; fill rule: evenodd."""

    paths: list[str]
    projection: Projection

    @property
    def view_box(self) -> str:
        return f"0 0 {self.projection.width} {self.projection.height}"


def outline_svg(
    boundaries: Sequence[Boundary], width: int, height: int, *, max_length: int = 15_000, margin: int = 4
) -> Outline:
    """Path data for a map of the districts, simplified until all of it together is below `max_length`.

    Common borders are simplified once, so that neighbours neither overlap nor gape. `boundaries` is not
    empty; `width` and `height` are units of the drawing, drawn in whole numbers, so at least some hundred.
    """
    shapes = [shape(boundary.geometry) for boundary in boundaries]
    projection = _projection(shapely.total_bounds(shapes), width, height, margin)
    drawn = [shapely.transform(area, lambda points: _project(points, projection)) for area in shapes]
    paths: list[str] = []
    for tolerance in (0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24):
        simple = shapely.coverage_simplify(drawn, tolerance)
        paths = [_path(area, whole) for area, whole in zip(simple, drawn, strict=True)]
        if sum(map(len, paths)) < max_length:
            break
    return Outline(paths, projection)


def _projection(bounds: Sequence[float], width: int, height: int, margin: int) -> Projection:
    west, south, east, north = (float(edge) for edge in bounds)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    left = (width - wide * scale) / 2
    top = (height - high * scale) / 2
    across = squeeze * scale
    return Projection(width, height, west - left / across, north + top / scale, across, scale)


def _project(points: Any, projection: Projection) -> Any:
    drawn = points.copy()
    drawn[:, 0] = (points[:, 0] - projection.west) * projection.across
    drawn[:, 1] = (projection.north - points[:, 1]) * projection.down
    return drawn


def _path(simple: Any, whole: Any) -> str:
    rings = [ring for polygon in shapely.get_parts(simple) for ring in (polygon.exterior, *polygon.interiors)]
    path = "".join(_ring(ring.coords) for ring in rings)
    if path:
        return path
    # Too small to have a shape at this size: a dot that one can still click.
    spot = whole.representative_point()
    return f"M{round(spot.x) - 1} {round(spot.y) - 1}h2v2h-2z"


def _ring(points: Iterable[tuple[float, float]]) -> str:
    """A closed ring in whole units, in steps from point to point; nothing when no area is left."""
    whole: list[tuple[int, int]] = []
    for x, y in points:
        point = round(x), round(y)
        if not whole or point != whole[-1]:
            whole.append(point)
    if len(whole) < 4:
        return ""
    (x, y), steps = whole[0], []
    for next_x, next_y in whole[1:-1]:
        steps.append(_pair(next_x - x, next_y - y))
        x, y = next_x, next_y
    return f"M{_pair(*whole[0])}l{' '.join(steps).replace(' -', '-')}z"


def _pair(x: int, y: int) -> str:
    return f"{x}{y}" if y < 0 else f"{x} {y}"
