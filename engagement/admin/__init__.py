"""Staff work on calls, ideas and problem reports, in Django's admin. Each module registers its pages."""

from engagement.admin import ideas

__all__ = ["ideas"]
