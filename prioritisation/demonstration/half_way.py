"""The second round until today: facts asked of departments, a panel of two teams, its first days."""

from decimal import Decimal
from typing import Any

from engagement.models import User
from prioritisation import services
from prioritisation.demonstration import content, panel
from prioritisation.demonstration.clock import LAST_DAY, SECOND_OPENED_DAY, Clock
from prioritisation.models import Assignment, Entry, Initiative, Round
from prioritisation.services import Seat

Initiatives = list[tuple[Initiative, dict[str, Any]]]


def seats(assessors: list[User]) -> list[Seat]:
    """Each assessor with a team, and where written with a limit."""
    written = content.second_round()["seats"]
    return [
        Seat(
            user=one,
            capacity=written["capacity"].get(one.username),
            team="finance" if one.username in written["finance"] else "departments",
        )
        for one in assessors
    ]


def calibrate(round: Round, initiatives: Initiatives, *, by: User, clock: Clock) -> None:
    """The initiatives that the whole panel scores first."""
    written, numbered = content.second_round()["calibration"], _numbered(initiatives)
    services.set_calibration(
        round=round,
        initiatives=[numbered[n] for n in written["named"]],
        size=written["size"],
        by=by,
        at=clock.at(SECOND_OPENED_DAY - 1),
    )


def prepare(
    round: Round, initiatives: Initiatives, people: dict[str, User], *, by: User, clock: Clock
) -> None:
    """Before opening: facts asked, some confirmed and one corrected; a conflict of interest noted."""
    numbered = _numbered(initiatives)
    at = clock.at(SECOND_OPENED_DAY - 1, hour=13)
    services.ask_for_facts(round=round, until=clock.at(SECOND_OPENED_DAY).date(), by=by, at=at)
    for answer in content.second_round()["facts"]:
        _answer(answer, numbered, people[answer["by"]], clock)
    for one in content.second_round()["conflicts"]:
        services.note_conflict(
            entry=_entry(round, numbered[one["n"]]),
            assessor=people[one["who"]],
            reason=one["reason"],
            by=by,
            at=at,
        )


def _answer(answer: dict[str, Any], numbered: dict[int, Initiative], by: User, clock: Clock) -> None:
    at, note = clock.at(SECOND_OPENED_DAY - 1, hour=15), answer.get("note", "")
    for n in answer.get("confirmed", []):
        initiative = numbered[n]
        initiative.refresh_from_db()
        services.confirm_facts(initiative=initiative, by=by, at=at, version=initiative.version, note=note)
    if "corrected" in answer:
        right = answer["corrected"]
        initiative = numbered[right["n"]]
        initiative.refresh_from_db()
        lines = initiative.cost_lines.order_by("pk").values("label", "kind", "year", "funding")
        services.correct_facts(
            initiative=initiative,
            timeframe_months=right["timeframe_months"],
            whole_city=initiative.whole_city,
            districts=list(initiative.districts.all()),
            costs=[
                {**line, "amount": Decimal(amount)}
                for line, amount in zip(lines, right["costs"], strict=True)
            ],
            note=note,
            by=by,
            at=at,
            version=initiative.version,
        )


def go_on(
    round: Round,
    initiatives: Initiatives,
    people: dict[str, User],
    hints: dict[int, dict[str, float]],
    *,
    by: User,
    clock: Clock,
) -> None:
    """Scores come in, two people are late, and what is unclear is looked at again."""
    written, numbered = content.second_round(), _numbered(initiatives)
    _declare(round, people[written["declared"]["who"]], written["declared"]["reason"], clock)
    for one in written["conditions"]:
        services.check_gate(
            entry=_entry(round, numbered[one["n"]]),
            gate=one["gate"],
            verdict=one["verdict"],
            text=one["text"],
            by=by,
            at=clock.at(LAST_DAY - 5),
        )
    panel.score(
        round,
        hints,
        clock=clock,
        first_day=SECOND_OPENED_DAY + 1,
        last_day=LAST_DAY - 4,
        late=written["late"],
        seed=panel.SECOND_SEED,
    )
    clearer = written["clarified"]
    services.clarify_anchor(round=round, **clearer, by=by, at=clock.at(LAST_DAY - 4, hour=18))
    for entry in services.read_apart(round)[:1]:
        services.ask_opinion(entry=entry, by=by, at=clock.at(LAST_DAY - 3))
    services.top_up(round=round, by=by, at=clock.at(LAST_DAY - 3, hour=15), early=True)
    # Those who are late have not come back; the others answer what was asked of them besides.
    gone = dict.fromkeys(written["late"], 0.0)
    panel.score(
        round,
        hints,
        clock=clock,
        first_day=LAST_DAY - 2,
        last_day=LAST_DAY - 1,
        late=gone,
        seed=panel.SECOND_SEED,
        order="entry__initiative__reference",
    )
    services.remind_panel(round=round, by=by, at=clock.at(LAST_DAY - 1, hour=17))


def _declare(round: Round, who: User, reason: str, clock: Clock) -> None:
    """An assessor sees a conflict of interest on the first day, and somebody else is asked."""
    mine = Assignment.objects.of(who).filter(entry__round=round, entry__calibration=False)
    assignment = mine.without_conflict().order_by("entry__initiative__reference").first()
    assert assignment is not None
    services.declare_conflict(
        assignment=assignment, reason=reason, by=who, at=clock.at(SECOND_OPENED_DAY, hour=16)
    )


def _entry(round: Round, initiative: Initiative) -> Entry:
    found: Entry = round.entries.get(initiative=initiative)
    return found


def _numbered(initiatives: Initiatives) -> dict[int, Initiative]:
    return {written["n"]: initiative for initiative, written in initiatives}
