"""Staff work on programmes, rounds and plans, in Django's admin. Each module registers its pages."""

from prioritisation.admin import (
    assessments,
    criterion,
    decisions,
    desk,
    initiatives,
    policies,
    programmes,
    rankings,
    rounds,
)

__all__ = [
    "assessments",
    "criterion",
    "decisions",
    "desk",
    "initiatives",
    "policies",
    "programmes",
    "rankings",
    "rounds",
]
