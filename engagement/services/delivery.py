"""Delivers the outbox: claims what is due, writes each mail, sends it, marks what became of it."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from engagement.models import Notice
from engagement.services.notices import claim_notices, hold_notice, mark_failed, mark_sent

logger = logging.getLogger(__name__)

Compose = Callable[[Notice, datetime], EmailMessage]


def deliver_notices(*, app: str, compose: Compose, clock: Callable[[], datetime], limit: int = 500) -> int:
    """Sends up to `limit` due mails of an app's kinds; gives how many were sent.

    One mail that cannot be written or sent is marked and tried again later, ever later; it keeps no
    other mail from leaving.
    """
    sent = taken = 0
    connection = get_connection()
    try:
        while taken < limit and (notices := claim_notices(app=app, at=clock(), limit=min(50, limit - taken))):
            taken += len(notices)
            for notice in notices:
                sent += _deliver(notice, compose, connection, clock)
    finally:
        _close(connection)
    return sent


def _deliver(
    notice: Notice, compose: Compose, connection: BaseEmailBackend, clock: Callable[[], datetime]
) -> bool:
    if not hold_notice(notice=notice, at=clock()):
        return False
    try:
        message = compose(notice, clock())
        connection.open()
        connection.send_messages([message])
    except Exception as error:
        logger.warning("mail %s (%s) was not sent: %s", notice.pk, notice.kind, error)
        _close(connection)  # the next mail starts with a line of its own to the server
        mark_failed(notice=notice, error=f"{type(error).__name__}: {error}", at=clock())
        return False
    mark_sent(notice=notice, at=clock())
    return True


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except Exception as error:
        logger.warning("the mail server did not say goodbye: %s", error)
