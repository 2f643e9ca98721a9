"""A seeded walk through everything staff and senders may do: after each step the counts must add up.

Each step is one verb with what happens to be there; a refusal is an answer like any other.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from engagement import services as engagement
from engagement.models import Counter as ReferenceCounter
from engagement.models import Idea
from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assignment, Decision, Initiative, Round
from prioritisation.policies import schema
from prioritisation.services import funnel
from prioritisation.workflow import InitiativeState, Outcome, RoundState
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db

CRITERIA = ("enabling", "strategy", "citizens", "return")
STEPS = 80


class Walk:
    """One city and one source of chance."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.chance = random.Random(seed)
        self.at = now
        ReferenceCounter.objects.create(
            series="", year=now.year, value=90_000
        )  # past what the factories number
        self.city = scene.make_city(now)
        self.programme = self.city["programme"]
        self.manager = factories.staff("walker", superuser=True)
        self.owner = factories.Department()
        for code, eligible in (("not_city", True), ("test", False)):
            factories.Reason(action="decline", code=code, eligible=eligible)
        factories.Reason(action="pass_on", code="other")
        self.service = factories.ReportService()
        self.parts = [engagement.Quotation("It is dark"), engagement.Quotation("in our street")]
        self.programme.second_person = False
        self.programme.save()
        services.save_plan(
            programme=self.programme, slug="walk", title={"en": "Walk"}, by=self.manager, at=now
        )
        policy = schema.parse(self.city["version"].document)
        self.stages = [stage.key for stage in policy.stages if stage.unit == "initiatives"]
        self.reason = policy.reasons[0].code

    def verbs(self) -> list[Callable[[], object]]:
        return [
            self.send,
            self.triage,
            self.triage,
            self.join,
            self.leave,
            self.work_up,
            self.work_up,
            self.mark,
            self.mark,
            self.merge_or_set_aside,
            self.split,
            self.link,
            self.unlink,
            self.prepare,
            self.go_on_with_round,
            self.go_on_with_round,
            self.go_on_with_round,
            self.amend,
            self.amend,
        ]

    def step(self) -> str:
        self.at += timedelta(hours=1)
        verb = self.chance.choice(self.verbs())
        name = str(getattr(verb, "__name__", verb))
        try:
            verb()
        except Refused:
            return f"{name} (refused)"
        return name

    def one(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        if not found:
            raise Refused("nothing there")
        return self.chance.choice(found)

    def some(self, rows: Any, most: int = 4) -> list[Any]:
        found = list(rows.order_by("pk"))
        return self.chance.sample(found, self.chance.randint(0, min(most, len(found))))

    @property
    def ideas(self) -> Any:
        return Idea.objects.all()

    @property
    def initiatives(self) -> Any:
        return Initiative.objects.filter(programme=self.programme)

    # Ideas ----------------------------------------------------------------------------------------

    def send(self) -> None:
        draft = engagement.IdeaDraft(problem="It is dark in our street.", language="en")
        engagement.submit_idea(call=self.city["call"], draft=draft, at=self.at, by=self.manager)

    def triage(self) -> None:
        idea = self.one(self.ideas)
        common: dict[str, Any] = {"idea": idea, "by": self.manager, "at": self.at}
        self.chance.choice(
            [
                lambda: engagement.publish_idea(**common),
                lambda: engagement.decline_idea(**common, reason="not_city", text={"en": "No."}),
                lambda: engagement.decline_idea(**common, reason="test", text={"en": "A test."}),
                lambda: engagement.pass_on_idea(**common, reason="other", text={"en": "Theirs."}),
                lambda: engagement.reopen_idea(**common),
                lambda: engagement.undo_move(record=idea, by=self.manager, at=self.at),
                lambda: engagement.split_idea(**common, parts=self.parts),
                lambda: engagement.take_as_report(**common, service=self.service),
                lambda: engagement.take_back_idea(**common),
            ]
        )()

    def join(self) -> None:
        if self.chance.random() < 0.3:
            engagement.unlink_duplicate(idea=self.one(self.ideas), by=self.manager, at=self.at)
            return
        engagement.link_duplicate(
            idea=self.one(self.ideas), original=self.one(self.ideas), by=self.manager, at=self.at
        )

    def leave(self) -> None:
        if self.chance.random() < 0.5:
            engagement.withdraw_idea(idea=self.one(self.ideas), at=self.at)
        else:
            engagement.erase_sender(
                idea=self.one(self.ideas), at=self.at, keep_text=self.chance.random() < 0.5
            )

    # Initiatives ----------------------------------------------------------------------------------

    def work_up(self) -> None:
        services.work_up(
            programme=self.programme,
            ideas=self.some(self.ideas.filter(state="published")),
            by=self.manager,
            at=self.at,
            values={"title": {"en": "T"}, "need": {"en": "N"}, "owner": self.owner},
        )

    def mark(self) -> None:
        verb = self.chance.choice(["mark_ready", "mark_ready", "back_to_draft", "reopen"])
        services.move_initiative(
            initiative=self.one(self.initiatives), verb=verb, by=self.manager, at=self.at
        )

    def merge_or_set_aside(self) -> None:
        common: dict[str, Any] = {"initiative": self.one(self.initiatives), "by": self.manager, "at": self.at}
        if self.chance.random() < 0.5:
            services.merge_initiative(into=self.one(self.initiatives), text={"en": "One wish."}, **common)
        else:
            services.set_aside_initiative(reason=self.reason, text={"en": "Not now."}, **common)

    def split(self) -> None:
        initiative = self.one(self.initiatives)
        services.split_initiative(
            initiative=initiative, ideas=self.some(initiative.ideas), title={}, by=self.manager, at=self.at
        )

    def link(self) -> None:
        services.link_ideas(
            initiative=self.one(self.initiatives), ideas=self.some(self.ideas), by=self.manager, at=self.at
        )

    def unlink(self) -> None:
        initiative = self.one(self.initiatives)
        services.unlink_ideas(
            initiative=initiative, ideas=self.some(initiative.ideas, 1), by=self.manager, at=self.at
        )

    # Rounds ---------------------------------------------------------------------------------------

    def prepare(self) -> None:
        services.prepare_round(
            programme=self.programme,
            policy_version=self.city["version"],
            stage=self.chance.choice(self.stages),
            initiatives=self.some(self.initiatives.filter(state="ready"), most=6),
            panel=self.city["assessors"][:3],
            by=self.manager,
            at=self.at,
            seed=self.chance.randrange(1000),
            places=2,
        )

    def go_on_with_round(self) -> None:
        round = self.one(self.programme.rounds.exclude(state=RoundState.DECIDED))
        if round.state == RoundState.PREPARING:
            services.open_round(round=round, by=self.manager, at=self.at)
        elif round.state == RoundState.OPEN:
            self.score(round)
            services.close_round(round=round, by=self.manager, at=self.at)
        else:
            self.decide(round)
            services.publish_round(round=round, by=self.manager, at=self.at)

    def score(self, round: Round) -> None:
        for assignment in Assignment.objects.filter(entry__round=round).order_by("pk"):
            services.save_assessment(
                assignment=assignment,
                scores={key: self.chance.randint(0, 5) for key in CRITERIA},
                by=assignment.assessor,
                at=self.at,
                submit=True,
            )

    def decide(self, round: Round) -> None:
        for entry in round.entries.select_related("initiative").order_by("pk"):
            outcome = self.chance.choice(list(Outcome))
            try:
                services.save_decision(
                    round=round,
                    initiative=entry.initiative,
                    outcome=outcome,
                    reason=self.reason,
                    text={"en": "This is why."},
                    override_reason={"en": "We say so."},
                    merge_into=self.one(self.initiatives) if outcome == Outcome.MERGE else None,
                    by=self.manager,
                    at=self.at,
                )
            except Refused:
                continue
        services.draft_decisions(round=round, by=self.manager, at=self.at)

    # Amendments -----------------------------------------------------------------------------------

    def amend(self) -> None:
        """Whatever may be put in or taken out; the whole amendment at once."""
        plan = self.programme.plan
        draft = services.start_amendment(plan=plan, by=self.manager, at=self.at)
        sitting = services.save_sitting(
            programme=self.programme,
            body={"en": "Council"},
            held_on=self.at.date(),
            resolution="R",
            by=self.manager,
            at=self.at,
        )
        decided = [one for one in draft.base.document["initiatives"] if one["outcome"] != Outcome.MERGE]
        changes = [
            {
                "reference": one["reference"],
                "outcome": Outcome.SET_ASIDE if one["outcome"] == Outcome.ADVANCE else Outcome.ADVANCE,
                "reason": {"en": "The council wants it so."},
            }
            for one in self.chance.sample(decided, min(2, len(decided)))
        ]
        draft = services.save_amendment(
            amendment=draft, changes=changes, meeting=sitting, vote="7 to 4", by=self.manager, at=self.at
        )
        try:
            with transaction.atomic():
                services.adopt_amendment(amendment=draft, by=self.manager, at=self.at)
        except Refused:
            services.drop_amendment(amendment=draft, by=self.manager, at=self.at)
            raise


def check(walk: Walk) -> None:
    """Everything that must be true of the counts, whatever happened."""
    programme = walk.programme
    counted = funnel.count_funnel(programme)
    ideas = list(funnel.counted_ideas(programme))
    for stage in counted["stages"]:
        assert stage["in"] == stage["out"] + stage["waiting"], stage
        assert stage["out"] == stage["onward"] + sum(one["count"] for one in stage["reasons"]), stage
        assert min(stage["in"], stage["out"], stage["waiting"], stage["onward"]) >= 0, stage
    assert counted["stages"][0]["in"] == len(ideas)
    assert counted["received"] == len(ideas) + counted["not_eligible"]["count"]
    assert sum(one["count"] for one in counted["not_eligible"]["reasons"]) == counted["not_eligible"]["count"]
    assert sum(counted["ideas_by_outcome"].values()) == len(ideas)
    found = funnel.references_by_outcome(programme)
    assert {key: len(references) for key, references in found.items()} == counted["ideas_by_outcome"]
    assert sorted(one for references in found.values() for one in references) == sorted(
        idea.reference for idea in ideas
    )
    check_initiatives(walk, counted)


def check_initiatives(walk: Walk, counted: dict[str, Any]) -> None:
    """What the plan says of initiatives is what they are."""
    became = Counter(funnel.initiative_states(walk.programme).values())
    states = Counter(walk.initiatives.values_list("state", flat=True))
    assert became["chosen"] == states[InitiativeState.CHOSEN]
    assert counted["stages"][-1]["onward"] == states[InitiativeState.CHOSEN]
    published = Decision.objects.published().filter(outcome=Outcome.MERGE, merge_into__isnull=False)
    for decision in published.filter(initiative__state=InitiativeState.MERGED):
        into = decision.merge_into
        assert into is not None
        carried = set(decision.initiative.idea_links.values_list("idea_id", flat=True))
        standing = {into.pk}
        while into.merged_into is not None and into.merged_into_id not in standing:
            into = into.merged_into
            standing.add(into.pk)
        assert into.state != InitiativeState.MERGED, "merged in a circle"
        if into.state == InitiativeState.CHOSEN:
            there = set(into.idea_links.values_list("idea_id", flat=True))
            assert carried <= there, "ideas lost on the way"


@pytest.mark.parametrize("seed", range(6))
def test_counts_add_up_whatever_is_done(seed: int, now: datetime) -> None:
    walk = Walk(seed, now)
    done: list[str] = []
    for _number in range(STEPS):
        done.append(walk.step())
        try:
            check(walk)
        except AssertionError as error:
            raise AssertionError(f"after {done}") from error
    assert any("refused" not in one for one in done)
