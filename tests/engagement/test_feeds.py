"""The feed of the list, and the sheet of paper for a meeting."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.test import Client

from engagement.models import Idea
from tests import factories

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client, path: str = "/ideas/feed/", **asked: str) -> list[ET.Element]:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content).findall(f"{ATOM}entry")


def names(found: list[ET.Element]) -> list[str | None]:
    return [one.findtext(f"{ATOM}id") for one in found]


def test_a_feed_has_what_the_list_has_under_the_same_filters(client: Client) -> None:
    one, other = factories.Call(), factories.Call()
    wanted = factories.Idea(call=one, state="published", title="A bench & a <tree>")
    factories.Idea(call=other, state="declined")
    assert len(entries(client)) == 2
    found = entries(client, call=one.slug)
    assert [entry.findtext(f"{ATOM}title") for entry in found] == ["A bench & a <tree>"]
    assert names(found) == [f"tag:127.0.0.1,2026:idea/{wanted.reference}"]
    link = found[0].find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == f"http://testserver/ideas/{wanted.reference}/"
    assert f"/ideas/feed/?call={one.slug}" in client.get(f"/ideas/?call={one.slug}&page=1").content.decode()


def test_an_entry_stays_the_same_in_both_languages_and_tells_its_change(client: Client) -> None:
    idea = factories.Idea(state="published")
    here, there = entries(client)[0], entries(client, "/fr/ideas/feed/")[0]
    assert here.findtext(f"{ATOM}id") == there.findtext(f"{ATOM}id")
    assert client.get("/fr/ideas/feed/").content.count(b'xml:lang="fr"') == 1
    Idea.objects.filter(pk=idea.pk).update(changed_at=factories.NOW.replace(year=2031))
    assert str(entries(client)[0].findtext(f"{ATOM}updated")).startswith("2031")


def test_a_feed_tells_nothing_that_is_not_public(client: Client) -> None:
    call = factories.Call()
    sender = factories.Contact(email="ana@mail.example", name="Ana Example")
    shown = factories.Idea(call=call, state="published", contact=sender)
    hidden = [
        factories.Idea(call=call, state="received", published_at=None),
        factories.Idea(call=call, state="withdrawn", published_at=factories.NOW),
        factories.Idea(call=call, state="declined", text_hidden=True),
        factories.Idea(call=call, state="published", eligible=False),
        factories.Idea(call=factories.Call(kind="in_reach"), state="published"),
    ]
    text = client.get("/ideas/feed/").content.decode()
    assert shown.reference in text
    for secret in ("ana@mail", "Ana", shown.nonce, *(idea.reference for idea in hidden)):
        assert secret not in text


def test_a_feed_asks_as_much_for_many_as_for_few(client: Client, django_assert_max_num_queries: Any) -> None:
    for _number in range(30):
        factories.Idea(state="published", district=factories.District())
    with django_assert_max_num_queries(6):
        client.get("/ideas/feed/")


def test_the_sheet_has_the_questions_and_the_way_there_but_nothing_confidential(client: Client) -> None:
    call = factories.Call(
        questions=[
            {"key": "a", "label": {"en": "How many people?"}},
            {"key": "b", "label": {"en": "What would it cost?"}, "confidential": True},
        ]
    )
    text = client.get(f"/calls/{call.slug}/sheet/").content.decode()
    assert "How many people?" in text
    assert "What would it cost?" not in text
    assert f"http://testserver/calls/{call.slug}/" in text
    assert "<svg" in text
    assert "style=" not in text
    inside = factories.Call(kind="in_reach")
    assert client.get(f"/calls/{inside.slug}/sheet/").status_code == 404
