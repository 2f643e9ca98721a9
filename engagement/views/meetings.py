"""The public page of a meeting: what was said there, and what became of it."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from engagement.models import Idea, Meeting, MeetingLine, MeetingLink
from engagement.paging import Paginator
from engagement.views.wording import StateWords, state_words

PAGE = 50


@require_safe
def meeting_detail(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = get_object_or_404(
        Meeting.objects.select_related("call", "district").exclude(call__kind="in_reach"), pk=pk
    )
    ideas = Idea.objects.public().filter(meeting=meeting).order_by("received_at", "pk")
    page = Paginator(ideas.values("pk"), PAGE).get_page(request.GET.get("page"))
    shown = Idea.objects.filter(pk__in=page.object_list).in_brief()
    listed = list(shown.with_translated_title(get_language() or "").order_by("received_at", "pk"))
    hands = dict(MeetingLine.objects.filter(idea__in=listed).values_list("idea_id", "hands"))
    words = {one.pk: state_words(one) for one in listed}
    rows = [{"idea": one, "words": words[one.pk], "hands": hands.get(one.pk, 0)} for one in listed]
    waiting = Idea.objects.counted().waiting().filter(meeting=meeting).count()
    heads = MeetingLink.objects.filter(meeting=meeting).aggregate(most=Max("head_count"))["most"]
    context = {
        "meeting": meeting,
        "page_obj": page,
        "rows": rows,
        "shown": page.paginator.count,
        "waiting": waiting,
        "people": meeting.attendance if meeting.attendance is not None else heads,
        "by_state": dict(Counter(str(one.label) for one in words.values()))
        if page.paginator.num_pages == 1
        else {},
    }
    return render(request, "engagement/meeting_detail.html", context)


def _by_state(words: Iterable[StateWords]) -> dict[str, int]:
    """How many came to what: told where one page shows all of them."""
    return dict(Counter(str(one.label) for one in words))
