"""How the made-up panels score, with fixed seeds."""

import random

from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Assignment, Round

SEED = 2023
"""With this one a tie lies across the line of the first round, so that there are lots to draw."""
SECOND_SEED = 2030
"""With this one the second panel reads three initiatives apart."""


def score(
    round: Round,
    hints: dict[int, dict[str, float]],
    *,
    clock: Clock,
    first_day: int,
    last_day: int,
    late: dict[str, float] | None = None,
    seed: int = SEED,
    order: str = "position",
) -> None:
    """Has every assessor score what is left: the written quality, a severity of one's own, and noise.

    `late`: by user name the share of the work that is handed in; what everybody scores always is. `order`: of
    one person's work; what was asked for after opening has a place by chance, so that goes by reference.
    """
    assignments = (
        Assignment.objects.filter(entry__round=round)
        .without_conflict()
        .not_handed_in()
        .select_related("entry__round__policy_version", "entry__revision", "assessor")
        .order_by("assessor__username", order)
    )
    severity: dict[int, float] = {}
    draws = random.Random(seed)  # noqa: S311 - invented scores, not secrets
    for number, assignment in enumerate(assignments):
        mood = severity.setdefault(assignment.assessor_id, draws.gauss(0, 0.3))
        quality = hints[assignment.entry.initiative_id]
        scores: dict[str, float | None] = {
            key: max(0, min(5, round_half_up(5 * worth + mood + draws.gauss(0, 0.6))))
            for key, worth in quality.items()
        }
        at = clock.at(first_day + number % (last_day - first_day + 1), hour=9 + number % 9)
        unsure = {"enabling"} if draws.random() < 0.02 else set()
        share = (late or {}).get(assignment.assessor.username, 1.0)
        if draws.random() > share and not assignment.entry.calibration:
            continue
        asked = {one.key for one in services.asked_of(assignment)}
        given = {key: score for key, score in scores.items() if key in asked - unsure}
        services.save_assessment(
            assignment=assignment,
            scores=given,
            cannot_judge=unsure & asked,
            notes=_notes(assignment, given) if assignment.entry.calibration else {},
            by=assignment.assessor,
            at=at,
            submit=True,
        )


def _notes(assignment: Assignment, scores: dict[str, float | None]) -> dict[str, str]:
    """Whoever gives a very low or a very high score says why, in the own language."""
    language = assignment.assessor.language if assignment.assessor.language == "fr" else "en"
    found = {}
    for key, score in scores.items():
        if score is not None and (score <= 1 or score >= 5):
            found[key] = content.notes()[key]["low" if score <= 1 else "high"][language]
    return found


def round_half_up(number: float) -> int:
    return int(number + 0.5) if number >= 0 else 0
