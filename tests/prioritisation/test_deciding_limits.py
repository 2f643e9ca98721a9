"""What drafts follow, what is said before limits are passed, and lots that a new ranking overtook."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import BudgetLine, Decision, Draw, Event, Scenario
from prioritisation.policies import schema
from prioritisation.services import decisions, wording
from tests import panels
from tests.prioritisation.test_sittings_and_draws import TIED, announce
from tests.staff_pages import address, signed_in, words


@pytest.fixture
def panel(db: Any, now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


@pytest.fixture
def round(panel: panels.Panel) -> Any:
    opened = panel.open()
    panel.score(opened, lambda index: TIED[index])
    return panel.close(opened)


def adopt(panel: panels.Panel, round: Any, *indexes: int) -> Scenario:
    scenario = services.start_scenario(round=round, name="Council’s budget", by=panel.manager, at=panel.now)
    chosen = [panel.initiatives[index].reference for index in indexes]
    services.save_selection(scenario=scenario, selection=chosen, by=panel.manager, at=panel.now)
    services.adopt_scenario(
        scenario=scenario,
        own=True,
        reason={"en": "It fits the money."},
        despite={"en": "Two are enough."},
        by=panel.manager,
        at=panel.now,
    )
    return scenario


def test_the_draft_button_follows_the_selection_adopted_and_says_so(panel: Any, round: Any) -> None:
    adopt(panel, round, 0, 5)
    client = signed_in(panel.manager)
    assert "follow the adopted selection “Council’s budget”" in words(client.get(address("decisions", round)))
    client.post(address("decisions_draft", round))
    on = Decision.objects.filter(outcome="advance").values_list("initiative__reference", flat=True)
    assert set(on) == {panel.initiatives[index].reference for index in (0, 5)}
    against = round.decisions.exclude(override_reason={}).get(initiative=panel.initiatives[5])
    assert list(against.override_reason) == ["en"], "what is said in one language is not said in the other"
    assert "It fits the money." in against.override_reason["en"]
    assert "otherwise than the selection" not in words(client.get(address("decisions", round)))


def test_what_was_drafted_before_the_selection_is_named(panel: Any, round: Any) -> None:
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    adopt(panel, round, 0, 5)
    page = words(signed_in(panel.manager).get(address("decisions", round)))
    assert "2 decisions say otherwise than the selection" in page


def ready(panel: Any, round: Any, *indexes: int) -> None:
    """Every initiative decided, those of `indexes` to go on, and the plan named."""
    adopt(panel, round, *indexes)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    services.save_plan(
        programme=panel.programme, slug="plan", title={"en": "The plan"}, by=panel.manager, at=panel.now
    )


def limit(panel: Any, round: Any, amount: int) -> None:
    for index in (0, 1):
        panel.initiatives[index].cost_lines.create(
            label={"en": "Shelters"}, amount=Decimal(600_000), kind="capital", year=2027, funding="secured"
        )
    services.save_budget_line(
        programme=panel.programme,
        label={"en": "Works"},
        kind=BudgetLine.Kind.CAPITAL,
        year=None,
        amount=Decimal(amount),
        reserve=0,
        by=panel.manager,
        at=panel.now,
    )
    services.save_capacity(
        programme=panel.programme,
        department=panel.initiatives[0].owner,
        initiatives=2,
        effort=None,
        by=panel.manager,
        at=panel.now,
    )


def test_past_a_limit_publishing_says_by_how_much_and_asks_for_a_reason(panel: Any, round: Any) -> None:
    limit(panel, round, 1_000_000)
    ready(panel, round, 0, 1, 5)
    found = services.limits_passed(round)
    assert [(one.unit, int(one.after), int(one.most)) for one in found.over] == [
        ("money", 1_200_000, 1_000_000),
        ("initiatives", 3, 2),
    ]
    assert found.without_cost == 1
    client = signed_in(panel.publisher)
    page = words(client.get(address("publish", round)))
    assert "$1,200,000" in page
    assert "$1,000,000" in page
    with pytest.raises(Refused, match="Say why"):
        services.publish_round(round=round, by=panel.publisher, at=panel.now)
    sent = {"action": "publish", "version": round.version}
    assert client.post(address("publish", round), sent).status_code == 422
    assert client.post(address("publish", round), {**sent, "over_reason": "A grant."}).status_code == 422
    answer = client.post(address("publish", round), {**sent, "go_on": "on", "over_reason": "A grant."})
    assert answer.status_code == 302
    assert Event.objects.get(verb="publish_over_limits").note == "A grant."


def test_within_the_limits_nobody_is_asked(panel: Any, round: Any) -> None:
    limit(panel, round, 1_200_000)
    ready(panel, round, 0, 1)
    assert services.limits_passed(round) == services.Limits([], 0)
    services.publish_round(round=round, by=panel.publisher, at=panel.now)
    assert not Event.objects.filter(verb="publish_over_limits").exists()


def drawn(panel: Any, round: Any) -> Draw:
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    draw = announce(panel, round)
    services.draw_lots(draw=draw, seed="7", by=panel.manager, at=panel.now)
    services.save_plan(
        programme=panel.programme, slug="plan", title={"en": "The plan"}, by=panel.manager, at=panel.now
    )
    return draw


def test_lots_among_those_who_are_no_longer_equal_are_not_published(
    panel: Any, round: Any, client: Any
) -> None:
    draw = drawn(panel, round)
    services.adopt_result(round=round, changes={"places": 3}, reason="Three.", by=panel.manager, at=panel.now)
    with pytest.raises(Refused, match="Call the draw off") as refusal:
        services.check_publishable(round=round, by=panel.publisher)
    assert refusal.value.code == "draw"
    why = {"en": "One place fewer.", "fr": "Une place de moins."}
    page = signed_in(panel.manager)
    assert "no longer the equals" in words(page.get(address("lots", round)))
    sent = {"action": "cancel", "cancel-reason_en": why["en"], "cancel-reason_fr": why["fr"]}
    page.post(address("lots", round), {**sent, "cancel-version": draw.version})
    draw.refresh_from_db()
    assert draw.cancelled_at is not None
    assert services.undecided(round).count() == 3, "what the lots decided is decided anew"
    public = words(client.get("/programmes/plan/draws/"))
    assert "One place fewer." in public
    assert "decide nothing any more" in public
    assert draw.order[0] in public
    assert "A draw by lot was called off" in words(client.get("/plans/"))


def test_lots_that_still_fit_are_published_and_not_called_off(panel: Any, round: Any) -> None:
    draw = drawn(panel, round)
    with pytest.raises(Refused):
        services.cancel_draw(draw=draw, reason={"en": "No."}, by=panel.manager, at=panel.now)
    version = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    assert [one["cancelled_on"] for one in version.document["draws"]] == [None]


def test_too_little_known_about_a_condition_is_no_failure(panel: Any) -> None:
    round = panel.prepare()
    services.open_round(round=round, by=panel.manager, at=panel.now)
    panel.score(round, lambda index: TIED[index])
    entry = round.entries.get(initiative=panel.initiatives[0])
    services.check_gate(
        entry=entry,
        gate="powers",
        verdict="needs_information",
        text={"en": "The province has not said."},
        by=panel.manager,
        at=panel.now,
    )
    panel.close(round)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    made = round.decisions.get(initiative=panel.initiatives[0])
    assert (made.outcome, made.reason) == ("hold", decisions.UNKNOWN)
    assert "Within the city’s powers" in made.text["en"]
    assert "did not meet" not in made.text["en"]


def test_what_was_as_good_as_half_of_the_chosen_weighed_nothing_against_it(panel: Any, round: Any) -> None:
    policy = schema.parse(round.policy_version.document)
    output = services.latest_result(round).output
    row = next(one for one in output["rows"] if one["status"] == "out")
    values = {key: figures["value"] for key, figures in row["criteria"].items()}
    label = {key: policy.criterion(key).label["en"] for key in values}
    best, *others = [one.key for one in policy.assessed_criteria() if values[one.key] is not None]
    medians = {best: values[best], **{key: values[key] + 0.1 for key in others}}
    text = wording.decision_draft(policy, row, "below_line", medians)["en"]
    assert label[best] not in text
    assert "weighed most" in text
    nothing = wording.decision_draft(policy, row, "below_line", values)["en"]
    assert "weighed most" not in nothing


def test_the_plan_says_which_selection_was_adopted_why_and_what_it_breaks(panel: Any, round: Any) -> None:
    ready(panel, round, 0, 5)
    version = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    told = version.document["selection"]
    assert (told["best"], told["rules_broken"]) == (False, 2)
    assert told["reason"] == {"en": "It fits the money."}
    assert told["broken_because"] == {"en": "Two are enough."}
    for path in ("/plans/plan/", "/plans/plan/method/"):
        shown = words(Client().get(path))
        assert "staff put a selection together" in shown
        assert "It does not keep 2 of the rules." in shown
    assert Client().get("/api/v1/plans/plan").json()["selection"]["rules_broken"] == 2
