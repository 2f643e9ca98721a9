"""A small city on its way through the funnel, made through the services."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from engagement import services as engagement
from engagement.models import District
from prioritisation import services
from prioritisation.models import Assignment, Initiative, PlanVersion, Round
from prioritisation.policies import catalogue
from prioritisation.workflow import Role
from tests import factories


def make_city(now: datetime) -> dict[str, Any]:
    """A programme with Montréal's rules, a manager, a publisher, six assessors and twelve ideas."""
    manager = factories.staff(
        "manager", permissions=["prioritisation.manage_programme", "engagement.triage_idea"]
    )
    publisher = factories.staff("publisher")
    call = factories.Call()
    programme = services.save_programme(
        by=manager,
        at=now,
        values={"slug": "plan", "title": {"en": "Plan", "fr": "Plan"}, "places": 4},
        calls=[call],
    )
    factories.member(programme, publisher, Role.PUBLISHER)
    assessors = [factories.member(programme, factories.User(), Role.ASSESSOR) for _ in range(6)]
    ideas = [
        factories.Idea(call=call, state="published", contact=factories.Contact(), whole_city=True)
        for _ in range(12)
    ]
    version = services.adopt_policy(
        programme=programme, document=catalogue.load("montreal-2015"), by=manager, at=now
    )
    services.approve_policy(policy_version=version, by=manager, at=now)
    return {
        "programme": programme,
        "manager": manager,
        "publisher": publisher,
        "assessors": assessors,
        "ideas": ideas,
        "version": version,
        "call": call,
    }


def work_up(city: dict[str, Any], now: datetime, groups: list[list[int]]) -> list[Initiative]:
    owner = factories.Department()
    made = []
    for number, group in enumerate(groups):
        initiative = services.work_up(
            programme=city["programme"],
            ideas=[city["ideas"][index] for index in group],
            by=city["manager"],
            at=now,
            values={
                "title": {"en": f"Initiative {number}", "fr": f"Initiative {number}"},
                "need": {"en": f"Need {number}", "fr": f"Besoin {number}"},
                "owner": owner,
                "timeframe_months": 6 + 6 * number,
            },
        )
        made.append(
            services.move_initiative(initiative=initiative, verb="mark_ready", by=city["manager"], at=now)
        )
    return made


def prepare_round(city: dict[str, Any], now: datetime, initiatives: list[Initiative]) -> Round:
    return services.prepare_round(
        programme=city["programme"],
        policy_version=city["version"],
        stage="plan",
        initiatives=initiatives,
        panel=city["assessors"],
        by=city["manager"],
        at=now,
        seed=7,
    )


def open_round(city: dict[str, Any], now: datetime, initiatives: list[Initiative]) -> Round:
    round = prepare_round(city, now, initiatives)
    assert services.open_round(round=round, by=city["manager"], at=now) == []
    return round


def run_round(city: dict[str, Any], now: datetime, initiatives: list[Initiative], level: Any) -> Any:
    """A round whose assessors give each initiative `level(index)` on every criterion."""
    round = open_round(city, now, initiatives)
    keys = ["enabling", "strategy", "citizens", "return"]
    order = {initiative.pk: index for index, initiative in enumerate(initiatives)}
    for assignment in Assignment.objects.filter(entry__round=round).select_related("entry__round"):
        score = level(order[assignment.entry.initiative_id])
        services.save_assessment(
            assignment=assignment,
            scores=dict.fromkeys(keys, score),
            by=assignment.assessor,
            at=now,
            submit=True,
        )
    services.close_round(round=round, by=city["manager"], at=now)
    return round


def publish(city: dict[str, Any], now: datetime) -> PlanVersion:
    """The whole way: junk, a declined, a joined and a waiting idea, seven initiatives, four chosen.

    13 ideas received, 1 not eligible; of 12: 6 in the plan, 3 set aside, 1 joined, 1 declined, 1 waiting.
    Idea 1 is in three initiatives. Initiatives lie in two districts and the whole city, and cost something.
    """
    manager, programme, ideas = city["manager"], city["programme"], city["ideas"]
    factories.Reason()
    factories.Reason(action="decline", code="test", eligible=False)
    city["junk"] = factories.Idea(call=city["call"], title="Buy cheap watches")
    engagement.decline_idea(idea=city["junk"], by=manager, at=now, reason="test")
    engagement.decline_idea(idea=ideas[10], by=manager, at=now, reason="not_city")
    engagement.link_duplicate(idea=ideas[11], original=ideas[0], by=manager, at=now)
    initiatives = work_up(city, now, [[0, 1], [1, 2], [3], [4, 5], [6], [7], [8, 1]])
    city["initiatives"] = initiatives
    _furnish(city, now, initiatives)
    round = run_round(city, now, initiatives, lambda index: 5 - index // 2)
    services.draft_decisions(round=round, by=manager, at=now)
    services.save_plan(
        programme=programme,
        slug="the-plan",
        title={"en": "The plan", "fr": "Le plan"},
        intro={"en": "What we will do.", "fr": "Ce que nous ferons."},
        by=manager,
        at=now,
    )
    return services.publish_round(round=round, by=city["publisher"], at=now)


def _furnish(city: dict[str, Any], now: datetime, initiatives: list[Initiative]) -> None:
    """Places, a theme, costs and things that only staff may read."""
    west = factories.District(code="west", name={"en": "West", "fr": "Ouest"}, boundary=square(-79.0))
    east = factories.District(code="east", name={"en": "East", "fr": "Est"}, boundary=square(-78.9))
    theme = factories.Theme(key="mobility", label={"en": "Getting around", "fr": "Mobilité"})
    line = {
        "label": {"en": "Shelters", "fr": "Abribus"},
        "amount": Decimal("1250000"),
        "kind": "capital",
        "funding": "sought",
    }
    places: list[list[District]] = [[west, east], [east], [], [], [west], [], []]
    for initiative, where in zip(initiatives, places, strict=True):
        services.save_initiative(
            initiative=initiative,
            values={"whole_city": not where, "effort": 4, "risk": 2, "champion": "Secret Champion"},
            themes={theme: 3} if where else {},
            districts=where,
            costs=[line] if where else [],
            by=city["manager"],
            at=now,
        )


def square(west: float) -> dict[str, Any]:
    """A tenth of a degree, drawn clockwise, as many files of cities are; GeoJSON wants the other way."""
    east, south, north = west + 0.1, 45.0, 45.1
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
