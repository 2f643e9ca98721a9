"""Photos: read from private storage, only for who may see what they belong to.

Where parts are blacked out everybody gets that file, the sender too; the whole photo only who decides about
the record, and only when they ask for it (`?original=1`). A department sees those of its own reports as they
are shown, also where the report is not public.
"""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagement import services
from engagement.models import Idea, Photo, User
from engagement.views.tracking import held_by
from engagement.workflow import OWN_REPORTS


def _is_public(photo: Photo) -> bool:
    if photo.idea is not None:
        return photo.idea.is_public and photo.idea.shows_text
    return photo.report is not None and photo.report.is_public


def _may_as_staff(request: HttpRequest, photo: Photo, *, whole: bool = False) -> bool:
    """Who decides about it; the wall of a meeting, as it is shown, also who types in what stands there."""
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return False
    if whole or photo.meeting_id is None:
        return services.may_redact(photo, user)
    return user.has_perm("engagement.type_in_idea") or services.may_redact(photo, user)


def _of_own_department(request: HttpRequest, photo: Photo) -> bool:
    user, report = request.user, photo.report
    if not isinstance(user, User) or not user.is_staff or report is None or report.state == "withdrawn":
        return False
    return user.has_perm(OWN_REPORTS) and report.is_with(user.department_id)


def _answer(photo: Photo, cache: str, *, original: bool = False) -> FileResponse:
    file = photo.file if original else photo.redacted or photo.file
    try:
        response = FileResponse(file.open("rb"))
    except FileNotFoundError as error:  # of a file with boxes too: the whole photo never stands in for it
        raise Http404 from error
    response["Content-Type"] = "image/png" if str(file.name).endswith(".png") else "image/jpeg"
    # Asked for anew each time: what is blacked out or withdrawn is gone from readers' browsers at once.
    response["Cache-Control"] = cache
    return response


@require_safe
def photo(request: HttpRequest, pk: int) -> FileResponse:
    found = get_object_or_404(Photo.objects.select_related("idea__call", "report__service"), pk=pk)
    if request.GET.get("original") and _may_as_staff(request, found, whole=True):
        return _answer(found, "no-store", original=True)
    if _is_public(found):
        return _answer(found, "private, no-cache")
    if _may_as_staff(request, found) or _of_own_department(request, found):
        return _answer(found, "no-store")
    raise Http404


@require_safe
def tracking_photo(request: HttpRequest, reference: str, token: str, pk: int) -> FileResponse:
    record = held_by(reference, token)
    own = {"idea": record} if isinstance(record, Idea) else {"report": record}
    response = _answer(get_object_or_404(Photo, pk=pk, **own), "no-store")
    response["Referrer-Policy"] = "no-referrer"
    return response
