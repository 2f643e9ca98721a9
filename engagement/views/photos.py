"""Photos: read from private storage, only for who may see what they belong to."""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagement.models import Idea, Photo, User
from engagement.views.tracking import held_by


def _is_public(photo: Photo) -> bool:
    if photo.idea is not None:
        return photo.idea.is_public and photo.idea.shows_text
    return photo.report is not None and photo.report.is_public


def _may_as_staff(request: HttpRequest, photo: Photo) -> bool:
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return False
    record = photo.idea or photo.report
    if record is None or record.state == "withdrawn":  # what its sender took back nobody looks at
        return False
    return user.has_perm("engagement.triage_idea" if photo.idea is not None else "engagement.handle_report")


def _answer(photo: Photo, cache: str) -> FileResponse:
    try:
        response = FileResponse(photo.file.open("rb"))
    except FileNotFoundError as error:
        raise Http404 from error
    response["Content-Type"] = "image/png" if str(photo.file.name).endswith(".png") else "image/jpeg"
    # Short, so that a photo that is withdrawn soon disappears from readers' browsers too.
    response["Cache-Control"] = cache
    return response


@require_safe
def photo(request: HttpRequest, pk: int) -> FileResponse:
    found = get_object_or_404(Photo.objects.select_related("idea__call", "report__service"), pk=pk)
    if _is_public(found):
        return _answer(found, "private, max-age=300")
    if _may_as_staff(request, found):
        return _answer(found, "no-store")
    raise Http404


@require_safe
def tracking_photo(request: HttpRequest, reference: str, token: str, pk: int) -> FileResponse:
    record = held_by(reference, token)
    own = {"idea": record} if isinstance(record, Idea) else {"report": record}
    response = _answer(get_object_or_404(Photo, pk=pk, **own), "no-store")
    response["Referrer-Policy"] = "no-referrer"
    return response
