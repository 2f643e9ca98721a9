"""The same import as work for the worker: asked for on a page, told about on the job's page."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Call, Job, User
from engagement.services.errors import Refused as ServiceRefused
from engagement.services.imports.columns import Mapping, MappingError
from engagement.services.imports.reading import Refused
from engagement.services.imports.words import worded
from engagement.services.imports.writing import ImportReport, import_ideas
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
from engagement.services.jobs.working import Show
from engagement.services.notices import queue_notice
from engagement.tables import Table, TableError, read
from engagement.tables.writing import Column, atomically, write_csv

KIND = "engagement.import_ideas"
HERE = "engagement.import_ideas_in_terminal"
PERMISSION = "engagement.import_idea"


def refused_path(job: Job) -> Path:
    """Where the refused records of an import lie."""
    return made_path(job, "refused.csv")


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
    if not by.has_perm(PERMISSION):
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
        result = _run(job, path, tell)
    except TableError as error:
        raise JobFailed(worded(error.code, error.params)) from error
    except FileNotFoundError as error:
        raise JobFailed(_("The file is no longer there. Send it again.")) from error
    path.unlink(missing_ok=True)
    return result


def _run(job: Job, path: Path, tell: Tell) -> dict[str, Any]:
    given = job.parameters
    table = read(path, name=given["name"])

    def before_commit(report: ImportReport) -> None:
        # In the same transaction as the ideas: a lease that ran out cannot have them written twice.
        write_refused(refused_path(job), table.columns, report.refused)
        _tell_by_mail(job, report)
        finish_job(job=job, result=report.as_result(), at=timezone.now())

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
    return report.as_result()


def import_here(
    *,
    table: Table,
    name: str,
    call: Call,
    clock: Clock,
    by: User | None,
    mapping: Mapping,
    language: str,
    state: str,
    show: Show,
) -> ImportReport:
    """The same import in this process, as a job that others can watch; for the command.

    Raises `JobFailed` with words where the file or the mapping will not do, and `Refused`.
    """
    made: list[ImportReport] = []

    def work(job: Job, tell: Tell) -> dict[str, Any]:
        def before_commit(report: ImportReport) -> None:
            write_refused(refused_path(job), table.columns, report.refused)
            finish_job(job=job, result=report.as_result(), at=clock())

        try:
            made.append(
                import_ideas(
                    table=table,
                    name=name,
                    call=call,
                    at=clock(),
                    by=by,
                    mapping=mapping,
                    language=language,
                    state=state,
                    beat=tell,
                    before_commit=before_commit,
                )
            )
        except (MappingError, TableError) as error:
            raise JobFailed(worded(error.code, error.params)) from error
        return made[0].as_result()

    do_here(
        kind=HERE, parameters={"name": name, "call": call.pk}, function=work, clock=clock, by=by, show=show
    )
    return made[0]


def _tell_by_mail(job: Job, report: ImportReport) -> None:
    """One mail for the whole file, to who asked for it."""
    counts = {"read": report.read, "created": report.created, "already_there": report.already_there}
    about = {"job": job.pk, "name": job.parameters["name"], "refused": len(report.refused)}
    queue_notice(kind="engagement.import_done", at=timezone.now(), user=job.by, context={**about, **counts})


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


# What the job's page shows ------------------------------------------------------------------------------


def _told(job: Job) -> Told:
    result = job.result
    told = Told(
        figures=[
            (_("read"), result["read"]),
            (_("created"), result["created"]),
            (_("already there"), result["already_there"]),
            (_("refused"), result["refused"]),
        ],
        notes=[worded(code, params) for code, params in result["notes"]],
        refusals=[(number, line, worded(code, params)) for number, line, code, params in result["refusals"]],
        refused=result["refused"],
    )
    if result["first"]:
        told.sentences.append(
            _("References %(first)s to %(last)s.") % {"first": result["first"], "last": result["last"]}
        )
    return told


def _files(job: Job) -> Sequence[JobFile]:
    if not job.result.get("refused"):
        return ()
    return (
        JobFile(
            key="refused",
            label=_("The refused records with their reasons (CSV)"),
            name=f"{job.parameters.get('name', 'import')}.refused.csv",
            path=refused_path(job),
            content_type="text/csv; charset=utf-8",
            permission=PERMISSION,
        ),
    )


def _inputs(job: Job) -> Sequence[Path]:
    return (upload_path(job.parameters["stored"]),)


add_kind(
    JobKind(
        name=HERE,
        title=gettext_lazy("Import of ideas"),
        run=None,
        permission=PERMISSION,
        tell=_told,
        files=_files,
        nothing_done=gettext_lazy("Nothing was imported."),
    )
)
IMPORT = add_kind(
    JobKind(
        name=KIND,
        title=gettext_lazy("Import of ideas"),
        run=run_import_job,
        permission=PERMISSION,
        tell=_told,
        files=_files,
        inputs=_inputs,
        nothing_done=gettext_lazy("Nothing was imported."),
    )
)
