"""Who looked at personal data: written down each time."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Contact, Event, Idea, Report, User
from engagement.services.errors import Refused


@transaction.atomic
def record_contact_view(*, record: Idea | Report, by: User, at: datetime) -> Contact:
    """The contact behind a record, with an internal line in its timeline that says who looked."""
    if not by.has_perm("engagement.view_contact"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if record.contact is None:
        raise Refused(_("The sender left no contact, or had it erased."), code="no_contact")
    Event.objects.create(
        idea=record if isinstance(record, Idea) else None,
        report=record if isinstance(record, Report) else None,
        at=at,
        actor=Event.Actor.STAFF,
        by=by,
        verb="view_contact",
        from_state=record.state,
        to_state=record.state,
        public=False,
    )
    return record.contact
