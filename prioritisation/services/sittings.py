"""Sittings: which body decided, when, by which resolution, who was there and who stood aside."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import Decision, DecisionMeeting, Plan, Programme
from prioritisation.services.access import hold_plan, record, require_role
from prioritisation.services.writers import keep_writer
from prioritisation.workflow import Role


@transaction.atomic
def save_sitting(
    *,
    programme: Programme,
    body: dict[str, str],
    held_on: date,
    by: User,
    at: datetime,
    resolution: str = "",
    present: str = "",
    stood_aside: str = "",
    sitting: DecisionMeeting | None = None,
    version: int | None = None,
) -> DecisionMeeting:
    """Makes or changes a sitting. One that a published decision or an adopted amendment names stays.

    A sitting is printed with what was decided in it: whoever writes it prepares, and another person
    publishes. `made_by` is who wrote it last, `earlier_writers` are all before.
    """
    require_role(by, programme, Role.MANAGER)
    body = said(body)
    if not body:
        raise Refused(_("Name the body that decides."), field="body")
    values = {
        "body": body,
        "held_on": held_on,
        "resolution": resolution.strip(),
        "present": present.strip(),
        "stood_aside": stood_aside.strip(),
    }
    if sitting is None:
        made = DecisionMeeting.objects.create(programme=programme, made_at=at, made_by=by, **values)
        record(programme, "save_sitting", at=at, by=by, note=str(made))
        return made
    if Plan.objects.filter(programme=programme).exists():
        hold_plan(programme)  # what is being published is not changed under it
    if is_published(sitting):
        raise Refused(_("A published decision names this sitting. It no longer changes."), code="published")
    seen = sitting.version if version is None else version
    before = sitting.made_by_id
    as_seen = DecisionMeeting.objects.filter(
        pk=sitting.pk, programme=programme, version=seen, made_by_id=before
    )
    if not as_seen.update(version=F("version") + 1, made_by=by, **values):
        raise Stale(_("Somebody else changed this sitting. Look again before you save."))
    keep_writer(sitting, before, by=by)
    # What was looked through named the sitting as it was.
    sitting.decisions.pending().update(checked_at=None, checked_by=None, version=F("version") + 1)
    sitting.refresh_from_db()
    record(programme, "save_sitting", at=at, by=by, note=str(sitting))
    return sitting


def is_published(sitting: DecisionMeeting) -> bool:
    """Does something that readers see name it?"""
    adopted = sitting.amendments.filter(adopted_at__isnull=False)
    return sitting.decisions.published().exists() or adopted.exists()


@transaction.atomic
def set_sitting(
    *, decisions: Iterable[Decision], sitting: DecisionMeeting | None, by: User, at: datetime
) -> tuple[int, list[tuple[Decision, str]]]:
    """Says of several pending decisions in which sitting they were taken. How many, and which not and why.

    Whoever says so prepared them, as whoever changes anything else of a decision: the sitting is printed, so
    another person looks through it and publishes it. Those who prepared it before stay among them.
    """
    done, refused = 0, []
    for decision in decisions:
        programme = decision.initiative.programme
        require_role(by, programme, Role.MANAGER)
        if sitting is not None and sitting.programme_id != programme.pk:
            refused.append((decision, _("The sitting is of another programme.")))
            continue
        changed = (
            Decision.objects.pending()
            .filter(pk=decision.pk, version=decision.version)
            .update(
                meeting=sitting,
                prepared_at=at,
                prepared_by=by,
                checked_at=None,
                checked_by=None,
                version=F("version") + 1,
            )
        )
        if not changed:
            refused.append((decision, _("Somebody else changed this decision. Look again before you save.")))
            continue
        keep_writer(decision, decision.prepared_by_id, by=by)
        done += 1
        record(
            programme,
            "set_sitting",
            at=at,
            by=by,
            round=decision.round,
            initiative=decision.initiative,
            note=str(sitting or ""),
        )
    return done, refused


def require_held(sittings: Iterable[DecisionMeeting], *, at: datetime) -> None:
    """Refuses to publish what a sitting has yet to decide."""
    today = timezone.localdate(at)
    for sitting in sittings:
        if sitting.held_on > today:
            raise Refused(
                _("The sitting “%(sitting)s” has not been held yet.") % {"sitting": sitting}, code="sitting"
            )
