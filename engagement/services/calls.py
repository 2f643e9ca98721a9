"""Making and changing invitations, and writing down meetings."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import Call, Meeting, Theme, User
from engagement.services.errors import Refused, Stale

_EDITABLE = {
    "kind",
    "slug",
    "title",
    "intro",
    "consent",
    "opens_at",
    "closes_at",
    "cutoff_at",
    "planned_dates",
    "judging_questions",
    "questions",
    "moderation",
    "supports",
    "notes",
    "word_list",
    "appeal_days",
    "asks_phone",
}


@transaction.atomic
def save_call(
    *,
    by: User,
    at: datetime,
    values: dict[str, Any],
    themes: list[Theme],
    call: Call | None = None,
    version: int | None = None,
) -> Call:
    """Makes an invitation, or changes one that nobody else changed since `version`."""
    if not by.has_perm("engagement.manage_call"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    unknown = set(values) - _EDITABLE
    if unknown:
        raise AssertionError(f"not a field of an invitation: {', '.join(sorted(unknown))}")
    try:
        with transaction.atomic():
            if call is None:
                call = Call.objects.create(created_at=at, **values)
            else:
                seen = call.version if version is None else version
                if not Call.objects.filter(pk=call.pk, version=seen).update(
                    version=F("version") + 1, **values
                ):
                    raise Stale(_("Somebody else changed this invitation. Look again before you save."))
                call.refresh_from_db()
    except IntegrityError as error:
        raise Refused(
            _("Another invitation has this short name, or it closes before it opens."), field="slug"
        ) from error
    call.themes.set(themes)
    return call


@transaction.atomic
def record_meeting(
    *, by: User, at: datetime, values: dict[str, Any], meeting: Meeting | None = None
) -> Meeting:
    """Writes down where ideas were gathered: kind, date, place, how many came."""
    if not (by.has_perm("engagement.type_in_idea") or by.has_perm("engagement.manage_call")):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if meeting is None:
        return Meeting.objects.create(**values)
    for name, value in values.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=list(values))
    return meeting
