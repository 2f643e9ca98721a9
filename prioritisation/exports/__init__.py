"""The shortlist as a file: CSV, XLSX, JSON, GeoJSON. Public columns by default; more for staff who ask."""

from prioritisation.exports.columns import public_columns, staff_columns
from prioritisation.exports.files import CONTENT_TYPES, FORMATS, file_name, write
from prioritisation.exports.shortlist import Shortlist, public_shortlist, staff_shortlist

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "Shortlist",
    "file_name",
    "public_columns",
    "public_shortlist",
    "staff_columns",
    "staff_shortlist",
    "write",
]
