"""Files for staff that hold more than the public reads: who took one is written down."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagement import services as engagement
from engagement.models import Contact, Idea, User
from engagement.services import Refused
from prioritisation.models import PlanVersion, Programme
from prioritisation.services.access import record, require_role
from prioritisation.workflow import Role


def staff_version(*, programme: Programme, by: User, contacts: bool) -> PlanVersion:
    """The version that counts, for who may take the staff's file of it away. Refuses everybody else."""
    require_role(by, programme, Role.MANAGER, Role.PUBLISHER, Role.ANALYST)
    if contacts and not by.has_perm("engagement.export_contact"):
        raise Refused(_("You are not allowed to export contacts."), code="forbidden")
    version = PlanVersion.objects.newest().select_related("plan").filter(plan__programme=programme).first()
    if version is None:
        raise Refused(_("This programme has not published a plan yet."), code="unpublished")
    return version


@transaction.atomic
def hand_out_staff_file(
    *, programme: Programme, by: User, at: datetime, contacts: bool
) -> tuple[PlanVersion, dict[str, Contact]]:
    """The version that counts and, where asked for, contacts by the idea's reference. Leaves an event."""
    version = staff_version(programme=programme, by=by, contacts=contacts)
    people: dict[str, Contact] = {}
    if contacts:
        references = {idea for one in version.document["initiatives"] for idea in one["ideas"]}
        ideas = Idea.objects.filter(reference__in=references)
        people = engagement.hand_out_contacts(ideas=ideas, by=by, at=at)
    note = f"{len(people)} contacts" if contacts else ""
    record(programme, "export_staff_file", at=at, by=by, plan=version.plan, note=note)
    return version, people
