"""Staff work on programmes, rounds and plans, in Django's admin. Each module registers its pages."""

from prioritisation.admin import (
    amendments,
    assessments,
    calibration,
    criterion,
    decisions,
    desk,
    disagreements,
    initiatives,
    lots,
    policies,
    programmes,
    publishing,
    rankings,
    replies,
    rounds,
    sittings,
)

__all__ = [
    "amendments",
    "assessments",
    "calibration",
    "criterion",
    "decisions",
    "desk",
    "disagreements",
    "initiatives",
    "lots",
    "policies",
    "programmes",
    "publishing",
    "rankings",
    "replies",
    "rounds",
    "sittings",
]
