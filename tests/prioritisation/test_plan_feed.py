"""The plan as a feed, and the mails that publishing would send."""

import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from prioritisation import plan_documents
from prioritisation.models import PlanVersion

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client, path: str, **asked: str) -> list[ET.Element]:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content).findall(f"{ATOM}entry")


def ids(found: list[ET.Element]) -> set[str | None]:
    return {one.findtext(f"{ATOM}id") for one in found}


def test_the_feed_names_every_decision_the_same_in_both_languages(client: Client, plan: PlanVersion) -> None:
    english = entries(client, "/plans/the-plan/feed/")
    assert len(english) == len(plan_documents.entries(plan.document))
    assert ids(english) == ids(entries(client, "/fr/plans/the-plan/feed/"))
    first = plan_documents.entries(plan.document)[0]
    assert any(str(one.findtext(f"{ATOM}id")).endswith(first["reference"]) for one in english)
    assert all(datetime.fromisoformat(str(one.findtext(f"{ATOM}updated"))) for one in english)


def test_a_sign_that_xml_does_not_know_ends_no_feed(client: Client, plan: PlanVersion) -> None:
    document = plan.document
    document["plan"]["title"] = {"en": "Our\x0b plan"}
    document["initiatives"][0]["title"] = {"en": "Shade\x01"}
    PlanVersion.objects.filter(pk=plan.pk).update(document=document)
    assert "Shade" in {one.findtext(f"{ATOM}title") for one in entries(client, "/plans/the-plan/feed/")}


def test_the_feed_has_the_filters_of_the_page_and_the_page_names_it(
    client: Client, plan: PlanVersion
) -> None:
    offered = plan_documents.choices(plan.document)
    name, value = next((name, found[0][0]) for name, found in offered.items() if found)
    page = client.get("/plans/the-plan/", {name: value})
    shown = page.context["chosen"]["shown"] + page.context["others"]["shown"]
    assert len(entries(client, "/plans/the-plan/feed/", **{name: value})) == shown
    assert f'href="/plans/the-plan/feed/?{name}={value}"' in page.content.decode()


def test_the_feed_asks_the_database_four_times(
    client: Client, plan: PlanVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        client.get("/plans/the-plan/feed/")


def test_a_plan_that_does_not_exist_has_no_feed(client: Client, db: Any) -> None:
    assert client.get("/plans/nothing/feed/").status_code == 404
