"""Writes this app's mails: to staff, about the rounds they work on."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from engagement.emails import written
from engagement.localized import localized
from engagement.models import Notice
from prioritisation.models import Assignment, Round

KINDS = {
    "prioritisation.round_opened": "emails/round_opened.txt",
    "prioritisation.one_more": "emails/one_more.txt",
    "prioritisation.asked_again": "emails/asked_again.txt",
}
"""Every kind of notice that this app sends, with the template that says it."""


def compose(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The mail for one notice. Raises UnknownKind, and DoesNotExist when its round is gone."""
    return written(notice, KINDS, lambda language: _context(notice, language))


def _context(notice: Notice, language: str) -> dict[str, Any]:
    round = Round.objects.select_related("programme").get(pk=notice.context["round"])
    return {
        "programme": localized(round.programme.title, language),
        "due_at": round.due_at,
        "reference": notice.context.get("reference", ""),
        "queue": f"{settings.WINNOW_BASE_URL}{reverse('admin:prioritisation_assess')}",
        "waiting": Assignment.objects.filter(entry__round=round, assessor=notice.user).count(),
        "desk": f"{settings.WINNOW_BASE_URL}{reverse('admin:index')}",
    }
