"""Two people at one list, selection, draw or plan at the same moment, on PostgreSQL.

One takes effect and the other is told, or both do in an order that is sound. Whoever comes second read
everything before the first was done.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Count

from engagement import services as engagement
from engagement.models import Idea, Notice
from engagement.services import Stale
from prioritisation import lots, services
from prioritisation.models import (
    Amendment,
    Assessment,
    Assignment,
    Decision,
    DecisionMeeting,
    Draw,
    Event,
    IdeaLink,
    Initiative,
    Plan,
    PlanVersion,
    Result,
    Round,
    Scenario,
)
from prioritisation.services import funnel, outcomes
from tests import factories, panels
from tests.service.meeting import at_once, both, meet, one_of, until_somebody_waits

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

# Drawing lots --------------------------------------------------------------------------------------------


def announce(panel: panels.Panel, round: Round) -> Draw:
    return services.announce_draw(
        round=Round.objects.get(pk=round.pk),
        basis=services.TIED,
        seed_rule={"en": "The lottery of 12 May"},
        by=panel.manager,
        at=panel.now,
    )


def test_a_draw_is_announced_once(panel: panels.Panel, closed: Round) -> None:
    one_of(meet(*[lambda: announce(panel, closed)] * 2))
    assert Draw.objects.count() == Event.objects.filter(verb="announce_draw").count() == 1


def test_lots_are_drawn_once_and_by_the_seed_that_came_first(panel: panels.Panel, closed: Round) -> None:
    key = announce(panel, closed).pk

    def draw(seed: str) -> Any:
        mine = Draw.objects.select_related("round__programme").get(pk=key)
        return lambda: services.draw_lots(draw=mine, seed=seed, by=panel.manager, at=panel.now)

    said = meet(draw("12 44 61"), draw("1 2 3"))
    one_of(said)
    stands = Draw.objects.get()
    assert (stands.seed, stands.order) == ("12 44 61", lots.order("12 44 61", stands.among))
    assert Decision.objects.filter(draw=stands).count() == len(stands.among) == 3


def test_lots_are_drawn_or_called_off(panel: panels.Panel, closed: Round) -> None:
    key = announce(panel, closed).pk
    mine, other = (Draw.objects.select_related("round__programme").get(pk=key) for _ in range(2))
    one_of(
        meet(
            lambda: services.cancel_draw(draw=mine, reason={"en": "Wrong."}, by=panel.manager, at=panel.now),
            lambda: services.draw_lots(draw=other, seed="1 2", by=panel.manager, at=panel.now),
        )
    )
    assert not Decision.objects.exists()


# Lists made again, and selections --------------------------------------------------------------------------


def test_of_two_lists_tried_on_the_same_ranking_one_is_adopted(panel: panels.Panel, closed: Round) -> None:
    """Else the second would stand on a list that nobody saw: the changes of both."""
    seen = services.latest_result(closed)

    def adopt(changes: dict[str, Any]) -> Any:
        mine = Round.objects.select_related("programme", "policy_version").get(pk=closed.pk)
        return lambda: services.adopt_result(
            round=mine, changes=changes, reason="Tried.", by=panel.manager, at=panel.now, seen=seen.pk
        )

    said = meet(adopt({"places": 3}), adopt({"dropped_criteria": ["return"]}))
    one_of(said)
    assert isinstance(said[1], Stale)
    assert services.latest_result(closed).inputs["changes"] == {"places": 3}
    assert Event.objects.filter(verb="adopt_result").count() == 1


def test_scores_struck_while_a_list_is_adopted_leave_every_later_figure(
    panel: panels.Panel, closed: Round
) -> None:
    seen = services.latest_result(closed)
    mine, other = (
        Round.objects.select_related("programme", "policy_version").get(pk=closed.pk) for _ in "ab"
    )
    struck = Assignment.objects.filter(entry__round=closed).order_by("pk")[0]
    one_of(
        meet(
            lambda: services.strike_assessments(
                round=mine, assignments=[struck], reason="His brother’s", by=panel.manager, at=panel.now
            ),
            lambda: services.adopt_result(
                round=other, changes={"places": 3}, reason="x", by=panel.manager, at=panel.now, seen=seen.pk
            ),
        )
    )
    counted = sum(len(one["reviews"]) for one in services.latest_result(closed).inputs["initiatives"])
    assert counted == Assessment.objects.counted().count() == Assessment.objects.count() - 1


def scenario(panel: panels.Panel, round: Round) -> Scenario:
    made = services.start_scenario(round=round, name="A", by=panel.manager, at=panel.now)
    return services.save_rules(
        scenario=made, rules={"count": {"number": 4, "exact": True}}, by=panel.manager, at=panel.now
    )


def test_a_scenario_is_adopted_once_and_decided_from_once(panel: panels.Panel, closed: Round) -> None:
    key = scenario(panel, closed).pk

    def adopt() -> Any:
        mine = Scenario.objects.select_related("round__programme", "round__policy_version").get(pk=key)
        return lambda: services.adopt_scenario(
            scenario=mine, own=False, reason={"en": "Best."}, draft=True, by=panel.manager, at=panel.now
        )

    said = meet(adopt(), adopt())
    one_of(said)
    assert Result.objects.filter(kind=Result.Kind.PORTFOLIO).count() == 1
    assert Decision.objects.count() == len(panel.initiatives)
    assert Event.objects.filter(verb="adopt_scenario").count() == 1


def test_a_scenario_changed_meanwhile_is_not_adopted(panel: panels.Panel, closed: Round) -> None:
    key = scenario(panel, closed).pk
    mine, other = (
        Scenario.objects.select_related("round__programme", "round__policy_version").get(pk=key)
        for _ in range(2)
    )
    said = meet(
        lambda: services.save_rules(
            scenario=mine, rules={"count": {"number": 2, "exact": True}}, by=panel.manager, at=panel.now
        ),
        lambda: services.adopt_scenario(
            scenario=other, own=False, reason={"en": "Best."}, by=panel.manager, at=panel.now
        ),
    )
    one_of(said)
    assert not Result.objects.filter(kind=Result.Kind.PORTFOLIO).exists()


# Plans -----------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(panel: panels.Panel) -> Round:
    """Closed and decided, with a plan that has a name: fit to be published by the publisher."""
    round = panel.open()
    panel.score(round, lambda index: 5 - index / 2 if index % 2 == 0 else 1)
    panel.close(round)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    for initiative in services.undecided(round):
        services.save_decision(
            round=round, initiative=initiative, outcome="advance", by=panel.manager, at=panel.now
        )
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=panel.now)
    return round


def publish(panel: panels.Panel, round: Round) -> Any:
    mine = Round.objects.select_related("programme", "policy_version").get(pk=round.pk)
    return lambda: services.publish_round(round=mine, by=panel.publisher, at=panel.now)


def mails_an_idea() -> set[int]:
    mails = Notice.objects.filter(kind="engagement.idea_outcome").values("idea").annotate(n=Count("pk"))
    return set(mails.values_list("n", flat=True))


def test_a_plan_is_published_once_and_each_author_mailed_once(panel: panels.Panel, decided: Round) -> None:
    one_of(meet(publish(panel, decided), publish(panel, decided)))
    assert PlanVersion.objects.count() == 1
    assert mails_an_idea() == {1}
    assert Event.objects.filter(verb="publish_decision").count() == len(panel.initiatives)


def test_a_decision_changed_while_it_is_published_is_refused(panel: panels.Panel, decided: Round) -> None:
    one = Decision.objects.filter(outcome="advance").select_related("initiative")[0]
    mine = Round.objects.select_related("programme", "policy_version").get(pk=decided.pk)
    said = meet(
        publish(panel, decided),
        lambda: services.save_decision(
            round=mine,
            initiative=one.initiative,
            outcome="set_aside",
            reason="below_line",
            override_reason={"en": "No."},
            text={"en": "No."},
            by=panel.manager,
            at=panel.now,
        ),
    )
    one_of(said)
    assert Decision.objects.get(pk=one.pk).outcome == "advance"


def test_a_plan_gets_its_first_name_once(panel: panels.Panel) -> None:
    def name(slug: str) -> Any:
        return lambda: services.save_plan(
            programme=panel.programme,
            slug=slug,
            title={"en": slug},
            by=panel.manager,
            at=panel.now,
            version=0,  # what the page carries before there is a plan
        )

    one_of(meet(name("one"), name("other")))
    assert Plan.objects.get().slug == "one"


def amended(panel: panels.Panel, decided: Round, now: datetime) -> Any:
    publish(panel, decided)()
    sitting = services.save_sitting(
        programme=panel.programme,
        body={"en": "Council"},
        held_on=now.date(),
        resolution="CM26 1",
        by=panel.manager,
        at=now,
    )
    draft = services.start_amendment(plan=Plan.objects.get(), by=panel.manager, at=now)
    gone = Initiative.objects.filter(state="chosen").order_by("pk")[0]
    return services.save_amendment(
        amendment=draft,
        changes=[{"reference": gone.reference, "outcome": "set_aside", "reason": {"en": "Too dear."}}],
        meeting=sitting,
        vote="7 to 4",
        by=panel.manager,
        at=now,
    )


def test_an_amendment_is_adopted_once_and_each_author_mailed_once(
    panel: panels.Panel, decided: Round, now: datetime
) -> None:
    later = now + timedelta(days=20)
    draft = amended(panel, decided, later)
    Notice.objects.all().delete()

    def adopt() -> Any:
        mine = Amendment.objects.select_related("plan__programme").get(pk=draft.pk)
        return lambda: services.adopt_amendment(amendment=mine, by=panel.publisher, at=later)

    one_of(meet(adopt(), adopt()))
    assert list(PlanVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert mails_an_idea() == {1}
    assert Event.objects.filter(verb="adopt_amendment").count() == 1
    told = [idea for idea in Idea.objects.filter(outcome="set_aside") if "Too dear" in str(idea.outcome_text)]
    assert len(told) == 1


def test_an_amendment_changed_meanwhile_is_not_adopted(
    panel: panels.Panel, decided: Round, now: datetime
) -> None:
    later = now + timedelta(days=20)
    draft = amended(panel, decided, later)
    mine, other = (Amendment.objects.select_related("plan__programme", "base").get(pk=draft.pk) for _ in "ab")
    said = meet(
        lambda: services.save_amendment(
            amendment=mine, changes=[], meeting=mine.meeting, vote="6 to 5", by=panel.manager, at=later
        ),
        lambda: services.adopt_amendment(amendment=other, by=panel.publisher, at=later),
    )
    one_of(said)
    assert PlanVersion.objects.count() == 1


@pytest.mark.parametrize("first", ["publish", "sitting"])
def test_a_sitting_is_published_as_it_stands(panel: panels.Panel, decided: Round, first: str) -> None:
    """Changed before, the plan tells of the change; changed after, it is refused."""
    sitting = services.save_sitting(
        programme=panel.programme,
        body={"en": "Council"},
        held_on=panel.now.date(),
        resolution="CM26 1",
        by=panel.manager,
        at=panel.now,
    )
    services.set_sitting(
        decisions=Decision.objects.select_related("round", "initiative__programme"),
        sitting=sitting,
        by=panel.manager,
        at=panel.now,
    )
    mine = DecisionMeeting.objects.select_related("programme").get()

    def change() -> Any:
        return services.save_sitting(
            programme=panel.programme,
            body={"en": "Council"},
            held_on=panel.now.date(),
            resolution="CM26 2",
            sitting=mine,
            by=panel.manager,
            at=panel.now,
        )

    works = [publish(panel, decided), change]
    if first == "publish":
        one_of(meet(*works))
    else:
        both(meet(*works[::-1]))
    (told,) = PlanVersion.objects.get().document["sittings"]
    assert told["resolution"] == DecisionMeeting.objects.get().resolution


@pytest.mark.parametrize("first", ["publish", "sitting"])
def test_a_sitting_to_come_is_never_published(panel: panels.Panel, decided: Round, first: str) -> None:
    """Named while the plan is published it is refused, line by line; named before, publishing is."""
    rows = list(Decision.objects.select_related("round", "initiative__programme"))
    to_come = services.save_sitting(
        programme=panel.programme,
        body={"en": "Council"},
        held_on=panel.now.date() + timedelta(days=30),
        by=panel.manager,
        at=panel.now,
    )

    def name() -> Any:
        return services.set_sitting(decisions=rows, sitting=to_come, by=panel.manager, at=panel.now)

    works = [publish(panel, decided), name]
    said = meet(*(works if first == "publish" else works[::-1]))
    if first == "sitting":
        one_of(said)
        assert not PlanVersion.objects.exists()
        return
    both(said)
    done, told = said[1]
    assert (done, len(told)) == (0, len(rows))
    assert not Decision.objects.exclude(meeting=None).exists()


def test_a_plan_is_published_while_work_starts_on_what_holds_the_same_ideas(
    panel: panels.Panel, decided: Round, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both write on the timelines of several ideas: without one order each would wait for the other."""
    later = now + timedelta(days=20)
    draft = amended(panel, decided, later)
    changed = {change["reference"] for change in draft.changes}
    held = Initiative.objects.filter(state="chosen").exclude(reference__in=changed).latest("pk")
    new = [factories.Idea(call=panel.programme.calls.get(), state="published") for _ in range(6)]
    IdeaLink.objects.bulk_create(IdeaLink(idea=one, initiative=held, linked_at=later) for one in new)
    told = [key for key in funnel.idea_outcomes(panel.programme) if key in {one.pk for one in new}]
    for key in reversed(told):  # who walks through the table comes by them the other way round
        Idea.objects.filter(pk=key).update(changed_at=now)
    waited: list[Idea] = []
    begun = threading.Event()
    write = outcomes.engagement.record_outcome

    def wait_after_the_first(**given: Any) -> None:
        write(**given)
        if not waited:
            waited.append(given["idea"])
            begun.set()
            until_somebody_waits()

    monkeypatch.setattr(outcomes.engagement, "record_outcome", wait_after_the_first)

    def start() -> Any:
        assert begun.wait(30)
        return services.start_delivery(initiative=held, by=panel.manager, at=later)

    both(at_once(lambda: services.adopt_amendment(amendment=draft, by=panel.publisher, at=later), start))


def test_a_sender_who_is_erased_while_the_plan_is_published_stops_nothing(
    panel: panels.Panel, decided: Round
) -> None:
    idea = Idea.objects.order_by("pk")[0]

    def erase() -> Any:
        return engagement.erase_sender(idea=idea, at=panel.now, keep_text=True)

    both(meet(erase, publish(panel, decided)))
    assert PlanVersion.objects.count() == 1
    assert not Notice.objects.filter(idea=idea, kind="engagement.idea_outcome").exists()
