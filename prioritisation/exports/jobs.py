"""The staff's file of a plan with very many initiatives, as work for the worker."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from engagement.models import Job, User
from engagement.services import (
    JobFile,
    JobKind,
    Tell,
    Told,
    add_kind,
    finish_job,
    made_path,
    queue_job,
    queue_notice,
)
from engagement.tables.writing import atomically
from prioritisation.exports.files import CONTENT_TYPES, file_name, write
from prioritisation.exports.shortlist import staff_shortlist
from prioritisation.models import Programme
from prioritisation.services import staff_version

KIND = "prioritisation.export_shortlist"


def is_large(*, programme: Programme, by: User, contacts: bool) -> bool:
    """More initiatives than a page writes while somebody waits? Refuses who may not take them away."""
    version = staff_version(programme=programme, by=by, contacts=contacts)
    return len(version.document["initiatives"]) > settings.WINNOW_EXPORT_INLINE_ROWS


def queue_shortlist(
    *, programme: Programme, by: User, at: datetime, contacts: bool, everything: bool, kind: str
) -> Job:
    """Has the file written by the worker. Refuses who may not read it."""
    staff_version(programme=programme, by=by, contacts=contacts)
    parameters = {
        "name": f"{programme.slug}-staff.{kind}",
        "programme": programme.pk,
        "contacts": contacts,
        "everything": everything,
        "format": kind,
        "language": get_language(),
    }
    return queue_job(kind=KIND, parameters=parameters, at=at, by=by)


def _run(job: Job, tell: Tell) -> dict[str, Any]:
    given, at, by = job.parameters, timezone.now(), job.by
    assert by is not None
    name = f"{job.attempts}.{given['format']}"
    # Who took contacts away is written down in the same transaction as that there is a file.
    with translation.override(given["language"]), transaction.atomic():
        shortlist = staff_shortlist(
            programme=Programme.objects.get(pk=given["programme"]),
            by=by,
            at=at,
            contacts=given["contacts"],
            everything=given["everything"],
        )
        with atomically(made_path(job, name)) as file:
            rows = write(file, shortlist, given["format"])
        shown = file_name(shortlist, given["format"], staff=True)
        result = {"rows": rows, "file": name, "name": shown}
        context = {"job": job.pk, "name": shown, "rows": rows}
        queue_notice(kind="engagement.export_done", at=at, user=by, context=context)
        finish_job(job=job, result=result, at=timezone.now())
    return result


def _told(job: Job) -> Told:
    return Told(figures=[(_("rows in the file"), job.result["rows"])])


def _may_take(user: User, job: Job) -> bool:
    """As long as they are of the programme; contacts only who asked, of whom it is recorded."""
    given = job.parameters
    seen = Programme.objects.seen_by(user).filter(pk=given["programme"]).exists()
    return seen and (not given["contacts"] or user.pk == job.by_id)


def _files(job: Job) -> Sequence[JobFile]:
    name = job.result.get("file")
    if not name:
        return ()
    # Contacts ask for more than the role in the programme, which the service asked for when it was written.
    permission = "engagement.export_contact" if job.parameters["contacts"] else ""
    return (
        JobFile(
            key="export",
            label=_("Download %(name)s") % {"name": job.result["name"]},
            name=job.result["name"],
            path=made_path(job, name),
            content_type=CONTENT_TYPES[Path(name).suffix[1:]],
            permission=permission,
            allowed=lambda user: _may_take(user, job),
        ),
    )


SHORTLIST = add_kind(
    JobKind(
        name=KIND,
        title=gettext_lazy("Export of a shortlist"),
        run=_run,
        tell=_told,
        files=_files,
        nothing_done=gettext_lazy("There is no file."),
    )
)
