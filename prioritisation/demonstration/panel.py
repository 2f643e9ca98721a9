"""How the made-up panels score, with fixed seeds."""

import random

from prioritisation import services
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Assignment, Round

SEED = 2023


def score(
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
