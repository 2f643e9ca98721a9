"""Photos of what was sent and of meetings' walls: cleaned before they come here, removed with their files.

Where staff black something out, a second file is what everybody is shown; the sender's stays as it is.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from engagement.models import Idea, LegalHold, Photo, Report, User
from engagement.photos import PHOTO_ERRORS, Box, CleanPhoto, PhotoError, black_out, is_black
from engagement.privacy import mask
from engagement.services.errors import Refused, Stale
from engagement.services.holds import held_ideas, lock_record, refuse_where_held
from engagement.services.staff_lines import write_staff_line
from engagement.workflow import HANDLE_REPORTS, TRIAGE

PHOTOS_A_RECORD = 5
_ENDINGS = {"JPEG": "jpg", "PNG": "png"}


@transaction.atomic
def attach_photo(
    *, record: Idea | Report, photo: CleanPhoto, caption: str, rights_confirmed: bool, at: datetime
) -> Photo:
    """Keeps a cleaned photo with what it belongs to. The sender must say that it may be shared.

    Its name on disk says nothing: neither whose it is, nor what it belongs to.
    """
    if not rights_confirmed:
        raise Refused(_("Tick that you may share this photo, or take it away."), field="photo_rights")
    if record.photos.count() >= PHOTOS_A_RECORD:
        raise Refused(_("There are enough photos already."), field="photo")
    of = {"idea": record} if isinstance(record, Idea) else {"report": record}
    return keep_photo(photo=photo, caption=caption, at=at, **of)


def keep_photo(*, photo: CleanPhoto, caption: str, at: datetime, **of: Any) -> Photo:
    """Writes a cleaned photo down with the one thing that it belongs to: `idea`, `report` or `meeting`."""
    return Photo.objects.create(
        **of,
        file=_new_file(photo),
        width=photo.width,
        height=photo.height,
        caption=mask(caption.strip())[:300],
        rights_confirmed_at=at,
        added_at=at,
    )


def _new_file(photo: CleanPhoto) -> "ContentFile[bytes]":
    return ContentFile(photo.data, name=f"{secrets.token_hex(16)}.{_ENDINGS[photo.format]}")


def may_redact(photo: Photo, by: User) -> bool:
    """Who decides about the record, or about the meeting; about what its sender took back nobody."""
    if photo.meeting_id is not None:
        return by.has_perm("engagement.triage_idea") or by.has_perm("engagement.manage_call")
    record = photo.idea or photo.report
    if record is None or record.state == "withdrawn":
        return False
    return by.has_perm(TRIAGE if photo.idea is not None else HANDLE_REPORTS)


@transaction.atomic
def redact_photo(*, photo: Photo, boxes: Sequence[Box], by: User, at: datetime) -> Photo:
    """Blacks out parts of a photo, besides those that are black already.

    Boxes only ever come on top: of two people at the same photo neither shows again what the other hid. The
    same once more changes nothing.
    """
    photo = _locked(photo, by)
    try:
        seen = _bytes(photo.redacted or photo.file)
        if photo.redacted and is_black(seen, boxes):
            return photo
        drawn = black_out(seen, boxes)
    except PhotoError as error:
        raise Refused(_(PHOTO_ERRORS[error.code]).format(**error.params), code=error.code) from error
    _replace(photo, _new_file(drawn), by=by, at=at)
    if (sent := photo.idea or photo.report) is not None:
        write_staff_line(sent, "redact_photo", by=by, at=at, note=which(photo, sent))
    return photo


@transaction.atomic
def unredact_photo(*, photo: Photo, by: User, at: datetime, seen: str) -> Photo:
    """Shows the whole photo again. `seen` is the name of the file with boxes that the person looked at."""
    photo = _locked(photo, by)
    if not photo.redacted:
        return photo
    if str(photo.redacted.name) != seen:
        raise Stale(_("Somebody else blacked out more in the meantime. Look again before you decide."))
    if _held(photo):
        raise Refused(_("This record is on legal hold: the photo stays as it was shown."), code="held")
    _replace(photo, None, by=by, at=at)
    if (sent := photo.idea or photo.report) is not None:
        write_staff_line(sent, "unredact_photo", by=by, at=at, note=which(photo, sent))
    return photo


def _held(photo: Photo) -> bool:
    """Does a legal hold stand over what it belongs to; of a meeting over one of its ideas?"""
    sent = photo.idea or photo.report
    if sent is None:
        return Idea.objects.filter(meeting=photo.meeting_id, pk__in=held_ideas()).exists()
    return LegalHold.objects.standing().over(sent).exists()


def _locked(photo: Photo, by: User) -> Photo:
    """The photo as it is now, locked with its record; refused to who may not."""
    if not may_redact(photo, by):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    record = photo.idea or photo.report
    if record is not None:
        lock_record(record)
    now = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if now is None:
        raise Refused(_("This photo is no longer there."), code="gone")
    if not may_redact(now, by):  # taken back, or moved, while the page was open
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    return now


def _bytes(file: Any) -> bytes:
    try:
        with file.storage.open(str(file.name)) as opened:
            return bytes(opened.read())
    except FileNotFoundError as error:
        raise PhotoError("broken") from error


def _replace(photo: Photo, file: "ContentFile[bytes] | None", *, by: User, at: datetime) -> None:
    """Puts another file with boxes in the place of the one there was, which goes once that is certain."""
    storage, old = photo.redacted.storage, str(photo.redacted.name or "")
    photo.redacted = file or ""
    # A meeting has no timeline: there the photo itself says who did it, and when.
    photo.boxes_by, photo.boxes_at = by, at
    photo.save(update_fields=["redacted", "boxes_by", "boxes_at"])
    if old:
        transaction.on_commit(lambda: storage.delete(old))


def which(photo: Photo, sent: Idea | Report) -> str:
    """Which photo of the record it is, as staff see it: by what it shows, else by its place among them."""
    before = sent.photos.filter(pk__lt=photo.pk).count()
    return photo.caption or _("Photo %(n)d of %(all)d") % {"n": before + 1, "all": sent.photos.count()}


def remove_photos(*, record: Idea | Report) -> None:
    """Deletes a record's photos, and their files once the deletion is certain. Refused under a legal hold."""
    refuse_where_held(record)
    delete_photos(record.photos.all())


def delete_photos(rows: QuerySet[Photo]) -> int:
    """Deletes photos, and their files once that is certain; gives how many. Call it in a transaction."""
    photos = list(rows)
    files = [file for photo in photos for file in (photo.file, photo.redacted) if file]
    rows.delete()

    def delete_files() -> None:
        for file in files:
            file.storage.delete(str(file.name))

    transaction.on_commit(delete_files)
    return len(photos)
