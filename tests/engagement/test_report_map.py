"""Problem reports on a map: hexagons, points, and the table that says the same."""

from typing import Any

import h3
import pytest
from django.core.cache import cache
from django.test import Client

from engagement.models import Report
from tests import factories

pytestmark = pytest.mark.django_db
HERE = {"latitude": 45.51, "longitude": -73.55, "cell": h3.latlng_to_cell(45.51, -73.55, 9)}
BOX = "-73.6,45.5,-73.5,45.6"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def features(client: Client, path: str = "/reports/map.geojson", **asked: str) -> list[dict[str, Any]]:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def test_hexagons_count_and_points_lead_to_their_pages(client: Client) -> None:
    lamp = factories.ReportService(code="lamp", name={"en": "Street lamp", "fr": "Lampadaire"})
    one: Report = factories.Report(service=lamp, **HERE)
    factories.Report(state="closed", **HERE)
    found = {(each["properties"]["r"], each["properties"]["n"]) for each in features(client)}
    assert found == {(7, 2), (8, 2)}
    assert len(features(client, box=BOX)) == 2
    (point,) = features(client, box=BOX, service="lamp")
    assert point["properties"] == {
        "title": "Street lamp · May 4, 2026 · Received",
        "language": "en",
        "path": f"/reports/{one.reference}/",
    }
    (there,) = features(client, "/fr/reports/map.geojson", box=BOX, service="lamp")
    assert there["properties"]["title"].startswith("Lampadaire · 4 mai 2026")
    assert there["properties"]["path"] == f"/fr/reports/{one.reference}/"
    assert features(client, box="-73.5,45.6,-73.4,45.7") == []


def test_the_table_says_what_the_map_shows(client: Client) -> None:
    ring = [[-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.6], [-73.6, 45.5]]
    boundary = {"type": "Polygon", "coordinates": [ring]}
    district = factories.District(name={"en": "West", "fr": "Ouest"}, boundary=boundary)
    factories.Report(district=district, **HERE)
    factories.Report(district=district)
    factories.Report(state="closed")
    text = client.get("/reports/map/", {"state": "open"}).content.decode()
    assert "<strong>2</strong> problem reports" in text
    assert "1 hidden by filters" in text
    assert f"?state=open&amp;district={district.code}" in text
    assert "Ouest" in client.get("/fr/reports/map/").content.decode()
    around = [one["properties"] for one in features(client) if one["properties"]["r"] == 0]
    assert around == [{"n": 1, "r": 0, "at": [45.55, -73.55], "district": district.code}]
