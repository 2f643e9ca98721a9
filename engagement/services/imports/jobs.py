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
from engagement.services.jobs import beat_job, fail_job, finish_job, queue_job
from engagement.services.notices import queue_notice
from engagement.tables import TableError, read
from engagement.tables.writing import Column, atomically, write_csv

KIND = "engagement.import_ideas"


class Cancelled(Exception):  # noqa: N818 - said as a word
    """Somebody stopped the job."""


def upload_path(stored: str) -> Path:
    """Where an upload is kept, by the name we gave it ourselves."""
    return Path(settings.VAR) / "uploads" / Path(stored).name


def refused_path(job: Job) -> Path:
    return Path(settings.VAR) / "exports" / f"import-{job.pk}-refused.csv"


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


def run_import_job(job: Job, at: datetime) -> None:
    """Does a claimed job, start to end; what goes wrong is told on the job, not raised."""
    given = job.parameters
    path = upload_path(given["stored"])

    def beat(done: int, total: int) -> None:
        if not beat_job(job=job, progress=done, total=total, at=timezone.now()):
            raise Cancelled

    def before_commit(report: ImportReport) -> None:
        # In the same transaction: who loses the lease meanwhile cannot have it done twice.
        finish_job(job=job, result=report.as_result(), at=timezone.now())
        counts = {
            name: value for name, value in report.as_result().items() if name not in {"notes", "refusals"}
        }
        queue_notice(
            kind="engagement.import_done",
            at=at,
            user=job.by,
            context={"job": job.pk, "name": given["name"], **counts},
        )

    try:
        table = read(path, name=given["name"])
        report = import_ideas(
            table=table,
            name=given["name"],
            call=Call.objects.get(pk=given["call"]),
            at=at,
            by=job.by,
            mapping=given["mapping"],
            language=given["language"],
            state=given["state"],
            beat=beat,
            before_commit=before_commit,
        )
    except Cancelled:
        pass
    except TableError as error:
        fail_job(job=job, error=worded(error.code, error.params), at=timezone.now())
    except ServiceRefused as refusal:
        fail_job(job=job, error=str(refusal.message), at=timezone.now())
    except (FileNotFoundError, Call.DoesNotExist) as error:
        fail_job(job=job, error=str(error), at=timezone.now())
    else:
        write_refused(refused_path(job), table.columns, report.refused)
    path.unlink(missing_ok=True)


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
