"""Ideas, contacts and problem reports to take away: CSV, XLSX, JSON, GeoJSON."""

from engagement.exports.files import CONTENT_TYPES, FORMATS, Written, file_name, temporary, write
from engagement.exports.ideas import CONTACTS, IDEAS
from engagement.exports.jobs import (
    IN_TERMINAL,
    KINDS,
    WHATS,
    in_words,
    notes,
    queue_export,
    run_export,
)
from engagement.exports.reports import REPORTS
from engagement.exports.what import CHUNK, What, require

__all__ = [
    "CHUNK",
    "CONTACTS",
    "CONTENT_TYPES",
    "FORMATS",
    "IDEAS",
    "IN_TERMINAL",
    "KINDS",
    "REPORTS",
    "WHATS",
    "What",
    "Written",
    "file_name",
    "in_words",
    "notes",
    "queue_export",
    "require",
    "run_export",
    "temporary",
    "write",
]
