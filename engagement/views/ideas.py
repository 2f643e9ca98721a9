"""The public list of ideas, and the page of one."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from engagement import links
from engagement.forms.ideas import IdeaFilters
from engagement.forms.questions import answers_in_words
from engagement.localized import localized
from engagement.models import Idea, Report, SimilarLink, going_on
from engagement.paging import Paginator, how_many
from engagement.services import Refused
from engagement.views import supports
from engagement.views.wording import local_link, state_words, timeline
from engagement.workflow import IdeaState

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
    supporters = supports.supporters_of(listed)
    total = how_many(everything) if filters.chosen() else paginator.count
    context = {
        "filters": filters,
        "page_obj": page,
        "rows": [
            {
                "idea": idea,
                "words": state_words(idea),
                "themes": themes.get(idea.pk, ()),
                "supporters": supporters.get(idea.pk),
            }
            for idea in listed
        ],
        "shown": paginator.count,
        "hidden": max(total - paginator.count, 0),
        "filtered": bool(filters.chosen()),
        "opened": bool(filters.chosen().keys() - {"q"}),
    }
    return render(request, "engagement/idea_list.html", context)


def theme_names(ideas: list[Idea]) -> dict[int, list[str]]:
    """The names of the themes of each idea, by its key: one small query, whatever the number of ideas."""
    rows = Idea.themes.through.objects.filter(idea__in=ideas).order_by("theme__order", "theme__key")
    names: dict[int, list[str]] = {}
    for idea, label, key in rows.values_list("idea_id", "theme__label", "theme__key"):
        names.setdefault(idea, []).append(localized(label) or key)
    return names


@require_safe
def idea_detail(request: HttpRequest, reference: str) -> HttpResponse:
    idea = Idea.objects.public().with_page_parts().filter(reference=reference).first()
    if idea is None:
        return _as_report(reference)
    return render(request, "engagement/idea_detail.html", idea_page(request, idea))


def idea_page(request: HttpRequest, idea: Idea) -> dict[str, Any]:
    """All that the public page of an idea shows."""
    return {
        **idea_context(idea),
        **(_joined(idea) if getattr(idea, "is_joined", True) else _ALONE),
        **supports.support_context(request, idea),
        "themes": list(idea.themes.values_list("label", flat=True)),
        "photos": idea.photos.all() if idea.shows_text and getattr(idea, "has_photos", True) else (),
    }


def _as_report(reference: str) -> HttpResponse:
    """What was public as an idea leads on to the problem report that it became, if that is public."""
    was = Idea.objects.filter(reference=reference, state=IdeaState.AS_REPORT, published_at__isnull=False)
    report = next((going_on(idea) for idea in was.select_related("call") if idea.call.is_public), None)
    if not isinstance(report, Report) or not report.is_public:
        raise Http404
    return HttpResponseRedirect(links.public_path(report, get_language()))


@never_cache
@require_POST
def idea_support(request: HttpRequest, reference: str) -> HttpResponse:
    """The button "Support this idea", and "Take it back"."""
    idea = get_object_or_404(Idea.objects.public().with_page_parts(), reference=reference)
    if supports.too_many(request):
        refusal = _("Many supports came from your network within an hour. Please try a little later.")
        return _support_refused(request, idea, refusal, status=429)
    try:
        return supports.press(request, idea)
    except Refused as error:
        return _support_refused(request, idea, str(error.message), status=409)


def _support_refused(request: HttpRequest, idea: Idea, refusal: str, *, status: int) -> HttpResponse:
    context = {**idea_page(request, idea), "support_refusal": refusal}
    return render(request, "engagement/idea_detail.html", context, status=status)


def idea_context(idea: Idea) -> dict[str, Any]:
    """What both the public page and the private one show of an idea."""
    return {
        "idea": idea,
        "words": state_words(idea),
        "events": timeline(idea.events.public().in_brief()),
        "answers": answers_in_words(idea.call.questions, idea.answers),
        "outcome_link": local_link(idea.outcome_link),
        "referral": idea.referrals.select_related("department").last()
        if idea.state == IdeaState.PASSED_ON
        else None,
    }


_ALONE: dict[str, Any] = {"original": None, "joined": []}


def _joined(idea: Idea) -> dict[str, Any]:
    """The idea that this one was joined with, and those joined with this one, as far as they are public."""
    standing = SimilarLink.objects.standing().filter(Q(idea=idea) | Q(original=idea))
    pairs = list(standing.values_list("idea_id", "original_id"))
    up = {original for _idea, original in pairs} - {idea.pk}
    down = {one for one, _original in pairs} - {idea.pk}
    if not up and not down:
        return _ALONE
    # By key: asked through the links, SQLite would walk all public ideas.
    others = list(Idea.objects.public().filter(pk__in=up | down).with_words())
    return {
        "original": next((other for other in others if other.pk in up), None),
        "joined": [other for other in others if other.pk in down],
    }
