"""From the first ranking to its plan: talks, lots, overrides, a sitting, publication, an amendment."""

from typing import Any

from engagement.models import User
from prioritisation import services
from prioritisation.demonstration import ballots, budget, content
from prioritisation.demonstration.clock import AMENDED_DAY, CLOSED_DAY, OPENED_DAY, PUBLISHED_DAY, Clock
from prioritisation.models import Decision, Discussion, Entry, Initiative, Plan, Programme, Round
from prioritisation.workflow import Outcome

Initiatives = list[tuple[Initiative, dict[str, Any]]]


def check_conditions(round: Round, initiatives: Initiatives, *, by: User, clock: Clock) -> None:
    """What staff found on conditions while the panel was scoring."""
    entries = {one.initiative_id: one for one in Entry.objects.filter(round=round)}
    numbered = _numbered(initiatives)
    for one in content.council()["conditions"]:
        services.check_gate(
            entry=entries[numbered[one["n"]].pk],
            gate=one["gate"],
            verdict=one["verdict"],
            text=one["text"],
            by=by,
            at=clock.at(OPENED_DAY + 9),
        )


def decide(
    programme: Programme,
    round: Round,
    initiatives: Initiatives,
    staff: dict[str, list[User]],
    clock: Clock,
) -> None:
    """All that happens between the closing of the round and the amended plan."""
    manager, publisher = staff["programme_manager"][0], staff["publisher"][0]
    _talk(round, initiatives, manager, clock)
    services.draft_decisions(round=round, by=manager, at=clock.at(CLOSED_DAY + 2))
    _decide_ties(round, manager, clock)
    _against_the_ranking(round, initiatives, manager, clock)
    scenario = budget.try_selections(round, initiatives, by=manager, clock=clock, day=CLOSED_DAY + 6)
    services.adopt_scenario(
        scenario=scenario,
        own=True,
        reason=content.money()["first"]["adopted_because"],
        despite=content.money()["first"]["rules_broken_because"],
        by=manager,
        at=clock.at(CLOSED_DAY + 6, hour=16),
    )
    ballots.count(round, initiatives, by=manager, clock=clock, day=CLOSED_DAY + 7)
    _in_council(programme, round, staff, clock)
    plan = services.save_plan(
        programme=programme,
        slug="digital-city",
        title=programme.title,
        intro=programme.intro,
        by=manager,
        at=clock.at(CLOSED_DAY + 12),
    )
    services.publish_round(
        round=round,
        by=publisher,
        at=clock.at(PUBLISHED_DAY),
        over_reason="Council gave the clerk’s office a post more, from the second year on.",
    )
    _amend(plan, initiatives, manager, publisher, clock)


def _numbered(initiatives: Initiatives) -> dict[int, Initiative]:
    return {written["n"]: initiative for initiative, written in initiatives}


def _talk(round: Round, initiatives: Initiatives, by: User, clock: Clock) -> None:
    """The panel talks about what it read apart, and lets its scores stand."""
    numbered = _numbered(initiatives)
    for one in content.council()["talks"]:
        services.discuss(
            entry=round.entries.get(initiative=numbered[one["n"]]),
            verdict=Discussion.Verdict.KEEP,
            reason=one["reason"],
            by=by,
            at=clock.at(CLOSED_DAY + 1),
        )


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


def _against_the_ranking(round: Round, initiatives: Initiatives, by: User, clock: Clock) -> None:
    """One goes on from below the line, one above it is set aside: as many places as before."""
    numbered = _numbered(initiatives)
    for one in content.council()["overrides"]:
        services.save_decision(
            round=round,
            initiative=numbered[one["n"]],
            outcome=one["outcome"],
            reason=one.get("reason", ""),
            text=one["text"],
            override_reason=one["override_reason"],
            stood_aside=one.get("stood_aside", ""),
            by=by,
            at=clock.at(CLOSED_DAY + 5, hour=15),
        )


def _in_council(programme: Programme, round: Round, staff: dict[str, list[User]], clock: Clock) -> None:
    """The sitting that every decision names, a second look, and a reply of a department that lost one."""
    manager, publisher = staff["programme_manager"][0], staff["publisher"][0]
    at = clock.at(CLOSED_DAY + 8)
    sitting = services.save_sitting(
        programme=programme,
        body=programme.body,
        held_on=at.date(),
        resolution="CM-0412",
        present="I. Marchand, A. Okafor, B. Tremblay, C. Nguyen, D. Roy",
        stood_aside="C. Nguyen",
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


def _amend(plan: Plan, initiatives: Initiatives, manager: User, publisher: User, clock: Clock) -> None:
    """The council puts one initiative in and takes one out: the plan's second version."""
    written, numbered = content.council()["amendment"], _numbered(initiatives)
    at = clock.at(AMENDED_DAY)
    sitting = services.save_sitting(
        programme=plan.programme,
        body=plan.programme.body,
        held_on=at.date(),
        resolution=written["resolution"],
        present=written["present"],
        by=manager,
        at=at,
    )
    draft = services.start_amendment(plan=plan, by=manager, at=clock.at(AMENDED_DAY - 6))
    draft = services.save_amendment(
        amendment=draft,
        changes=[
            {
                "reference": numbered[one["n"]].reference,
                "outcome": Outcome(one["outcome"]),
                "reason": one["reason"],
            }
            for one in written["changes"]
        ],
        meeting=sitting,
        vote=written["vote"],
        by=manager,
        at=clock.at(AMENDED_DAY, hour=15),
    )
    services.adopt_amendment(amendment=draft, by=publisher, at=clock.at(AMENDED_DAY + 1))
