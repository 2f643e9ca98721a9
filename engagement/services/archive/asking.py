"""What the archive says, for pages and for what is built on it. Reads only."""

from collections.abc import Sequence
from datetime import date

import duckdb
from django.utils.translation import gettext as _

from engagement.evidence import statistics
from engagement.evidence.statistics import Figures, Part, ServiceCount
from engagement.models import ArchiveFile
from engagement.services.archive.keeping import stored_path
from engagement.services.errors import Refused


def report_services(match: str = "", limit: int = 50) -> list[ServiceCount]:
    """The kinds of request in the archive, the most frequent first; those whose name holds the words of
    `match`, whatever their case and accents. Raises `Refused` when a file of the archive is lost or broken.
    """
    try:
        return statistics.services(_parts(), match=match, limit=limit)
    except duckdb.Error as error:
        raise _broken() from error


def report_figures(
    *, services: Sequence[str], districts: Sequence[str] | None, first: date, last: date
) -> Figures:
    """When and how often the named services were asked for, from the day `first` to the day `last`.

    `districts` are codes, `None` means the whole city. Raises `Refused` when a file of the archive is lost or
    broken: figures that silently lack a file would be worse than none.
    """
    try:
        return statistics.figures(_parts(), services=services, districts=districts, first=first, last=last)
    except duckdb.Error as error:
        raise _broken() from error


def _parts() -> list[Part]:
    """The visible files, the newest first."""
    return [
        Part(
            path=stored_path(file.sha256),
            sha256=file.sha256,
            name=file.name,
            licence=file.licence,
            format=file.format,
            first=file.first_at,
            last=file.last_at,
        )
        for file in ArchiveFile.objects.visible()
    ]


def _broken() -> Refused:
    return Refused(
        _("A file of the archive is lost or broken. Bring it in again, or remove it."), code="archive_broken"
    )
