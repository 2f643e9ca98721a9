"""What residents and staff send in, and what became of it."""

from engagement.models.calls import Call, Meeting, Theme
from engagement.models.contacts import Contact
from engagement.models.events import Event, Reason
from engagement.models.outbox import Counter, Heartbeat, Job, Notice, RateLimit
from engagement.models.people import Department, User
from engagement.models.places import District
from engagement.models.reports import Report, ReportService
from engagement.models.submissions import Idea, IdeaRevision, Photo, SimilarLink, Submission

__all__ = [
    "Call",
    "Contact",
    "Counter",
    "Department",
    "District",
    "Event",
    "Heartbeat",
    "Idea",
    "IdeaRevision",
    "Job",
    "Meeting",
    "Notice",
    "Photo",
    "RateLimit",
    "Reason",
    "Report",
    "ReportService",
    "SimilarLink",
    "Submission",
    "Theme",
    "User",
]
