"""The public list of ideas, and the page of one."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from engagement import facets, links, orders
from engagement.forms.browsing import IdeaFilters
from engagement.forms.persons import SupportByMailForm
from engagement.forms.questions import answers_in_words
from engagement.localized import localized
from engagement.models import Call, Idea, Report, SimilarLink, going_on
from engagement.paging import Paginator, how_many
from engagement.services import Refused, carrying_of
from engagement.views import limits, noted, persons, supports
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
    near = filters.near_place
    keys = orders.keys(
        ideas,
        order=filters.in_order,
        day=timezone.localdate(),
        near=near,
        first=PAGE * (page.number - 1),
        number=PAGE,
    )
    # Asked anew whether they are public: the order of a long list may be a little old.
    listed = orders.in_order(
        list(everything.filter(pk__in=keys).in_brief().with_translated_title(get_language() or "")), keys
    )
    themes = theme_names(listed)
    supporters = supports.supporters_of(listed, filters.with_supports)
    chosen = filters.chosen()
    total = how_many(everything) if chosen else paginator.count
    on = [{**one, "without": without_filter(request, one["name"])} for one in filters.named()]
    filters.count(facets.facets(filters.apply, chosen))
    context = {
        "filters": filters,
        "on": on,
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
        "total": max(total, paginator.count),
        "filtered": bool(chosen),
        # What is chosen stands as tags above the list; on a phone open filters would push it out of sight.
        "opened": filters.in_order == orders.NEAR and near is None,
        "order": filters.in_order,
        "no_place": filters.in_order == orders.NEAR and near is None,
    }
    return render(request, "engagement/idea_list.html", context)


def without_filter(request: HttpRequest, name: str) -> str:
    """The query string with one filter taken away, on the first page."""
    left = request.GET.copy()
    for one in (name, "page"):
        left.pop(one, None)
    return "?" + left.urlencode()


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
        **persons.follow_context(request, idea),
        **noted.note_context(request, idea),
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
    if limits.over(request, "support", supports.PRESSES_AN_HOUR):
        return _support_refused(request, idea, limits.too_many_presses(), status=429)
    try:
        if idea.call.supports == Call.Supports.CONFIRMED:
            return persons.support_by_mail(request, idea)
        return supports.press(request, idea)
    except Refused as error:
        return _support_refused(request, idea, str(error.message), status=409)


def _support_refused(request: HttpRequest, idea: Idea, refusal: str, *, status: int) -> HttpResponse:
    context = {**idea_page(request, idea), "support_refusal": refusal}
    if context["support_by_mail"]:  # the address that was typed stays
        context["support_form"] = SupportByMailForm(request.POST, auto_id="support_%s")
    return render(request, "engagement/idea_detail.html", context, status=status)


def idea_context(idea: Idea) -> dict[str, Any]:
    """What both the public page and the private one show of an idea."""
    events = timeline(idea.events.public().in_brief())
    return {
        "idea": idea,
        "words": state_words(idea),
        "events": events,
        "left": _left(idea, events),
        "answers": answers_in_words(idea.call.questions, idea.answers),
        "outcome_link": local_link(idea.outcome_link),
        "carrying": [
            {**vars(one), "link": local_link(one.link)} for one in carrying_of(idea, timezone.localdate())
        ],
        **_beside(idea),
        "referral": idea.referrals.select_related("department").last()
        if idea.state == IdeaState.PASSED_ON
        else None,
    }


_LEAVES = {IdeaState.DECLINED: "decline", IdeaState.PASSED_ON: "pass_on"}


def _left(idea: Idea, events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of an idea that the city does not go on with, the line of its timeline that says why."""
    verb = _LEAVES.get(IdeaState(idea.state))
    said = [one for one in events if one["verb"] == verb]
    return max(said, key=lambda one: one["at"]) if said else None


def _beside(idea: Idea) -> dict[str, Any]:
    """The translation into the reader's language, and those into others, as far as the words are shown."""
    there = idea.shows_text and getattr(idea, "has_translations", True)
    found = list(idea.translations.all()) if there else []
    language = get_language()
    return {
        "translation": next((one for one in found if one.language == language), None),
        "translations": [one for one in found if one.language != language],
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
