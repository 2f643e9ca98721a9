"""The same import as work for the worker: asked for on a page, told about on the job's page."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import Call, Job, User
from engagement.services.errors import Refused as ServiceRefused
from engagement.services.imports.columns import Mapping
from engagement.services.imports.reading import Refused
from engagement.services.imports.words import worded
from engagement.services.imports.writing import ImportReport, import_ideas
from engagement.services.jobs import Cancelled, Tell, fail_job, finish_job, queue_job
from engagement.services.notices import queue_notice
from engagement.tables import TableError, read
from engagement.tables.writing import Column, atomically, write_csv

KIND = "engagement.import_ideas"


def upload_path(stored: str) -> Path:
    """Where an upload is kept, by the name we gave it ourselves."""
    return Path(settings.VAR) / "uploads" / Path(stored).name


def refused_path(job: Job) -> Path:
    """Where the refused records of an import lie, beside no name that a person gave."""
    return Path(settings.VAR) / "exports" / f"import-{Path(job.parameters['stored']).stem}-refused.csv"


@transaction.atomic
def queue_import(
    *,
    by: User,
    at: datetime,
    upload: Any,
    call: Call,
    mapping: Mapping,
    language: str,
    state: str,
) -> Job:
    """Keeps an uploaded file and writes the work down. `upload` is Django's uploaded file."""
    if not by.has_perm("engagement.import_idea"):
        raise ServiceRefused(_("You are not allowed to do this."), code="forbidden")
    stored = f"{uuid.uuid4().hex}.table"
    with atomically(upload_path(stored)) as file:
        for chunk in upload.chunks():
            file.write(chunk)
    parameters = {
        "stored": stored,
        "name": Path(upload.name).name[:200],
        "call": call.pk,
        "mapping": mapping,
        "language": language,
        "state": state,
    }
    return queue_job(kind=KIND, parameters=parameters, at=at, by=by)


def run_import_job(job: Job, tell: Tell) -> dict[str, Any]:
    """Does a claimed job, start to end, and gives the result that its page shows."""
    path = upload_path(job.parameters["stored"])
    try:
        return _run(job, path, tell)
    except TableError as error:
        raise _told(job, worded(error.code, error.params)) from error
    except ServiceRefused as refusal:
        raise _told(job, str(refusal.message)) from refusal
    except FileNotFoundError as error:
        raise _told(job, _("The file is no longer there. Send it again.")) from error
    finally:
        path.unlink(missing_ok=True)


def _run(job: Job, path: Path, tell: Tell) -> dict[str, Any]:
    given = job.parameters

    def before_commit(report: ImportReport) -> None:
        # In the same transaction as the ideas: a lease that ran out cannot have them written twice.
        finish_job(job=job, result=report.as_result(), at=timezone.now())
        _tell_by_mail(job, report)

    table = read(path, name=given["name"])
    report = import_ideas(
        table=table,
        name=given["name"],
        call=Call.objects.get(pk=given["call"]),
        at=timezone.now(),
        by=job.by,
        mapping=given["mapping"],
        language=given["language"],
        state=given["state"],
        beat=tell,
        before_commit=before_commit,
    )
    write_refused(refused_path(job), table.columns, report.refused)
    return report.as_result()


def _tell_by_mail(job: Job, report: ImportReport) -> None:
    """One mail for the whole file, to who asked for it."""
    counts = {"read": report.read, "created": report.created, "already_there": report.already_there}
    about = {"job": job.pk, "name": job.parameters["name"], "refused": len(report.refused)}
    queue_notice(kind="engagement.import_done", at=timezone.now(), user=job.by, context={**about, **counts})


def _told(job: Job, message: str) -> Cancelled:
    """Writes on the job, in words for its page, why it stopped; the worker has nothing to add."""
    fail_job(job=job, error=message, at=timezone.now())
    return Cancelled()


def write_refused(path: Path, columns: list[str], refused: list[Refused]) -> None:
    """The refused records with the reason before what stood in them, to be mended and sent again."""
    heads = [Column("record", "record"), Column("line", "line"), Column("reason", "reason")]
    heads += [Column(f"value:{column}", column) for column in columns]
    rows = (
        {
            "record": one.number,
            "line": one.line,
            "reason": worded(one.code, one.params),
            **{f"value:{column}": one.values.get(column, "") for column in columns},
        }
        for one in refused
    )
    with atomically(path) as file:
        write_csv(file, heads, rows)
