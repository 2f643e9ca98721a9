"""Tables that come in and go out as files: CSV and XLSX in; CSV, XLSX, JSON and GeoJSON out.

Pure: no Django, no Celery. Reading refuses a hostile or broken file with a stable code before a row of it
is used (`read`, `TableError`); a broken record is refused by its number without losing the others
(`Refusal`). Writing streams from an iterator and leaves nothing that a spreadsheet would run as a formula
(`engagement.tables.writing`).
"""

from .problems import NOTES, REFUSALS, TABLE_ERRORS, Note, Refusal, TableError
from .reading import read
from .table import Limits, Record, Table

__all__ = [
    "NOTES",
    "REFUSALS",
    "TABLE_ERRORS",
    "Limits",
    "Note",
    "Record",
    "Refusal",
    "Table",
    "TableError",
    "read",
]
