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
    f"prioritisation.{name}": f"emails/{name}.txt"
    for name in ("round_opened", "asked_again", "more_asked", "reminder", "facts_asked")
}
"""Every kind of notice that this app sends, with the template that says it."""


def compose(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The mail for one notice. Raises UnknownKind, and DoesNotExist when its round is gone."""
    return written(notice, KINDS, lambda language: _context(notice, language))


def _context(notice: Notice, language: str) -> dict[str, Any]:
    name = "prioritisation_facts" if notice.kind == "prioritisation.facts_asked" else "index"
    desk = {"desk": f"{settings.WINNOW_BASE_URL}{reverse(f'admin:{name}')}"}
    if notice.kind == "prioritisation.reminder":
        # Of all rounds, as they are when the mail is written. No figures, no scores.
        mine = Assignment.objects.filter(assessor=notice.user).in_open_rounds().to_do()
        keys = mine.order_by().values_list("entry__round", flat=True)
        rounds = Round.objects.filter(pk__in=set(keys)).select_related("programme").order_by("due_at", "pk")
        return {**desk, "rounds": [{"name": str(one), "due_at": one.due_at} for one in rounds]}
    round = Round.objects.select_related("programme").get(pk=notice.context["round"])
    return {
        **desk,
        "programme": localized(round.programme.title, language),
        "due_at": round.due_at,
        "reference": notice.context.get("reference", ""),
        "queue": f"{settings.WINNOW_BASE_URL}{reverse('admin:prioritisation_assess')}",
        "waiting": Assignment.objects.filter(entry__round=round, assessor=notice.user)
        .without_conflict()
        .count(),
    }
