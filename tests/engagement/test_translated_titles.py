"""Where a title stands alone (home, feed, map) the reader's language comes first, marked as a translation."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement import services
from engagement.models import Idea
from tests import factories
from tests.engagement.test_translations import ENGLISH, SPANISH

pytestmark = pytest.mark.django_db

SAID = "Translation by the city’s staff. Sent as:"
BOX = "/ideas/map.geojson?box=-74,45,-73,46"


@pytest.fixture
def translator(db: Any) -> Any:
    return factories.staff("translator", permissions=["engagement.translate_idea", "engagement.triage_idea"])


def translated(translator: Any, **columns: Any) -> Idea:
    place = {"latitude": 45.5, "longitude": -73.6}
    made: Idea = factories.Idea(
        state="published", published_at=factories.NOW, **{**SPANISH, **place, **columns}
    )
    services.translate_idea(idea=made, words=ENGLISH, by=translator, at=factories.NOW)
    return made


def read(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_home_page(client: Any, translator: Any) -> None:
    translated(translator)
    plain = factories.Idea(state="published", published_at=factories.NOW)
    shown = read(client, "/")
    assert ">Shaded benches</a>" in shown
    assert "Older people have nowhere to sit." in shown
    assert f'{SAID} <span lang="es" dir="auto">Bancos a la sombra</span>' in shown
    assert shown.count(SAID) == 1
    assert f'lang="en" dir="auto">{plain.public_title}</a>' in shown
    french = read(client, "/fr/")
    assert 'lang="es" dir="auto">Bancos a la sombra</a>' in french
    assert "Shaded" not in french


def test_the_feed(client: Any, translator: Any) -> None:
    translated(translator)
    entry = unescape(re.search(r"<entry>.*</entry>", read(client, "/ideas/feed/"), re.DOTALL)[0])
    assert "<title>Shaded benches</title>" in entry
    places = [entry.index(words) for words in ("Older people", SAID, "Bancos a la sombra", "Los mayores")]
    assert places == sorted(places), "the sender's words are there, after the translation"
    french = read(client, "/fr/ideas/feed/")
    assert "<title>Bancos a la sombra</title>" in french
    assert "Shaded" not in french


def test_the_points_of_the_map(client: Any, translator: Any) -> None:
    idea = translated(translator)
    [point] = json.loads(read(client, BOX))["features"]
    assert point["properties"] == {
        "title": "Shaded benches",
        "language": "en",
        "path": f"/ideas/{idea.reference}/",
        "sent": "Bancos a la sombra",
        "sent_language": "es",
    }
    [point] = json.loads(read(client, f"/fr{BOX}"))["features"]
    assert (point["properties"]["title"], point["properties"]["language"]) == ("Bancos a la sombra", "es")
    assert "sent" not in point["properties"]
    assert f'data-word-sent="{SAID}"' in read(client, "/ideas/map/")


@pytest.mark.parametrize("state", ["withdrawn", "declined"])
def test_what_is_not_shown_is_not_shown_in_translation_either(
    client: Any, translator: Any, state: str
) -> None:
    translated(translator)
    Idea.objects.update(state=state, text_hidden=state == "declined")
    for path in ("/", "/ideas/feed/", BOX):
        assert "Shaded" not in read(client, path), path


@pytest.mark.parametrize("path", ["/", "/ideas/feed/", BOX])
def test_translations_cost_no_query_each(client: Any, translator: Any, path: str) -> None:
    first = translated(translator)
    read(client, path)
    with CaptureQueriesContext(connection) as one:
        read(client, path)
    for _number in range(4):
        translated(translator, call=first.call)
    with CaptureQueriesContext(connection) as many:
        read(client, path)
    assert len(many) <= len(one) <= 12
