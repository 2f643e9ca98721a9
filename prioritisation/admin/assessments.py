"""The assessor's own pages: the queue, and one initiative at a time.

Everything here starts from `Assignment.objects.of(user)`: nobody, whatever their role, reaches another
person's scores by these addresses, and no sum or mean of scores is ever made for them.
"""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from engagement.admin import refusals
from engagement.desk_pages import DeskLink, add_page
from engagement.localized import localized
from engagement.models import Idea, User
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.forms.assessments import AssessmentForm, ConflictForm
from prioritisation.models import Assessment, Assignment
from prioritisation.policies import schema
from prioritisation.workflow import Role, RoundState

SUMMARY_WORDS = 28
"""As much of the description as leaves the brief room on a phone; the rest is one press away."""
QUEUE = "prioritisation_assess"
SCREEN = "prioritisation_assess_one"
CONFLICT = "prioritisation_assess_conflict"


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def assignments_of(user: User) -> Any:
    """This person's assignments in programmes where they still are an assessor."""
    # Before opening there is nothing to read: what is stored then are conflicts that were noted beforehand.
    mine = Assignment.objects.of(user).exclude(entry__round__state=RoundState.PREPARING)
    if not user.is_superuser:
        seats = user.memberships.filter(role=Role.ASSESSOR).values("programme")
        mine = mine.filter(entry__round__programme__in=seats)
    return mine.select_related(
        "entry__round__programme",
        "entry__round__policy_version",
        "entry__revision",
        "entry__initiative",
        "assessment",
    )


def _one(user: User, pk: int) -> Assignment:
    assignment: Assignment | None = assignments_of(user).filter(pk=pk).first()
    if assignment is None:
        raise Http404
    return assignment


def _assessment(assignment: Assignment) -> Assessment | None:
    return getattr(assignment, "assessment", None)


def _minutes(count: int) -> int:
    return -(-count * services.SECONDS_AN_INITIATIVE // 60)


# The queue ------------------------------------------------------------------------------------------


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What I am asked to assess, by round: how far I am, how long the rest takes, and where to go on."""
    rounds: dict[int, list[Assignment]] = {}
    for assignment in assignments_of(_user(request)).order_by("-entry__round__pk", "position"):
        rounds.setdefault(assignment.entry.round_id, []).append(assignment)
    shown = [_round_queue(assignments) for assignments in rounds.values()]
    context = {
        **admin.site.each_context(request),
        "title": _("My assessments"),
        "open_rounds": [one for one in shown if one["open"]],
        "again_rounds": [one for one in shown if one["again"]],
        "closed_rounds": [one for one in shown if not one["open"]],
    }
    return TemplateResponse(request, "admin/prioritisation/assess_queue.html", context)


def _round_queue(assignments: list[Assignment]) -> dict[str, Any]:
    round = assignments[0].entry.round
    policy = schema.parse(round.policy_version.document)
    criteria = services.asked_of(assignments[0])
    again = services.asked_again_of(round, assignments[0].assessor)
    rows = [_row(one, criteria, policy, again=one.pk in again) for one in assignments]
    rows.sort(key=lambda row: row["order"])
    counted = [row for row in rows if row["state"] != "conflict"]
    left = [row for row in counted if row["state"] != "done"]
    return {
        "round": round,
        "open": round.state == RoundState.OPEN,
        "rows": rows,
        "again": [row for row in rows if row["again"] == "asked"],
        "done": len(counted) - len(left),
        "total": len(counted),
        "left": len(left),
        "minutes": _minutes(len(left)),
        "next": left[0]["assignment"] if left else None,
        "late": bool(left and round.due_at and round.due_at < timezone.now()),
        "criteria": criteria,
    }


_ORDER = {"draft": 0, "to_do": 0, "put_off": 1, "done": 2, "conflict": 3}


def _row(
    assignment: Assignment, criteria: Any, policy: schema.Policy, *, again: bool = False
) -> dict[str, Any]:
    assessment = _assessment(assignment)
    if assignment.conflict_at is not None:
        state = "conflict"
    elif assessment is not None and assessment.submitted_at is not None:
        state = "done"
    elif assignment.skipped_at is not None:
        state = "put_off"
    else:
        state = "draft" if assessment else "to_do"
    return {
        "assignment": assignment,
        "state": state,
        "title": wording_of(assignment)["title"],
        "reference": assignment.entry.initiative.reference,
        "again": _again(assignment, assessment) if again else "",
        "changed": services.scored_before_change(assignment, assessment) and state == "done",
        "scores": _own_scores(assessment, criteria, policy) if assessment and state != "conflict" else [],
        "order": (
            not again,
            _ORDER[state],
            assignment.skipped_at if state == "put_off" else assignment.entry.round.created_at,
            assignment.position,
        ),
    }


def _again(assignment: Assignment, assessment: Assessment | None) -> str:
    """Asked to look again after the panel talked about it, or looked already."""
    asked_at = assignment.asked_at
    looked = assessment and asked_at and assessment.saved_at and assessment.saved_at > asked_at
    return "looked" if looked else "asked"


def _own_scores(assessment: Assessment, criteria: Any, policy: schema.Policy) -> list[dict[str, Any]]:
    """My own scores, for me: the level, or why there is none."""
    scores = dict(zip((one.key for one in policy.assessed_criteria()), assessment.scores, strict=True))
    return [
        {"label": dict(one.label), "score": scores[one.key], "cannot": one.key in assessment.missing}
        for one in criteria
    ]


def wording_of(assignment: Assignment) -> dict[str, Any]:
    """The wording that was frozen when the round opened."""
    revision = assignment.entry.revision
    assert revision is not None  # written when the round opens, before anything is assigned
    return dict(revision.content)


# One initiative -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one initiative, score it, go on to the next. The same address takes the automatic saves."""
    assignment = _one(_user(request), pk)
    if assignment.conflict_at is not None:
        messages.info(request, _("You declared a conflict of interest there."))
        return HttpResponseRedirect(reverse(f"admin:{QUEUE}"))
    policy = schema.parse(assignment.entry.round.policy_version.document)
    asked = services.asked_of(assignment)
    assessment = _assessment(assignment)
    if request.method != "POST":
        form = AssessmentForm(policy=policy, asked=asked, assessment=assessment)
        return _screen(request, assignment, form)
    action = request.POST.get("action", "draft")
    # Scores that are handed in stay whole: a later change is held to the same as the first.
    complete = action == "next" or (assessment is not None and assessment.submitted_at is not None)
    form = AssessmentForm(request.POST, policy=policy, asked=asked, assessment=assessment, complete=complete)
    if action == "autosave":
        return _autosave(request, assignment, form)
    if not form.is_valid():
        return _screen(request, assignment, form, status=422)
    return _act(request, assignment, form, action)


def _save(request: HttpRequest, assignment: Assignment, form: AssessmentForm) -> Assessment:
    return services.save_assessment(
        assignment=assignment,
        scores=form.scores(),
        cannot_judge=form.cannot_judge(),
        notes=form.notes(),
        by=_user(request),
        at=timezone.now(),
        submit=form.complete,
        version=form.cleaned_data["version"],
    )


def _act(request: HttpRequest, assignment: Assignment, form: AssessmentForm, action: str) -> HttpResponse:
    try:
        if action != "skip" or form.anything_typed():
            _save(request, assignment, form)
        if action == "skip":
            services.skip_assignment(assignment=assignment, by=_user(request), at=timezone.now())
    except Refused as refusal:
        name = f"score_{refusal.field}"
        form.add_error(name if name in form.fields else None, str(refusal.message))
        if not isinstance(refusal, Stale):
            return _screen(request, assignment, form, status=422)
        # What was typed stays. Who has been told and saves again means it.
        form.overwrite(Assessment.objects.get(assignment=assignment).version)
        return _screen(request, assignment, form, status=409, stale=True)
    if action == "draft":
        messages.success(request, _("Saved. It counts once you press “Save and next”."))
        return HttpResponseRedirect(reverse(f"admin:{SCREEN}", args=(assignment.pk,)))
    return HttpResponseRedirect(_next_address(request, assignment))


def _autosave(request: HttpRequest, assignment: Assignment, form: AssessmentForm) -> JsonResponse:
    if not form.is_valid():
        told = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": _("Not saved: %(why)s") % {"why": told}}, status=422)
    try:
        saved = _save(request, assignment, form)
    except Refused as refusal:
        status = 409 if isinstance(refusal, Stale) else 422
        return JsonResponse({"message": str(refusal.message)}, status=status)
    clock = time_format(timezone.localtime(saved.saved_at), "H:i")
    return JsonResponse({"message": _("Saved at %(time)s") % {"time": clock}, "version": saved.version})


def _next_address(request: HttpRequest, assignment: Assignment) -> str:
    """The next one of this round, put-off ones last; the queue when all are handed in."""
    mine = Assignment.objects.of(_user(request)).filter(entry__round=assignment.entry.round_id)
    following = mine.to_do().exclude(pk=assignment.pk).values_list("pk", flat=True).first()
    if following is None and not mine.to_do().exists():
        messages.success(request, _("That was the last one. Thank you: you have handed in everything."))
        return reverse(f"admin:{QUEUE}")
    return reverse(f"admin:{SCREEN}", args=(following or assignment.pk,))


@require_POST
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Steps aside from one initiative, with a reason that only managers read."""
    assignment = _one(_user(request), pk)
    form = ConflictForm(request.POST)
    if form.is_valid():
        try:
            services.declare_conflict(
                assignment=assignment,
                reason=form.cleaned_data["reason"],
                by=_user(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("Noted: you are not asked about it any more."))
            return HttpResponseRedirect(_next_address(request, assignment))
    policy = schema.parse(assignment.entry.round.policy_version.document)
    scores = AssessmentForm(
        policy=policy, asked=services.asked_of(assignment), assessment=_assessment(assignment)
    )
    return _screen(request, assignment, scores, conflict_form=form, status=422)


def _screen(
    request: HttpRequest,
    assignment: Assignment,
    form: AssessmentForm,
    *,
    conflict_form: ConflictForm | None = None,
    status: int = 200,
    stale: bool = False,
) -> HttpResponse:
    round = assignment.entry.round
    content = wording_of(assignment)
    assessment = _assessment(assignment)
    context = {
        **admin.site.each_context(request),
        "title": _("Assess"),
        "assignment": assignment,
        "round": round,
        "open": (open := services.may_score(assignment)),
        "again": open and round.state != RoundState.OPEN,
        "initiative": content,
        "long": len(localized(content["summary"]).split()) > SUMMARY_WORDS,
        "summary_words": SUMMARY_WORDS,
        "cost": _cost(content),
        "ideas": Idea.objects.public()
        .filter(reference__in=content["ideas"])
        .prefetch_related("translations")
        .order_by("reference"),
        "figures": _figures(form.policy, content, assignment.entry.figures),
        "counted": services.counted_facts(assignment.entry.figures),
        "evidence": services.frozen_evidence(round=round, initiative=assignment.entry.initiative),
        **services.understood_in_short(assignment.entry.initiative),
        "form": form,
        "conflict_form": conflict_form or ConflictForm(),
        "conflict_open": conflict_form is not None,
        "error_form": conflict_form if conflict_form is not None else form,
        "progress": services.progress(user=_user(request), round_id=round.pk),
        "stale": stale,
        "changed": services.scored_before_change(assignment, assessment),
        "handed_in": bool(assessment and assessment.submitted_at),
        "saved_at": assessment.saved_at if assessment else None,
        "put_off": assignment.skipped_at is not None,
    }
    form.clearer = {
        key: {level: one.at for level, one in levels.items()}
        for key, levels in services.clarified(round).items()
    }
    context["minutes"] = _minutes(context["progress"]["left"])
    return TemplateResponse(request, "admin/prioritisation/assess.html", context, status=status)


def _cost(content: dict[str, Any]) -> dict[str, Any] | None:
    """The sum of the cost lines and how much of it is secured; None where no cost is stated."""
    lines = [(float(line["amount"]), line["funding"]) for line in content["costs"]]
    if not lines:
        return None
    return {
        "total": sum(amount for amount, _funding in lines),
        "secured": sum(amount for amount, funding in lines if funding == "secured"),
    }


def _figures(
    policy: schema.Policy, content: dict[str, Any], frozen: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Criteria that were measured: told as facts, not asked. Older rounds froze no figures."""
    cost = _cost(content)
    known = {
        "timeframe_months": content.get("timeframe_months"),
        "cost_total": cost["total"] if cost else None,
    }
    known |= frozen or {}
    return [
        {
            "label": dict(one.label),
            "unit": dict(one.unit or {}),
            "value": known.get(one.figure or ""),
            "counted": one.source == "measured",
        }
        for one in policy.criteria
        if one.source != "assessor"
    ]


# Addresses ------------------------------------------------------------------------------------------


def _is_assessor(request: HttpRequest) -> bool:
    return _user(request).memberships.filter(role=Role.ASSESSOR).exists()


add_page(
    "prioritisation/assess/",
    queue,
    name=QUEUE,
    link=DeskLink("prioritisation", gettext_lazy("My assessments"), QUEUE, _is_assessor),
)
add_page("prioritisation/assess/<int:pk>/", assess, name=SCREEN)
add_page("prioritisation/assess/<int:pk>/conflict/", conflict, name=CONFLICT)
