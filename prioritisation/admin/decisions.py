"""Decisions of a closed round: drafted, edited singly or together, and published by a second person."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.desk_pages import add_page
from engagement.forms.choices import is_key
from engagement.localized import localized
from engagement.services import Refused, Stale
from engagement.tasks import nudge_mail
from prioritisation import plan_documents, services
from prioritisation.admin.finding import find_round, job_page, me, show, told
from prioritisation.forms.decisions import DecisionForm, PlanForm, TextsForm
from prioritisation.forms.rounds import MoveForm
from prioritisation.models import Decision, Initiative, Plan, PlanVersion, Round
from prioritisation.policies import schema
from prioritisation.workflow import Outcome, Role, RoundState


def _list_url(round: Round, request: HttpRequest | None = None) -> str:
    """The list, with the filters it had."""
    query = request.GET.urlencode() if request else ""
    return reverse("admin:prioritisation_decisions", args=(round.pk,)) + (f"?{query}" if query else "")


# The list ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest, pk: int) -> HttpResponse:
    """All decisions of a round; sending the form gives those ticked one public text."""
    if request.method == "POST":
        round = find_round(request, pk, Role.MANAGER, readable=True)
        return _texts(request, round)
    return _list(request, find_round(request, pk, readable=True), TextsForm(), ticked=set())


def _texts(request: HttpRequest, round: Round) -> HttpResponse:
    seen = dict(pair.split(":", 1) for pair in request.POST.getlist("selected") if pair.count(":") == 1)
    ticked = {int(key) for key, version in seen.items() if is_key(key) and is_key(version)}
    form = TextsForm(request.POST)
    if form.is_valid() and not ticked:
        form.add_error(None, _("Tick the decisions that get this text."))
    if not form.is_valid():
        return _list(request, round, form, ticked=ticked, status=422)
    chosen = list(round.decisions.filter(pk__in=ticked).select_related("round", "initiative", "merge_into"))
    for decision in chosen:
        decision.version = int(seen[str(decision.pk)])  # as the person saw it
    done, refused = services.save_texts(
        decisions=chosen, text=form.cleaned_data["text"], by=me(request), at=timezone.now()
    )
    if not refused:
        told_done = ngettext("%(n)d text changed.", "%(n)d texts changed.", done) % {"n": done}
        messages.success(request, told_done)
        return HttpResponseRedirect(_list_url(round, request))
    form.add_error(None, _("%(done)d done, %(not_done)d not:") % {"done": done, "not_done": len(refused)})
    for decision, why in refused:
        form.add_error(None, f"{decision.initiative.reference}: {why}")
    return _list(request, round, form, ticked={one.pk for one, _why in refused}, status=409)


def _list(
    request: HttpRequest, round: Round, form: TextsForm, *, ticked: set[int], status: int = 200
) -> HttpResponse:
    policy = schema.parse(round.policy_version.document)
    reasons = {one.code: dict(one.label) for one in policy.reasons}
    every = list(
        round.decisions.select_related("initiative", "merge_into").order_by(
            "published_at", "outcome", "rank", "initiative__reference"
        )
    )
    wanted = {name: request.GET.get(name, "") for name in ("outcome", "reason")}
    shown = [one for one in every if all(wanted[name] in ("", getattr(one, name)) for name in wanted)]
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
        rows=[
            {"decision": one, "reason": reasons.get(one.reason, {}), "ticked": one.pk in ticked}
            for one in shown
        ],
        before_round=before_round.select_related("initiative", "merge_into"),
        total=len(every),
        hidden=len(every) - len(shown),
        counts=_counts(every),
        outcomes=Decision.OUTCOMES,
        reasons=[(code, text) for code, text in reasons.items() if any(one.reason == code for one in every)],
        wanted=wanted,
        pending=round.state == RoundState.CLOSED,
    )


def _counts(decisions: list[Decision]) -> list[tuple[str, int]]:
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
    common: dict[str, Any] = {"policy": policy, "row": row, "initiative": initiative}
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
        name: field.field.clean(value) if name == "text" else value
        for name, field in ((one.name, one) for one in form)
        if (value := field.data) is not None
    }


def _as_it_is(current: Decision | None) -> dict[str, Any]:
    if current is None:
        return {"version": 0}
    names = ("outcome", "reason", "text", "override_reason", "merge_into", "version")
    return {name: getattr(current, name) for name in names}


def _save(
    request: HttpRequest, round: Round, initiative: Initiative, form: DecisionForm, current: Decision | None
) -> bool:
    try:
        services.save_decision(
            round=round, initiative=initiative, by=me(request), at=timezone.now(), **form.cleaned_data
        )
    except Stale as refusal:
        told(form, refusal)
        latest = round.decisions.filter(initiative=initiative).first()
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as it came
        form.data["version"] = str(latest.version if latest else 0)  # type: ignore[index]
        return False
    except Refused as refusal:
        told(form, refusal)
        return False
    messages.success(request, _("Saved: %(reference)s.") % {"reference": initiative.reference})
    return True


def _after(request: HttpRequest, round: Round) -> str:
    """The next undecided one while there are any; then the list."""
    following = services.undecided(round).order_by("reference").first()
    if following is not None and request.POST.get("action") == "next":
        return reverse("admin:prioritisation_decision", args=(round.pk, following.reference))
    return _list_url(round)


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
        current=current,
        pending=round.state == RoundState.CLOSED,
        more_undecided=services.undecided(round).exclude(pk=initiative.pk).exists(),
    )


# Publishing -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will go out, the name of the plan, and the button."""
    round = find_round(request, pk, readable=True)
    if round.state == RoundState.DECIDED:
        return HttpResponseRedirect(reverse("admin:prioritisation_published", args=(round.pk,)))
    plan = Plan.objects.filter(programme=round.programme).first()
    action = request.POST.get("action") if request.method == "POST" else None
    plan_form = PlanForm(request.POST if action == "plan" else None, initial=_plan_as_it_is(plan, round))
    sent = request.POST if action in ("publish", "rehearse") else None
    form = MoveForm(sent, initial={"version": round.version})
    if action == "plan":
        round = find_round(request, pk, Role.MANAGER, Role.PUBLISHER, readable=True)
        if plan_form.is_valid() and _save_plan(request, round, plan_form):
            return HttpResponseRedirect(reverse("admin:prioritisation_publish", args=(round.pk,)))
    if action in ("publish", "rehearse"):
        roles = (Role.PUBLISHER,) if action == "publish" else (Role.PUBLISHER, Role.MANAGER)
        round = find_round(request, pk, *roles, readable=True)
        if form.is_valid() and (answer := _set_going(request, round, form, action)):
            return answer
    failed = bool(form.errors or plan_form.errors)
    return show(
        request,
        "publish",
        _("Publish"),
        status=422 if failed else 200,
        round=round,
        form=form,
        plan_form=plan_form,
        error_form=plan_form if plan_form.errors else form,
        plan=plan,
        **_preview(request, round),
    )


def _plan_as_it_is(plan: Plan | None, round: Round) -> dict[str, Any]:
    if plan is None:
        return {"title": round.programme.title, "slug": round.programme.slug, "version": 0}
    return {"title": plan.title, "slug": plan.slug, "intro": plan.intro, "version": plan.version}


def _save_plan(request: HttpRequest, round: Round, form: PlanForm) -> bool:
    try:
        services.save_plan(programme=round.programme, by=me(request), at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        told(form, refusal)
        return False
    messages.success(request, _("The plan’s name is saved. Nothing is public yet."))
    return True


def _set_going(request: HttpRequest, round: Round, form: MoveForm, action: str) -> HttpResponse | None:
    """Publishes, or has the worker publish or work out the preview; nothing where it was refused."""
    common: dict[str, Any] = {"round": round, "by": me(request), "at": timezone.now()}
    version = form.cleaned_data["version"]
    try:
        if action == "rehearse":
            return job_page(services.queue_rehearsal(**common, version=version))
        if services.takes_long(round):
            return job_page(services.queue_publication(**common, version=version))
        services.publish_round(**common, version=version)
    except Refused as refusal:
        told(form, refusal)
        return None
    nudge_mail()
    return HttpResponseRedirect(reverse("admin:prioritisation_published", args=(round.pk,)))


def _preview(request: HttpRequest, round: Round) -> dict[str, Any]:
    """What publishing would do, and what is in its way; both in words."""
    pending = (
        Decision.objects.pending().filter(round=round)
        | Decision.objects.pending().filter(round__isnull=True, initiative__programme=round.programme_id)
    ).distinct()
    every = list(pending.select_related("prepared_by"))
    policy = schema.parse(round.policy_version.document)
    labels = {one.code: dict(one.label) for one in policy.reasons}
    reasons = Counter(one.reason for one in every if one.outcome != Outcome.ADVANCE)
    found: dict[str, Any] = {
        "chosen": sum(one.outcome == Outcome.ADVANCE for one in every),
        "reasons": [(labels.get(code, {"en": code}), count) for code, count in reasons.most_common()],
        "preparers": sorted({str(one.prepared_by) for one in every}),
        "mine": any(one.prepared_by_id == me(request).pk for one in every),
        "undecided_count": services.undecided(round).count(),
        "obstacle": None,
        "rehearsal": None,
    }
    try:
        services.check_publishable(round=round, by=me(request))
    except Refused as refusal:
        found["obstacle"] = refusal
    if not found["undecided_count"]:
        found |= _rehearsal(request, round)
    return found


def _rehearsal(request: HttpRequest, round: Round) -> dict[str, Any]:
    """What readers will see: worked out at once, or of a large round by the worker when asked to."""
    found: dict[str, Any] = {}
    if services.takes_long(round):
        found["by_worker"] = True
        found["job"] = services.job_at_work(round, services.REHEARSE, services.PUBLISH)
        found["rehearsal"] = services.rehearsed(round)
    else:
        try:
            found["rehearsal"] = services.rehearse_publication(round=round, by=me(request), at=timezone.now())
        except Refused:
            return {}  # an analyst looks on; the counts above are enough
    if found["rehearsal"]:
        found["funnel"] = _picture(found["rehearsal"]["funnel"])
    return found


def _picture(funnel: dict[str, Any]) -> Any:
    units = {"ideas": _("eligible ideas"), "initiatives": _("initiatives")}
    drawn = plan_documents.funnel_in(get_language() or "en", funnel, units)
    last = funnel["stages"][-1]
    drawn["outcome"] = ngettext("initiative chosen", "initiatives chosen", last["onward"])
    return drawn


@require_safe
def published(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    version = (
        PlanVersion.objects.filter(plan__programme=round.programme, published_at=round.decided_at)
        .select_related("plan")
        .first()
        if round.decided_at
        else None
    )
    if version is None:
        return HttpResponseRedirect(reverse("admin:prioritisation_publish", args=(round.pk,)))
    decided = list(round.decisions.published())
    return show(
        request,
        "published",
        _("Published"),
        round=round,
        plan_version=version,
        plan_name=localized(version.plan.title),
        counts=_counts(decided),
    )


for _route, _view, _name in (
    ("decisions/", decisions, "decisions"),
    ("decisions/draft/", draft, "decisions_draft"),
    ("decisions/<str:reference>/", decision, "decision"),
    ("publish/", publish, "publish"),
    ("published/", published, "published"),
):
    add_page(f"prioritisation/round/<int:pk>/{_route}", _view, name=f"prioritisation_{_name}")
