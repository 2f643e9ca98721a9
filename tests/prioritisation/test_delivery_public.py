"""Followed to delivery where everybody reads it: pages, feed and files. Never who told it."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from engagement import links
from prioritisation import services
from prioritisation.models import Initiative, PlanVersion

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
Told = list[Initiative]


@pytest.fixture
def told(plan: PlanVersion, city: dict[str, Any]) -> Told:
    """A published plan whose first initiative is late, the second delivered, the third dropped."""
    by, at = city["manager"], timezone.now() - timedelta(days=9)
    keys = [one.pk for one in city["initiatives"][:3]]
    found = Initiative.objects.select_related("programme__plan").in_bulk(keys)
    first, second, third = (found[key] for key in keys)
    words = {"en": "Two crews are at work.", "fr": "Deux équipes sont à l’œuvre."}
    past = timezone.localdate() - timedelta(days=2)
    services.start_delivery(initiative=first, text=words, expected_on=past, by=by, at=at)
    services.start_delivery(initiative=second, by=by, at=at)
    services.deliver_initiative(initiative=second, by=by, at=at + timedelta(days=1))
    services.drop_initiative(initiative=third, text={"en": "Polluted ground."}, by=by, at=at)
    return [first, second, third]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


def test_pages_tell_how_far_it_is_in_both_languages_and_never_who_told_it(
    client: Client, told: Told, city: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first, second, third = told
    with django_assert_max_num_queries(12):
        page = client.get("/plans/the-plan/")
    assert {row["key"]: row["count"] for row in page.context["delivery"]["rows"]} == {
        "planned": 1,
        "started": 1,
        "delivered": 1,
        "dropped": 1,
    }
    assert "Late: 1" in text_of(page)
    pages = {"plan": text_of(page)}
    for asked, references in {"late": [first], "dropped": [third], "planned": None, "great": None}.items():
        rows = client.get("/plans/the-plan/", {"delivery": asked}).context["chosen"]["rows"]
        if references is not None:
            assert [row["entry"]["reference"] for row in rows] == [one.reference for one in references]
        else:
            assert len(rows) == {"planned": 1, "great": 4}[asked]
    with django_assert_max_num_queries(12):
        pages["first"] = text_of(client.get(f"/plans/the-plan/{first.reference}/"))
    assert "What became of it since" in pages["first"]
    assert "It is late:" in pages["first"]
    assert "Two crews are at work." in pages["first"]
    french = text_of(client.get(f"/fr/plans/the-plan/{first.reference}/"))
    assert "Elle est en retard" in french
    assert "Deux équipes sont à l’œuvre." in french
    pages["third"] = text_of(client.get(f"/plans/the-plan/{third.reference}/"))
    assert "Polluted ground." in pages["third"]
    assert "Delivered" in text_of(client.get(f"/plans/the-plan/{second.reference}/"))
    others = client.get(f"/plans/the-plan/{city['initiatives'][6].reference}/")
    assert "What became of it since" not in text_of(others)

    idea = city["ideas"][0]
    with django_assert_max_num_queries(12):
        pages["idea"] = text_of(client.get(f"/ideas/{idea.reference}/"))
    assert "Work on the initiative started" in pages["idea"]
    assert "It is late:" in pages["idea"]
    pages["private"] = text_of(client.get(links.tracking_path(idea, "en")))
    assert "It is late:" in pages["private"]
    joined = text_of(client.get(f"/ideas/{city['ideas'][11].reference}/"))
    assert "It is late:" in joined
    with django_assert_max_num_queries(12):
        pages["home"] = text_of(client.get("/"))
    assert "Of the 4 initiatives chosen, 1 is delivered, 1 started and 1 dropped; 1 is late." in pages["home"]
    for name, text in pages.items():
        assert "Secret Champion" not in text, name
        assert str(city["manager"]) not in text, name


def test_the_feed_has_each_step_once_it_can_no_longer_be_undone(
    client: Client, told: Told, city: dict[str, Any]
) -> None:
    def names() -> list[str]:
        found = ET.fromstring(client.get("/plans/the-plan/feed/").content).findall(f"{ATOM}entry")
        return [str(one.findtext(f"{ATOM}title")) for one in found]

    assert names()[0] == "Initiative 1: Delivered"
    assert len(names()) == 7 + 4
    services.deliver_initiative(initiative=told[0], by=city["manager"], at=timezone.now())
    assert len(names()) == 7 + 4
    late = ET.fromstring(client.get("/plans/the-plan/feed/?delivery=dropped").content)
    assert len(late.findall(f"{ATOM}entry")) == 2


def test_files_have_the_state_of_the_day_beside_the_published_version(
    client: Client, told: Told, plan: PlanVersion
) -> None:
    first, second, _third = told
    answer = client.get("/plans/the-plan/export.csv?all=1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["reference"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows[first.reference]["delivery"], rows[second.reference]["delivery"]) == ("started", "delivered")
    assert rows[first.reference]["expected_on"] == str(first.expected_on)
    assert rows[first.reference]["fingerprint"] == plan.sha256
    away = [row["delivery"] for row in rows.values() if row["outcome"] != "advance"]
    assert away == [""] * len(away)
    answer = client.get("/plans/the-plan/export.geojson")
    shapes = json.loads(b"".join(answer.streaming_content))
    assert {one["properties"]["delivery"] for one in shapes["features"]} == {
        "planned",
        "started",
        "delivered",
        "dropped",
    }
