"""What breaks a rule, and what would help, in the words of the portfolio's pages."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from engagement.models import Theme
from prioritisation import services
from prioritisation.forms.portfolios import mix_words
from prioritisation.models import Decision, Event, Result, Scenario
from prioritisation.policies import catalogue, schema
from tests import panels
from tests.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    """Six initiatives, the earlier the better. Closed, 4 places."""
    made = panels.make(now)
    for initiative in made.work_up(6):
        services.save_initiative(
            initiative=initiative,
            values={"effort": 2, "risk": 1, "timeframe_months": 6},
            themes={Theme.objects.get(key="open_data"): 3},
            districts=[],
            costs=[],
            by=made.manager,
            at=now,
        )
    made.score(round := made.open(), lambda index: 5 - index / 2 if index % 2 == 0 else 5 - (index - 1) / 2)
    made.close(round)
    return made


def started(panel: panels.Panel, *ticked: int, **rules: Any) -> Scenario:
    round = panel.programme.rounds.get()
    made = services.start_scenario(round=round, name="First", by=panel.manager, at=panel.now)
    made = services.save_rules(
        scenario=made,
        rules={"count": {"number": 4, "exact": True}, **rules},
        by=panel.manager,
        at=panel.now,
    )
    chosen = [panel.initiatives[one].reference for one in ticked]
    return services.save_selection(scenario=made, selection=chosen, by=panel.manager, at=panel.now)


def at(scenario: Scenario, page: str = "") -> str:
    return reverse(f"admin:prioritisation_scenario{page and f'_{page}'}", args=[scenario.pk])


def stored() -> tuple[int, int, int]:
    return Result.objects.count(), Decision.objects.count(), Event.objects.count()


def relate(panel: panels.Panel, first: int, kind: str, second: int) -> None:
    services.relate_initiatives(
        initiative=panel.initiatives[first],
        kind=kind,
        other=panel.initiatives[second],
        by=panel.manager,
        at=panel.now,
    )


def test_what_breaks_rules_is_adopted_only_with_a_tick_and_a_reason(panel: panels.Panel) -> None:
    scenario = started(panel, 0, 5)
    client = signed_in(panel.manager)
    page = words(client.get(at(scenario, "adopt")))
    assert "Initiatives in all (exactly 4): 2 too few" in page
    sent = {"own": "1", "reason_en": "Kept text", "draft": "on", "version": scenario.version}
    before = stored()
    for more in ({}, {"accept": "on"}, {"despite_en": "Next year"}, {"accept": "on", "despite_en": "  "}):
        answer = client.post(at(scenario, "adopt"), {**sent, **more})
        assert answer.status_code == 422
        assert "Kept text" in answer.content.decode()
        assert stored() == before
    scenario.refresh_from_db()
    assert scenario.result_id is None
    answer = client.post(
        at(scenario, "adopt"), {**sent, "accept": "on", "despite_en": "The rest is for next year"}
    )
    kept = words(client.get(answer.headers["Location"]))
    assert "It breaks 1 rule:" in kept
    assert "2 too few" in kept
    assert "The rest is for next year" in kept
    assert "it comes out the same" in kept


def test_what_keeps_the_rules_and_the_best_are_asked_nothing_more(panel: panels.Panel) -> None:
    scenario = started(panel, 0, 1, 2, 3)
    client = signed_in(panel.manager)
    assert "may be broken" not in words(client.get(at(scenario, "adopt")))
    services.save_selection(
        scenario=scenario, selection=[panel.initiatives[0].reference], by=panel.manager, at=panel.now
    )
    assert "may be broken" in words(client.get(at(scenario, "adopt")))
    sent = {"own": "0", "reason_en": "The best", "version": scenario.version}
    assert client.post(at(scenario, "adopt"), sent).status_code == 302
    assert Result.objects.get(kind="portfolio").inputs.get("despite") is None


def test_the_builder_says_that_ones_own_is_not_allowed(panel: panels.Panel) -> None:
    relate(panel, 0, "requires", 5)
    relate(panel, 1, "excludes", 2)
    scenario = started(panel, 0, 1, 2)
    page = words(signed_in(panel.analyst).get(at(scenario)))
    titles = [f"{one.title['en']} ({one.reference})" for one in panel.initiatives]
    assert "Yours breaks 3 rules" in page
    assert "Initiatives in all (exactly 4): 1 too few" in page
    assert f"tick “{titles[5]}” too, or untick “{titles[0]}”" in page
    assert f"“{titles[1]}” and “{titles[2]}” exclude each other: both are ticked: untick one of them" in page


def test_single_steps_and_a_chain_are_told_apart(panel: panels.Panel) -> None:
    one = started(panel, themes={"open_data": {"minimum": None, "maximum": 3}})
    page = words(signed_in(panel.manager).get(at(one)))
    assert "One of these changes alone is enough; choose one:" in page
    services.remove_scenario(scenario=one, by=panel.manager, at=panel.now)
    first, second = (panel.initiatives[index].reference for index in (0, 1))
    locked = [{"reference": ref, "lock": "in", "reason": "x"} for ref in (first, second)]
    chain = started(
        panel,
        count={"number": 1, "exact": False},
        themes={"open_data": {"minimum": None, "maximum": 1}},
        locks=locked,
    )
    page = words(signed_in(panel.manager).get(at(chain)))
    assert "One of these" in page  # unlocking either is enough
    assert f"unlock “{panel.initiatives[0].title['en']} ({first})”, which is locked in" in page
    locked.append({"reference": panel.initiatives[2].reference, "lock": "in", "reason": "x"})
    services.save_rules(
        scenario=chain, rules={**chain.rules, "locks": locked}, by=panel.manager, at=panel.now
    )
    page = words(signed_in(panel.manager).get(at(chain)))
    assert "No single change is enough. All of these together are:" in page


def test_shares_are_asked_in_figures(panel: panels.Panel) -> None:
    scenario = started(
        panel, 0, 1, bands={"shares": {"short": 50}, "tolerance": 10}, count={"number": 4, "exact": False}
    )
    page = signed_in(panel.manager).get(at(scenario))
    short = [one.limit for one in page.context["view"].rules if one.name == "Time frame: Under 12 months"]
    assert short == ["at least 40%", "at most 60%"]


def test_mix_rules_are_told_in_figures() -> None:
    policy = schema.parse(catalogue.load("montreal-2015"))
    told = [mix_words(rule, policy) for rule in policy.mix]
    assert told
    assert all("%" in one or "At least" in one for one in told), told
    shares = next(mix_words(rule, policy) for rule in policy.mix if rule.rule == "band_shares")
    assert "37.1%" in shares
    assert shares.endswith("each may lie off by 5 points.")


def test_one_word_is_one_meaning() -> None:
    from prioritisation.portfolios import analysis
    from prioritisation.rankings import ranking

    assert (analysis.CORE, analysis.EXTERIOR) == (ranking.CORE, ranking.OUT)
