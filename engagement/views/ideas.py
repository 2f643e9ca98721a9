"""The public list of ideas, and the page of one."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from engagement.forms.ideas import IdeaFilters
from engagement.forms.questions import answers_in_words
from engagement.localized import localized
from engagement.models import Idea, SimilarLink
from engagement.paging import Paginator, how_many
from engagement.views.wording import local_link, state_words, timeline

PAGE = 20


@require_safe
def idea_list(request: HttpRequest) -> HttpResponse:
    everything = Idea.objects.public()
    filters = IdeaFilters(request.GET)
    ideas = filters.apply(everything)
    # Keys first, then the twenty rows: texts are long, and sorting thousands of them costs time.
    paginator = Paginator(ideas.values("pk"), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    listed = list(Idea.objects.filter(pk__in=page.object_list).in_brief())
    themes = theme_names(listed)
    total = how_many(everything) if filters.chosen() else paginator.count
    context = {
        "filters": filters,
        "page_obj": page,
        "rows": [
            {"idea": idea, "words": state_words(idea), "themes": themes.get(idea.pk, ())} for idea in listed
        ],
        "shown": paginator.count,
        "hidden": max(total - paginator.count, 0),
        "filtered": bool(filters.chosen()),
        "opened": bool(filters.chosen().keys() - {"q"}),
    }
    return render(request, "engagement/idea_list.html", context)


def theme_names(ideas: list[Idea]) -> dict[int, list[str]]:
    """The names of the themes of each idea, by its key: one small query, whatever the number of ideas."""
    links = Idea.themes.through.objects.filter(idea__in=ideas).order_by("theme__order", "theme__key")
    names: dict[int, list[str]] = {}
    for idea, label, key in links.values_list("idea_id", "theme__label", "theme__key"):
        names.setdefault(idea, []).append(localized(label) or key)
    return names


@require_safe
def idea_detail(request: HttpRequest, reference: str) -> HttpResponse:
    idea = get_object_or_404(Idea.objects.public().with_page_parts(), reference=reference)
    context = {
        "themes": list(idea.themes.values_list("label", flat=True)),
        "photos": idea.photos.all() if idea.shows_text else (),
    }
    return render(request, "engagement/idea_detail.html", {**idea_context(idea), **_joined(idea), **context})


def idea_context(idea: Idea) -> dict[str, Any]:
    """What both the public page and the private one show of an idea."""
    return {
        "idea": idea,
        "words": state_words(idea),
        "events": timeline(idea.events.public().in_brief()),
        "answers": answers_in_words(idea.call.questions, idea.answers),
        "outcome_link": local_link(idea.outcome_link),
    }


def _joined(idea: Idea) -> dict[str, Any]:
    """The idea that this one was joined with, and those joined with this one, as far as they are public."""
    standing = SimilarLink.objects.standing().filter(Q(idea=idea) | Q(original=idea))
    links = list(standing.values_list("idea_id", "original_id"))
    up = {original for _idea, original in links} - {idea.pk}
    down = {one for one, _original in links} - {idea.pk}
    if not up and not down:
        return {"original": None, "joined": []}
    # By key: asked through the links, SQLite would walk all public ideas.
    others = list(Idea.objects.public().filter(pk__in=up | down).with_words())
    return {
        "original": next((other for other in others if other.pk in up), None),
        "joined": [other for other in others if other.pk in down],
    }
