"""A published plan of four initiatives, written down without the way there: for tests of what comes after."""

from dataclasses import dataclass, field
from datetime import datetime

from engagement.models import Department, Idea, User
from prioritisation.models import IdeaLink, Initiative, Plan, PlanVersion, Programme
from prioritisation.workflow import InitiativeState, Outcome, Role
from tests import factories


@dataclass
class Followed:
    """Initiative n (of five) came from ideas 2n and 2n+1. The last one was set aside."""

    programme: Programme
    plan: Plan
    manager: User
    owner: Department
    initiatives: list[Initiative] = field(default_factory=list)
    ideas: list[Idea] = field(default_factory=list)

    def get(self, n: int = 0) -> Initiative:
        """As it stands now, apart from every other object of it."""
        return Initiative.objects.select_related("programme__plan", "owner").get(pk=self.initiatives[n].pk)


def make(now: datetime) -> Followed:
    programme = factories.Programme()
    user = factories.staff("manager", permissions=["engagement.triage_idea"])
    manager = factories.member(programme, user, Role.MANAGER)
    plan = Plan.objects.create(programme=programme, slug="the-plan", title={"en": "The plan"}, created_at=now)
    found = Followed(programme, plan, manager, factories.Department())
    call, entries = factories.Call(), []
    for n in range(5):
        state = InitiativeState.CHOSEN if n < 4 else InitiativeState.SET_ASIDE
        one = Initiative.objects.create(
            programme=programme,
            reference=f"I-{n:03}",
            state=state,
            title={"en": f"Initiative {n}", "fr": f"Initiative {n}"},
            owner=found.owner,
            champion="Secret Champion",
            created_at=now,
            changed_at=now,
        )
        for _ in range(2):
            contact = factories.Contact()
            idea = factories.Idea(call=call, state="published", contact=contact, outcome="in_plan")
            IdeaLink.objects.create(idea=idea, initiative=one, linked_at=now)
            found.ideas.append(idea)
        found.initiatives.append(one)
        outcome = Outcome.ADVANCE if n < 4 else Outcome.SET_ASIDE
        entries.append({"reference": one.reference, "outcome": str(outcome)})
    PlanVersion.objects.create(
        plan=plan, number=1, document={"initiatives": entries}, published_at=now, published_by=manager
    )
    return found
