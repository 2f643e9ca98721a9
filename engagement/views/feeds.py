"""The lists of ideas and of problem reports as Atom feeds, with the filters of their pages."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement import links
from engagement.forms.browsing import IdeaFilters
from engagement.forms.report_browsing import ReportFilters
from engagement.models import Idea, Report
from engagement.text import without_unseen
from engagement.views.wording import state_words

ENTRIES = 50


def entry_id(reference: str, what: str = "idea") -> str:
    """The same for ever and in every language: a reader knows an idea again when its state has changed."""
    return f"tag:{urlsplit(settings.WINNOW_BASE_URL).hostname},2026:{what}/{reference}"


@require_safe
def idea_feed(request: HttpRequest) -> HttpResponse:
    """The newest ideas under the page's filters; the order of the page is no matter of a feed."""
    filters = IdeaFilters(request.GET)
    ideas = filters.apply(Idea.objects.public()).readable().order_by("-received_at", "-pk")
    brief = ideas.in_brief().only(*_COLUMNS).with_translated_words(get_language() or "")
    found = list(brief[:ENTRIES])
    entries = [_entry(request, idea) for idea in found]
    return _feed(request, _("Ideas from residents"), "engagement:idea_list", entries)


@require_safe
def report_feed(request: HttpRequest) -> HttpResponse:
    """The newest problem reports under the page's filters."""
    if not settings.WINNOW_REPORTS_ENABLED:
        raise Http404
    filters = ReportFilters(request.GET, at=timezone.now())
    reports = filters.apply(Report.objects.listed()).order_by("-received_at", "-pk")
    entries = [_report_entry(request, report) for report in reports.in_brief()[:ENTRIES]]
    return _feed(request, _("Problem reports from residents"), "engagement:report_list", entries)


def readable(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without characters that XML may not hold: one in a single name would end the whole feed."""
    return {name: without_unseen(said) if isinstance(said, str) else said for name, said in entry.items()}


def _feed(request: HttpRequest, title: str, page: str, entries: list[dict[str, Any]]) -> HttpResponse:
    query = request.GET.urlencode()
    link = request.build_absolute_uri(reverse(page)) + (f"?{query}" if query else "")
    feed = Atom1Feed(
        title=title,
        link=link,
        description="",
        language=get_language() or settings.LANGUAGE_CODE,
        feed_url=request.build_absolute_uri(),
        feed_guid=link,
        author_name=request.get_host(),
    )
    for entry in entries:
        feed.add_item(**readable(entry))
    answer = HttpResponse(content_type=feed.content_type)
    feed.write(answer, "utf-8")
    return answer


_COLUMNS = (
    *("reference", "call", "language", "state", "outcome", "text_hidden", "public_title"),
    *("public_problem", "received_at", "changed_at", "whole_city", "district__code", "district__name"),
)


def _entry(request: HttpRequest, idea: Any) -> dict[str, Any]:
    """What the page of the idea says first, and nothing that it does not say.

    Where staff put a translation into the feed's language beside it, that, and then the words as sent.
    """
    words = idea.public_problem
    if idea.translated_title:
        sent = f"{_('Translation by the city’s staff. Sent as:')} {idea.public_title}"
        words = "\n\n".join((idea.translated_problem, sent, idea.public_problem))
    return {
        "title": idea.translated_title or idea.public_title or idea.reference,
        "link": request.build_absolute_uri(links.public_path(idea, get_language())),
        "description": f"{state_words(idea).label}. {words}",
        "unique_id": entry_id(idea.reference),
        "pubdate": idea.received_at,
        "updateddate": idea.changed_at,
    }


def _report_entry(request: HttpRequest, report: Report) -> dict[str, Any]:
    where = report.address or (str(report.district) if report.district else "")
    return {
        "title": ", ".join(filter(None, (str(report.service), where))),
        "link": request.build_absolute_uri(links.public_path(report, get_language())),
        "description": f"{state_words(report).label}. {report.public_description}",
        "unique_id": entry_id(report.reference, "report"),
        "pubdate": report.received_at,
        "updateddate": report.changed_at,
    }
