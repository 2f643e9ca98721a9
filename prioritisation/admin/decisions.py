"""Decisions of a closed round: drafted, edited singly or together, and published by a second person."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.forms.choices import is_key
from engagement.localized import LocalizedFormField
from engagement.services import Refused, Stale
from prioritisation import rankings, services
from prioritisation.admin.finding import find_round, me, show
from prioritisation.forms.decisions import DecisionForm, TextsForm
from prioritisation.models import Decision, Initiative, Result, Round
from prioritisation.policies import schema
from prioritisation.workflow import Outcome, Role, RoundState


def _list_url(round: Round, request: HttpRequest | None = None) -> str:
    """The list, with the filters it had; nothing is ticked any more."""
    kept = request.GET.copy() if request else None
    if kept is not None:
        kept.pop("tick", None)
    query = kept.urlencode() if kept else ""
    return reverse("admin:prioritisation_decisions", args=(round.pk,)) + (f"?{query}" if query else "")


# The list ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest, pk: int) -> HttpResponse:
    """All decisions of a round; sending the form gives those ticked one public text."""
    if request.method == "POST":
        action = request.POST.get("action", "texts")
        roles = (Role.MANAGER, Role.PUBLISHER) if action == "check" else (Role.MANAGER,)
        round = find_round(request, pk, *roles, readable=True)
        if action == "check":
            return _together(request, round, services.check_decisions)
        if action == "sitting":
            return _give_sitting(request, round)
        return _texts(request, round)
    ticked: set[int] | None = None if request.GET.get("tick") == "all" else set()
    return _list(request, find_round(request, pk, readable=True), TextsForm(), ticked=ticked)


_SHOWN = ("initiative", "merge_into", "meeting", "draw", "checked_by", "prepared_by")


def _key(value: str | None) -> int:
    return int(value) if value and is_key(value) else 0


def _ticked(request: HttpRequest) -> dict[str, str]:
    """The version at which each ticked decision was seen, by its key."""
    pairs = (pair.split(":", 1) for pair in request.POST.getlist("selected") if pair.count(":") == 1)
    return {key: version for key, version in pairs if is_key(key) and is_key(version)}


def _chosen(round: Round, seen: dict[str, str]) -> list[Decision]:
    related = ("round", "initiative__programme", "merge_into", "meeting")
    chosen = list(round.decisions.filter(pk__in=map(int, seen)).select_related(*related))
    for decision in chosen:
        decision.version = int(seen[str(decision.pk)])  # as the person saw it
    return chosen


def _together(request: HttpRequest, round: Round, verb: Any, **values: Any) -> HttpResponse:
    """One verb on all those ticked; what was refused stays ticked, with the reason."""
    form, seen = TextsForm(), _ticked(request)
    chosen = _chosen(round, seen)
    if not chosen:
        form = TextsForm(request.POST)
        form.errors.clear()
        form.add_error(None, _("Tick the decisions first."))
        return _list(request, round, form, ticked=set(), status=422)
    done, refused = verb(decisions=chosen, by=me(request), at=timezone.now(), **values)
    if not refused:
        messages.success(request, ngettext("%(n)d decision.", "%(n)d decisions.", done) % {"n": done})
        return HttpResponseRedirect(_list_url(round, request))
    form = TextsForm(request.POST)
    form.errors.clear()
    form.add_error(None, _("%(done)d done, %(not_done)d not:") % {"done": done, "not_done": len(refused)})
    for told_of in _by_reason(refused):
        form.add_error(None, told_of)
    return _list(request, round, form, ticked={one.pk for one, _why in refused}, status=409)


NAMED = 5
"""So many initiatives are named beside one reason; of the others it is said how many they are."""


def _by_reason(refused: list[tuple[Decision, str]]) -> list[str]:
    """One sentence for each reason, with those that it holds for."""
    found: dict[str, list[str]] = {}
    colon = pgettext("between a word and what is said of it", ": ")
    for decision, why in refused:
        found.setdefault(why, []).append(decision.initiative.reference)
    return [f"{_names(names)}{colon}{why}" for why, names in found.items()]


def _names(references: list[str]) -> str:
    named, more = ", ".join(references[:NAMED]), len(references) - NAMED
    if more < 1:
        return named
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
        "names": named,
        "n": more,
    }


def _give_sitting(request: HttpRequest, round: Round) -> HttpResponse:
    """Those ticked get the sitting chosen, or none; one that is not there any more is not taken for none."""
    asked = request.POST.get("sitting", "")
    sitting = round.programme.decision_meetings.filter(pk=_key(asked)).first()
    if asked and sitting is None:
        form = TextsForm(request.POST)
        form.errors.clear()
        form.add_error(None, _("This sitting is not there any more. Choose another one."))
        return _list(request, round, form, ticked=set(map(int, _ticked(request))), status=422)
    return _together(request, round, services.set_sitting, sitting=sitting)


def _texts(request: HttpRequest, round: Round) -> HttpResponse:
    seen = _ticked(request)
    ticked = set(map(int, seen))
    form = TextsForm(request.POST)
    if form.is_valid() and not ticked:
        form.add_error(None, _("Tick the decisions that get this text."))
    if not form.is_valid():
        return _list(request, round, form, ticked=ticked, status=422)
    chosen = _chosen(round, seen)
    done, refused = services.save_texts(
        decisions=chosen, text=form.cleaned_data["text"], by=me(request), at=timezone.now()
    )
    if not refused:
        told_done = ngettext("%(n)d text changed.", "%(n)d texts changed.", done) % {"n": done}
        messages.success(request, told_done)
        return HttpResponseRedirect(_list_url(round, request))
    form.add_error(None, _("%(done)d done, %(not_done)d not:") % {"done": done, "not_done": len(refused)})
    for told_of in _by_reason(refused):
        form.add_error(None, told_of)
    return _list(request, round, form, ticked={one.pk for one, _why in refused}, status=409)


def _list(
    request: HttpRequest, round: Round, form: TextsForm, *, ticked: set[int] | None, status: int = 200
) -> HttpResponse:
    """`ticked`: keys of decisions; None ticks all that are shown."""
    policy = schema.parse(round.policy_version.document)
    reasons = {one.code: dict(one.label) for one in policy.reasons}
    every = list(
        round.decisions.select_related(
            "initiative", "merge_into", "meeting", "draw", "checked_by", "prepared_by"
        ).order_by("published_at", "outcome", "rank", "initiative__reference")
    )
    wanted = {name: request.GET.get(name, "") for name in ("outcome", "reason")}
    shown = [one for one in every if all(wanted[name] in ("", getattr(one, name)) for name in wanted)]
    rankings = round.results.filter(kind=Result.Kind.RANKING)
    newest = rankings.order_by("-pk").values_list("pk", flat=True).first()
    adopted = services.adopted_selection(round)
    before_round = Decision.objects.pending().filter(
        round__isnull=True, initiative__programme=round.programme_id
    )
    return show(
        request,
        "decisions",
        _("Decisions"),
        status=status,
        round=round,
        form=form,
        undecided=services.undecided(round).order_by("reference"),
        adopted=adopted,
        # made from a ranking that was made again since
        adopted_before=adopted is not None and adopted.parent_id != newest,
        astray=[] if adopted is None else services.astray_of_selection(adopted, every),
        rows=[
            {
                "decision": one,
                "reason": reasons.get(one.reason, {}),
                "ticked": ticked is None or one.pk in ticked,
                "earlier": one.published_at is None and one.result_id not in (None, newest),
            }
            for one in shown
        ],
        before_round=before_round.select_related("initiative", "merge_into"),
        total=len(every),
        all_ticked=ticked is None,
        hidden=len(every) - len(shown),
        counts=counts(every),
        outcomes=Decision.OUTCOMES,
        reasons=[(code, text) for code, text in reasons.items() if any(one.reason == code for one in every)],
        wanted=wanted,
        pending=round.state == RoundState.CLOSED,
        sittings=list(round.programme.decision_meetings.all()),
        draws=services.draws_of(round),
        can_draw=any(0 < places < len(among) for among, places in services.all_equals(round).values()),
        looked_through=sum(one.checked_at is not None for one in every),
    )


def counts(decisions: list[Decision]) -> list[tuple[str, int]]:
    found = Counter(one.outcome for one in decisions)
    words = {
        Outcome.ADVANCE: npgettext("decisions", "goes on", "go on", found[Outcome.ADVANCE]),
        Outcome.HOLD: npgettext("decisions", "held over", "held over", found[Outcome.HOLD]),
        Outcome.SET_ASIDE: npgettext("decisions", "set aside", "set aside", found[Outcome.SET_ASIDE]),
        Outcome.MERGE: npgettext("decisions", "merged", "merged", found[Outcome.MERGE]),
    }
    return [(said, found[code]) for code, said in words.items() if found[code]]


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER, readable=True)
    try:
        made = services.draft_decisions(round=round, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        text = ngettext("%(n)d decision drafted.", "%(n)d decisions drafted.", made) % {"n": made}
        messages.success(request, text)
    return HttpResponseRedirect(_list_url(round))


# One decision -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER, readable=True)
    initiative = get_object_or_404(Initiative, entries__round=round, reference=reference)
    policy = schema.parse(round.policy_version.document)
    result = services.latest_result(round)
    row = next(one for one in result.output["rows"] if one["reference"] == reference)
    current = round.decisions.filter(initiative=initiative).first()
    adopted = services.adopted_selection(round)
    medians = rankings.chosen_medians(
        result.output["rows"], None if adopted is None else services.selected(adopted)
    )
    common: dict[str, Any] = {"policy": policy, "row": row, "medians": medians, "initiative": initiative}
    if request.method == "POST":
        form = DecisionForm(request.POST, **common)
        if request.POST.get("action") == "fill":
            filled = DecisionForm(request.POST, **common)
            filled.fill_in()
            return _decision_page(
                request, round, DecisionForm(initial=_typed(filled), **common), initiative, row, current
            )
        if form.is_valid() and _save(request, round, initiative, form, current):
            return HttpResponseRedirect(_after(request, round))
        return _decision_page(request, round, form, initiative, row, current, status=422)
    form = DecisionForm(initial=_as_it_is(current), **common)
    return _decision_page(request, round, form, initiative, row, current)


def _typed(form: DecisionForm) -> dict[str, Any]:
    """What stands in the form now, to be shown again without being checked."""
    return {
        name: field.field.clean(value) if isinstance(field.field, LocalizedFormField) else value
        for name, field in ((one.name, one) for one in form)
        if (value := field.data) is not None
    }


def _as_it_is(current: Decision | None) -> dict[str, Any]:
    if current is None:
        return {"version": 0}
    names = (
        "outcome",
        "reason",
        "text",
        "override_reason",
        "merge_into",
        "meeting",
        "stood_aside",
        "version",
    )
    return {name: getattr(current, name) for name in names}


def _save(
    request: HttpRequest, round: Round, initiative: Initiative, form: DecisionForm, current: Decision | None
) -> bool:
    try:
        services.save_decision(
            round=round, initiative=initiative, by=me(request), at=timezone.now(), **form.cleaned_data
        )
    except Stale as refusal:
        refusals.tell(form, refusal)
        latest = round.decisions.filter(initiative=initiative).first()
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as it came
        form.data["version"] = str(latest.version if latest else 0)  # type: ignore[index]
        return False
    except Refused as refusal:
        refusals.tell(form, refusal)
        return False
    messages.success(request, _("Saved: %(reference)s.") % {"reference": initiative.reference})
    return True


def _after(request: HttpRequest, round: Round) -> str:
    """The next undecided one while there are any; then the list."""
    following = services.undecided(round).order_by("reference").first()
    if following is not None and request.POST.get("action") == "next":
        return reverse("admin:prioritisation_decision", args=(round.pk, following.reference))
    return _list_url(round)


def _gates(round: Round, initiative: Initiative, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Every condition with what came of it: the mean against the limit, or what staff noted and why."""
    policy = schema.parse(round.policy_version.document)
    entry = round.entries.prefetch_related("gate_checks").get(initiative=initiative)
    noted = {check.gate: check for check in entry.gate_checks.all()}
    labels = {one.code: dict(one.label) for one in policy.reasons}
    verdicts = {one["key"]: one["verdict"] for one in row["gates"]}
    return [
        {
            "label": dict(gate.label),
            "verdict": verdicts.get(gate.key, "pass"),
            "minimum": gate.minimum if gate.criterion else None,
            "mean": row["criteria"].get(gate.criterion, {}).get("mean") if gate.criterion else None,
            "text": noted[gate.key].text if gate.key in noted else {},
            "reason": labels.get(noted[gate.key].reason, {}) if gate.key in noted else {},
        }
        for gate in policy.gates
    ]


def _decision_page(
    request: HttpRequest,
    round: Round,
    form: DecisionForm,
    initiative: Initiative,
    row: dict[str, Any],
    current: Decision | None,
    status: int = 200,
) -> HttpResponse:
    return show(
        request,
        "decision",
        _("Decide"),
        status=status,
        round=round,
        form=form,
        initiative=initiative,
        row=row,
        points=None if row["utility"] is None else 100 * row["utility"],
        places=services.latest_result(round).output["places"],
        gates=_gates(round, initiative, row),
        open_gate=all(one["verdict"] != "fail" for one in row["gates"]),
        nearest=services.what_would_have_changed(services.latest_result(round), initiative.reference),
        draw=next((one for one in services.draws_of(round) if initiative.reference in one.among), None),
        current=current,
        reason=_reason(round, current),
        pending=round.state == RoundState.CLOSED,
        more_undecided=services.undecided(round).exclude(pk=initiative.pk).exists(),
    )


def _reason(round: Round, decision: Decision | None) -> dict[str, str]:
    """The standard reason of a decision, in words."""
    if decision is None or not decision.reason:
        return {}
    return services.reason_label(schema.parse(round.policy_version.document), decision.reason)


for _route, _view, _name in (
    ("decisions/", decisions, "decisions"),
    ("decisions/draft/", draft, "decisions_draft"),
    ("decisions/<str:reference>/", decision, "decision"),
):
    add_page(f"prioritisation/round/<int:pk>/{_route}", _view, name=f"prioritisation_{_name}")
