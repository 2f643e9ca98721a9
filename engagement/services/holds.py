"""Legal holds: while one stands nothing of a record is erased, whoever asks for it.

Placing a hold and erasing both lock the record's row first: of two that meet, one waits for the other.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from engagement.models import Idea, LegalHold, Report, User
from engagement.services.errors import Refused
from engagement.services.staff_lines import write_staff_line

_AT_ONCE = 1000
"""Keys in one question: a database takes only so many."""


def lock_record(record: Idea | Report) -> None:
    """Until the transaction ends nobody else holds, lifts, changes or erases this record.

    Its key stays free: who changes a part of a letter asks at the end whether the letter is still there.
    """
    type(record)._default_manager.select_for_update(no_key=True).values_list("pk").get(pk=record.pk)


def lock_ideas(keys: Iterable[int]) -> None:
    """The same for several ideas. Whoever writes on more than one calls it first: always in one order, so
    that no two wait for each other."""
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), _AT_ONCE):
        some = Idea.objects.filter(pk__in=ordered[start : start + _AT_ONCE]).order_by("pk")
        list(some.select_for_update(no_key=True).values_list("pk"))


def is_held(record: Idea | Report) -> bool:
    """Does a hold stand over it? Locked first, so that the answer holds until the transaction ends."""
    lock_record(record)
    return LegalHold.objects.standing().over(record).exists()


def keep_as_held(record: Idea | Report) -> None:
    """Refuses to staff what would lose something that a standing hold keeps."""
    if is_held(record):
        raise Refused(_("This record is on legal hold: what is there stays as it is."), code="held")


def refuse_where_held(record: Idea | Report) -> None:
    """Locks the record, and refuses where a hold stands. Asked by everything that erases.

    The sentence is for the sender: why it is held is often not for them, whom to ask always is.
    """
    if is_held(record):
        raise Refused(
            _(
                "Nothing of %(reference)s can be erased for now: the law requires the city to keep it, for "
                "example for a court or a request for access. To know more, write to %(address)s."
            )
            % {"reference": record.reference, "address": settings.WINNOW_CONTACT_EMAIL},
            code="held",
        )


def _held(about: str) -> Any:
    """Standing holds over an outer query's record, or over its other half; `about` is idea or report."""
    other = "report" if about == "idea" else "idea"
    return LegalHold.objects.standing().filter(
        Q(**{about: OuterRef("pk")}) | Q(**{f"{other}__transfer__{about}": OuterRef("pk")})
    )


def held_ideas() -> QuerySet[Any]:
    """Keys of the ideas of which a hold keeps everything."""
    return Idea.objects.filter(Exists(_held("idea"))).values("pk")


def held_reports() -> QuerySet[Any]:
    """Keys of the problem reports of which a hold keeps everything."""
    return Report.objects.filter(Exists(_held("report"))).values("pk")


@transaction.atomic
def place_hold(*, record: Idea | Report, by: User, at: datetime, reason: str) -> LegalHold:
    """Keeps a record from being erased until the hold is lifted. The reason is internal."""
    _check(by, reason)
    lock_record(record)
    if record.legal_holds.standing().exists():
        raise Refused(_("This record is on legal hold already."), code="held")
    write_staff_line(record, "place_hold", by=by, at=at, note=reason.strip())
    return LegalHold.objects.create(**_of(record), reason=reason.strip(), since=at, by=by)


@transaction.atomic
def lift_hold(*, record: Idea | Report, by: User, at: datetime, reason: str) -> LegalHold:
    """Ends the hold that stands; from now on the sender can have the record erased."""
    _check(by, reason)
    lock_record(record)
    hold = record.legal_holds.standing().first()
    if hold is None:
        raise Refused(_("This record is not on legal hold."), code="not_held")
    hold.lifted_at, hold.lifted_by = at, by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    write_staff_line(record, "lift_hold", by=by, at=at, note=reason.strip())
    return hold


def _check(by: User, reason: str) -> None:
    if not by.has_perm("engagement.hold_record"):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if not reason.strip():
        raise Refused(_("Write why."), field="reason")


def _of(record: Idea | Report) -> dict[str, Any]:
    return {"idea" if isinstance(record, Idea) else "report": record}
