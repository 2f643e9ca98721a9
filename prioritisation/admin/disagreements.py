"""Initiatives that the panel reads apart: which they are while the round is open, and what to do about them
after it closed. No names at any time, and no scores before closing."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.localized import localized
from engagement.services import Refused
from engagement.tasks import nudge_mail
from prioritisation import dot_picture, rankings, services
from prioritisation.admin.calibration import row_of
from prioritisation.admin.finding import READERS, find_round, me, show
from prioritisation.forms.discussions import AgainForm, DiscussionForm
from prioritisation.models import Discussion, Entry, Round
from prioritisation.policies import schema
from prioritisation.workflow import Role, RoundState

LIST = "prioritisation_disagreements"
ONE = "prioritisation_disagreement"
OPINION = "prioritisation_opinion"
AT_A_TIME = 25
"""Initiatives on one page of the list: more than a meeting gets through."""


@require_http_methods(["GET", "HEAD", "POST"])
def disagreements(request: HttpRequest, pk: int) -> HttpResponse:
    """Closed: far apart and near the line first. Open: only which ones, by number, for the manager."""
    round = find_round(request, pk)
    if round.state in (RoundState.PREPARING, RoundState.OPEN):
        round = find_round(request, pk, Role.MANAGER)
        return _open_list(request, round)
    form = AgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        round = find_round(request, pk, Role.MANAGER)
        if form.is_valid() and (answer := _rank_again(request, round, form)):
            return answer
    policy = schema.parse(round.policy_version.document)
    result = services.latest_result(round)
    entries = {one.initiative.reference: one for one in _entries(round)}
    labels = {one.key: dict(one.label) for one in policy.criteria}
    apart = [row for row in rankings.disagreements(policy, result.inputs, result.output) if row["range"] > 0]
    shown = Paginator(apart, AT_A_TIME).get_page(request.GET.get("page"))
    rows = [
        {
            **row,
            "entry": entries[row["reference"]],
            "label": labels[row["criterion"]],
            "dots": _dots(policy, row),
        }
        for row in shown
    ]
    sure = any(row.get("p_noise") is not None for row in result.output["rows"])
    return show(
        request,
        "disagreements",
        _("Disagreement"),
        status=422 if form.errors else 200,
        round=round,
        rows=rows,
        count=len(apart),
        page_obj=shown,
        sure=sure,
        severity=_severity_told(result.output),
        total=len(entries),
        again=services.asked_again_open(round),
        undecided=round.state == RoundState.CLOSED and not round.decisions.exists(),
        form=form,
    )


def _severity_told(output: dict[str, Any]) -> bool:
    """Could strict be told from lenient, so that it is taken out of the figures?"""
    people = output.get("severity", {}).get("assessors", [])
    return any(effect for one in people for effect in one["effect"].values())


def _dots(policy: schema.Policy, row: dict[str, Any]) -> dot_picture.Dots:
    """The scores as given, without letters: those of a result are the same ones on every initiative."""
    given = row["criteria"][row["criterion"]]["scores"]
    return dot_picture.dots(
        [("", score, False) for _letter, score, _adjusted in given], policy.scale.levels()
    )


def _entries(round: Round) -> Any:
    return round.entries.select_related("initiative", "revision").prefetch_related("discussions")


def _open_list(request: HttpRequest, round: Round) -> HttpResponse:
    allowed = services.may_see_apart(round, me(request))
    return show(
        request,
        "disagreements_open",
        _("Disagreement"),
        round=round,
        allowed=allowed,
        rows=_apart(round) if allowed else [],
    )


def _apart(round: Round) -> list[dict[str, Any]]:
    opinions = services.opinions_asked(round)
    return [{"entry": entry, "asked": opinions.get(entry.pk, [])} for entry in services.read_apart(round)]


def _rank_again(request: HttpRequest, round: Round, form: AgainForm) -> HttpResponse | None:
    try:
        services.rank_again(
            round=round, reason=form.cleaned_data["reason"], by=me(request), at=timezone.now()
        )
    except Refused as refusal:
        refusals.tell(form, refusal)
        return None
    messages.success(request, _("The ranking is made again. The old one is kept."))
    return HttpResponseRedirect(reverse(f"admin:{LIST}", args=(round.pk,)))


@require_POST
def opinion(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """Asks one person more about an initiative of an open round."""
    round = find_round(request, pk, Role.MANAGER)
    entry = _entry(round, reference)
    try:
        services.ask_opinion(entry=entry, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        nudge_mail()
        messages.success(request, _("One person more is asked about %(name)s.") % {"name": reference})
    return HttpResponseRedirect(reverse(f"admin:{LIST}", args=(pk,)))


def _entry(round: Round, reference: str) -> Entry:
    entry: Entry | None = _entries(round).filter(initiative__reference=reference).first()
    if entry is None:
        raise Http404
    return entry


@require_http_methods(["GET", "HEAD", "POST"])
def disagreement(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """One initiative after closing: a dot for each score, the extremes' notes, and what was agreed."""
    roles = (Role.MANAGER,) if request.method == "POST" else READERS
    round = find_round(request, pk, *roles, readable=True)
    entry = _entry(round, reference)
    form = DiscussionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (answer := _discuss(request, entry, form)):
        return answer
    policy = schema.parse(round.policy_version.document)
    columns = services.columns(round, entry, reader=None, policy=policy) or []
    rules = [
        {
            "key": one.key,
            "label": dict(one.label),
            "question": dict(one.question),
            "levels": [{"value": f"{level.value:g}", "text": dict(level.text)} for level in one.levels],
        }
        for one in policy.assessed_criteria()
    ]
    rows = [row_of(policy, rule, columns) for rule in rules]
    rows.sort(key=lambda row: (row["low"] or 0) - (row["high"] or 0))  # furthest apart first
    return show(
        request,
        "disagreement",
        localized(entry.initiative.title),
        status=422 if form.errors else 200,
        round=round,
        entry=entry,
        columns=columns,
        rows=rows,
        discussions=entry.discussions.order_by("at"),
        undecided=round.state == RoundState.CLOSED and not round.decisions.exists(),
        form=form,
    )


def _discuss(request: HttpRequest, entry: Entry, form: DiscussionForm) -> HttpResponse | None:
    values = form.cleaned_data
    try:
        services.discuss(entry=entry, by=me(request), at=timezone.now(), **values)
    except Refused as refusal:
        refusals.tell(form, refusal)
        return None
    reference = entry.initiative.reference
    if values["verdict"] == Discussion.Verdict.MERGE:
        messages.success(request, _("Noted. Now decide what it is merged into."))
        return HttpResponseRedirect(
            reverse("admin:prioritisation_decision", args=(entry.round_id, reference))
        )
    if values["verdict"] == Discussion.Verdict.RESCORE:
        nudge_mail()
        messages.success(request, _("Noted. Those who scored it are asked to look again; a mail tells them."))
    else:
        messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse(f"admin:{LIST}", args=(entry.round_id,)))


add_page("prioritisation/round/<int:pk>/disagreement/", disagreements, name=LIST)
add_page("prioritisation/round/<int:pk>/disagreement/<str:reference>/", disagreement, name=ONE)
add_page("prioritisation/round/<int:pk>/disagreement/<str:reference>/opinion/", opinion, name=OPINION)
