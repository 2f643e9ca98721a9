"""Ideas on a map: what is on it, what must never be, and the table that says the same."""

from typing import Any

import h3
import pytest
from django.test import Client

from engagement.models import Idea
from tests import factories

pytestmark = pytest.mark.django_db

HERE = {"latitude": 45.51, "longitude": -73.55, "cell": h3.latlng_to_cell(45.51, -73.55, 9)}
BOX = "-73.6,45.5,-73.5,45.6"


def placed(**values: Any) -> Idea:
    idea = factories.Idea(**{"state": "published", **values})
    Idea.objects.filter(pk=idea.pk).update(**HERE)
    return idea


def features(client: Client, **asked: str) -> list[dict[str, Any]]:
    answer = client.get("/ideas/map.geojson", asked)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def test_hexagons_count_and_points_lead_to_their_pages(client: Client) -> None:
    call = factories.Call()
    one = placed(call=call, title="A bench")
    placed(call=factories.Call())
    hexagons = features(client)
    assert {(one["properties"]["r"], one["properties"]["n"]) for one in hexagons} == {(7, 2), (8, 2)}
    assert all(len(one["geometry"]["coordinates"][0]) == 7 for one in hexagons)
    assert len(features(client, box=BOX)) == 2
    found = features(client, box=BOX, call=call.slug)
    assert [point["properties"]["path"] for point in found] == [f"/ideas/{one.reference}/"]
    assert features(client, box="-73.5,45.6,-73.4,45.7") == []
    for nonsense in ("", "1,2,3", "a,b,c,d", "nan,nan,nan,nan", "3,2,1,0", "1e999,0,1e999,0"):
        assert features(client, box=nonsense) == []


def test_what_is_not_public_or_not_shown_is_on_no_map(client: Client) -> None:
    call = factories.Call(kind="in_reach")
    for values in (
        {"state": "received", "published_at": None},
        {"state": "correction"},
        {"state": "withdrawn", "published_at": factories.NOW},
        {"state": "declined", "text_hidden": True},
        {"eligible": False},
        {"call": call},
    ):
        placed(**values)
    assert features(client) == []
    assert features(client, box=BOX) == []
    page = client.get("/ideas/map/")
    assert (page.context["shown"], page.context["rows"]) == (0, [])


def test_ideas_without_a_point_stand_in_the_middle_of_their_district(client: Client) -> None:
    ring = [[-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.6], [-73.6, 45.5]]
    district = factories.District(boundary={"type": "Polygon", "coordinates": [ring]})
    factories.Idea(state="published", district=district)
    factories.Idea(state="received", published_at=None, district=district)
    placed(district=district)
    found = [one["properties"] for one in features(client) if one["properties"]["r"] == 0]
    assert found == [{"n": 1, "r": 0, "at": [45.55, -73.55], "district": district.code}]


def test_the_table_says_what_the_map_shows(client: Client, django_assert_max_num_queries: Any) -> None:
    district = factories.District(name={"en": "West", "fr": "Ouest"})
    placed(district=district)
    factories.Idea(state="published", district=district)
    factories.Idea(state="declined", whole_city=True)
    with django_assert_max_num_queries(12):
        text = client.get("/ideas/map/", {"state": "published"}).content.decode()
    assert "<strong>2</strong> ideas" in text
    assert "1 hidden by filters" in text
    assert "1 names a point; the others" in text
    assert f"?state=published&amp;district={district.code}" in text
    assert "Ouest" in client.get("/fr/ideas/map/").content.decode()


def test_tiles_of_another_server_only_where_the_city_names_one(client: Client, settings: Any) -> None:
    assert "img-src 'self' data:;" in client.get("/ideas/map/")["Content-Security-Policy"] + ";"
    assert 'data-tiles=""' in client.get("/ideas/map/").content.decode()


def test_points_ask_once_however_many_there_are(client: Client, django_assert_max_num_queries: Any) -> None:
    call = factories.Call()
    for _number in range(30):
        placed(call=call)
    with django_assert_max_num_queries(5):
        assert len(features(client, box=BOX)) == 30
