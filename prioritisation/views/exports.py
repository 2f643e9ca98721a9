"""The shortlist to take away."""

import json
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from engagement.models import User
from engagement.services import Refused
from engagement.tables.writing import write_csv, write_dictionary
from prioritisation import exports
from prioritisation.exports import Shortlist
from prioritisation.models import Programme
from prioritisation.rankings.disclosure import lines
from prioritisation.tasks import nudge_jobs
from prioritisation.views.plan_ideas import newest_version


@require_safe
def plan_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The chosen initiatives of a published plan, or with `?all=1` every decision; public columns only."""
    if kind not in exports.FORMATS:
        raise Http404
    everything = "all" in request.GET
    return _file(exports.public_shortlist(newest_version(slug), everything=everything), kind)


@require_safe
def plan_dictionary(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What each column means, as CSV."""
    columns = exports.public_shortlist(newest_version(slug)).columns
    return _attached(lambda file: write_dictionary(file, columns), f"{slug}-columns.csv", "csv")


@require_safe
def plan_figures(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """What the list was worked out from: as the plan document has it (JSON), or as a table (CSV)."""
    version = newest_version(slug)
    figures = version.document.get("figures")
    if figures is None or kind not in ("json", "csv"):
        raise Http404
    name = f"{slug}-v{version.number}-figures.{kind}"
    if kind == "json":
        return _attached(lambda file: file.write(json.dumps(figures, indent=1).encode()), name, kind)
    return _attached(
        lambda file: write_csv(file, exports.figure_columns(), lines(figures), keys=True), name, kind
    )


@require_safe
def figures_dictionary(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What each column of the figures means, as CSV."""
    newest_version(slug)
    columns = exports.figure_columns()
    return _attached(lambda file: write_dictionary(file, columns), f"{slug}-figures-columns.csv", "csv")


@never_cache
@require_http_methods(["GET", "POST"])
def staff_export(request: HttpRequest, programme_slug: str, kind: str) -> HttpResponseBase:
    """The file for staff. Contacts only by POST with `contacts`: nobody gets them by following a link."""
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return redirect_to_login(request.get_full_path())
    programme = get_object_or_404(Programme.objects.seen_by(user), slug=programme_slug)
    if kind not in exports.FORMATS:
        raise Http404
    contacts = request.method == "POST" and bool(request.POST.get("contacts"))
    asked: dict[str, Any] = {"programme": programme, "by": user, "at": timezone.now(), "contacts": contacts}
    try:
        if exports.is_large(programme=programme, by=user, contacts=contacts):
            job = exports.queue_shortlist(**asked, everything="all" in request.GET, kind=kind)
            nudge_jobs()
            return redirect("admin:engagement_job_change", job.pk)
        shortlist = exports.staff_shortlist(**asked, everything="all" in request.GET)
    except Refused as refusal:
        if refusal.code == "forbidden":
            raise PermissionDenied(refusal.message) from refusal
        messages.error(request, str(refusal.message))
        return redirect("admin:index")
    return _file(shortlist, kind, staff=True)


def _file(shortlist: Shortlist, kind: str, *, staff: bool = False) -> FileResponse:
    name = exports.file_name(shortlist, kind, staff=staff)
    return _attached(lambda file: exports.write(file, shortlist, kind), name, kind)


def _attached(write: Callable[[BinaryIO], int], name: str, kind: str) -> FileResponse:
    """Written whole before the first byte goes out: a file cut off half way would look complete."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=exports.CONTENT_TYPES[kind])
