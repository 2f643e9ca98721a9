"""What a plan decided about each initiative and what became of it, as an Atom feed, with the filters of the
plan's page."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.localized import localized
from engagement.text import without_unseen
from engagement.views.feeds import readable
from prioritisation import delivery_words, plan_documents, services
from prioritisation.forms.plans import InitiativeFilters
from prioritisation.models import DeliveryStep, PlanVersion
from prioritisation.plan_documents import Entry
from prioritisation.views.plan_ideas import newest_version
from prioritisation.views.wording import DECISIONS

ENTRIES = 200


@require_safe
def plan_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What was changed last comes first: an initiative that was put in or taken out is new again."""
    version = newest_version(slug)
    document = version.document
    wanted = InitiativeFilters(request.GET, document=document).wanted()
    versions = PlanVersion.objects.filter(plan=version.plan).order_by("number")
    first = versions.values_list("published_at", flat=True)[0]
    amended = {one["number"]: one["adopted_on"] for one in document.get("amendments", [])}
    programme = version.plan.programme_id
    live = services.followed(programme, timezone.localdate())
    called = {reference: one.called for reference, one in live.items()}
    shown = [one for one in plan_documents.entries(document) if wanted.fits(document, one, called)]
    rows = [
        _item(request, slug, entry, first, _moment(amended.get(entry.get("amendment")), first))
        for entry in shown
    ]
    by_reference = {entry["reference"]: entry for entry in shown}
    for step in services.settled_steps(programme, timezone.now(), most=ENTRIES):
        if (entry := by_reference.get(step.initiative.reference)) is not None:
            rows.append(_step(request, slug, entry, step))
    rows.sort(key=lambda row: row["updateddate"], reverse=True)
    query = request.GET.urlencode()
    page = request.build_absolute_uri(reverse("prioritisation:plan_detail", args=[slug]))
    page += f"?{query}" if query else ""
    feed = Atom1Feed(
        title=without_unseen(localized(document["plan"]["title"])),
        link=page,
        description="",
        language=get_language() or settings.LANGUAGE_CODE,
        feed_url=request.build_absolute_uri(),
        feed_guid=page,
        author_name=request.get_host(),
    )
    for row in rows[:ENTRIES]:
        feed.add_item(**readable(row))
    answer = HttpResponse(content_type=feed.content_type)
    feed.write(answer, "utf-8")
    return answer


def _moment(adopted_on: str | None, first: datetime) -> datetime:
    """When it was last decided: with an amendment, else when the plan was first published."""
    return datetime.fromisoformat(adopted_on) if adopted_on else first


def _item(request: HttpRequest, slug: str, entry: Entry, first: datetime, at: datetime) -> dict[str, Any]:
    """What the initiative's page says first. Its name is the same for ever and in every language."""
    label, _tone = DECISIONS[entry["outcome"]]
    said = localized(entry["text"]) or localized(entry["reason_label"])
    return {
        "title": localized(entry["title"]),
        "link": _page(request, slug, entry),
        "description": f"{label}. {said}".strip(),
        "unique_id": _name(slug, entry),
        "pubdate": first,
        "updateddate": at,
    }


def _step(request: HttpRequest, slug: str, entry: Entry, step: DeliveryStep) -> dict[str, Any]:
    """A step of carrying it out, as its idea's timelines tell it."""
    happened, title = delivery_words.HAPPENED[step.verb], localized(entry["title"])
    return {
        "title": _("%(what)s: %(words)s") % {"what": title, "words": happened},
        "link": _page(request, slug, entry),
        "description": delivery_words.told(step, entry["title"], get_language() or settings.LANGUAGE_CODE),
        "unique_id": f"{_name(slug, entry)}/{step.pk}",
        "pubdate": step.at,
        "updateddate": step.at,
    }


def _page(request: HttpRequest, slug: str, entry: Entry) -> str:
    page = reverse("prioritisation:initiative_detail", args=[slug, entry["reference"]])
    return request.build_absolute_uri(page)


def _name(slug: str, entry: Entry) -> str:
    return f"tag:{urlsplit(settings.WINNOW_BASE_URL).hostname},2026:plan/{slug}/{entry['reference']}"
