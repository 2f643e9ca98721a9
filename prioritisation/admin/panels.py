"""The panel of a round: who meets whom, who is asked in addition, who goes, files, reminders. No score."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused
from engagement.tasks import nudge_mail
from prioritisation import services
from prioritisation.admin.finding import find_round, me, show
from prioritisation.forms.panels import (
    AskFactsForm,
    EarlyForm,
    FileForm,
    JoinForm,
    LeaveForm,
    PairForm,
    written_csv,
)
from prioritisation.models import Assignment, PanelMember, Round
from prioritisation.policies import schema
from prioritisation.workflow import Role, RoundState

PAGE = "prioritisation_round_panel"
FILE = "prioritisation_round_assignments"


def _common(request: HttpRequest) -> dict[str, Any]:
    return {"by": me(request), "at": timezone.now()}


def _pair(request: HttpRequest, round: Round, form: Any, verb: Callable[..., Any], words: str) -> str:
    verb(entry=form.cleaned_data["entry"], assessor=form.cleaned_data["assessor"], **_common(request))
    return words


def _assign(request: HttpRequest, round: Round, form: Any) -> str:
    return _pair(request, round, form, services.assign_person, _("Asked."))


def _unassign(request: HttpRequest, round: Round, form: Any) -> str:
    values = form.cleaned_data
    found = Assignment.objects.filter(entry=values["entry"], assessor=values["assessor"]).first()
    if found is None:
        raise Refused(_("This person is not asked about it."), field="assessor")
    services.unassign_person(assignment=found, **_common(request))
    return _("No longer asked.")


def _connect(request: HttpRequest, round: Round, form: Any) -> str:
    values = form.cleaned_data
    services.connect_panel(
        round=round, entry=values["entry"], assessor=values["assessor"], **_common(request)
    )
    return _("Asked: the panel is joined there.")


def _conflict(request: HttpRequest, round: Round, form: Any) -> str:
    values = form.cleaned_data
    services.note_conflict(
        entry=values["entry"],
        assessor=values["assessor"],
        reason=values["reason"],
        **_common(request),
    )
    return _("Noted: this person will not be asked about it.")


def _clear(request: HttpRequest, round: Round, form: Any) -> str:
    key = request.POST.get("assignment", "")
    rows = Assignment.objects.filter(entry__round=round, conflict_at__isnull=False)
    found = rows.filter(pk=int(key) if key.isdecimal() and len(key) < 18 else 0).first()
    if found is None:
        raise Refused(_("It was taken back already."))
    services.clear_conflict(assignment=found, **_common(request))
    return _("Taken back.")


def _join(request: HttpRequest, round: Round, form: Any) -> str:
    values = form.cleaned_data
    seat = services.Seat(values["user"], values["capacity"], values.get("team", ""))
    services.join_panel(round=round, seat=seat, **_common(request))
    return _("Joined. Nothing is asked of them yet: what is missing and what comes later can be.")


def _leave(request: HttpRequest, round: Round, form: Any) -> str:
    values = form.cleaned_data
    given = services.leave_panel(member=values["member"], reason=values["reason"], **_common(request))
    return ngettext(
        "Noted. %(n)d initiative went to somebody else.", "Noted. %(n)d initiatives went to others.", given
    ) % {"n": given}


def _missing(request: HttpRequest, round: Round, form: Any) -> str:
    count = services.ask_missing(round=round, **_common(request))
    return ngettext("%(n)d more was asked.", "%(n)d more were asked.", count) % {"n": count}


def _remind(request: HttpRequest, round: Round, form: Any) -> str:
    found = services.remind_panel(round=round, **_common(request))
    return _("%(sent)d reminded; %(spared)d had a reminder lately and get none.") % found


def _refresh(request: HttpRequest, round: Round, form: Any) -> str:
    key = request.POST.get("entry", "")
    entry = get_object_or_404(round.entries, pk=int(key) if key.isdecimal() and len(key) < 18 else 0)
    services.refresh_entry(entry=entry, **_common(request))
    return _("The round has the new wording now. Who scored the old one is told.")


def _facts(request: HttpRequest, round: Round, form: Any) -> str:
    found = services.ask_for_facts(round=round, until=form.cleaned_data["until"], **_common(request))
    return _("%(sent)d asked by mail; %(spared)d were asked lately and get no second mail.") % found


def _import(request: HttpRequest, round: Round, form: Any) -> str:
    return _take(request, round, form, conflicts=False)


def _import_conflicts(request: HttpRequest, round: Round, form: Any) -> str:
    return _take(request, round, form, conflicts=True)


def _take(request: HttpRequest, round: Round, form: Any, *, conflicts: bool) -> str:
    try:
        lines = form.lines()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="file") from error
    seen = None if conflicts else request.POST.get("seen", "")
    found = services.import_assignments(
        round=round, lines=lines, conflicts=conflicts, seen=seen, **_common(request)
    )
    return _("%(added)d added, %(removed)d taken away.") % found


Verb = Callable[[HttpRequest, Round, Any], str]
VERBS: dict[str, tuple[type[forms.Form] | None, Verb]] = {
    "assign": (PairForm, _assign),
    "unassign": (PairForm, _unassign),
    "connect": (PairForm, _connect),
    "conflict": (PairForm, _conflict),
    "clear": (None, _clear),
    "join": (JoinForm, _join),
    "leave": (LeaveForm, _leave),
    "missing": (None, _missing),
    "remind": (None, _remind),
    "refresh": (None, _refresh),
    "facts": (AskFactsForm, _facts),
    "import": (FileForm, _import),
    "import_conflicts": (FileForm, _import_conflicts),
}
"""What a button of the page does, by the value that it sends."""


def _form(kind: type[forms.Form] | None, request: HttpRequest, round: Round) -> Any:
    if kind is None:
        return forms.Form(request.POST)
    if kind is FileForm:
        return FileForm(request.POST, request.FILES)
    return kind(request.POST, round=round)  # type: ignore[call-arg]


@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER)
    action = request.POST.get("action", "")
    bound = None
    if request.method == "POST" and action in VERBS:
        kind, verb = VERBS[action]
        bound = _form(kind, request, round)
        if bound.is_valid():
            try:
                message = verb(request, round, bound)
            except Refused as refusal:
                refusals.tell(bound, refusal)
            else:
                nudge_mail()
                messages.success(request, message)
                return HttpResponseRedirect(reverse(f"admin:{PAGE}", args=(round.pk,)))
    return _page(request, round, action, bound)


def team_names(round: Round) -> dict[str, dict[str, str]]:
    """The labels of the teams that the round's rules name, by their short names."""
    policy = schema.parse(round.policy_version.document)
    return {team.key: dict(team.label) for team in policy.teams}


def _people(round: Round, found: Any) -> list[dict[str, Any]]:
    """The panel as it stands: team, limit, how many initiatives each is or would be asked about."""
    standing = Assignment.objects.filter(entry__round=round).without_conflict()
    left = Counter(standing.not_handed_in().values_list("assessor", flat=True))
    return [
        {"member": member, "count": count, "left": left[member.user_id]} for member, count in found.loads()
    ]


def _page(request: HttpRequest, round: Round, action: str, bound: Any) -> HttpResponse:
    preparing = round.state == RoundState.PREPARING
    found = services.distribute(round) if preparing else services.standing(round)
    forms_shown = {
        "assign": PairForm(round=round, prefix=None),
        "conflict": PairForm(round=round),
        "join": JoinForm(round=round),
        "leave": LeaveForm(round=round),
        "facts": AskFactsForm(round=round),
        "import": FileForm(),
    }
    place = {"unassign": "assign", "connect": "assign", "import_conflicts": "import"}.get(action, action)
    if bound is not None:
        forms_shown[place] = bound
    stored = Assignment.objects.filter(entry__round=round)
    conflicts = stored.filter(conflict_at__isnull=False).select_related("assessor", "entry__initiative")
    return show(
        request,
        "round_panel",
        _("Panel"),
        status=422 if bound is not None and bound.errors else 200,
        round=round,
        preparing=preparing,
        open=round.state == RoundState.OPEN,
        form=bound,
        forms=forms_shown,
        people=_people(round, found),
        teams=team_names(round),
        unfilled=found.unfilled(),
        changed=services.changed_entries(round) if not preparing else [],
        conflicts=conflicts.order_by("entry__initiative__reference", "assessor__username"),
        gone=PanelMember.objects.filter(round=round, left_at__isnull=False).select_related("user"),
        unconfirmed=services.unconfirmed(round) if preparing else [],
        topped_up=services.topped_up(round),
        coverage=services.coverage(round),
        seen=services.assignments_state(round),
    )


@require_GET
def assignments(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is asked about what, as a file that can come back changed."""
    round = find_round(request, pk, Role.MANAGER)
    teams = {seat.user_id: seat.team for seat in round.panel.all()}
    found = services.distribute(round) if round.state == RoundState.PREPARING else services.standing(round)
    stored = Assignment.objects.filter(entry__round=round).without_conflict()
    # Why somebody was asked as well tells of scores: not to whoever gives some.
    open_to_me = services.may_see_apart(round, me(request)) or round.state in (
        RoundState.CLOSED,
        RoundState.DECIDED,
    )
    origins = {(one.entry_id, one.assessor_id): one.origin for one in stored if open_to_me}
    rows = [
        {
            "username": found.panel[place].user.username,
            "initiative": entry.initiative.reference,
            "team": teams.get(found.panel[place].user_id, ""),
            "origin": origins.get((entry.pk, found.panel[place].user_id), ""),
        }
        for entry, places in zip(found.entries, found.assessors, strict=True)
        for place in places
    ]
    # By name, so that no order tells anything: not of draws, nor of the letters under which scores are read.
    rows.sort(key=lambda row: (row["initiative"], row["username"]))
    answer = HttpResponse(written_csv(rows), content_type="text/csv; charset=utf-8")
    name = f"round-{round.number}-assignments.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def top_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Further assessors for the half nearest the line: names in the order of references, no figure.

    A manager on the panel can ask them, and sees no names: beside own scores they would tell of others'.
    """
    round = find_round(request, pk, Role.MANAGER)
    ready = services.first_ones_in(round)
    form = EarlyForm(request.POST or None)
    seen: list[Any] = []
    problem = ""
    allowed = services.may_see_apart(round, me(request))
    possible = round.state == RoundState.OPEN and bool(round.top_up) and not services.topped_up(round)
    if request.method == "POST" and form.is_valid():
        try:
            count = services.top_up(round=round, early=form.cleaned_data["early"], **_common(request))
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            nudge_mail()
            told_words = ngettext("%(n)d more was asked.", "%(n)d more were asked.", count)
            messages.success(request, told_words % {"n": count})
            return HttpResponseRedirect(reverse(f"admin:{PAGE}", args=(round.pk,)))
    early = bool(request.GET.get("early")) or request.method == "POST"
    if possible and (ready or early):
        try:
            seen = services.near_the_line(round, by=me(request))
        except Refused as refusal:
            problem = str(refusal.message)
    return show(
        request,
        "round_top_up",
        _("Further assessors near the line"),
        status=422 if form.errors else 200,
        round=round,
        form=form,
        ready=ready,
        looking=early,
        possible=possible,
        askable=bool(seen),
        allowed=allowed,
        near=seen if allowed else [],
        problem=problem,
    )


add_page("prioritisation/round/<int:pk>/panel/", panel, name=PAGE)
add_page(
    "prioritisation/round/<int:pk>/assignments.csv", assignments, name="prioritisation_round_assignments"
)
add_page("prioritisation/round/<int:pk>/further/", top_up, name="prioritisation_round_top_up")
