"""Districts: files that hold none, the district of a point, and the map. All places are invented."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from engagement.boundaries import (
    BOUNDARY_ERRORS,
    Boundary,
    BoundaryError,
    Locator,
    locate,
    outline_svg,
    read_districts,
)

WEST, SOUTH = -73.6, 45.4


def square(column: int, row: int, size: float = 0.01) -> dict[str, Any]:
    west, south = WEST + column * size, SOUTH + row * size
    east, north = WEST + (column + 1) * size, SOUTH + (row + 1) * size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(tmp_path: Path, *features: Any, **more: Any) -> Path:
    path = tmp_path / "districts.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8")
    return path


def refused(path: Path, **options: str) -> BoundaryError:
    with pytest.raises(BoundaryError) as caught:
        read_districts(path, **options)
    error = caught.value
    assert error.message == BOUNDARY_ERRORS[error.code].format(**error.params)
    return error


def grid(columns: int, rows: int) -> list[Boundary]:
    return [Boundary(f"d{c}-{r}", f"D{c}-{r}", square(c, r)) for r in range(rows) for c in range(columns)]


# Reading


def test_districts_with_the_usual_properties(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        feature(square(0, 0), NAME=" Côte  du Nord ", Code="CN", Population="12000", Quintile=2),
        feature(square(1, 0), NAME="Old Port", Code="OP", Population=800, Quintile=None),
    )
    assert read_districts(path) == [
        Boundary("cn", "Côte du Nord", square(0, 0), 12000, 2),
        Boundary("op", "Old Port", square(1, 0), 800, None),
    ]


def test_properties_that_are_given_are_used(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        feature(square(0, 0), name="1", secteur="Côte du Nord", hab=5, defav=5),
        feature(square(1, 0), name="2", secteur="Vieux-Port", hab=6.0, defav="1"),
    )
    found = read_districts(path, name="secteur", population="hab", quintile="defav")
    assert [(b.name, b.population, b.quintile) for b in found] == [
        ("Côte du Nord", 5, 5),
        ("Vieux-Port", 6, 1),
    ]


def test_a_name_is_guessed_when_one_property_tells_all_apart(tmp_path: Path) -> None:
    path = written(
        tmp_path, feature(square(0, 0), city="X", zone="Hill"), feature(square(1, 0), city="X", zone="Dale")
    )
    assert [(b.code, b.name) for b in read_districts(path)] == [("hill", "Hill"), ("dale", "Dale")]


def test_codes_are_slugs_and_all_different(tmp_path: Path) -> None:
    names = ["Île-des-Prés", "Ile des Pres", "北", "x" * 80, "x" * 81]
    path = written(tmp_path, *(feature(square(n, 0), name=name) for n, name in enumerate(names)))
    codes = [b.code for b in read_districts(path)]
    assert codes[:3] == ["ile-des-pres", "ile-des-pres-2", "district-3"]
    assert len(set(codes)) == 5
    assert all(re.fullmatch(r"[a-z0-9-]{1,50}", code) for code in codes)


def test_heights_go_and_crossed_shapes_are_mended(tmp_path: Path) -> None:
    crossed = {"type": "Polygon", "coordinates": [[[0, 0, 9], [2, 2, 9], [2, 0, 9], [0, 2, 9], [0, 0, 9]]]}
    (found,) = read_districts(written(tmp_path, feature(crossed, name="Bow")))
    area = shape(found.geometry)
    assert (area.geom_type, area.is_valid, area.has_z) == ("MultiPolygon", True, False)
    assert area.area == pytest.approx(2)


def test_a_byte_order_mark_and_a_single_feature(tmp_path: Path) -> None:
    path = tmp_path / "one.geojson"
    path.write_text(json.dumps(feature(square(0, 0), name="One")), "utf-8-sig")
    assert [b.name for b in read_districts(path)] == ["One"]


@pytest.mark.parametrize(
    "text", ["", "title,wish\na,b\n", "[]", "{}", '{"features": 3}', '{"features": [3]}', "\x00"]
)
def test_what_is_no_geojson(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(text)
    assert refused(path).code == "not_geojson"


def test_bytes_deep_nesting_and_topojson(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(b"\xff\xfe\xff")
    assert refused(path).code == "not_geojson"
    path.write_text("[" * 100_000)
    assert refused(path).code == "not_geojson"
    path.write_text('{"type": "Topology", "objects": {}}')
    assert refused(path).code == "topojson"


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, feature(square(0, 0), name="One"))
    monkeypatch.setattr("engagement.boundaries.MAX_BYTES", 10)
    monkeypatch.setattr(Path, "read_text", lambda *_: pytest.fail("read"))
    assert refused(path).code == "too_large"


POINT = {"type": "Point", "coordinates": [WEST, SOUTH]}


@pytest.mark.parametrize(
    ("features", "code", "params"),
    [
        ([], "empty", {}),
        ([feature(POINT, name="A")], "no_polygons", {}),
        ([feature(None, name="A")], "no_polygons", {}),
        (
            [feature(square(0, 0), name="A"), feature(POINT, name="B")],
            "not_an_area",
            {"feature": 2, "kind": "Point"},
        ),
        (
            [feature(square(0, 0), name="A"), feature(None, name="B")],
            "not_an_area",
            {"feature": 2, "kind": "nothing"},
        ),
        ([feature(square(0, 0), ref=1, size=2)], "no_name_property", {"properties": "ref, size"}),
        ([feature(square(0, 0))], "no_name_property", {"properties": "none"}),
        (
            [feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, name="A")],
            "broken_shape",
            {"feature": 1},
        ),
        ([feature({"type": "Polygon", "coordinates": "x"}, name="A")], "broken_shape", {"feature": 1}),
        ([feature({"type": "Polygon", "coordinates": []}, name="A")], "broken_shape", {"feature": 1}),
        (
            [feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, name="A")],
            "broken_shape",
            {"feature": 1},
        ),
        (
            [
                feature(
                    {"type": "Polygon", "coordinates": [[[0, 0], [1, float("nan")], [1, 1], [0, 0]]]},
                    name="A",
                )
            ],
            "broken_shape",
            {"feature": 1},
        ),
    ],
)
def test_refusals_of_features(features: list[Any], code: str, params: dict[str, Any], tmp_path: Path) -> None:
    error = refused(written(tmp_path, *features))
    assert (error.code, error.params) == (code, params)


def test_refusals_of_properties(tmp_path: Path) -> None:
    two = feature(square(0, 0), name="A", hab=3), feature(square(1, 0), name="B", label="B")
    error = refused(written(tmp_path, *two), name="label")
    assert (error.code, error.params) == (
        "missing_property",
        {"feature": 1, "property": "label", "properties": "hab, name"},
    )
    assert refused(written(tmp_path, *two), population="hab").params["feature"] == 2
    twice = feature(square(0, 0), n="A"), feature(square(1, 0), n="a ")
    assert refused(written(tmp_path, *twice), name="n").code == "name_twice"
    assert refused(written(tmp_path, feature(square(0, 0), n=" ")), name="n").code == "empty_name"
    assert refused(written(tmp_path, feature(square(0, 0), n={"fr": "A"})), name="n").code == "empty_name"


@pytest.mark.parametrize("value", ["many", -1, 1.5, True, "inf", "nan", [3]])
def test_bad_populations(value: Any, tmp_path: Path) -> None:
    assert refused(written(tmp_path, feature(square(0, 0), name="A", population=value))).code == "bad_number"


@pytest.mark.parametrize("value", [0, 6, "Q1"])
def test_bad_quintiles(value: Any, tmp_path: Path) -> None:
    assert refused(written(tmp_path, feature(square(0, 0), name="A", quintile=value))).code == "bad_number"


def test_projected_coordinates_are_refused_by_number_and_by_name(tmp_path: Path) -> None:
    metres = {"type": "Polygon", "coordinates": [[[2.9e5, 5e6], [3e5, 5e6], [3e5, 5.1e6], [2.9e5, 5e6]]]}
    error = refused(written(tmp_path, feature(metres, name="A")))
    assert error.code == "projected"
    assert "290000" in error.message
    one = feature(square(0, 0), name="A")
    mtm = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32188"}}
    assert refused(written(tmp_path, one, crs=mtm)).code == "projected"
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        assert read_districts(written(tmp_path, one, crs={"type": "name", "properties": {"name": name}}))


# Finding


def test_points_and_their_districts() -> None:
    districts = grid(3, 2)
    locator = Locator(districts)
    for index, district in enumerate(districts):
        spot = shape(district.geometry).centroid
        assert locator.locate(spot.y, spot.x) == locate(spot.y, spot.x, districts) == index
    assert locator.locate(SOUTH - 1, WEST) is None
    assert locator.locate(WEST, SOUTH) is None  # latitude and longitude the wrong way round
    assert locator.locate(float("nan"), WEST) is None


def test_a_point_on_a_border_has_one_district_and_a_hole_has_none() -> None:
    districts = grid(2, 2)
    edge = districts[0].geometry["coordinates"][0][2]
    assert locate(edge[1], edge[0], districts) == 0
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    holed = Boundary("h", "H", json.loads(shapely.to_geojson(ring)))
    assert locate(1.5, 1.5, [holed]) is None
    assert locate(0.5, 0.5, [holed]) == 0


# Drawing


def drawn(path: str) -> Any:
    """The area that path data of moves, steps and closings draws."""
    rings = []
    for text in re.findall(r"M([^z]*)z", path):
        start, steps = text.split("l")
        x, y = map(int, re.findall(r"-?\d+", start))
        ring = [(x, y)]
        numbers = list(map(int, re.findall(r"-?\d+", steps)))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(shapely.Polygon(ring))
    whole = shapely.Polygon()
    for ring in rings:
        whole = whole.symmetric_difference(ring)
    return whole


def test_an_outline_is_where_its_projection_says() -> None:
    districts = grid(4, 3)
    outline = outline_svg(districts, 800, 600)
    assert outline.view_box == "0 0 800 600"
    assert len(outline.paths) == 12
    areas = [drawn(path) for path in outline.paths]
    for index, area in enumerate(areas):
        lat, lon = outline.projection.to_place(area.centroid.x, area.centroid.y)
        assert locate(lat, lon, districts) == index
    west, north, east, south = shapely.union_all(areas).bounds
    assert min(west, north) >= 0
    assert (east <= 800, south <= 600) == (True, True)
    # North is up, east is right, and the map uses the room it has.
    assert areas[0].centroid.y > areas[-1].centroid.y
    assert areas[0].centroid.x < areas[1].centroid.x
    assert south - north > 580 or east - west > 780


@given(st.floats(SOUTH, SOUTH + 0.02), st.floats(WEST, WEST + 0.03))
def test_a_click_finds_its_place_again(lat: float, lon: float) -> None:
    projection = outline_svg(grid(3, 2), 640, 480).projection
    assert projection.to_place(*projection.to_drawing(lat, lon)) == pytest.approx((lat, lon), abs=1e-9)


def wavy(columns: int, rows: int) -> list[Boundary]:
    """A grid whose lines are coasts of some thousand points, the same on both sides."""

    def line(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
        points = []
        for n in range(400):
            t = n / 400
            sway = 0.0008 * (((n * 7919) % 13) / 13 - 0.5) * min(1, 20 * t, 20 * (1 - t))
            # Across the line and less towards the corners, so that no two lines cross.
            along_x = a[1] == b[1]
            points.append(
                (
                    a[0] + t * (b[0] - a[0]) + (0 if along_x else sway),
                    a[1] + t * (b[1] - a[1]) + along_x * sway,
                )
            )
        return points

    def side(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
        return line(a, b) if a < b else [a, *reversed(line(b, a)[1:])]

    found = []
    for row in range(rows):
        for column in range(columns):
            west, east = (WEST + n * 0.01 for n in (column, column + 1))
            south, north = (SOUTH + n * 0.01 for n in (row, row + 1))
            corners = [(west, south), (east, south), (east, north), (west, north)]
            ring = [p for a, b in zip(corners, corners[1:] + corners[:1], strict=True) for p in side(a, b)]
            geometry = json.loads(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
            found.append(Boundary(f"d{column}-{row}", "D", geometry))
    return found


def test_a_detailed_map_is_made_small_and_its_districts_stay_in_place() -> None:
    districts = wavy(6, 6)
    assert shapely.coverage_is_valid([shape(district.geometry) for district in districts])
    assert sum(len(json.dumps(d.geometry)) for d in districts) > 1_000_000
    outline = outline_svg(districts, 800, 600)
    assert sum(map(len, outline.paths)) < 15_000
    areas = [drawn(path) for path in outline.paths]
    whole = shapely.union_all([area.buffer(0) for area in areas])
    assert sum(area.area for area in areas) == pytest.approx(whole.area, rel=0.001)
    assert not whole.interiors
    for index, area in enumerate(areas):
        lat, lon = outline.projection.to_place(area.centroid.x, area.centroid.y)
        assert locate(lat, lon, districts) == index


def test_a_district_too_small_to_draw_can_still_be_clicked() -> None:
    islet = Boundary("i", "Islet", square(0, 0, size=0.00001))
    outline = outline_svg([*grid(3, 3), islet], 300, 300)
    assert re.fullmatch(r"M-?\d+ -?\d+h2v2h-2z", outline.paths[-1])


def test_a_hole_stays_a_hole() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    outline = outline_svg([Boundary("h", "H", json.loads(shapely.to_geojson(ring)))], 300, 300)
    area = drawn(outline.paths[0])
    assert len(area.interiors) == 1
    assert area.area == pytest.approx(292 * 292 * 8 / 9, rel=0.03)


@pytest.mark.trial
def test_real_files_are_read_and_drawn_small() -> None:
    paths = sorted(Path(os.environ["WINNOW_TRIALS"]).glob("geometry/*.geojson"))
    districts = [path for path in paths if "boundary" not in path.name]  # one is a mask of the surroundings
    assert districts
    for path in districts:
        found = read_districts(path)
        locator = Locator(found)
        for index, boundary in enumerate(found):
            spot = shape(boundary.geometry).representative_point()
            assert locator.locate(spot.y, spot.x) == index
        outline = outline_svg(found, 800, 600)
        assert all(outline.paths)
        assert sum(map(len, outline.paths)) < 15_000
