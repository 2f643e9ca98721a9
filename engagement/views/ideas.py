"""The public list of ideas, and the page of one."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from engagement.forms.ideas import IdeaFilters
from engagement.forms.questions import answers_in_words
from engagement.models import Idea, SimilarLink
from engagement.views.wording import local_link, state_words, timeline

PAGE = 20


@require_safe
def idea_list(request: HttpRequest) -> HttpResponse:
    everything = Idea.objects.public()
    filters = IdeaFilters(request.GET)
    ideas = filters.apply(everything)
    # Keys first, then the twenty rows: texts are long, and sorting thousands of them costs time.
    paginator = Paginator(ideas.values_list("pk", flat=True), PAGE)
    total = everything.count() if filters.chosen() else paginator.count
    page = paginator.get_page(request.GET.get("page"))
    listed = Idea.objects.filter(pk__in=list(page)).with_list_parts()
    context = {
        "filters": filters,
        "page_obj": page,
        "rows": [{"idea": idea, "words": state_words(idea)} for idea in listed],
        "shown": paginator.count,
        "hidden": total - paginator.count,
        "filtered": bool(filters.chosen()),
        "opened": bool(filters.chosen().keys() - {"q"}),
    }
    return render(request, "engagement/idea_list.html", context)


@require_safe
def idea_detail(request: HttpRequest, reference: str) -> HttpResponse:
    ideas = Idea.objects.public().select_related("call", "district").prefetch_related("themes", "photos")
    idea = get_object_or_404(ideas, reference=reference)
    return render(request, "engagement/idea_detail.html", {**idea_context(idea), **_joined(idea)})


def idea_context(idea: Idea) -> dict[str, Any]:
    """What both the public page and the private one show of an idea."""
    return {
        "idea": idea,
        "words": state_words(idea),
        "events": timeline(idea.events.public()),
        "answers": answers_in_words(idea.call.questions, idea.answers),
        "outcome_link": local_link(idea.outcome_link),
    }


def _joined(idea: Idea) -> dict[str, Any]:
    """The idea that this one was joined with, and those joined with this one, as far as they are public."""
    standing = SimilarLink.objects.standing().filter(Q(idea=idea) | Q(original=idea))
    up = {link.original_id for link in standing} - {idea.pk}
    down = {link.idea_id for link in standing} - {idea.pk}
    if not up and not down:
        return {"original": None, "joined": []}
    # By key: asked through the links, SQLite would walk all public ideas.
    others = list(Idea.objects.public().filter(pk__in=up | down).select_related("call"))
    return {
        "original": next((other for other in others if other.pk in up), None),
        "joined": [other for other in others if other.pk in down],
    }
