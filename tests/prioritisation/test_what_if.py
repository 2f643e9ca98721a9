"""What if: nothing is stored, bad input is told, proportions hold, and adopting leaves the old list."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import services, what_if
from prioritisation.admin.rankings import reading
from prioritisation.models import Event, Result
from tests import panels
from tests.staff_pages import address, signed_in, words

KEYS = ["a", "b", "c"]


@given(
    before=st.lists(st.floats(1, 60), min_size=3, max_size=3),
    place=st.integers(0, 2),
    to=st.floats(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_one_weight_holds_and_the_others_keep_their_proportions(
    before: list[float], place: int, to: float
) -> None:
    total = sum(before)
    was = {key: 100 * one / total for key, one in zip(KEYS, before, strict=True)}
    key = KEYS[place]
    found = what_if.shares(KEYS, {**was, key: to}, was)
    assert sum(found.values()) == pytest.approx(100)
    if abs(to - was[key]) > 1e-5:
        assert found[key] == pytest.approx(to)
    first, second = (one for one in KEYS if one != key)
    assert found[first] * was[second] == pytest.approx(found[second] * was[first], abs=1e-4)


def test_two_weights_over_a_whole_are_refused() -> None:
    was = {"a": 40.0, "b": 40.0, "c": 20.0}
    with pytest.raises(what_if.TooMuchError):
        what_if.shares(KEYS, {"a": 70.0, "b": 60.0, "c": 20.0}, was)
    assert what_if.shares(KEYS, {"a": 50.0, "b": 100.0, "c": 50.0}, was) == {"a": 25.0, "b": 50.0, "c": 25.0}


@pytest.fixture
def closed(db: Any, now: Any) -> tuple[panels.Panel, Any]:
    """Seven initiatives in clear order; the later, the faster: only "time" speaks for them."""
    panel = panels.make(now, initiatives=7)
    for number, initiative in enumerate(panel.initiatives):
        type(initiative).objects.filter(pk=initiative.pk).update(timeframe_months=40 - 5 * number)
    round = panel.open()
    panel.score(round, lambda index: [5, 4.0, 4, 3, 3, 2, 1][index])
    panel.close(round)
    return panel, round


def counts() -> tuple[int, int]:
    return Result.objects.count(), Event.objects.count()


def test_trying_tells_who_comes_in_and_stores_nothing(closed: Any) -> None:
    panel, round = closed
    client, before = signed_in(panel.analyst), counts()
    start = words(client.get(address("what_if", round)))
    assert "Nothing is tried yet" in start
    page = words(client.get(address("what_if", round), {"w_time": "90", "places": "3", "budget": "1000"}))
    assert "come in" in page
    assert "go out" in page
    assert "That is within $1,000" in page
    fewer = words(client.get(address("what_if", round), {"places": "2"}))
    assert "Nobody comes in" not in fewer
    assert "Adopt this" not in fewer  # not the analyst's business
    assert "Adopt this" in words(signed_in(panel.manager).get(address("what_if", round), {"places": "2"}))
    assert client.post(address("what_if", round), {"places": "2"}).status_code == 405
    assert counts() == before


def test_what_if_asks_the_database_twelve_times_at_most(
    closed: Any, django_assert_max_num_queries: Any
) -> None:
    panel, round = closed
    client = signed_in(panel.manager)
    for asked in ({"w_time": "90"}, {}, {"places": "2", "without": "time"}):
        reading.forget()
        with django_assert_max_num_queries(12):
            assert client.get(address("what_if", round), asked).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"w_time": "nan"},
        {"w_time": "-1"},
        {"w_time": "1e300"},
        {"w_time": "<b>"},
        {"places": "0"},
        {"places": "-3"},
        {"places": "9" * 400},
        {"budget": "inf"},
        {"budget": "-5"},
        {"without": "no_such"},
        {"w_time": "80", "w_return": "70"},
        {"without": ["enabling", "strategy", "citizens", "return", "time"]},
    ],
)
def test_bad_parameters_are_told_and_nothing_is_lost(closed: Any, asked: dict[str, Any]) -> None:
    panel, round = closed
    answer = signed_in(panel.manager).get(address("what_if", round), {**asked, "budget_note": "kept"})
    assert answer.status_code == 422
    assert "Something needs your attention" in words(answer)
    again = signed_in(panel.manager).get(address("adopt", round), asked)
    assert again.status_code == 302


def test_only_the_manager_leaves_out_assessors(closed: Any) -> None:
    panel, round = closed
    letter = services.latest_result(round).inputs["initiatives"][0]["reviews"][0]["assessor"]
    assert signed_in(panel.analyst).get(address("what_if", round), {"leave": letter}).status_code == 403
    assert "Leave out an assessor" not in words(signed_in(panel.publisher).get(address("what_if", round)))
    answer = signed_in(panel.manager).get(address("what_if", round), {"leave": letter})
    assert answer.status_code == 200
    assert signed_in(panel.manager).get(address("what_if", round), {"leave": "?"}).status_code == 422


def test_adopting_needs_a_reason_and_leaves_the_old_list(closed: Any) -> None:
    panel, round = closed
    old = services.latest_result(round)
    client = signed_in(panel.manager)
    url = f"{address('adopt', round)}?places=2"
    refused = client.post(url, {"reason": "", "sure": "on", "result": old.pk})
    assert refused.status_code == 422
    stale = client.post(url, {"reason": "Kept text", "sure": "on", "result": old.pk + 1})
    assert stale.status_code == 422
    assert "Kept text" in stale.content.decode()
    assert services.latest_result(round) == old
    for person in (panel.analyst, panel.publisher, panel.assessors[0]):
        answer = signed_in(person).post(url, {"reason": "No", "sure": "on", "result": old.pk})
        assert answer.status_code in (403, 404)
    client.post(url, {"reason": "Council asked", "sure": "on", "result": old.pk})
    new = services.latest_result(round)
    assert new != old
    assert new.parent == old
    assert new.output["places"] == 2
    page = words(client.get(address("ranking", round)))
    assert "because: Council asked" in page
    assert "All 2 lists of this round" in page
    earlier = words(client.get(f"{address('results', round)}{old.pk}/"))
    assert "This is an earlier list" in earlier
    assert "Council asked" in words(client.get(address("results", round)))
    assert client.get(f"{address('results', round)}999999/").status_code == 404


def test_who_adopts_is_told_that_drafts_are_kept_and_the_list_marks_them(closed: Any) -> None:
    panel, round = closed
    client = signed_in(panel.manager)
    url = f"{address('adopt', round)}?places=2"
    assert "drafted already" not in words(client.get(url))
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    drafted = round.decisions.count()
    assert f"{drafted} decisions are drafted already. They are kept" in words(client.get(url))
    assert "drafted from an earlier list" not in words(client.get(address("decisions", round)))
    sent = {"reason": "Council asked", "sure": "on", "result": services.latest_result(round).pk}
    client.post(url, sent)
    assert round.decisions.count() == drafted
    assert words(client.get(address("decisions", round))).count("drafted from an earlier list") == drafted


def test_weights_shown_add_up_and_sent_back_unchanged_are_unchanged() -> None:
    stated = {"a": 100 / 3, "b": 100 / 3, "c": 100 / 3}
    shown = what_if.tenths(stated)
    assert shown == {"a": 33.4, "b": 33.3, "c": 33.3}
    assert what_if.shares(KEYS, shown, shown) == pytest.approx(shown, abs=1e-9)
    assert what_if.tenths({"a": 0.3, "b": 0.0, "c": 0.7}) == {"a": 30.0, "b": 0.0, "c": 70.0}


def test_other_places_alone_change_the_places_alone(closed: Any) -> None:
    """Weights that one decimal cannot write (a sixth each) are sent along, and stay what they are."""
    panel, round = closed
    sixths = {"strategy": 1 / 6, "citizens": 1 / 6, "return": 1 / 6, "time": 1 / 6, "enabling": 1 / 3}
    made = services.adopt_result(
        round=round, changes={"weights": sixths}, reason="Sixths", by=panel.manager, at=panel.now
    )
    client = signed_in(panel.manager)
    page = client.get(address("what_if", round))
    lines = page.context["weights"]
    assert round_up(sum(line["shown"] for line in lines)) == 100
    sent = {f"w_{line['key']}": str(line["shown"]) for line in lines}
    sent |= {f"was_{line['key']}": str(line["was"]) for line in lines}
    tried = client.get(address("what_if", round), {**sent, "places": "2", "budget": "1000"})
    assert tried.context["changes"] == {"places": 2}
    assert [line["shown"] for line in tried.context["weights"]] == [line["shown"] for line in lines]
    url = f"{address('adopt', round)}?places=2&budget=1000"
    assert "than $1,000" in words(client.get(url)) or "within $1,000" in words(client.get(url))
    client.post(url, {"reason": "Two", "sure": "on", "result": made.pk})
    assert services.latest_result(round).output["weights"] == made.output["weights"]


def round_up(number: float) -> float:
    return float(f"{number:.6f}")


def test_adopted_places_are_what_every_page_says(closed: Any) -> None:
    panel, round = closed
    assert services.places_of(round) == round.places
    services.adopt_result(round=round, changes={"places": 2}, reason="Two", by=panel.manager, at=panel.now)
    assert round.places != 2
    client = signed_in(panel.manager)
    assert "2 places" in words(client.get(f"/admin/prioritisation/round/{round.pk}/change/"))
    scenario = services.start_scenario(round=round, name="Two", by=panel.manager, at=panel.now)
    assert scenario.rules["count"]["number"] == 2
