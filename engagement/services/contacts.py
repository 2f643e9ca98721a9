"""Who looked at personal data, or took it away: written down each time."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from engagement.models import Contact, Event, Idea, Report, User
from engagement.services.errors import Refused
from engagement.services.staff_lines import staff_line, write_staff_line


@transaction.atomic
def record_contact_view(*, record: Idea | Report, by: User, at: datetime) -> Contact:
    """The contact behind a record, with an internal line in its timeline that says who looked."""
    if not by.has_perm("engagement.view_contact"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if record.contact is None:
        raise Refused(_("The sender left no contact, or had it erased."), code="no_contact")
    write_staff_line(record, "view_contact", by=by, at=at)
    return record.contact


@transaction.atomic
def hand_out_contacts(*, ideas: QuerySet[Idea], by: User, at: datetime) -> dict[str, Contact]:
    """Contacts by the idea's reference, only of senders who agreed to be asked. A line in each timeline."""
    if not by.has_perm("engagement.export_contact"):
        raise Refused(_("You are not allowed to export contacts."), code="forbidden")
    agreed = ideas.filter(contact__questions_consent_at__isnull=False).select_related("contact")
    found = [(idea, idea.contact) for idea in agreed.order_by("reference") if idea.contact is not None]
    Event.objects.bulk_create(staff_line(idea, "export_contact", by=by, at=at) for idea, _contact in found)
    return {idea.reference: contact for idea, contact in found}
