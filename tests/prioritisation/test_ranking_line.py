"""The way to the line of a ranking, and what is said of it where initiatives are tied across it."""

from typing import Any

import pytest

from prioritisation import rankings
from prioritisation.admin.rankings import listing
from tests import panels
from tests.prioritisation.test_rankings_second_format import POLICY, initiative, inputs
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


def test_a_link_leads_to_the_line_on_whatever_page_it_lies(
    panel: panels.Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS", 3)
    round = panel.closed([5, 5, 4, 4, 3, 2, 1])
    client = signed_in(panel.analyst)
    first = client.get(address("ranking", round)).content.decode()
    assert 'href="?page=2#line"' in first
    assert 'id="line"' not in first
    second = client.get(address("ranking", round), {"page": "2"}).content.decode()
    assert 'href="#line"' in second
    assert second.count('id="line"') == 1
    assert second.index('id="line"') < second.index("Initiative 4")
    monkeypatch.setattr(listing, "FEWER", 2)  # many figures a row, fewer rows a page; the link knows
    wide = client.get(address("ranking", round), {"show": "criteria"}).content.decode()
    assert "page=3#line" in wide
    sorted_otherwise = client.get(address("ranking", round), {"sort": "points"})
    assert "Go to the line" not in words(sorted_otherwise)


def test_where_they_are_tied_across_the_line_the_line_lies_before_them(panel: panels.Panel) -> None:
    round = panel.closed([5, 4, 3, 3, 3, 2, 1])
    page = signed_in(panel.analyst).get(address("ranking", round))
    assert "the smallest change of a weight can part them" in words(page)
    shown = page.content.decode()
    assert shown.count('id="line"') == 1
    assert shown.index("Initiative 1<") < shown.index('id="line"') < shown.index("Initiative 2<")
    client = signed_in(panel.analyst)
    tie = "There is a tie at the line: 3 initiatives share rank 3, and there is room for 2 of them."
    start = words(client.get(address("what_if", round)))
    assert "the smallest change of a weight" in start
    assert tie in start
    three = words(client.get(address("what_if", round), {"places": "3"}))
    assert tie.replace("for 2", "for 1") in three
    assert "There is a tie" not in words(client.get(address("what_if", round), {"places": "5"}))
    french = words(client.get(f"/fr{address('what_if', round)}", {"places": "3"}))
    assert "Il y a égalité à la ligne : 3 initiatives partagent le rang 3" in french.replace("\xa0", " ")


def test_talked_about_first_is_what_is_apart_and_near_the_line() -> None:
    """Far apart where nothing hangs on it comes after a smaller difference on the line."""
    given = inputs(
        [initiative("SURE", {"A": [1] * 4, "B": [5] * 4}), initiative("NEAR", {"A": [3] * 4, "B": [4] * 4})]
    )
    rows = [
        {"reference": name, "rank": 1, "status": "in", "p_noise": share}
        for name, share in (("SURE", 1.0), ("NEAR", 0.5))
    ]
    found = rankings.disagreements(POLICY, given, {"rows": rows})
    assert [(one["reference"], one["far_apart"]) for one in found] == [("NEAR", False), ("SURE", True)]
