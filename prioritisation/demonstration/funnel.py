"""From the ideas to a published plan: initiatives, a panel with a fixed seed, decisions, publication."""

from datetime import datetime
from typing import Any

from engagement.models import Call, Department, District, Idea, Theme, User
from prioritisation import services
from prioritisation.demonstration import (
    budget,
    checklists,
    content,
    council,
    delivery,
    evidence,
    half_way,
    panel,
    rules,
    understanding,
)
from prioritisation.demonstration.clock import (
    CLOSED_DAY,
    LAST_DAY,
    OPENED_DAY,
    PUBLISHED_DAY,
    SECOND_OPENED_DAY,
    WORKED_UP_DAY,
    Clock,
)
from prioritisation.models import Initiative, Programme, Round
from prioritisation.services import Seat, Terms
from prioritisation.workflow import Role

SEED = 2015
PLACES = 70
SECOND_PLACES = 8


def run(*, clock: Clock, staff: dict[str, list[User]], ideas: dict[int, Idea]) -> None:
    """The first programme, from its ideas to its plan."""
    manager = staff["programme_manager"][0]
    programme = _programme(
        clock.at(200),
        staff,
        calls=["idea-box", "call-for-innovation", "in-reach"],
        values={
            "slug": "digital-city",
            "title": {"en": "Digital city action plan", "fr": "Plan d’action ville numérique"},
            "intro": {
                "en": "What residents, businesses and staff asked for between autumn and spring, "
                "worked up, assessed and brought to 70 initiatives.",
                "fr": "Ce que la population, les entreprises et le personnel ont demandé de l’automne au "
                "printemps, travaillé, évalué et ramené à 70 initiatives.",
            },
            "places": PLACES,
        },
    )
    first_year = clock.moment(PUBLISHED_DAY).year + 1
    initiatives = _work_up(
        programme,
        content.initiatives(),
        ideas,
        manager,
        clock,
        first_day=WORKED_UP_DAY,
        first_year=first_year,
    )
    evidence.link(initiatives, by=manager, clock=clock, day=OPENED_DAY, first_day=1)
    budget.found(
        programme,
        initiatives,
        content.money()["first"],
        by=manager,
        at=clock.at(OPENED_DAY - 10),
        first_year=first_year,
    )
    round = _prepare(
        programme,
        initiatives,
        clock,
        manager,
        day=OPENED_DAY,
        due_day=CLOSED_DAY - 5,
        places=PLACES,
        title={"en": "Assessment of the first plan", "fr": "Évaluation du premier plan"},
        document=rules.first(),
        seats=[Seat(one) for one in staff["assessor"]],
        terms=Terms(disclosure=Round.Disclosure.SCORES),
        calibration_size=6,
    )
    services.open_round(round=round, by=manager, at=clock.at(OPENED_DAY))
    council.check_conditions(round, initiatives, by=manager, clock=clock)
    panel.score(round, _hints(initiatives), clock=clock, first_day=OPENED_DAY + 1, last_day=CLOSED_DAY - 1)
    services.close_round(round=round, by=manager, at=clock.at(CLOSED_DAY))
    council.decide(programme, round, initiatives, staff, clock)
    delivery.follow(initiatives, staff, clock)
    budget.ask_for_prices(programme, by=staff["analyst"][0], clock=clock)
    checklists.keep(programme, "first", by=manager, clock=clock, day=205)


def run_second(*, clock: Clock, staff: dict[str, list[User]], ideas: dict[int, Idea]) -> None:
    """The second programme, as far as it is today: its round is open, and two people are late."""
    manager = staff["programme_manager"][0]
    programme = _programme(
        clock.at(640),
        staff,
        calls=["idea-box-half-way"],
        values={
            "slug": "digital-city-update",
            "title": {"en": "Digital city: half way", "fr": "Ville numérique : à mi-chemin"},
            "intro": {
                "en": "What the first plan missed, and what should change now.",
                "fr": "Ce que le premier plan a oublié, et ce qui devrait changer maintenant.",
            },
            "places": SECOND_PLACES,
        },
    )
    first_year = clock.moment(LAST_DAY).year + 1
    initiatives = _work_up(
        programme,
        content.second_initiatives(),
        ideas,
        manager,
        clock,
        first_day=SECOND_OPENED_DAY - 9,
        first_year=first_year,
    )
    evidence.link(initiatives, by=manager, clock=clock, day=SECOND_OPENED_DAY, first_day=1)
    budget.found(
        programme,
        initiatives,
        content.money()["second"],
        by=manager,
        at=clock.at(SECOND_OPENED_DAY - 2),
        first_year=first_year,
    )
    round = _prepare(
        programme,
        initiatives,
        clock,
        manager,
        day=SECOND_OPENED_DAY,
        due_day=LAST_DAY - 1,
        places=SECOND_PLACES,
        title={"en": "Assessment half way", "fr": "Évaluation à mi-chemin"},
        document=rules.second(),
        seats=half_way.seats(staff["assessor"]),
        terms=Terms(disclosure=Round.Disclosure.SUMS, top_up=1),
        calibration_size=0,
    )
    people = {user.username: user for group in staff.values() for user in group}
    half_way.calibrate(round, initiatives, by=manager, clock=clock)
    half_way.prepare(round, initiatives, people, by=manager, clock=clock)
    services.open_round(round=round, by=manager, at=clock.at(SECOND_OPENED_DAY))
    half_way.go_on(round, initiatives, people, _hints(initiatives), by=manager, clock=clock)
    checklists.keep(programme, "second", by=manager, clock=clock, day=645)


def _hints(initiatives: list[tuple[Initiative, dict[str, Any]]]) -> dict[int, dict[str, float]]:
    return {initiative.pk: written["hint"] for initiative, written in initiatives}


def _programme(
    at: datetime, staff: dict[str, list[User]], *, calls: list[str], values: dict[str, Any]
) -> Programme:
    manager = staff["programme_manager"][0]
    programme = services.save_programme(
        by=manager,
        at=at,
        values={"body": {"en": "City council", "fr": "Conseil municipal"}, **values},
        calls=list(Call.objects.filter(slug__in=calls)),
    )
    roles = {"assessor": Role.ASSESSOR, "publisher": Role.PUBLISHER, "analyst": Role.ANALYST}
    for key, role in roles.items():
        for user in staff[key]:
            services.add_member(programme=programme, user=user, role=role, by=manager, at=at)
    return programme


def _work_up(
    programme: Programme,
    written: list[dict[str, Any]],
    ideas: dict[int, Idea],
    by: User,
    clock: Clock,
    *,
    first_day: int,
    first_year: int,
) -> list[tuple[Initiative, dict[str, Any]]]:
    departments = {row.code: row for row in Department.objects.all()}
    districts = {row.code: row for row in District.objects.all()}
    themes = {row.key: row for row in Theme.objects.all()}
    made = []
    for one in written:
        at = clock.at(first_day + one["n"] % 6, hour=9 + one["n"] % 8)
        initiative = services.work_up(
            programme=programme,
            ideas=[ideas[number] for number in one["ideas"]],
            by=by,
            at=at,
            values={
                "title": one["title"],
                "need": one["need"],
                "need_of": one.get("need_of", {}),
                "need_evidence": one.get("need_evidence", {}),
                "summary": one["summary"],
                "who_gains": one["who_gains"],
                "kind": one["kind"],
                "whole_city": one["area"] == "whole_city",
                "owner": departments[one["department"]],
                "timeframe_months": one["timeframe_months"],
                "effort": one["effort"],
                "risk": one["risk"],
                "quick_win": one["quick_win"],
                "foundational": one["foundational"],
            },
            themes={themes[theme["key"]]: theme["impact"] for theme in one["themes"]},
            districts=[] if one["area"] == "whole_city" else [districts[code] for code in one["area"]],
            costs=budget.cost_lines(one, first_year=first_year),
        )
        services.record_agreement(
            initiative=initiative, how="Letter of the department's director", by=by, at=at
        )
        services.move_initiative(initiative=initiative, verb="mark_ready", by=by, at=at)
        made.append((initiative, one))
    understanding.answer(initiative for initiative, _one in made)
    return made


def _prepare(
    programme: Programme,
    initiatives: list[tuple[Initiative, dict[str, Any]]],
    clock: Clock,
    manager: User,
    *,
    day: int,
    due_day: int,
    places: int,
    title: dict[str, str],
    document: dict[str, Any],
    seats: list[Seat],
    terms: Terms,
    calibration_size: int,
) -> Round:
    """The rules adopted and approved, and a round that opens on `day`."""
    version = services.adopt_policy(
        programme=programme, document=document, by=manager, at=clock.at(day - 3), source=rules.SOURCE
    )
    services.approve_policy(policy_version=version, by=manager, at=clock.at(day - 2))
    return services.prepare_round(
        programme=programme,
        policy_version=version,
        stage="plan",
        initiatives=[initiative for initiative, _written in initiatives],
        panel=seats,
        by=manager,
        at=clock.at(day - 1),
        seed=SEED,
        places=places,
        due_at=clock.moment(due_day),
        title=title,
        terms=terms,
        calibration_size=calibration_size,
    )
