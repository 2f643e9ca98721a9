"""Rounds: prepare, see the panel's load, open, watch who has handed in, close. No score is shown here."""

import secrets
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from engagement.admin import refusals
from engagement.admin.base import ReadOnlyAdmin
from engagement.desk_pages import add_page
from engagement.localized import localized
from engagement.services import Refused
from engagement.tasks import nudge_mail
from prioritisation import services
from prioritisation.admin.finding import (
    READERS,
    find_round,
    job_page,
    me,
    reads_rounds,
    round_url,
    show,
)
from prioritisation.admin.panels import team_names
from prioritisation.forms.rounds import MoveForm, RoundForm
from prioritisation.models import Assignment, GateCheck, Programme, Round
from prioritisation.policies import schema
from prioritisation.workflow import Role, RoundState

SEED_BITS = 31


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    """The list of rounds of one's programmes, and the page of each."""

    list_display = ("name", "programme", "state_shown", "initiatives", "handed_in", "due")
    list_filter = ("state",)
    list_display_links = ("name",)
    detail_template = "admin/prioritisation/round.html"
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated) and self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Round | None = None) -> bool:
        if obj is not None:
            return services.has_role(me(request), obj.programme, *READERS)
        return reads_rounds(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        asked = Count("entries__assignments", filter=Q(entries__assignments__conflict_at__isnull=True))
        done = Count(
            "entries__assignments",
            filter=Q(
                entries__assignments__conflict_at__isnull=True,
                entries__assignments__assessment__submitted_at__isnull=False,
            ),
        )
        mine = Round.objects.seen_by(me(request), *READERS).values("pk")
        rounds = Round.objects.filter(pk__in=mine).select_related("programme", "policy_version")
        return rounds.annotate(size=Count("entries", distinct=True), asked=asked, done=done)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        managed = Programme.objects.seen_by(me(request), Role.MANAGER)
        links = [
            (
                _("Prepare a round for %(programme)s") % {"programme": programme},
                f"{reverse('admin:prioritisation_round_prepare')}?programme={programme.slug}",
            )
            for programme in managed[:10]
        ]
        return super().changelist_view(request, {"links": links, **(extra_context or {})})

    @admin.display(description=gettext_lazy("round"))
    def name(self, round: Round) -> str:
        return localized(round.title) or _("Round %(number)d") % {"number": round.number}

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, round: Round) -> str:
        return round.get_state_display()

    @admin.display(description=gettext_lazy("initiatives"))
    def initiatives(self, round: Any) -> int:
        return int(round.size)

    @admin.display(description=gettext_lazy("handed in"))
    def handed_in(self, round: Any) -> str:
        return f"{round.done} / {round.asked}" if round.asked else "–"

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, round: Round) -> Any:
        return timezone.localtime(round.due_at).date() if round.due_at else "–"

    def detail_context(self, request: HttpRequest, record: Round) -> dict[str, Any]:
        policy = schema.parse(record.policy_version.document)
        may = {
            "manager": services.has_role(me(request), record.programme, Role.MANAGER),
            "publisher": services.has_role(me(request), record.programme, Role.PUBLISHER),
        }
        counts = spread(record) if record.state == RoundState.PREPARING else monitor(record, may["manager"])
        return {
            "round": record,
            "may": may,
            "preparing": record.state == RoundState.PREPARING,
            "open": record.state == RoundState.OPEN,
            "readable": record.state in (RoundState.CLOSED, RoundState.DECIDED),
            "decided": record.state == RoundState.DECIDED,
            "places": services.places_of(record),
            "stage": next((one for one in policy.stages if one.key == record.stage), None),
            "findings": GateCheck.objects.filter(entry__round=record).count(),
            **counts,
        }


def spread(round: Round) -> dict[str, Any]:
    """What opening would ask of whom: loads, hours of the whole panel, and what stays without an assessor."""
    found = services.distribute(round)
    loads = [
        {"user": member.user, "count": count, "minutes": _minutes(count)} for member, count in found.loads()
    ]
    total = sum(count for _member, count in found.loads())
    met = services.meetings_of(found)
    return {
        "around": services.hours(found, top_up=round.top_up),
        "met": met,
        "teams": team_names(round),
        "warnings": services.warnings(round, found, met),
        "everyone": sum(entry.calibration for entry in found.entries),
        "unconfirmed": services.unconfirmed(round),
        "loads": loads,
        "initiative_count": len(found.entries),
        "assessments": total,
        "hours": round_half(total * services.SECONDS_AN_INITIATIVE / 3600),
        "unfilled": found.unfilled(),
        "too_few": len(found.panel) < round.per_initiative,
    }


def _minutes(count: int) -> int:
    return -(-count * services.SECONDS_AN_INITIATIVE // 60)


def round_half(hours: float) -> float:
    """Hours to the next half: an estimate looks like one."""
    return -(-hours * 2 // 1) / 2


def monitor(round: Round, manager: bool) -> dict[str, Any]:
    """Who has handed in how many. Counts of assessments only: nothing of what they say.

    Pages show what stands beside a name to managers alone. Figures are read under letters, and how many a
    letter gave, and together with whom, would tell whose it is to whoever has the same counts by name.
    """
    standing = Q(conflict_at__isnull=True)
    handed_in = standing & Q(assessment__submitted_at__isnull=False)
    rows = (
        Assignment.objects.filter(entry__round=round)
        .values(
            "assessor",
            "assessor__first_name",
            "assessor__last_name",
            "assessor__username",
            "assessor__department__name",
        )
        .annotate(
            asked=Count("pk", filter=standing),
            done=Count("pk", filter=handed_in),
            conflicts=Count("pk", filter=~standing),
        )
        .order_by("assessor__last_name", "assessor__username")
    )
    late = round.state == RoundState.OPEN and round.due_at is not None and round.due_at < timezone.now()
    people = [
        {
            "name": f"{row['assessor__first_name']} {row['assessor__last_name']}".strip()
            or row["assessor__username"],
            "department": row["assessor__department__name"],
            "asked": row["asked"],
            "done": row["done"],
            "left": row["asked"] - row["done"],
            "minutes": _minutes(row["asked"] - row["done"]),
            "conflicts": row["conflicts"],
            "late": late and row["asked"] > row["done"],
        }
        for row in rows
    ]
    people.sort(key=lambda one: -one["left"])
    found = services.standing(round)
    short = [entry.pk for entry in found.unfilled()]
    entries = (
        round.entries.annotate(
            asked=Count("assignments", filter=Q(assignments__conflict_at__isnull=True)),
            done=Count(
                "assignments",
                filter=Q(
                    assignments__conflict_at__isnull=True, assignments__assessment__submitted_at__isnull=False
                ),
            ),
        )
        .select_related("initiative")
        .order_by("initiative__reference")
    )
    conflicts = (
        Assignment.objects.filter(entry__round=round, conflict_at__isnull=False)
        .select_related("assessor", "entry__initiative")
        .order_by("conflict_at")
    )
    return {
        "people": people,
        "asked": sum(one["asked"] for one in people),
        "done": sum(one["done"] for one in people),
        "late": late,
        "initiative_count": len(found.entries),
        "met": services.meetings_of(found),
        "teams": team_names(round),
        "entries": entries,
        "complete": sum(one.asked > 0 and one.asked == one.done for one in entries),
        "changed": services.changed_entries(round),
        "unfilled": [one for one in entries if one.pk in short],
        "conflict_count": sum(one["conflicts"] for one in people),
        # The reason is personal: the programme's managers handle it, nobody else reads it.
        "conflicts": list(conflicts) if manager else [],
    }


# Prepare and change -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    slug = request.POST.get("programme") or request.GET.get("programme") or ""
    programme = get_object_or_404(Programme.objects.seen_by(me(request)), slug=slug)
    if not services.has_role(me(request), programme, Role.MANAGER):
        raise PermissionDenied
    form = RoundForm(request.POST or None, programme=programme)
    title = _("Prepare a round")
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            round = services.prepare_round(
                programme=programme,
                policy_version=values["policy_version"],
                stage=values["stage"],
                seed=secrets.randbits(SEED_BITS),
                by=me(request),
                at=timezone.now(),
                **form.settings(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("Prepared. Check the panel’s load, then open it."))
            return HttpResponseRedirect(round_url(round))
    status = 422 if form.errors else 200
    return show(request, "round_form", title, status=status, form=form, programme=programme)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER)
    form = RoundForm(request.POST or None, programme=round.programme, round=round)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_round(
                round=round,
                version=form.cleaned_data["version"],
                by=me(request),
                at=timezone.now(),
                **form.settings(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            return HttpResponseRedirect(round_url(round))
    status = 422 if form.errors else 200
    title = _("Change the round")
    return show(
        request, "round_form", title, status=status, round=round, form=form, programme=round.programme
    )


# Open and close ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER)
    form = MoveForm(request.POST or None, initial={"version": round.version})
    if request.method == "POST" and form.is_valid():
        try:
            unfilled = services.open_round(
                round=round, by=me(request), at=timezone.now(), version=form.cleaned_data["version"]
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            nudge_mail()
            messages.success(request, _("The round is open and the panel is told."))
            if unfilled:
                names = ", ".join(entry.initiative.reference for entry in unfilled)
                messages.warning(request, _("Too few assessors for: %(names)s.") % {"names": names})
            return HttpResponseRedirect(round_url(round))
    status = 422 if form.errors else 200
    return show(
        request, "round_open", _("Open the round"), status=status, round=round, form=form, **spread(round)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close_view(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER)
    form = MoveForm(request.POST or None, initial={"version": round.version})
    if request.method == "POST" and form.is_valid():
        try:
            if services.takes_long(round):
                return job_page(
                    services.queue_close(
                        round=round, by=me(request), at=timezone.now(), version=form.cleaned_data["version"]
                    )
                )
            services.close_round(
                round=round, by=me(request), at=timezone.now(), version=form.cleaned_data["version"]
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("The round is closed and the ranking is made."))
            return HttpResponseRedirect(reverse("admin:prioritisation_ranking", args=(round.pk,)))
    counts = monitor(round, manager=True)
    status = 422 if form.errors else 200
    return show(
        request,
        "round_close",
        _("Close the round"),
        status=status,
        round=round,
        form=form,
        missing=counts["asked"] - counts["done"],
        behind=[one for one in counts["people"] if one["left"]],
        incomplete=[one for one in counts["entries"] if one.done < one.asked],
        **counts,
    )


add_page("prioritisation/round/prepare/", prepare, name="prioritisation_round_prepare")
add_page("prioritisation/round/<int:pk>/edit/", change, name="prioritisation_round_edit")
add_page("prioritisation/round/<int:pk>/open/", open_view, name="prioritisation_round_open")
add_page("prioritisation/round/<int:pk>/close/", close_view, name="prioritisation_round_close")
