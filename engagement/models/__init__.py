"""What residents and staff send in, and what became of it."""

from engagement.models.archive import ArchiveFile
from engagement.models.calls import Call, Meeting, Step, Theme
from engagement.models.contacts import Contact
from engagement.models.events import Erasure, Event, LegalHold, Reason, Referral
from engagement.models.kits import MeetingLine, MeetingLink
from engagement.models.outbox import Counter, Heartbeat, Job, Notice, RateLimit
from engagement.models.people import Department, User
from engagement.models.persons import Follow, Person
from engagement.models.places import District
from engagement.models.reports import (
    Holiday,
    MeToo,
    Report,
    ReportService,
    RoutingRule,
    Transfer,
    going_on,
    other_half,
)
from engagement.models.retention import Removal, RetentionRule
from engagement.models.submissions import Idea, IdeaRevision, Photo, SimilarLink, Submission, Support
from engagement.models.voices import (
    PERSONAL_WORDS,
    AbuseReport,
    Appeal,
    AppealWindow,
    Flag,
    Note,
    Translation,
    appeal_window,
)

__all__ = [
    "PERSONAL_WORDS",
    "AbuseReport",
    "Appeal",
    "AppealWindow",
    "ArchiveFile",
    "Call",
    "Contact",
    "Counter",
    "Department",
    "District",
    "Erasure",
    "Event",
    "Flag",
    "Follow",
    "Heartbeat",
    "Holiday",
    "Idea",
    "IdeaRevision",
    "Job",
    "LegalHold",
    "MeToo",
    "Meeting",
    "MeetingLine",
    "MeetingLink",
    "Note",
    "Notice",
    "Person",
    "Photo",
    "RateLimit",
    "Reason",
    "Referral",
    "Removal",
    "Report",
    "ReportService",
    "RetentionRule",
    "RoutingRule",
    "SimilarLink",
    "Step",
    "Submission",
    "Support",
    "Theme",
    "Transfer",
    "Translation",
    "User",
    "appeal_window",
    "going_on",
    "other_half",
]
