"""Staff work on invitations, ideas and problem reports, in the admin. Each module registers its pages."""

from engagement.admin import (
    appeals,
    archive,
    calls,
    desk,
    ideas,
    jobs,
    notes,
    outbox,
    people,
    reference,
    referrals,
    report_settings,
    reports,
    retention,
)

__all__ = [
    "appeals",
    "archive",
    "calls",
    "desk",
    "ideas",
    "jobs",
    "notes",
    "outbox",
    "people",
    "reference",
    "referrals",
    "report_settings",
    "reports",
    "retention",
]
