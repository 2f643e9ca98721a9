"""What stands beside a text while it is written: ideas like it, themes that may fit, the other door."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from engagement import services
from engagement.models import Call, Event, Idea, ReportService, Theme
from engagement.templatetags.winnow import local
from engagement.text import fold, title_from
from engagement.views.forgery import without_cookies
from engagement.views.wording import StateWords, state_words

SHOWN = 5
SHORTEST = 12
"""Characters from which a text says something that can be compared."""
LONGEST = 8000
_ANSWERS = ("decline", "answer", "pass_on")
"""What the city wrote about the idea. What came of it in a plan is told its sender in words of their own."""
_THEMES = 2


@dataclass(frozen=True)
class Suggestion:
    idea: Idea
    words: StateWords
    answer: Any
    may_support: bool


@without_cookies
@never_cache
@require_POST
def idea_similar(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of a page, for the script of the form. What is typed comes in the body, never in an address."""
    call = get_object_or_404(Call.objects.public(), slug=slug)
    text = compared(*(request.POST.get(name, "")[:LONGEST] for name in ("title", "problem")))
    context = suggestions(text, call, call_themes(call))
    return render(request, "engagement/parts/similar.html", {"call": call, **context})


def call_themes(call: Call) -> list[Theme]:
    return list(call.themes.filter(active=True)) or list(Theme.objects.filter(active=True))


def compared(title: str, problem: str) -> str:
    """What is compared: the title too, unless it only says the first line again."""
    again = not title.strip() or title.strip() == title_from(problem)
    return problem if again else f"{title}\n{problem}"


def suggestions(text: str, call: Call, offered: list[Theme]) -> dict[str, Any]:
    """Up to five public ideas with what became of them; themes; whether it sounds like a problem report."""
    if len(text.strip()) < SHORTEST:
        return {"similar": [], "themes": [], "sounds_like_report": False}
    among = Idea.objects.public().readable().select_related("call")
    found = services.similar_ideas(text=text, among=among, limit=SHOWN, language=get_language() or "")
    ideas = [one.idea for one in found]
    answers = _answers(ideas)
    return {
        "similar": [
            Suggestion(
                idea,
                words,
                local(answers.get(idea.pk)) or (words.meaning if idea.outcome else ""),
                services.may_support(idea, idea.call.supports),
            )
            for idea, words in ((idea, state_words(idea)) for idea in ideas)
        ],
        "themes": _themes(text, ideas, offered),
        "sounds_like_report": sounds_like_report(text),
    }


def _answers(ideas: list[Idea]) -> dict[int, dict[str, str]]:
    """The city's newest public words on each idea: one query."""
    said = Event.objects.public().filter(idea__in=[idea.pk for idea in ideas], verb__in=_ANSWERS)
    rows = said.order_by("pk").values_list("idea_id", "text") if ideas else ()
    return {int(key): text for key, text in rows if key is not None and any(text.values())}


def _themes(text: str, ideas: list[Idea], offered: list[Theme]) -> list[Theme]:
    """Themes that may fit: those of ideas like it, and those whose name the text uses."""
    counts: dict[int, int] = {}
    rows = Idea.themes.through.objects.filter(idea__in=[idea.pk for idea in ideas]) if ideas else ()
    for row in rows:
        counts[row.theme_id] = counts.get(row.theme_id, 0) + 1
    said = set(fold(text).split())
    for theme in offered:
        named = {word for word in fold(" ".join(theme.label.values())).split() if len(word) > 3}
        if said & named:
            counts[theme.pk] = counts.get(theme.pk, 0) + 2
    fitting = [theme for theme in offered if counts.get(theme.pk, 0) > 1]
    return sorted(fitting, key=lambda theme: (-counts[theme.pk], theme.pk))[:_THEMES]


def sounds_like_report(text: str) -> bool:
    """Does the text use a word by which somebody would look for a kind of problem report?"""
    if not settings.WINNOW_REPORTS_ENABLED:
        return False
    said = set(fold(text[:LONGEST]).split())
    words = ReportService.objects.filter(active=True).values_list("keywords", flat=True)
    known = {word for one in words for word in fold(one).split() if len(word) > 3}
    return bool(said & known)
