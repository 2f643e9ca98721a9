"""What waits for whoever assesses, works initiatives up, or decides. Never a score."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.desk_pages import Card, add_cards
from engagement.workflow import ANSWER
from prioritisation import services
from prioritisation.admin.assessments import QUEUE, assignments_of
from prioritisation.admin.facts import LIST as FACTS
from prioritisation.admin.scope import managed, person
from prioritisation.admin.working_up import WORK_UP
from prioritisation.models import Amendment, ChecklistItem, Initiative, Programme, Round
from prioritisation.workflow import InitiativeState, Role, RoundState


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
        page = _round_page(round)
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


def _late_assessors(request: HttpRequest) -> Iterator[Card]:
    """Who has something left in a round that was due: how many people, no names; a card for each round."""
    asked = Q(entries__assignments__conflict_at__isnull=True) & (
        Q(entries__assignments__assessment__isnull=True)
        | Q(entries__assignments__assessment__submitted_at__isnull=True)
    )
    rounds: Iterable[Any] = (
        Round.objects.filter(programme__in=managed(request), state=RoundState.OPEN, due_at__lt=timezone.now())
        .annotate(late=Count("entries__assignments__assessor", filter=asked, distinct=True))
        .filter(late__gt=0)
        .select_related("programme")
        .order_by("due_at", "pk")
    )
    for round in rounds:
        text = ngettext("assessor is late", "assessors are late", round.late)
        day = date_format(timezone.localtime(round.due_at), "DATE_FORMAT")
        about = _("%(round)s; it was due by %(day)s.") % {"round": round, "day": day}
        yield Card(round.late, text, _round_page(round), about)


def _facts(request: HttpRequest) -> Iterator[Card]:
    """For who answers for a department: which of its own initiatives lack a check. Others who work there,
    a moderator or a manager say, may check them too, but it is not what waits for them."""
    if not request.user.has_perm(ANSWER):
        return
    count = services.waiting_for_check(person(request))
    if count is not None:
        text = ngettext(
            "initiative of your department has facts to check",
            "initiatives of your department have facts to check",
            count,
        )
        yield Card(count, text, reverse(f"admin:{FACTS}"))


def _facts_of_rounds(request: HttpRequest) -> Iterator[Card]:
    """For managers: what each round in preparation waits for, on its panel's page."""
    rounds = list(
        Round.objects.filter(programme__in=managed(request), state=RoundState.PREPARING)
        .select_related("programme")
        .order_by("pk")
    )
    lacking = services.unconfirmed_in(rounds) if rounds else {}
    for round in rounds:
        count = len(lacking[round.pk])
        if count:
            text = ngettext(
                "initiative waits for its department to check the facts",
                "initiatives wait for their departments to check the facts",
                count,
            )
            yield Card(count, text, reverse("admin:prioritisation_round_panel", args=(round.pk,)), str(round))


def _amendments(request: HttpRequest) -> Iterator[Card]:
    """Drafted changes of a plan, for who writes them and for who adopts them."""
    programmes = Programme.objects.seen_by(person(request), Role.MANAGER, Role.PUBLISHER).values("pk")
    drafts = Amendment.objects.filter(adopted_at__isnull=True, plan__programme__in=programmes)
    for draft in drafts.select_related("plan__programme").order_by("made_at"):
        page = reverse("admin:prioritisation_amendment", args=(draft.plan_id,))
        yield Card(1, _("amendment waits to be adopted"), page, str(draft.plan.programme))


def _round_page(round: Round) -> str:
    return reverse("admin:prioritisation_round_change", args=(round.pk,))


def cards(request: HttpRequest) -> Iterator[Card]:
    user = person(request)
    roles = set(user.memberships.values_list("role", flat=True))
    if Role.ASSESSOR in roles:
        yield from _assessments(request)
    yield from _facts(request)
    if Role.MANAGER in roles or user.is_superuser:
        if user.has_perm(WORK_UP):
            yield from _drafts(request)
        yield from _late_assessors(request)
        yield from _facts_of_rounds(request)
        yield from _decisions(request)
        yield from _amendments(request)
        yield from _checklist(request)
    elif Role.PUBLISHER in roles:
        yield from _decisions(request)
        yield from _amendments(request)


add_cards(cards)
