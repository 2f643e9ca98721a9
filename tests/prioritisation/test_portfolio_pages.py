"""The portfolio's pages: building, locking, adopting, budgets and relations; who may, and what goes wrong."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from engagement.models import Job, Theme
from engagement.services import Refused, Stale
from prioritisation import portfolios, services
from prioritisation.admin import portfolio_words
from prioritisation.models import BudgetLine, Capacity, Decision, Relation, Result, Scenario
from prioritisation.services import portfolio_work
from tests import panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    """Eight initiatives, the earlier the better, at 1,000 each; the last has no cost. Closed, 4 places."""
    made = panels.make(now)
    for number, initiative in enumerate(made.work_up(8)):
        services.save_initiative(
            initiative=initiative,
            values={"effort": 2, "risk": 1, "timeframe_months": 6 if number % 2 else 24},
            themes={Theme.objects.get(key="open_data"): 3},
            districts=[],
            costs=[]
            if number == 7
            else [{"label": {}, "amount": Decimal(1000), "kind": "capital", "funding": "none", "year": 2026}],
            by=made.manager,
            at=now,
        )
    round = made.open()
    made.score(round, lambda index: 5 - index / 2 if index % 2 == 0 else 5 - (index - 1) / 2)
    made.close(round)
    return made


@pytest.fixture
def scenario(panel: panels.Panel, now: datetime) -> Scenario:
    round = panel.programme.rounds.get()
    made = services.start_scenario(round=round, name="First", by=panel.manager, at=now)
    return services.save_rules(
        scenario=made, rules={"count": {"number": 4, "exact": True}}, by=panel.manager, at=now
    )


def page_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(scenario: Scenario, page: str = "", *more: Any) -> str:
    return reverse(f"admin:prioritisation_scenario{page and f'_{page}'}", args=[scenario.pk, *more])


def line(panel: panels.Panel, amount: int, now: datetime, **values: Any) -> BudgetLine:
    return services.save_budget_line(
        programme=panel.programme,
        **{"label": {}, "kind": "capital", "year": 2026, "reserve": 0, **values},
        amount=Decimal(amount),
        by=panel.manager,
        at=now,
    )


def references(panel: panels.Panel, *numbers: int) -> list[str]:
    return [panel.initiatives[number].reference for number in numbers]


def test_a_scenario_begins_with_the_rounds_own_rules(panel: panels.Panel, now: datetime) -> None:
    round = panel.programme.rounds.get()
    client = page_of(panel.manager)
    answer = client.post(reverse("admin:prioritisation_portfolio", args=[round.pk]), {"name": "Try"})
    made = Scenario.objects.get()
    assert answer.headers["Location"] == at(made)
    assert made.rules["count"] == {"number": 4, "exact": True}
    assert made.rules["policy_mix"] == ["time_frames"]
    again = client.post(reverse("admin:prioritisation_portfolio", args=[round.pk]), {"name": "Try"})
    assert again.status_code == 422
    assert "has this name" in again.content.decode()


def test_the_best_beside_ones_own(panel: panels.Panel, scenario: Scenario, now: datetime) -> None:
    client = page_of(panel.manager)
    text = client.get(at(scenario)).content.decode()
    assert "Proved: no selection that keeps these rules brings more benefit." in text
    ticked = references(panel, 0, 1, 2, 7)
    sent = {"selected": ticked, "version": scenario.version}
    assert client.post(at(scenario), sent).status_code == 302
    scenario.refresh_from_db()
    assert scenario.selection == sorted(ticked)
    page = client.get(at(scenario))
    view = page.context["view"]
    assert [one.reference for one in view.missing] == references(panel, 3)
    assert [one.reference for one in view.extra] == references(panel, 7)
    assert view.gap > 0
    assert client.post(at(scenario), sent).status_code == 409


def test_a_missing_cost_is_said_and_can_be_allowed(
    panel: panels.Panel, scenario: Scenario, now: datetime
) -> None:
    line(panel, 100_000, now)
    client = page_of(panel.manager)
    text = client.get(at(scenario)).content.decode()
    assert "has no stated cost" in text
    last = references(panel, 7)[0]
    sent = {"lock": "in", "reason": "", "version": scenario.version}
    refused = client.post(at(scenario, "lock", last), sent)
    assert refused.status_code == 422
    assert client.post(at(scenario, "lock", last), {**sent, "reason": "promised"}).status_code == 302
    view = client.get(at(scenario)).context["view"]
    assert last in [one.reference for one in view.rows if one.best]
    assert [one.why for one in view.rows if one.lock] == ["promised"]


def test_nothing_fits_and_what_would(panel: panels.Panel, scenario: Scenario, now: datetime) -> None:
    line(panel, 4000, now, reserve=50)
    client = page_of(panel.manager)
    text = client.get(at(scenario)).content.decode()
    assert "No selection keeps every rule" in text
    assert "raise “Budget: capital, 2026 (at most $2,000)” by $2,000" in text
    assert at(scenario, "adopt") not in text, "nothing fits and nothing is ticked"
    adopt = {"own": "0", "reason_en": "Because", "version": scenario.version}
    assert client.post(at(scenario, "adopt"), adopt).status_code == 422
    with pytest.raises(Refused, match="nothing to adopt"):
        services.adopt_scenario(
            scenario=scenario, own=False, reason={"en": "Because"}, by=panel.manager, at=now
        )
    services.save_selection(scenario=scenario, selection=references(panel, 0), by=panel.manager, at=now)
    assert at(scenario, "adopt") in client.get(at(scenario)).content.decode()
    offered = client.get(at(scenario, "adopt")).content.decode()
    assert "what is ticked" in offered
    assert "the best one under these rules" not in offered
    assert "so there is no best one" in offered
    assert "il n’y en a donc pas" in client.get(f"/fr{at(scenario, 'adopt')}").content.decode()


def test_faults_in_rules_change_nothing(panel: panels.Panel, scenario: Scenario) -> None:
    client = page_of(panel.manager)
    sent = {"number": "99", "exact": "1", "version": scenario.version, "budget": "on"}
    answer = client.post(at(scenario, "rules"), sent)
    assert answer.status_code == 422
    assert "there are only 8 to choose" in answer.content.decode()
    assert 'value="99"' in answer.content.decode()
    scenario.refresh_from_db()
    assert scenario.rules["count"]["number"] == 4


def test_rules_from_the_form(panel: panels.Panel, scenario: Scenario) -> None:
    client = page_of(panel.manager)
    sent = {
        "number": "4",
        "exact": "0",
        "version": scenario.version,
        "mix_time_frames": "on",
        "theme_minimum_open_data": "1",
        "band_short": "50",
        "tolerance": "10",
        "risk_level": "4",
        "risk_high": "20",
        "quintile": "5",
    }
    assert client.post(at(scenario, "rules"), sent).status_code == 302
    scenario.refresh_from_db()
    assert scenario.rules == {
        "count": {"number": 4, "exact": False},
        "budget": False,
        "capacity": False,
        "policy_mix": ["time_frames"],
        "themes": {"open_data": {"minimum": 1, "maximum": None}},
        "quick_wins": None,
        "bands": {"shares": {"short": 50.0}, "tolerance": 10.0},
        "risk": {"level": 4, "low": 0.0, "high": 20.0},
        "districts": {},
        "deprived": None,
        "locks": [],
        "without_cost": [],
    }
    assert client.get(at(scenario, "rules")).status_code == 200


def test_an_adopted_selection_comes_out_again_and_drafts_decisions(
    panel: panels.Panel, scenario: Scenario, now: datetime
) -> None:
    services.lock_initiative(
        scenario=scenario,
        reference=references(panel, 6)[0],
        lock="in",
        reason="promised",
        by=panel.manager,
        at=now,
    )
    client = page_of(panel.manager)
    assert "drafted already" not in client.get(at(scenario, "adopt")).content.decode()
    sent = {"own": "0", "reason_en": "Council’s budget", "draft": "on", "version": scenario.version}
    answer = client.post(at(scenario, "adopt"), sent)
    result = Result.objects.get(kind="portfolio")
    assert answer.headers["Location"].endswith(f"/portfolio/{result.pk}/")
    assert result.parent == services.latest_result(result.round)
    assert services.recompute_portfolio(result) == result.output
    assert services.latest_result(result.round).kind == "ranking"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "it comes out the same" in page
    against = Decision.objects.exclude(override_reason={})
    assert {one.initiative.reference for one in against} == set(references(panel, 3, 6))
    assert all("Council’s budget" in one.override_reason["en"] for one in against)
    with pytest.raises(Stale):
        services.save_selection(scenario=scenario, selection=[], by=panel.manager, at=now)


def test_an_own_selection_is_adopted_with_what_it_breaks(
    panel: panels.Panel, scenario: Scenario, now: datetime
) -> None:
    services.save_selection(scenario=scenario, selection=references(panel, 0, 5), by=panel.manager, at=now)
    services.draft_decisions(round=scenario.round, by=panel.manager, at=now)
    drafted = set(Decision.objects.values_list("pk", "outcome"))
    page = page_of(panel.manager).get(at(scenario, "adopt")).content.decode()
    assert "are drafted already. They are kept" in page
    for words in ("", "  "):
        with pytest.raises(Refused) as refusal:
            services.adopt_scenario(
                scenario=scenario,
                own=True,
                reason={"en": "Two"},
                despite={"en": words},
                draft=True,
                by=panel.manager,
                at=now,
            )
        assert refusal.value.field == "despite"
    assert not Result.objects.filter(kind="portfolio").exists()
    made = services.adopt_scenario(
        scenario=scenario,
        own=True,
        reason={"en": "Two are enough"},
        despite={"en": "The rest of the money is for next year"},
        draft=True,
        by=panel.manager,
        at=now,
    )
    assert made.inputs["despite"] == {"en": "The rest of the money is for next year"}
    assert services.recompute_portfolio(made) == made.output
    assert made.output["kept"]["broken"] == {"count": 2.0}
    assert made.output["best"]["value"] > made.output["kept"]["value"]
    assert set(Decision.objects.values_list("pk", "outcome")) >= drafted
    shown = page_of(panel.manager).get(at(scenario)).content.decode()
    assert "Yours breaks 1 rule. It was adopted all the same" in shown
    assert "only if you say why" not in shown
    assert "malgré tout" in page_of(panel.manager).get(f"/fr{at(scenario)}").content.decode()


def test_the_long_work(panel: panels.Panel, scenario: Scenario, now: datetime, monkeypatch: Any) -> None:
    inputs = services.read_rules(scenario.round, scenario.rules)
    found = portfolio_work.analyse(inputs)
    assert found["inclusion"]["draws"] == portfolios.DRAWS
    job = services.queue_analysis(scenario=scenario, by=panel.analyst, at=now)
    assert services.queue_analysis(scenario=scenario, by=panel.manager, at=now) == job
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, result=found, finished_at=now)
    view = page_of(panel.analyst).get(at(scenario)).context["view"]
    assert view.analysis is not None
    assert all(one.price_exact for one in view.rows if one.price is not None)
    line(panel, 100_000, now)
    assert page_of(panel.analyst).get(at(scenario)).context["view"].analysis is None


def test_who_reads_and_who_writes(panel: panels.Panel, scenario: Scenario) -> None:
    for user in (panel.publisher, panel.analyst):
        client = page_of(user)
        assert client.get(at(scenario)).status_code == 200
        assert client.post(at(scenario), {"selected": []}).status_code == 403
        assert client.get(at(scenario, "rules")).status_code == 403
    assert page_of(panel.assessors[0]).get(at(scenario)).status_code == 403


def test_no_page_before_closing(now: datetime) -> None:
    made = panels.make(now, initiatives=2)
    round = made.open()
    made.score(round, lambda _index: 3)
    client = page_of(made.manager)
    assert client.get(reverse("admin:prioritisation_portfolio", args=[round.pk])).status_code == 404
    with pytest.raises(Refused):
        services.start_scenario(round=round, name="Early", by=made.manager, at=now)


def test_queries_do_not_grow(
    panel: panels.Panel, scenario: Scenario, django_assert_max_num_queries: Any
) -> None:
    client = page_of(panel.manager)
    client.get(at(scenario))
    with django_assert_max_num_queries(32):
        client.get(at(scenario))


def test_budget_lines_and_capacities(panel: panels.Panel, now: datetime) -> None:
    url = reverse("admin:prioritisation_programme_budget", args=[panel.programme.pk])
    panel.manager.user_permissions.add(Permission.objects.get(codename="view_programme"))
    client = page_of(panel.manager)
    sent = {"what": "line", "kind": "capital", "year": "2026", "amount": "1,200,000", "reserve": "10"}
    assert client.post(url, sent).status_code == 302
    made = BudgetLine.objects.get()
    assert (made.amount, made.reserve) == (Decimal(1_200_000), 10)
    twice = client.post(url, sent)
    assert twice.status_code == 422
    assert "kind and year already" in twice.content.decode()
    bad = client.post(url, {**sent, "year": "2027", "amount": "lots"})
    assert bad.status_code == 422
    assert 'value="lots"' in bad.content.decode()
    edit = f"{url}?line={made.pk}"
    assert client.post(edit, {**sent, "amount": "5", "version": "1"}).status_code == 302
    assert client.post(edit, {**sent, "amount": "6", "version": "1"}).status_code == 409
    owner = panel.initiatives[0].owner
    capacity = {
        "what": "capacity",
        "capacity-department": str(owner and owner.pk),
        "capacity-initiatives": "2",
    }
    assert client.post(url, capacity).status_code == 302
    assert Capacity.objects.get().initiatives == 2
    assert client.post(edit, {**sent, "_remove": "1"}).status_code == 302
    assert not BudgetLine.objects.exists()
    assert page_of(panel.analyst).get(url).status_code == 404


def test_relations(panel: panels.Panel, scenario: Scenario, now: datetime) -> None:
    first, second = panel.initiatives[0], panel.initiatives[7]
    made = services.relate_initiatives(
        initiative=first, kind="requires", other=second, by=panel.manager, at=now
    )
    for kind, other in (("requires", first), ("requires", second), ("excludes", second), ("likes", second)):
        with pytest.raises(Refused):
            services.relate_initiatives(initiative=first, kind=kind, other=other, by=panel.manager, at=now)
    view = page_of(panel.manager).get(at(scenario)).context["view"]
    best = [one.reference for one in view.rows if one.best]
    assert (first.reference in best) <= (second.reference in best)
    services.unrelate_initiatives(relation=made, by=panel.manager, at=now)
    assert not Relation.objects.exists()


def test_hostile_names_are_text(panel: panels.Panel, now: datetime) -> None:
    round = panel.programme.rounds.get()
    services.start_scenario(round=round, name="<script>x</script>", by=panel.manager, at=now)
    page = page_of(panel.manager).get(reverse("admin:prioritisation_portfolio", args=[round.pk]))
    assert "<script>x" not in page.content.decode()


@pytest.mark.parametrize("kind", ["requires", "excludes"])
def test_a_rule_between_two_is_kept_or_not_and_counts_nothing(kind: str) -> None:
    row = portfolios.Row(
        kind, kind, np.array([1.0, -1.0]), -np.inf, 0, about={"reference": "A", "other": "B"}
    )
    assert portfolio_words.limit_of(row) == ""
    assert [portfolio_words.used_of(row, used, 2) for used in (-1, 0, 1)] == ["kept", "kept", "not kept"]
