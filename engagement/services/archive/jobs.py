"""The same import as work for the worker: asked for on a page, told about on the job's page."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.evidence.formats import AUTO, PUBLISHED
from engagement.models import ArchiveFile, Job, User
from engagement.services.archive.bringing_in import Imported, import_reports
from engagement.services.archive.keeping import PERMISSION, check_may
from engagement.services.archive.words import notes, refusals
from engagement.services.errors import Refused
from engagement.services.jobs import (
    Clock,
    JobFailed,
    JobFile,
    JobKind,
    Tell,
    Told,
    add_kind,
    do_here,
    finish_job,
    made_path,
    queue_job,
    upload_path,
)
from engagement.tables.writing import atomically

KIND = "engagement.import_reports"
HERE = "engagement.import_reports_here"
"""The same, done in the terminal where it was asked for."""


def incoming_files() -> list[str]:
    """Names of the files that the city's operator laid down for importing: too large to be uploaded."""
    folder = Path(settings.VAR) / "incoming"
    return sorted(file.name for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []


@transaction.atomic
def queue_report_import(
    *,
    by: User,
    at: datetime,
    upload: Any = None,
    incoming: str = "",
    format: str = AUTO,
    licence: str = "",
    source: str = "",
) -> Job:
    """Writes an import down: of `upload`, Django's uploaded file, or of one of `incoming_files`."""
    check_may(by)
    if format not in {AUTO, *PUBLISHED}:
        raise Refused(_("Choose a format from the list."), field="format")
    parameters = {"format": format, "licence": licence, "source": source, "incoming": "", "stored": ""}
    if upload is not None:
        stored = f"{uuid.uuid4().hex}.reports"
        with atomically(upload_path(stored)) as file:
            for chunk in upload.chunks():
                file.write(chunk)
        parameters |= {"stored": stored, "name": Path(upload.name).name[:200]}
    elif incoming in incoming_files():
        parameters |= {"incoming": incoming, "name": incoming[:200]}
    else:
        raise Refused(_("Choose a file."), field="file")
    return queue_job(kind=KIND, parameters=parameters, at=at, by=by)


def run_import_job(job: Job, tell: Tell) -> dict[str, Any]:
    """Does a claimed job, start to end, and gives the result that its page shows."""
    given = job.parameters
    path = _path(given)
    try:
        imported = _import(job, path, tell)
    except FileNotFoundError as error:
        raise JobFailed(_("The file is no longer there. Send it again.")) from error
    if given["stored"]:
        path.unlink(missing_ok=True)
    return _result(imported)


def import_here(
    *,
    path: Path,
    by: User | None,
    clock: Clock,
    show: Any,
    format: str = AUTO,
    licence: str = "",
    source: str = "",
    refused_to: Path | None = None,
) -> Imported:
    """The import for a command: in this process, as a job that others can watch."""
    said = {"name": path.name[:200], "format": format, "licence": licence, "source": source}

    def work(job: Job, tell: Tell) -> dict[str, Any]:
        return _result(_import(job, path, tell, refused_to))

    job = do_here(kind=HERE, parameters=said, function=work, clock=clock, by=by, show=show)
    return Imported(ArchiveFile.objects.get(pk=job.result["file"]), job.result["already"])


def _path(given: dict[str, Any]) -> Path:
    if given["stored"]:
        return upload_path(given["stored"])
    return Path(settings.VAR) / "incoming" / Path(given["incoming"]).name


def _import(job: Job, path: Path, tell: Tell, refused_to: Path | None = None) -> Imported:
    given = job.parameters

    def before_commit(imported: Imported) -> None:
        # In the same transaction as the manifest: a worker that lost the job is refused both.
        finish_job(job=job, result=_result(imported), at=timezone.now())

    return import_reports(
        path=path,
        name=given["name"],
        at=timezone.now(),
        by=job.by,
        format=given["format"],
        licence=given["licence"],
        source=given["source"],
        tell=tell,
        refused_to=refused_to or made_path(job, "refused.csv"),
        before_commit=before_commit,
    )


def _result(imported: Imported) -> dict[str, Any]:
    file = imported.file
    counts = {"rows": file.rows, "kept": file.kept, "refused": file.refused}
    return {"file": file.pk, "already": imported.already, **counts}


# What the job's page shows ------------------------------------------------------------------------------


def _told(job: Job) -> Told:
    result = job.result
    file = ArchiveFile.objects.filter(pk=result["file"]).first()
    told = Told(
        figures=[
            (_("records"), result["rows"]),
            (_("kept"), result["kept"]),
            (_("refused"), result["refused"]),
        ],
        refused=result["refused"],
    )
    if result["already"]:
        told.sentences.append(_("The archive had this very file already. Nothing was changed."))
    if file is not None:
        told.notes = notes(file)
        told.refusals = [(number, "–", why) for why, _count, first in refusals(file) for number in first]
    return told


def _files(job: Job) -> Sequence[JobFile]:
    if not job.result.get("refused"):
        return ()
    return (
        JobFile(
            key="refused",
            label=_("The refused records with their reasons (CSV)"),
            name=f"{job.parameters.get('name', 'reports')}.refused.csv",
            path=made_path(job, "refused.csv"),
            content_type="text/csv; charset=utf-8",
            permission=PERMISSION,
        ),
    )


def _inputs(job: Job) -> Sequence[Path]:
    return (upload_path(job.parameters["stored"]),) if job.parameters.get("stored") else ()


IMPORT = add_kind(
    JobKind(
        name=KIND,
        title=gettext_lazy("Import of past problem reports"),
        run=run_import_job,
        permission=PERMISSION,
        tell=_told,
        files=_files,
        inputs=_inputs,
        nothing_done=gettext_lazy("Nothing was imported."),
    )
)
add_kind(
    JobKind(
        name=HERE,
        title=gettext_lazy("Import of past problem reports"),
        run=None,
        permission=PERMISSION,
        tell=_told,
        files=_files,
        nothing_done=gettext_lazy("Nothing was imported."),
    )
)
