"""Photos of ideas and problem reports: cleaned before they come here, removed together with their files."""

import secrets
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Idea, Photo, Report
from engagement.photos import CleanPhoto
from engagement.privacy import mask
from engagement.services.errors import Refused
from engagement.services.holds import refuse_where_held

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
    return Photo.objects.create(
        idea=record if isinstance(record, Idea) else None,
        report=record if isinstance(record, Report) else None,
        file=ContentFile(photo.data, name=f"{secrets.token_hex(16)}.{_ENDINGS[photo.format]}"),
        width=photo.width,
        height=photo.height,
        caption=mask(caption.strip())[:300],
        rights_confirmed_at=at,
        added_at=at,
    )


def remove_photos(*, record: Idea | Report) -> None:
    """Deletes a record's photos, and their files once the deletion is certain. Refused under a legal hold."""
    refuse_where_held(record)
    files = [photo.file for photo in record.photos.all()]
    record.photos.all().delete()

    def delete_files() -> None:
        for file in files:
            file.storage.delete(str(file.name))

    transaction.on_commit(delete_files)
