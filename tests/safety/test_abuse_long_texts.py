"""Ten megabytes of text: refused in words, with nothing written; a long letter comes back whole."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Idea
from tests import factories
from tests.safety.public_forms import build

pytestmark = pytest.mark.django_db

TEN_MEGABYTES = "word " * 2_000_000
LETTER = "A sentence of a long letter. " * 3_000
SAID = {
    "": "This is more than we can take at once",
    "/fr": "C’est plus que nous ne pouvons recevoir à la fois",
}


@pytest.mark.parametrize("as_parts", [False, True], ids=["as a form", "in parts"])
@pytest.mark.parametrize("language", SAID)
def test_ten_megabytes_are_refused_in_words_and_change_nothing(language: str, as_parts: bool) -> None:
    factories.Call(slug="box")
    client = Client(raise_request_exception=False)
    body: Any = {"problem": TEN_MEGABYTES}
    more = {} if as_parts else {"content_type": "application/x-www-form-urlencoded"}
    if not as_parts:
        body = b"problem=" + b"word+" * 2_000_000
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.post(f"{language}/calls/box/send/", body, **more)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert SAID[language] in page
    assert f'lang="{language.strip("/") or "en"}"' in page
    assert len(page) < 5_000, "the text itself is not sent back"
    assert not [one for one in asked if one["sql"].startswith(("INSERT", "UPDATE"))]
    assert not Idea.objects.exists()
    assert client.post("/calls/box/send/", {"problem": "A short one."}).status_code == 303


def test_a_text_over_its_limit_comes_back_whole_from_every_form() -> None:
    """The form comes back with all of it, and no browser cuts it before (`maxlength` would, silently)."""
    seen = set()
    for client, form in list(build().all_forms()):
        long = [one for one in form.controls if one.kind == "textarea"]
        for one in long:
            assert one.longest == 10**9, (form.page, one.name)
            answer = client.post(form.action, {**form.sent("A few words"), one.name: LETTER})
            page = answer.content.decode()
            assert answer.status_code == 422, (form.action, one.name, answer.status_code)
            assert LETTER.strip() in page, (form.action, one.name)
            assert "characters" in page
            seen.add(one.name)
    expected = {"problem", "proposal", "description", "text", "words", "lines", "answer_more", "answer_cost"}
    assert seen == expected


def test_what_goes_through_the_other_door_is_not_cut() -> None:
    factories.Call(slug="box")
    factories.ReportService(code="lamp")
    text = ("word " * 1_600).strip()
    assert len(text) > 7_000
    for door, name, into in (
        ("/report/", "problem", "/report/lamp/"),
        ("/calls/", "description", "/calls/box/send/"),
    ):
        assert text in Client().post(door, {"carry": "1", name: text}).content.decode()
        assert text in Client().post(into, {"carry": "1", "description": text}).content.decode()
