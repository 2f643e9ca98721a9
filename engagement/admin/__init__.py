"""Staff work on invitations, ideas and problem reports, in the admin. Each module registers its pages."""

from engagement.admin import calls, desk, ideas, jobs, outbox, people, reference, reports

__all__ = ["calls", "desk", "ideas", "jobs", "outbox", "people", "reference", "reports"]
