"""A programme with a panel and a round, made through the services: what many tests start from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engagement.models import User
from prioritisation import services
from prioritisation.models import Assignment, Initiative, PolicyVersion, Programme, Round
from prioritisation.policies import catalogue
from prioritisation.workflow import Role
from tests import factories

CRITERIA = ["enabling", "strategy", "citizens", "return"]


@dataclass
class Panel:
    """Approved rules, a manager, a publisher, an analyst, assessors, and initiatives made from ideas."""

    programme: Programme
    version: PolicyVersion
    manager: User
    publisher: User
    analyst: User
    assessors: list[User]
    now: datetime
    initiatives: list[Initiative] = field(default_factory=list)

    def work_up(self, count: int, **values: Any) -> list[Initiative]:
        owner = factories.Department()
        call = self.programme.calls.get()
        for number in range(count):
            idea = factories.Idea(call=call, state="published", contact=factories.Contact(), whole_city=True)
            made = services.work_up(
                programme=self.programme,
                ideas=[idea],
                by=self.manager,
                at=self.now,
                values={
                    "title": {"en": f"Initiative {number}", "fr": f"Initiative {number}"},
                    "need": {"en": f"Need {number}", "fr": f"Besoin {number}"},
                    "owner": owner,
                    "timeframe_months": 12,
                    **values,
                },
            )
            self.initiatives.append(
                services.move_initiative(initiative=made, verb="mark_ready", by=self.manager, at=self.now)
            )
        return self.initiatives

    def prepare(self, **changes: Any) -> Round:
        values: dict[str, Any] = {
            "stage": "plan",
            "initiatives": self.initiatives,
            "panel": self.assessors,
            "seed": 7,
            "policy_version": self.version,
        }
        return services.prepare_round(
            programme=self.programme, by=self.manager, at=self.now, **{**values, **changes}
        )

    def open(self, **changes: Any) -> Round:
        round = self.prepare(**changes)
        services.open_round(round=round, by=self.manager, at=self.now)
        return round

    def score(self, round: Round, level: Callable[[int], float | None], notes: str = "") -> None:
        """Every assessor gives each initiative `level(index)` on every criterion, and hands in."""
        order = {initiative.pk: index for index, initiative in enumerate(self.initiatives)}
        for assignment in (
            Assignment.objects.filter(entry__round=round).without_conflict().select_related("entry__round")
        ):
            services.save_assessment(
                assignment=assignment,
                scores=dict.fromkeys(CRITERIA, level(order[assignment.entry.initiative_id])),
                notes={"citizens": notes},
                by=assignment.assessor,
                at=self.now,
                submit=True,
            )

    def close(self, round: Round) -> Round:
        return services.close_round(round=round, by=self.manager, at=self.now)

    def closed(self, levels: Sequence[float | None]) -> Round:
        """A round in which every assessor gave the initiatives these levels, one each."""
        round = self.open()
        self.score(round, lambda index: levels[index])
        return self.close(round)


def make(
    now: datetime,
    *,
    initiatives: int = 0,
    assessors: int = 6,
    places: int = 4,
    policy: str = "montreal-2015",
) -> Panel:
    """A panel, with so many initiatives that are ready for assessment."""
    manager = factories.staff("manager", permissions=["prioritisation.manage_programme"])
    programme = services.save_programme(
        by=manager,
        at=now,
        values={"slug": "plan", "title": {"en": "Plan", "fr": "Plan"}, "places": places},
        calls=[factories.Call()],
    )
    version = services.adopt_policy(programme=programme, document=catalogue.load(policy), by=manager, at=now)
    services.approve_policy(policy_version=version, by=manager, at=now)
    panel = Panel(
        programme=programme,
        version=version,
        manager=manager,
        publisher=factories.member(programme, factories.staff("publisher"), Role.PUBLISHER),
        analyst=factories.member(programme, factories.staff("analyst"), Role.ANALYST),
        assessors=[
            factories.member(programme, factories.staff(f"assessor{number}"), Role.ASSESSOR)
            for number in range(assessors)
        ],
        now=now,
    )
    panel.work_up(initiatives)
    return panel
