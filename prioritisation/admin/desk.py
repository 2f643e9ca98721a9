"""What waits for whoever assesses, works initiatives up, or decides. Never a score."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.desk_pages import Card, add_cards
from prioritisation.admin.assessments import QUEUE, assignments_of
from prioritisation.admin.scope import managed, person
from prioritisation.admin.working_up import WORK_UP
from prioritisation.models import ChecklistItem, Initiative, Round
from prioritisation.workflow import InitiativeState, Role


def _assessments(request: HttpRequest) -> Iterator[Card]:
    waiting = assignments_of(person(request)).in_open_rounds().to_do().order_by()
    found = waiting.aggregate(count=Count("pk"), due=Min("entry__round__due_at"))
    text = ngettext("assessment is yours to do", "assessments are yours to do", found["count"])
    due = found["due"]
    about = ""
    if due is not None:
        day = date_format(timezone.localtime(due), "DATE_FORMAT")
        about = (_("Due by %(day)s.") if due > timezone.now() else _("They were due by %(day)s.")) % {
            "day": day
        }
    yield Card(found["count"], text, reverse(f"admin:{QUEUE}"), about)


def _drafts(request: HttpRequest) -> Iterator[Card]:
    count = Initiative.objects.drafts().filter(programme__in=managed(request)).count()
    text = ngettext("initiative is still a draft", "initiatives are still drafts", count)
    page = reverse("admin:prioritisation_initiative_changelist")
    yield Card(count, text, f"{page}?state__exact={InitiativeState.DRAFT}")


def _decisions(request: HttpRequest) -> Iterator[Card]:
    seen = Round.objects.seen_by(person(request), Role.MANAGER, Role.PUBLISHER).values("pk")
    rounds: list[Any] = list(Round.objects.filter(pk__in=seen).waiting_for_decisions().order_by("pk"))
    for round in rounds:
        page = reverse("admin:prioritisation_round_change", args=(round.pk,))
        if round.pending:
            text = ngettext("decision waits to be published", "decisions wait to be published", round.pending)
            yield Card(round.pending, text, page, str(round))
        else:
            yield Card(1, _("closed round waits for its decisions"), page, str(round))
    if not rounds:
        text = ngettext("decision waits to be published", "decisions wait to be published", 0)
        yield Card(0, text, reverse("admin:prioritisation_round_changelist"))


def _checklist(request: HttpRequest) -> Iterator[Card]:
    """Steps that are late, a card for each programme that has any."""
    late = ChecklistItem.objects.filter(programme__in=managed(request)).late(timezone.localdate())
    found = late.order_by().values("programme").annotate(count=Count("pk"), due=Min("due_on"))
    for one in found.order_by("due"):
        programme = managed(request)[one["programme"]]
        text = ngettext("step of a checklist is late", "steps of a checklist are late", one["count"])
        page = reverse("admin:prioritisation_programme_change", args=(programme.pk,)) + "#checklist-title"
        day = date_format(one["due"], "DATE_FORMAT")
        yield Card(
            one["count"],
            text,
            page,
            _("%(programme)s; since %(day)s.") % {"programme": programme, "day": day},
        )


def cards(request: HttpRequest) -> Iterator[Card]:
    user = person(request)
    roles = set(user.memberships.values_list("role", flat=True))
    if Role.ASSESSOR in roles:
        yield from _assessments(request)
    if Role.MANAGER in roles or user.is_superuser:
        if user.has_perm(WORK_UP):
            yield from _drafts(request)
        yield from _decisions(request)
        yield from _checklist(request)
    elif Role.PUBLISHER in roles:
        yield from _decisions(request)


add_cards(cards)
