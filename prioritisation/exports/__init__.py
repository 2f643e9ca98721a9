"""The shortlist as a file: CSV, XLSX, JSON, GeoJSON. Public columns by default; more for staff who ask."""

from prioritisation.exports.columns import figure_columns, public_columns, staff_columns
from prioritisation.exports.files import CONTENT_TYPES, FORMATS, file_name, write
from prioritisation.exports.jobs import SHORTLIST, is_large, queue_shortlist
from prioritisation.exports.shortlist import Shortlist, public_shortlist, staff_shortlist

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "SHORTLIST",
    "Shortlist",
    "figure_columns",
    "file_name",
    "is_large",
    "public_columns",
    "public_shortlist",
    "queue_shortlist",
    "staff_columns",
    "staff_shortlist",
    "write",
]
