"""The list of ideas: orders that favour nobody, numbers beside filters, and what must never be counted."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from engagement import orders, services
from engagement.forms import browsing
from engagement.models import Idea, SimilarLink, Support
from tests import factories

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def keys(
    order: str = "", *, day: date = DAY, first: int = 0, number: int = 20, near: Any = None
) -> list[int]:
    ideas = Idea.objects.public()
    return orders.keys(ideas, order=order, day=day, near=near, first=first, number=number)


def many(number: int) -> list[Idea]:
    call = factories.Call()
    return [factories.Idea(call=call, state="published") for _number in range(number)]


@pytest.mark.parametrize("start", [0, 5, 7, 23, 24, 10_000])
def test_turning_shows_each_idea_once_whatever_the_page(monkeypatch: Any, start: int) -> None:
    for number, idea in enumerate(many(24)):
        Idea.objects.filter(pk=idea.pk).update(rotation=number)
    monkeypatch.setattr(orders, "start_of", lambda _day: start)
    turned = [(start + number) % 24 if start < 24 else number for number in range(24)]
    whole = list(Idea.objects.in_bulk(keys(number=24)).values())
    assert sorted(idea.rotation for idea in whole) == list(range(24))
    for size in (1, 5, 7, 24):
        paged = [key for first in range(0, 30, size) for key in keys(first=first, number=size)]
        assert [Idea.objects.get(pk=key).rotation for key in paged] == turned


def test_every_day_begins_elsewhere_and_one_day_always_at_the_same_place() -> None:
    many(30)
    days = [DAY + timedelta(days=number) for number in range(20)]
    assert keys(day=DAY) == keys(day=DAY)
    firsts = {keys(day=day, number=1)[0] for day in days}
    assert len(firsts) > 5


def test_a_page_asks_the_index_and_sorts_nothing() -> None:
    many(3)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        asked = Idea.objects.public().order_by("rotation", "pk").values_list("pk").filter(rotation__gte=5)
        plan = asked[:20].explain()
    assert "idea_by_rotation" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_the_most_supported_are_first_by_people_with_those_of_joined_ideas() -> None:
    one, two, three = many(3)
    three.call.supports = "token"
    three.call.save()
    for idea, voters in ((one, "a"), (two, "bcd"), (three, "ad")):
        for voter in voters:
            Support.objects.create(idea=idea, voter=voter, kind="token", given_at=factories.NOW)
    Support.objects.filter(idea=two).update(withdrawn_at=factories.NOW)
    joined = factories.Idea(call=one.call, state="duplicate")
    for voter in "axy":  # "a" is counted already
        Support.objects.create(idea=joined, voter=voter, kind="token", given_at=factories.NOW)
    SimilarLink.objects.create(
        idea=joined,
        original=one,
        state_before="published",
        linked_at=factories.NOW,
        linked_by=factories.User(),
    )
    # of those joined in, voters are asked of both: "a" counts once
    assert orders._supporters() == {one.pk: 3, three.pk: 2}
    assert keys("support")[:2] == [one.pk, three.pk]


def test_the_nearest_are_first_and_those_without_a_place_last() -> None:
    far, none, near = many(3)
    Idea.objects.filter(pk=far.pk).update(latitude=45.6, longitude=-73.5)
    Idea.objects.filter(pk=near.pk).update(latitude=45.51, longitude=-73.55)
    here = orders.position("45.51234,-73.55678")
    assert str(here) == "45.512,-73.557"
    assert keys("near", near=here) == [near.pk, far.pk, none.pk]


@pytest.mark.parametrize("text", ["", "91,0", "0,181", "1;2", "nan,nan", "1e5,3", "٤٥,٧٣", "45.5"])
def test_what_is_no_position_is_passed_over(client: Client, text: str) -> None:
    assert orders.position(text) is None
    assert client.get("/ideas/", {"order": "near", "near": text}).context["no_place"]


def test_a_district_stands_for_its_middle(client: Client) -> None:
    ring = [[-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.6], [-73.6, 45.5]]
    district = factories.District(boundary={"type": "Polygon", "coordinates": [ring]})
    far, near = many(2)
    Idea.objects.filter(pk=far.pk).update(latitude=46, longitude=-73.5)
    Idea.objects.filter(pk=near.pk).update(latitude=45.56, longitude=-73.55)
    page = client.get("/ideas/", {"order": "near", "near": district.code})
    assert [row["idea"].pk for row in page.context["rows"]] == [near.pk, far.pk]


def test_numbers_stand_beside_each_value_with_the_other_filters_on(client: Client) -> None:
    one, other, theme = factories.Call(), factories.Call(), factories.Theme()
    district = factories.District()
    factories.Idea(call=one, state="published", district=district).themes.add(theme)
    factories.Idea(call=one, state="declined")
    factories.Idea(call=other, state="declined", district=district, outcome="in_plan")

    def numbers(**asked: str) -> dict[str, int]:
        fields = client.get("/ideas/", asked).context["filters"].fields
        return {
            value: int(label.rpartition("(")[2].rstrip(")"))
            for name in ("call", "theme", "district", "state")
            for value, label in fields[name].choices
            if value
        }

    every = numbers()
    assert (every[one.slug], every[other.slug], every[theme.key], every[district.code]) == (2, 1, 1, 2)
    assert (every["published"], every["declined"], every["in_plan"]) == (1, 1, 1)
    narrowed = numbers(call=one.slug)
    assert (narrowed[one.slug], narrowed[other.slug]) == (2, 1), "what another invitation would show"
    assert (narrowed[district.code], narrowed["in_plan"], narrowed[theme.key]) == (1, 0, 1)
    assert numbers(theme=theme.key)[one.slug] == 1


def test_what_is_not_public_is_counted_nowhere(client: Client) -> None:
    call = factories.Call()
    shown = factories.Idea(call=call, state="published")
    for state in ("received", "correction", "split", "as_report"):
        factories.Idea(call=call, state=state, published_at=None)
    factories.Idea(call=call, state="withdrawn", published_at=None)
    factories.Idea(call=call, state="published", eligible=False)
    inside = factories.Idea(call=factories.Call(kind="in_reach"), state="published")
    for order in ("", "newest", "support", "near"):
        page = client.get("/ideas/", {"order": order, "near": "45.5,-73.5"})
        assert [row["idea"].pk for row in page.context["rows"]] == [shown.pk]
        assert page.context["total"] == 1
        assert f">{call} (1)<" in page.content.decode()
        assert inside.call.slug not in page.content.decode()


def test_large_numbers_beside_a_filter_are_grouped_as_those_above_the_list() -> None:
    groups = browsing._counted(("parts", [("north", "North")]), {"north": 19113})
    assert groups == ("parts", [("north", "North (19,113)")])


def test_the_period_takes_both_its_days_whole(client: Client) -> None:
    day = timezone.localdate() - timedelta(days=9)
    at = timezone.make_aware(datetime.combine(day, time.min))
    call = factories.Call()
    before = factories.Idea(call=call, state="published", received_at=at - timedelta(seconds=1))
    first = factories.Idea(call=call, state="published", received_at=at)
    last = factories.Idea(call=call, state="published", received_at=at + timedelta(hours=23))

    def shown(**asked: str) -> set[int]:
        return {row["idea"].pk for row in client.get("/ideas/", asked).context["rows"]}

    assert shown(since=str(day), until=str(day)) == {first.pk, last.pk}
    assert shown(until=str(day - timedelta(days=1))) == {before.pk}
    for nonsense in ("0001-01-01", "9999-12-31", "soon", "2026-02-31"):
        assert client.get("/ideas/", {"since": nonsense, "until": nonsense}).status_code == 200


def test_each_filter_can_be_taken_away_alone(client: Client) -> None:
    call = factories.Call()
    factories.Idea(call=call, state="published")
    page = client.get("/ideas/", {"call": call.slug, "state": "declined", "order": "newest", "page": "2"})
    assert {one["without"] for one in page.context["on"]} == {
        f"?call={call.slug}&order=newest",
        "?state=declined&order=newest",
    }


def test_what_was_hidden_since_the_order_was_made_is_not_shown(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("engagement.paging.COUNTED_ANEW", 1)
    ideas = many(4)
    assert len(client.get("/ideas/?order=support").context["rows"]) == 4
    Idea.objects.filter(pk=ideas[0].pk).update(eligible=False)
    listed = [row["idea"] for row in client.get("/ideas/?order=support").context["rows"]]
    assert ideas[0] not in listed
    assert len(listed) == 3


def test_a_filtered_page_keeps_to_twelve_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    call = factories.Call(supports="token")
    district, theme = factories.District(), factories.Theme()
    for _number in range(45):
        factories.Idea(call=call, state="published", district=district).themes.add(theme)
    services.voter_key(kind="token", voter="a")
    for order in ("", "newest", "support", "near"):
        for page in ("1", "2", "3"):
            asked = {"call": call.slug, "theme": theme.key, "q": "2", "order": order, "page": page}
            asked = {**asked, "near": "45.5,-73.5"}
            with django_assert_max_num_queries(12):
                assert client.get("/ideas/", asked).status_code == 200
