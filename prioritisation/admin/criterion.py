"""The other way through an assessor's work: one criterion for all of one's initiatives.

Rows are the person's own assignments (`assignments_of`), and each row saves into the same assessment as the
screen of one initiative does. Nothing of anybody else is on the page, not even a count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from engagement.desk_pages import add_page
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin.assessments import QUEUE, assignments_of, wording_of
from prioritisation.admin.scope import person
from prioritisation.forms.criterion_rows import ScoreForm, stored_score
from prioritisation.models import Assessment, Assignment, Round
from prioritisation.policies import schema
from prioritisation.workflow import RoundState

PAGE = "prioritisation_assess_criterion"
AT_A_TIME = 100
"""Rows a page; a form of many more would be refused as too large."""


@dataclass(frozen=True)
class Through:
    """What the page is about: a round's criterion, and this person's assignments in the queue's order."""

    round: Round
    policy: schema.Policy
    criterion: schema.Criterion
    asked: tuple[schema.Criterion, ...]
    assignments: Sequence[Assignment]

    def form(self, assignment: Assignment, data: Any = None) -> ScoreForm:
        return ScoreForm(
            data,
            assignment=assignment,
            assessment=getattr(assignment, "assessment", None),
            policy=self.policy,
            criterion=self.criterion,
            asked=self.asked,
        )

    def address(self, key: str | None = None) -> str:
        return reverse(f"admin:{PAGE}", args=(self.round.pk, key or self.criterion.key))

    def following(self) -> str | None:
        """The key of the criterion after this one."""
        keys = [one.key for one in self.asked]
        return dict(pairwise(keys)).get(self.criterion.key)

    def complete(self, assessment: Assessment) -> bool:
        return services.is_complete(assessment, self.asked, self.policy)

    def done(self, key: str) -> int:
        """For how many of the initiatives a criterion has a score or "cannot judge"."""
        found = (getattr(one, "assessment", None) for one in self.assignments)
        return sum(bool(stored_score(one, self.policy, self.policy.criterion(key))) for one in found)


def _through(request: HttpRequest, round_id: int, criterion: str) -> Through:
    mine = assignments_of(person(request)).filter(entry__round=round_id).without_conflict()
    assignments = list(mine.order_by("position"))
    if not assignments:
        raise Http404
    round = assignments[0].entry.round
    policy = schema.parse(round.policy_version.document)
    asked = services.asked_of(assignments[0])
    chosen = next((one for one in asked if one.key == criterion), None)
    if chosen is None:
        raise Http404
    return Through(round, policy, chosen, asked, assignments)


@require_http_methods(["GET", "HEAD", "POST"])
def through_criterion(request: HttpRequest, pk: int, criterion: str) -> HttpResponse:
    """Every initiative of mine in round `pk` under one criterion. The same address takes automatic saves."""
    through = _through(request, pk, criterion)
    if request.method != "POST":
        return _page(request, through, {})
    if request.POST.get("action") == "autosave":
        return _autosave(request, through)
    told, saved = _save_rows(request, through)
    through = _through(request, pk, criterion)
    if told:
        return _page(request, through, told, saved=saved)
    return _go_on(request, through, saved)


def _save(request: HttpRequest, form: ScoreForm) -> Assessment:
    return services.save_score(
        assignment=form.assignment,
        criterion=form.criterion.key,
        score=form.given(),
        cannot_judge=form.cannot_judge(),
        note=form.cleaned_data["note"],
        by=person(request),
        at=timezone.now(),
        version=form.cleaned_data["version"],
    )


def _save_rows(request: HttpRequest, through: Through) -> tuple[dict[int, ScoreForm], int]:
    """Saves what was changed, row by row. Gives the rows that were not saved, as typed, and how many were."""
    told: dict[int, ScoreForm] = {}
    saved = 0
    for assignment in through.assignments:
        form = through.form(assignment, request.POST)
        if form.add_prefix("version") not in request.POST or not form.touched:
            continue
        if not form.is_valid():
            told[assignment.pk] = form
            continue
        try:
            _save(request, form)
        except Refused as refusal:
            told[assignment.pk] = form
            _tell(form, refusal)
        else:
            saved += 1
    return told, saved


def _tell(form: ScoreForm, refusal: Refused) -> None:
    """What was typed stays; after another window's save, who saves again means it."""
    form.add_error("score", str(refusal.message))
    if not isinstance(refusal, Stale):
        return
    current = Assessment.objects.get(assignment=form.assignment)
    stored = stored_score(current, form.policy, form.criterion)
    words = dict(form.fields["score"].choices).get(stored, _("nothing"))  # type: ignore[attr-defined]
    form.add_error(
        "score", _("Saved there: %(what)s. Save again here to keep yours instead.") % {"what": words}
    )
    form.overwrite(current.version)
    form.stale = True


def _autosave(request: HttpRequest, through: Through) -> JsonResponse:
    """One row, while the person goes on."""
    row = request.POST.get("row", "")
    assignment = next((one for one in through.assignments if str(one.pk) == row), None)
    if assignment is None:
        raise Http404
    form = through.form(assignment, request.POST)
    if not form.is_valid():
        told = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": _("Not saved: %(why)s") % {"why": told}}, status=422)
    try:
        saved = _save(request, form)
    except Refused as refusal:
        status = 409 if isinstance(refusal, Stale) else 422
        return JsonResponse({"message": str(refusal.message)}, status=status)
    clock = time_format(timezone.localtime(saved.saved_at), "H:i")
    fresh = _through(request, through.round.pk, through.criterion.key)
    return JsonResponse(
        {
            "message": _("Saved at %(time)s") % {"time": clock},
            "version": saved.version,
            "progress": _progress(fresh, fresh.criterion.key),
        }
    )


def _progress(through: Through, key: str) -> str:
    return f"{through.done(key)} / {len(through.assignments)}"


def _go_on(request: HttpRequest, through: Through, saved: int) -> HttpResponse:
    """Where the button leads, once everything is saved."""
    action = request.POST.get("action", "")
    if saved:
        told = ngettext("%(n)d initiative saved.", "%(n)d initiatives saved.", saved)
        messages.success(request, told % {"n": saved})
    if action == "hand_in":
        return _hand_in(request, through)
    page = _of(request, through)
    here = through.address() + (f"?page={page.number}" if page.number > 1 else "")
    following = through.following()
    if action == "next" and page.has_next():
        return HttpResponseRedirect(f"{through.address()}?page={page.next_page_number()}")
    if action == "next" and following:
        return HttpResponseRedirect(through.address(following))
    row = request.POST.get("row", "")
    anchors = [str(one.pk) for one in through.assignments]
    return HttpResponseRedirect(here + (f"#r{row}" if row in anchors else ""))


def _hand_in(request: HttpRequest, through: Through) -> HttpResponse:
    """Hands in every initiative that has all of its scores. The others stay drafts."""
    done = 0
    for assignment in through.assignments:
        assessment = getattr(assignment, "assessment", None)
        if assessment is None or assessment.submitted_at or not through.complete(assessment):
            continue
        try:
            services.hand_in(
                assignment=assignment, by=person(request), at=timezone.now(), version=assessment.version
            )
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            break
        done += 1
    told = ngettext("%(n)d initiative is handed in.", "%(n)d initiatives are handed in.", done)
    messages.success(request, told % {"n": done})
    left = services.progress(user=person(request), round_id=through.round.pk)["left"]
    return HttpResponseRedirect(through.address() if left else reverse(f"admin:{QUEUE}"))


def _of(request: HttpRequest, through: Through) -> Any:
    return Paginator(through.assignments, AT_A_TIME).get_page(request.GET.get("page"))


def _page(
    request: HttpRequest, through: Through, told: dict[int, ScoreForm], *, saved: int = 0
) -> HttpResponse:
    page = _of(request, through)
    forms = [told.get(one.pk) or through.form(one) for one in page]
    stale = all(form.stale for form in told.values())
    context = {
        **admin.site.each_context(request),
        "title": _("Assess"),
        "through": through,
        "round": through.round,
        "criterion": through.criterion,
        "levels": _levels(through),
        "open": through.round.state == RoundState.OPEN,
        "rows": [{"form": form, "initiative": wording_of(form.assignment)} for form in forms],
        "told": [{"form": form, "initiative": wording_of(form.assignment)} for form in told.values()],
        "saved": saved,
        "progress": _progress(through, through.criterion.key),
        "criteria": [
            {
                "label": dict(one.label),
                "url": through.address(one.key),
                "current": one.key == through.criterion.key,
                "progress": _progress(through, one.key),
            }
            for one in through.asked
        ],
        "page_obj": page,
        "next": page.has_next() or through.following(),
        "complete": _complete(through),
    }
    template = "admin/prioritisation/assess_criterion.html"
    return TemplateResponse(request, template, context, status=(409 if stale else 422) if told else 200)


def _complete(through: Through) -> int:
    """How many initiatives have all of their scores and are not handed in."""
    found = [getattr(one, "assessment", None) for one in through.assignments]
    return sum(one is not None and not one.submitted_at and through.complete(one) for one in found)


def _levels(through: Through) -> list[dict[str, Any]]:
    """The scale with the criterion's anchors, as it stands on top of the page."""
    found = []
    clearer = services.clarified(through.round).get(through.criterion.key, {})
    for level in through.policy.scale.levels():
        anchor = through.criterion.level(level)
        text = dict(anchor.text) if anchor else {}
        found.append({"value": f"{level:g}", "text": text, "clarified": clearer.get(level)})
    return found


add_page("prioritisation/assess/round/<int:pk>/<slug:criterion>/", through_criterion, name=PAGE)
