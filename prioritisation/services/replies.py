"""What a department says to a decision on its initiative: before publication, printed beside the decision."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.privacy import mask
from engagement.services import Refused, Stale
from prioritisation.models import Decision, Initiative
from prioritisation.services.access import record

MOST = 1000
"""Characters of a reply, in each language."""


def speaks_for(user: User, initiative: Initiative) -> bool:
    """Is `user` active staff of the department that would carry it out? Membership is not asked for."""
    own = user.department_id is not None and user.department_id == initiative.owner_id
    return bool(user.is_active and user.is_staff and own)


def replies_open_to(user: User) -> Any:
    """Pending decisions on initiatives of the user's department: what may still be answered."""
    if not (user.is_active and user.is_staff and user.department_id):
        return Decision.objects.none()
    return Decision.objects.pending().filter(initiative__owner=user.department_id)


@transaction.atomic
def save_reply(
    *, decision: Decision, text: dict[str, str], by: User, at: datetime, version: int | None = None
) -> Decision:
    """The department's answer, masked like all public words; an empty one takes it back.

    It changes nothing of the decision, so whoever looked that through need not do so again.
    """
    if not speaks_for(by, decision.initiative):
        raise Refused(_("Only the department that would carry it out replies."), code="forbidden")
    text = {language: mask(words.strip()) for language, words in text.items() if words.strip()}
    for words in text.values():
        if len(words) > MOST:
            raise Refused(
                _("At most %(most)s characters; this has %(count)s.") % {"most": MOST, "count": len(words)},
                field="text",
            )
    seen = decision.version if version is None else version
    stamps: dict[str, Any] = (
        {"reply_at": at, "reply_by": by} if text else {"reply_at": None, "reply_by": None}
    )
    changed = (
        Decision.objects.pending()
        .filter(pk=decision.pk, version=seen)
        .update(reply=text, version=F("version") + 1, **stamps)
    )
    if not changed:
        raise Stale(_("The decision was changed or published meanwhile. Read it again before you reply."))
    decision.refresh_from_db()
    record(
        decision.initiative.programme,
        "save_reply",
        at=at,
        by=by,
        round=decision.round,
        initiative=decision.initiative,
        text=text,
    )
    return decision
