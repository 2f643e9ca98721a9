"""The outbox: mail that is due, claimed by a worker, sent at least once under one Message-ID."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from engagement.models import Contact, Department, Idea, Notice, Person, Report, User
from engagement.privacy import mask
from engagement.services.jobs import line

CLAIM = timedelta(minutes=1)
"""How long claimed mails wait for their turn before others may have them: a worker may have ended."""
HOLD = timedelta(minutes=2)
"""How long one mail may take to be written and sent; a mail server that hangs is given up sooner."""
MAX_ATTEMPTS = 8


def queue_notice(
    *,
    kind: str,
    at: datetime,
    contact: Contact | None = None,
    user: User | None = None,
    department: Department | None = None,
    person: Person | None = None,
    idea: Idea | None = None,
    report: Report | None = None,
    context: dict[str, Any] | None = None,
    wait: timedelta = timedelta(0),
) -> Notice | None:
    """Writes that a mail is due to a contact, a member of staff, a department's mailbox, or a person.

    Nothing where there is no address. It leaves after `wait`: what it tells may be taken back until then.
    """
    recipient = contact or user or department or person
    if recipient is None or not recipient.email:
        return None
    return Notice.objects.create(
        kind=kind,
        contact=contact,
        user=None if contact else user,
        department=None if contact or user else department,
        person=None if contact or user or department else person,
        idea=idea,
        report=report,
        context=context or {},
        # A shared mailbox has many readers: the city's own language.
        language=getattr(recipient, "language", "") or settings.LANGUAGE_CODE,
        message_id=f"<{uuid.uuid4().hex}@{_mail_domain()}>",
        next_try_at=at + wait,
        created_at=at,
    )


def cancel_waiting(notices: QuerySet[Notice]) -> list[Notice]:
    """Those of `notices` that no worker has yet: they do not leave. Gives them."""
    untouched = {"state": Notice.State.WAITING, "attempts": 0, "lease_until": None}
    found = list(notices.filter(**untouched).select_for_update())
    Notice.objects.filter(pk__in=[one.pk for one in found]).update(state=Notice.State.CANCELLED)
    return found


def _mail_domain() -> str:
    return str(settings.WINNOW_CONTACT_EMAIL).rpartition("@")[2] or "localhost"


@transaction.atomic
def claim_notices(*, at: datetime, app: str, limit: int = 50) -> list[Notice]:
    """Takes up to `limit` due notices of an app's kinds for a minute; nobody else gets them."""
    due = Notice.objects.due(at).filter(kind__startswith=f"{app}.").locked().order_by("next_try_at")[:limit]
    keys = [notice.pk for notice in due]
    claimed = [
        key
        for key in keys
        if Notice.objects.due(at).filter(pk=key).update(lease_until=at + CLAIM, attempts=F("attempts") + 1)
    ]
    return list(
        Notice.objects.filter(pk__in=claimed)
        .select_related("contact", "user", "department", "person", "idea__call", "report__service")
        .order_by("pk")
    )


def hold_notice(*, notice: Notice, at: datetime) -> bool:
    """Takes a claimed notice for two more minutes, right before it is sent.

    False when the lease ran out and another worker has it, or when it is no longer to be sent.
    """
    return bool(_mine(notice).update(lease_until=at + HOLD))


def _mine(notice: Notice) -> Any:
    """The row as long as it is in the hands of who claimed it: each claim counts an attempt."""
    return Notice.objects.filter(pk=notice.pk, state=Notice.State.WAITING, attempts=notice.attempts)


def mark_sent(*, notice: Notice, at: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(
        state=Notice.State.SENT, sent_at=at, lease_until=None, last_error=""
    )


def mark_failed(*, notice: Notice, error: str, at: datetime) -> None:
    """Puts the notice back for a later try, ever later; after eight tries it is listed as failed."""
    given_up = notice.attempts >= MAX_ATTEMPTS
    _mine(notice).update(
        state=Notice.State.FAILED if given_up else Notice.State.WAITING,
        lease_until=None,
        last_error=mask(error)[:1000],  # a mail server's refusal names the address; this list does not
        next_try_at=at + timedelta(minutes=2**notice.attempts),
    )


@transaction.atomic
def retry_notice(*, notice: Notice, by: User, at: datetime) -> bool:
    """Sends a failed notice again, from its first try on; notes who wanted it. False: it had not failed."""
    failed = Notice.objects.failed().filter(pk=notice.pk).locked().first()
    if failed is None:
        return False
    again = Notice.objects.failed().filter(pk=notice.pk, attempts=failed.attempts)
    return bool(
        again.update(
            state=Notice.State.WAITING,
            attempts=0,
            next_try_at=at,
            last_error="",
            history=[*failed.history, line("again", at, by, error=failed.last_error)],
        )
    )
