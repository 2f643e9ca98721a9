"""Large exports as work for the worker: whoever asked is mailed where the file lies, never the file."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from engagement.exports.files import CONTENT_TYPES, FORMATS, file_name, write
from engagement.exports.ideas import CONTACTS, IDEAS
from engagement.exports.reports import REPORTS
from engagement.exports.what import What, require
from engagement.models import Job, User
from engagement.services import (
    JobFailed,
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
from engagement.tables.writing import WritingError, atomically

WHATS: dict[str, What] = {what.key: what for what in (IDEAS, CONTACTS, REPORTS)}


def queue_export(*, what: What, kind: str, keys: Sequence[int], by: User, at: datetime) -> Job:
    """Writes down that the rows of `keys` are to be written as `kind`. Refuses who may not."""
    require(what, by)
    assert kind in FORMATS
    parameters = {
        "name": file_name(what, kind, at),
        "format": kind,
        "language": get_language(),
        "keys": list(keys),
    }
    return queue_job(kind=_name(what), parameters=parameters, at=at, by=by, total=len(keys))


def _name(what: What) -> str:
    return f"engagement.export_{what.key}"


def _what(job: Job) -> What:
    return WHATS[job.kind.removeprefix("engagement.export_")]


def run_export(job: Job, tell: Tell) -> dict[str, Any]:
    """Writes the file of a claimed job. It appears whole, under the number of this attempt, or not at all."""
    what, given, at = _what(job), job.parameters, timezone.now()
    name = f"{job.attempts}.{given['format']}"
    try:
        with (
            translation.override(given["language"]),
            transaction.atomic() if what.recorded else nullcontext(),
        ):
            with atomically(made_path(job, name)) as file:
                written = write(file, what, given["format"], keys=given["keys"], by=job.by, at=at, tell=tell)
            result = {**written.as_result(), "file": name}
            with transaction.atomic():
                _tell_by_mail(job, result)
                finish_job(job=job, result=result, at=timezone.now())
    except WritingError as error:
        raise JobFailed(in_words(error)) from error
    return result


def _tell_by_mail(job: Job, result: dict[str, Any]) -> None:
    """Where the file lies, and nothing of what is in it: the page asks for a sign-in."""
    context = {"job": job.pk, "name": job.parameters["name"], "rows": result["rows"]}
    queue_notice(kind="engagement.export_done", at=timezone.now(), user=job.by, context=context)


def in_words(error: WritingError) -> str:
    if error.code == "too_many_rows":
        return _("A spreadsheet holds a million rows at most. Choose CSV.")
    return error.message


def told(job: Job) -> Told:
    """The counts of a file; also what the reader of it has to know."""
    result = job.result
    return Told(figures=[(_("rows in the file"), result["rows"])], notes=notes(result))


def notes(result: dict[str, Any]) -> list[str]:
    """What whoever takes the file has to know, in words."""
    left, said = result["asked"] - result["rows"], []
    if left:
        said.append(
            ngettext(
                "%(n)d of those chosen is not in the file: it may not go out in this kind of export.",
                "%(n)d of those chosen are not in the file: they may not go out in this kind of export.",
                left,
            )
            % {"n": left}
        )
    if result["cut"]:
        said.append(
            ngettext(
                "%(n)d text was longer than a cell can be; it was cut and ends in “[…]”. CSV has it whole.",
                "%(n)d texts were longer than a cell can be; they were cut and end in “[…]”. "
                "CSV has them whole.",
                result["cut"],
            )
            % {"n": result["cut"]}
        )
    if result["guarded"]:
        said.append(
            ngettext(
                "%(n)d text looked like a formula; it got an apostrophe in front, so that nothing runs.",
                "%(n)d texts looked like formulas; they got an apostrophe in front, so that nothing runs.",
                result["guarded"],
            )
            % {"n": result["guarded"]}
        )
    return said


def _files(job: Job) -> Sequence[JobFile]:
    name = job.result.get("file")
    if not name:
        return ()
    kind = Path(name).suffix[1:]
    return (
        JobFile(
            key="export",
            label=_("Download %(name)s") % {"name": job.parameters["name"]},
            name=job.parameters["name"],
            path=made_path(job, name),
            content_type=CONTENT_TYPES[kind],
            permission=_what(job).permission,
            # Whose contacts went to whom is recorded of who asked; for anybody else it would not be.
            allowed=lambda user: not _what(job).recorded or user.pk == job.by_id,
        ),
    )


KINDS = tuple(
    add_kind(
        JobKind(
            name=_name(what),
            title=title,
            run=run_export,
            permission=what.permission,
            tell=told,
            files=_files,
            nothing_done=gettext_lazy("There is no file."),
        )
    )
    for what, title in (
        (IDEAS, gettext_lazy("Export of ideas")),
        (CONTACTS, gettext_lazy("Export of contacts")),
        (REPORTS, gettext_lazy("Export of problem reports")),
    )
)

IN_TERMINAL = add_kind(
    JobKind(
        name="engagement.export_in_terminal",
        title=gettext_lazy("Export in a terminal"),
        run=None,
        permission=IDEAS.permission,
        tell=told,
    )
)
