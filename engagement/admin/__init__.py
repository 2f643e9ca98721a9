"""Staff work on invitations, ideas and problem reports, in the admin. Each module registers its pages."""

from engagement.admin import (
    archive,
    calls,
    desk,
    ideas,
    jobs,
    outbox,
    people,
    reference,
    referrals,
    reports,
)

__all__ = [
    "archive",
    "calls",
    "desk",
    "ideas",
    "jobs",
    "outbox",
    "people",
    "reference",
    "referrals",
    "reports",
]
