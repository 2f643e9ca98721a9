"""The archive of past problem reports: files brought in and taken out, and what they say.

    report_services(match="", limit=50) -> list[ServiceCount]
    report_figures(services=..., districts=..., first=..., last=...) -> Figures

are all that the rest of Winnow asks of it.
"""

from engagement.evidence.statistics import Figures, ServiceCount
from engagement.services.archive.asking import report_figures, report_services
from engagement.services.archive.bringing_in import Imported, import_reports
from engagement.services.archive.jobs import IMPORT, import_here, incoming_files, queue_report_import
from engagement.services.archive.keeping import archive_folder, remove_archive_file, sweep_archive
from engagement.services.archive.own_reports import archive_own_reports
from engagement.services.archive.words import notes, refusals, worded

__all__ = [
    "IMPORT",
    "Figures",
    "Imported",
    "ServiceCount",
    "archive_folder",
    "archive_own_reports",
    "import_here",
    "import_reports",
    "incoming_files",
    "notes",
    "queue_report_import",
    "refusals",
    "remove_archive_file",
    "report_figures",
    "report_services",
    "sweep_archive",
    "worded",
]
