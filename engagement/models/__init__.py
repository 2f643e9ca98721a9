"""What residents and staff send in, and what became of it."""

from engagement.models.archive import ArchiveFile
from engagement.models.calls import Call, Meeting, Theme
from engagement.models.contacts import Contact
from engagement.models.events import Erasure, Event, LegalHold, Reason, Referral
from engagement.models.outbox import Counter, Heartbeat, Job, Notice, RateLimit
from engagement.models.people import Department, User
from engagement.models.places import District
from engagement.models.reports import Report, ReportService, Transfer, going_on, other_half
from engagement.models.submissions import Idea, IdeaRevision, Photo, SimilarLink, Submission, Support

__all__ = [
    "ArchiveFile",
    "Call",
    "Contact",
    "Counter",
    "Department",
    "District",
    "Erasure",
    "Event",
    "Heartbeat",
    "Idea",
    "IdeaRevision",
    "Job",
    "LegalHold",
    "Meeting",
    "Notice",
    "Photo",
    "RateLimit",
    "Reason",
    "Referral",
    "Report",
    "ReportService",
    "SimilarLink",
    "Submission",
    "Support",
    "Theme",
    "Transfer",
    "User",
    "going_on",
    "other_half",
]
