"""Writes this app's mails: to staff about the rounds they work on, to senders about what became of ideas."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from engagement import links
from engagement.emails import shown_title, without_secrets, written
from engagement.localized import localized
from engagement.models import Idea, Notice
from engagement.text import without_unseen
from prioritisation import delivery_words
from prioritisation.models import Assignment, DeliveryStep, Initiative, Round
from prioritisation.workflow import is_late

KINDS = {
    f"prioritisation.{name}": f"emails/{name}.txt"
    for name in (
        "round_opened",
        "asked_again",
        "more_asked",
        "reminder",
        "facts_asked",
        "understood",
        "delivery",
    )
}
"""Every kind of notice that this app sends, with the template that says it."""


def compose(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The mail for one notice. Raises UnknownKind, and DoesNotExist when its round is gone."""
    return written(notice, KINDS, lambda language: _context(notice, language, at))


def preview(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The same mail for staff to read before it leaves: without what only its sender may see."""
    return written(notice, KINDS, lambda language: _for_staff(notice, _context(notice, language, at)))


def _for_staff(notice: Notice, context: dict[str, Any]) -> dict[str, Any]:
    if notice.idea is not None:
        context = context | {"idea_title": shown_title(notice.idea)}
    return without_secrets(context, "question")


def _context(notice: Notice, language: str, at: datetime) -> dict[str, Any]:
    if notice.kind == "prioritisation.delivery" and notice.idea is not None:
        return _step(notice.idea, notice.context, language, at)
    if notice.idea is not None:
        return _question(notice.idea, notice.context["initiative"], language, at)
    name = "prioritisation_facts" if notice.kind == "prioritisation.facts_asked" else "index"
    desk = {"desk": f"{settings.WINNOW_BASE_URL}{reverse(f'admin:{name}')}"}
    if notice.kind == "prioritisation.reminder":
        # Of all rounds, as they are when the mail is written. No figures, no scores.
        mine = Assignment.objects.filter(assessor=notice.user).in_open_rounds().to_do()
        left = Counter(mine.order_by().values_list("entry__round", flat=True))
        rounds = Round.objects.filter(pk__in=left).select_related("programme").order_by("due_at", "pk")
        told = [
            {
                "name": str(one),
                "due_at": one.due_at,
                "late": one.due_at is not None and one.due_at < at,
                "left": left[one.pk],
            }
            for one in rounds
        ]
        return {**desk, "rounds": told, "left": left.total()}
    round = Round.objects.select_related("programme").get(pk=notice.context["round"])
    if notice.kind == "prioritisation.facts_asked":
        until = notice.context.get("until")  # mails that waited since before it was asked have none
        return {
            **desk,
            "programme": localized(round.programme.title, language),
            "waiting": notice.context.get("waiting", 0),
            "until": date.fromisoformat(until) if until else None,
        }
    mine = Assignment.objects.filter(entry__round=round, assessor=notice.user)
    return {
        **desk,
        "programme": localized(round.programme.title, language),
        "due_at": round.due_at,
        "reference": notice.context.get("reference", ""),
        "queue": f"{settings.WINNOW_BASE_URL}{reverse('admin:prioritisation_assess')}",
        "waiting": mine.without_conflict().count(),
        "left": mine.to_do().count(),
    }


def _question(idea: Idea, initiative: int, language: str, at: datetime) -> dict[str, Any]:
    """Did we understand you? For the sender of an idea; the private link is made now and kept nowhere."""
    about = Initiative.objects.get(pk=initiative)
    until = about.assessed_until()
    where = {"reference": idea.reference, "token": links.tracking_token(idea), "initiative": about.reference}
    return {
        "reference": idea.reference,
        "idea_title": idea.title,
        "title": localized(about.title, language),
        "question": f"{settings.WINNOW_BASE_URL}{reverse('prioritisation:understood', kwargs=where)}",
        "link": links.tracking_url(idea, language),
        "code": links.tracking_code(idea),
        # The next step is the sender's own: no date of the invitation stands beside it.
        "until": until if until and until >= timezone.localdate(at) else None,
    }


def _step(idea: Idea, context: dict[str, Any], language: str, at: datetime) -> dict[str, Any]:
    """What became of a plan's initiative, for the sender of one or several of its ideas."""
    step = DeliveryStep.objects.select_related("initiative__programme__plan").get(pk=context["step"])
    initiative, plan = step.initiative, step.initiative.programme.plan
    # A mail that waited long says nothing of a day that a later step has dealt with.
    newest = initiative.delivery_steps.standing().last() == step
    late = newest and is_late(step.state, step.expected_on, timezone.localdate(at))
    with translation.override(language):
        page = reverse("prioritisation:initiative_detail", args=[plan.slug, initiative.reference])
    return {
        "reference": idea.reference,
        "references": ", ".join(context["ideas"]),
        "several": len(context["ideas"]) > 1,
        "idea_title": without_unseen(idea.title),
        "happened": delivery_words.HAPPENED[step.verb],
        "headline": delivery_words.headline(step.verb, localized(initiative.title, language)),
        "missed": delivery_words.missed(step),
        "text": localized(step.text, language),
        "coming": delivery_words.coming(step.state, step.expected_on, late=late),
        "page": f"{settings.WINNOW_BASE_URL}{page}",
        "link": links.tracking_url(idea, language),
        "code": links.tracking_code(idea),
    }
