"""What became of each idea that a plan counts: found by words or reference, with the reason where it left."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from engagement.models import Event, Idea, Reason
from engagement.text import fold
from engagement.workflow import IdeaState
from prioritisation import plan_documents
from prioritisation.models import PlanVersion
from prioritisation.views.wording import IDEA_OUTCOMES, idea_outcome_rows

IDEAS_PAGE = 50
LEFT = {"declined": "decline", "passed_on": "pass_on"}
"""Outcomes with a reason of the desk's, and the verb that gave it."""


def newest_version(slug: str) -> PlanVersion:
    """The version that counts; 404 for a plan that was never published."""
    versions = PlanVersion.objects.newest().select_related("plan")
    return get_object_or_404(versions, plan__slug=slug)


def idea_rows(references: list[str]) -> list[dict[str, Any]]:
    """References with the idea's own words where they are public. One query."""
    public = Idea.objects.public().readable().filter(reference__in=references)
    ideas = {idea.reference: idea for idea in public.only("reference", "public_title", "language", "state")}
    pages = set(Idea.objects.public().filter(reference__in=references).values_list("reference", flat=True))
    return [{"reference": one, "idea": ideas.get(one), "has_page": one in pages} for one in references]


def _found(words: str, document: plan_documents.Document) -> set[str]:
    """References that hold `words`, and those of the plan's public ideas whose text does."""
    slug = document["programme"]["slug"]
    ideas = Idea.objects.public().readable().filter(call__programmes__slug=slug).matching(words)
    wanted = fold(words)
    references = {one for one in plan_documents.outcome_of_ideas(document) if wanted in fold(one)}
    return references | set(ideas.values_list("reference", flat=True))


def _reasons(references: list[str], outcomes: dict[str, str]) -> dict[str, dict[str, Any]]:
    """For ideas that were declined or passed on: the reason's label, and the text that the public reads."""
    left = [one for one in references if outcomes[one] in LEFT]
    if not left:
        return {}
    states = (IdeaState.DECLINED, IdeaState.PASSED_ON)
    events = Event.objects.public().filter(
        idea__in=Idea.objects.public().filter(reference__in=left, state__in=states), verb__in=LEFT.values()
    )
    labels = {(one.action, one.code): one.label for one in Reason.objects.filter(action__in=LEFT.values())}
    return {
        event.idea.reference: {"label": labels.get((event.verb, event.reason), {}), "text": event.text}
        for event in events.select_related("idea").order_by("at", "pk")
        if event.idea is not None and LEFT[outcomes[event.idea.reference]] == event.verb
    }


@require_safe
def plan_ideas(request: HttpRequest, slug: str) -> HttpResponse:
    """Every idea that the plan counts, with what became of it, so that each can be found again."""
    version = newest_version(slug)
    document = version.document
    outcomes = plan_documents.outcome_of_ideas(document)
    wanted = request.GET.get("outcome", "")
    wanted = wanted if wanted in IDEA_OUTCOMES else ""
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = _found(words, document) if fold(words) else set(outcomes)
    shown = [one for one, outcome in outcomes.items() if wanted in ("", outcome) and one in found]
    page = Paginator(shown, IDEAS_PAGE).get_page(request.GET.get("page"))
    became = plan_documents.initiatives_of_ideas(document)
    reasons = _reasons(list(page), outcomes)
    rows = [
        {
            **row,
            "outcome": IDEA_OUTCOMES[outcomes[row["reference"]]],
            "tone": {"in_plan": "good", "waiting": "warn"}.get(outcomes[row["reference"]], ""),
            "initiatives": became.get(row["reference"], []),
            "reason": reasons.get(row["reference"]),
        }
        for row in idea_rows(list(page))
    ]
    context = {
        "version": version,
        "document": document,
        "rows": rows,
        "page_obj": page,
        "wanted": wanted,
        "words": words,
        "outcomes": idea_outcome_rows(document["funnel"]["ideas_by_outcome"]),
        "shown": len(shown),
        "hidden": len(outcomes) - len(shown),
    }
    return render(request, "prioritisation/plan_ideas.html", context)
