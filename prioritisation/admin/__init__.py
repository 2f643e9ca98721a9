"""Staff work on programmes, rounds and plans, in Django's admin. Each module registers its pages."""

from prioritisation.admin import assessments, initiatives, policies, programmes

__all__ = ["assessments", "initiatives", "policies", "programmes"]
