"""Figures as the reader's language writes them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.translation import override

from engagement.localized import percent
from tests import factories

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "share", "places", "written"),
    [
        ("en", 23, 0, "23%"),
        ("fr", 23, 0, f"23{NO_BREAK}%"),
        ("fr", 17.5, -1, f"17,5{NO_BREAK}%"),
        ("fr", 20.0, -1, f"20{NO_BREAK}%"),
        ("en", 99.96, 1, "100.0%"),
    ],
)
def test_a_share_is_one_word_in_either_language(
    language: str, share: float, places: int, written: str
) -> None:
    with override(language):
        assert percent(share, places) == written
        shown = Template("{% load winnow %}{{ share|percent:places }}")
        assert shown.render(Context({"share": share, "places": places})) == written


@pytest.mark.django_db
def test_an_hour_is_written_as_people_write_it(client: Any) -> None:
    factories.Call(
        slug="noon",
        opens_at=datetime(2025, 1, 5, tzinfo=UTC),
        closes_at=datetime(2025, 4, 15, 16, 0, tzinfo=UTC),
    )
    assert "April 15, 2025, noon" in client.get("/calls/noon/").content.decode()
    french = client.get("/fr/calls/noon/").content.decode()
    assert f"15 avril 2025 à 12{NO_BREAK}h{NO_BREAK}00" in french
    assert "12:00" not in french
