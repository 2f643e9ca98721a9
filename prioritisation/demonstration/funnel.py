"""From the ideas to a published plan: initiatives, a panel with a fixed seed, decisions, publication."""

import random
from datetime import datetime
from decimal import Decimal
from typing import Any

from engagement.models import Call, Department, District, Idea, Theme, User
from prioritisation import services
from prioritisation.demonstration import checklists, content, evidence
from prioritisation.demonstration.clock import LAST_DAY, Clock
from prioritisation.models import Assignment, Decision, Initiative, Programme, Round
from prioritisation.policies import catalogue
from prioritisation.workflow import Role

SEED = 2015
PLACES = 70
WORKED_UP_DAY, OPENED_DAY, CLOSED_DAY, PUBLISHED_DAY = 250, 285, 315, 345
SECOND_PLACES, SECOND_OPENED_DAY = 8, 722


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
    initiatives = _work_up(programme, content.initiatives(), ideas, manager, clock, first_day=WORKED_UP_DAY)
    evidence.link(initiatives, by=manager, clock=clock, day=OPENED_DAY, first_day=1)
    round = _open_round(
        programme,
        initiatives,
        staff,
        clock,
        day=OPENED_DAY,
        due_day=CLOSED_DAY - 5,
        places=PLACES,
        title={"en": "Assessment of the first plan", "fr": "Évaluation du premier plan"},
    )
    score_as_panel(round, _hints(initiatives), clock=clock, first_day=OPENED_DAY + 1, last_day=CLOSED_DAY - 1)
    services.close_round(round=round, by=manager, at=clock.at(CLOSED_DAY))
    _publish(programme, round, staff, clock)
    checklists.keep(programme, "first", by=manager, clock=clock, day=205)


def run_second(*, clock: Clock, staff: dict[str, list[User]], ideas: dict[int, Idea]) -> None:
    """The second programme, as far as it is today: its round is open, and half of the scores are in."""
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
    initiatives = _work_up(
        programme,
        content.second_initiatives(),
        ideas,
        manager,
        clock,
        first_day=SECOND_OPENED_DAY - 9,
    )
    evidence.link(initiatives, by=manager, clock=clock, day=SECOND_OPENED_DAY, first_day=1)
    round = _open_round(
        programme,
        initiatives,
        staff,
        clock,
        day=SECOND_OPENED_DAY,
        due_day=LAST_DAY + 14,
        places=SECOND_PLACES,
        title={"en": "Assessment half way", "fr": "Évaluation à mi-chemin"},
    )
    score_as_panel(
        round,
        _hints(initiatives),
        clock=clock,
        first_day=SECOND_OPENED_DAY + 1,
        last_day=LAST_DAY - 1,
        share=0.5,
    )
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
            costs=[
                {
                    "label": line["label"],
                    "amount": Decimal(line["amount"]),
                    "kind": line["kind"],
                    "funding": line["funding"],
                }
                for line in one["costs"]
            ],
        )
        services.record_agreement(
            initiative=initiative, how="Letter of the department's director", by=by, at=at
        )
        services.move_initiative(initiative=initiative, verb="mark_ready", by=by, at=at)
        made.append((initiative, one))
    return made


def _open_round(
    programme: Programme,
    initiatives: list[tuple[Initiative, dict[str, Any]]],
    staff: dict[str, list[User]],
    clock: Clock,
    *,
    day: int,
    due_day: int,
    places: int,
    title: dict[str, str],
) -> Round:
    """Montréal's rules under the city's own themes, approved; a round of the whole panel, opened."""
    manager = staff["programme_manager"][0]
    document = catalogue.load("montreal-2015")
    document["themes"] = [
        {"key": theme["key"], "kind": theme["kind"], "label": theme["name"]}
        for theme in content.city()["themes"]
    ]
    version = services.adopt_policy(
        programme=programme, document=document, by=manager, at=clock.at(day - 3), source="montreal-2015"
    )
    services.approve_policy(policy_version=version, by=manager, at=clock.at(day - 2))
    round = services.prepare_round(
        programme=programme,
        policy_version=version,
        stage="plan",
        initiatives=[initiative for initiative, _written in initiatives],
        panel=staff["assessor"],
        by=manager,
        at=clock.at(day - 1),
        seed=SEED,
        places=places,
        due_at=clock.moment(due_day),
        title=title,
    )
    services.open_round(round=round, by=manager, at=clock.at(day))
    return round


def score_as_panel(
    round: Round,
    hints: dict[int, dict[str, float]],
    *,
    clock: Clock,
    first_day: int,
    last_day: int,
    share: float = 1.0,
) -> None:
    """Has every assessor score: the written quality, a severity of one's own, and noise, all seeded."""
    assignments = (
        Assignment.objects.filter(entry__round=round)
        .select_related("entry__round__policy_version", "entry__revision", "assessor")
        .order_by("assessor__username", "position")
    )
    severity: dict[int, float] = {}
    draws = random.Random(SEED)  # noqa: S311 - invented scores, not secrets
    for number, assignment in enumerate(assignments):
        mood = severity.setdefault(assignment.assessor_id, draws.gauss(0, 0.3))
        quality = hints[assignment.entry.initiative_id]
        scores: dict[str, float | None] = {
            key: max(0, min(5, round_half_up(5 * worth + mood + draws.gauss(0, 0.6))))
            for key, worth in quality.items()
        }
        at = clock.at(first_day + number % (last_day - first_day + 1), hour=9 + number % 9)
        unsure = {"enabling"} if draws.random() < 0.02 else set()
        if draws.random() > share:
            continue
        services.save_assessment(
            assignment=assignment,
            scores={key: score for key, score in scores.items() if key not in unsure},
            cannot_judge=unsure,
            by=assignment.assessor,
            at=at,
            submit=True,
        )


def round_half_up(number: float) -> int:
    return int(number + 0.5) if number >= 0 else 0


def _publish(programme: Programme, round: Round, staff: dict[str, list[User]], clock: Clock) -> None:
    manager, publisher = staff["programme_manager"][0], staff["publisher"][0]
    services.draft_decisions(round=round, by=manager, at=clock.at(CLOSED_DAY + 2))
    _decide_ties(round, manager, clock)
    _in_council(programme, round, staff, clock)
    services.save_plan(
        programme=programme,
        slug="digital-city",
        title=programme.title,
        intro=programme.intro,
        by=manager,
        at=clock.at(CLOSED_DAY + 5),
    )
    services.publish_round(round=round, by=publisher, at=clock.at(PUBLISHED_DAY))


def _decide_ties(round: Round, by: User, clock: Clock) -> None:
    """Ties across the line are drawn by lot, with a seed that was announced before anybody could know it."""
    among, places = services.equals(round, services.TIED)
    if not 0 < places < len(among):
        return
    draw = services.announce_draw(
        round=round,
        basis=services.TIED,
        seed_rule={
            "en": "The six figures of the city lottery two days later, in the order drawn, parted by spaces.",
            "fr": "Les six nombres de la loterie de la Ville deux jours plus tard, dans l’ordre du tirage, "
            "séparés par une espace.",
        },
        by=by,
        at=clock.at(CLOSED_DAY + 3),
    )
    services.draw_lots(draw=draw, seed="4 11 19 23 38 42", by=by, at=clock.at(CLOSED_DAY + 5))


def _in_council(programme: Programme, round: Round, staff: dict[str, list[User]], clock: Clock) -> None:
    """The sitting that every decision names, a second look, and a reply of a department that lost one."""
    manager, publisher = staff["programme_manager"][0], staff["publisher"][0]
    at = clock.at(CLOSED_DAY + 8)
    sitting = services.save_sitting(
        programme=programme,
        body=programme.body,
        held_on=at.date(),
        resolution="CM-0412",
        present="Mayor I. Marchand; councillors A. Okafor, B. Tremblay, C. Nguyen, D. Roy",
        stood_aside="Councillor C. Nguyen, on what concerns the harbour",
        by=manager,
        at=at,
    )

    def pending() -> list[Decision]:
        return list(round.decisions.pending().select_related("round", "initiative__programme"))

    services.set_sitting(decisions=pending(), sitting=sitting, by=manager, at=at)
    services.check_decisions(decisions=pending(), by=publisher, at=clock.at(CLOSED_DAY + 9))
    somebody = next(iter(staff.get("department", [])), None)
    open_ones = services.replies_open_to(somebody) if somebody else Decision.objects.none()
    lost = open_ones.filter(round=round, outcome="set_aside").order_by("rank").first()
    if somebody is not None and lost is not None:
        services.save_reply(
            decision=lost,
            text={
                "en": "We keep the study that is done, and will ask again when two of our people are free.",
                "fr": "Nous gardons l’étude déjà faite, et redemanderons quand deux personnes seront libres.",
            },
            by=somebody,
            at=clock.at(CLOSED_DAY + 10),
        )
