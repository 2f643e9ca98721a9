"""Staff work on programmes, rounds and plans, in Django's admin. Each module registers its pages."""

from prioritisation.admin import (
    assessments,
    calibration,
    criterion,
    decisions,
    desk,
    disagreements,
    initiatives,
    policies,
    programmes,
    rankings,
    rounds,
)

__all__ = [
    "assessments",
    "calibration",
    "criterion",
    "decisions",
    "desk",
    "disagreements",
    "initiatives",
    "policies",
    "programmes",
    "rankings",
    "rounds",
]
