"""Ideas out of a file: each once, however often it is run, and none when the file as a whole is refused."""

from engagement.services.imports.columns import FIELDS, Mapping, MappingError, guess, read_mapping, settle
from engagement.services.imports.jobs import (
    IMPORT,
    KIND,
    import_here,
    queue_import,
    refused_path,
    run_import_job,
    write_refused,
)
from engagement.services.imports.reading import Refused
from engagement.services.imports.words import worded
from engagement.services.imports.writing import STATES, ImportReport, import_ideas

__all__ = [
    "FIELDS",
    "IMPORT",
    "KIND",
    "STATES",
    "ImportReport",
    "Mapping",
    "MappingError",
    "Refused",
    "guess",
    "import_here",
    "import_ideas",
    "queue_import",
    "read_mapping",
    "refused_path",
    "run_import_job",
    "settle",
    "worded",
    "write_refused",
]
