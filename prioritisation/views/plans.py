"""Published plans, their initiatives, and what became of each idea. All from the frozen document."""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.localized import localized
from prioritisation import ballot_rows, ballots, exports, plan_documents
from prioritisation.bar_picture import share
from prioritisation.forms.plans import InitiativeFilters
from prioritisation.models import Draw, Initiative, PlanVersion, Programme, Result
from prioritisation.plan_documents import Document, Entry
from prioritisation.views.plan_ideas import idea_rows, newest_version
from prioritisation.views.wording import (
    DECISIONS,
    FUNDING,
    idea_outcome_rows,
    money,
    months,
    picture,
    points,
)


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    plans = PlanVersion.objects.newest().values(
        "plan__slug", "document__plan", "document__funnel", "number", "published_at"
    )
    page = Paginator(plans, 20).get_page(request.GET.get("page"))
    rows = [
        {
            "slug": one["plan__slug"],
            "title": one["document__plan"]["title"],
            "intro": one["document__plan"]["intro"],
            "number": one["number"],
            "published_at": one["published_at"],
            "ideas": one["document__funnel"]["stages"][0]["in"],
            "chosen": one["document__funnel"]["stages"][-1]["onward"],
        }
        for one in page
    ]
    return render(
        request, "prioritisation/plan_list.html", {"rows": rows, "page_obj": page, "draws": _draws()}
    )


def _draws() -> list[Programme]:
    """Programmes in which a draw by lot is announced: the public may look on before there is a plan."""
    announced = Draw.objects.filter(drawn_at__isnull=True, cancelled_at__isnull=True)
    return list(Programme.objects.filter(rounds__draws__in=announced).distinct())


@require_safe
def plan_detail(request: HttpRequest, slug: str) -> HttpResponse:
    version = newest_version(slug)
    document = version.document
    filters = InitiativeFilters(request.GET, document=document)
    wanted = filters.wanted()
    funnel = document["funnel"]
    context = {
        "version": version,
        "document": document,
        "funnel": picture(funnel),
        "outcomes": idea_outcome_rows(funnel["ideas_by_outcome"]),
        "after_cutoff": funnel["after_cutoff"],
        "filters": filters,
        "filtered": bool(wanted),
        "chosen": _group(document, plan_documents.chosen(document), wanted),
        "others": _group(document, plan_documents.not_chosen(document), wanted),
        "criteria": _criteria(document),
        "sittings": list(plan_documents.sittings(document).values()),
        "amendments": plan_documents.amendments(document),
        "formats": exports.FORMATS,
        "votes": _votes(document),
    }
    return render(request, "prioritisation/plan_detail.html", context)


@require_safe
def plan_method(request: HttpRequest, slug: str) -> HttpResponse:
    """How the ranking was made, in the words that staff read. Plans made before this was kept have none."""
    version = newest_version(slug)
    if not version.document.get("method"):
        raise Http404
    context = {"version": version, "document": version.document, "how": version.document["method"]}
    return render(request, "prioritisation/plan_method.html", context)


def _votes(document: Document) -> dict[str, Any] | None:
    """How residents voted, where ballots were counted."""
    if "ballots" not in document:
        return None
    titles = {entry["reference"]: entry["title"] for entry in plan_documents.entries(document)}
    return ballot_rows.shown(document["ballots"], titles)


@require_safe
def plan_ballots(request: HttpRequest, slug: str) -> HttpResponse:
    """The counted ballots of a published plan as a .pb file; no voter is in it."""
    version = newest_version(slug)
    counted = version.document.get("ballots")
    result = Result.objects.filter(pk=counted["result"], kind="ballots").first() if counted else None
    if counted is None or result is None or result.inputs_sha256 != counted["sha256"]:
        raise Http404
    text = ballots.write(result.inputs, localized(version.document["plan"]["title"]))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-ballots.pb"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _group(document: Document, entries: list[Entry], wanted: plan_documents.Wanted) -> dict[str, Any]:
    shown = [entry for entry in entries if wanted.fits(document, entry)]
    return {
        "rows": [_row(entry) for entry in shown],
        "shown": len(shown),
        "all": len(entries),
        "hidden": len(entries) - len(shown),
    }


def _row(entry: Entry) -> dict[str, Any]:
    label, tone = DECISIONS[entry["outcome"]]
    return {
        "entry": entry,
        "decision": label,
        "tone": tone,
        "months": months(entry["timeframe_months"]),
        "theme": entry["themes"][0]["label"] if entry["themes"] else None,
    }


def _criteria(document: Document) -> list[dict[str, Any]]:
    """Criteria with their weight in hundredths; those that only serve a condition have none."""
    return [
        {**one, "points": None if one["weight"] is None else round(100 * one["weight"], 1)}
        for one in document["policy"]["criteria"]
    ]


@require_safe
def initiative_detail(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    version = newest_version(slug)
    document = version.document
    entry = plan_documents.find(document, reference)
    if entry is None:
        raise Http404
    merged_from = [one for one in plan_documents.entries(document) if one["merged_into"] == reference]
    into = plan_documents.find(document, entry["merged_into"]) if entry["merged_into"] else None
    context = {
        **_row(entry),
        "version": version,
        "document": document,
        "kind": dict(Initiative.Kind.choices).get(entry["kind"], entry["kind"]),
        "costs": [
            {
                **line,
                "amount": money(Decimal(line["amount"]), line["kind"]),
                "funding": FUNDING[line["funding"]],
            }
            for line in entry["costs"]
        ],
        "bars": _bars(document, entry),
        "ideas": idea_rows(entry["ideas"]),
        "into": into,
        "sitting": plan_documents.sittings(document).get(entry.get("sitting") or 0),
        **_amended(document, entry),
        "merged_from": merged_from,
        "ranked": sum(1 for one in plan_documents.entries(document) if one["rank"]),
    }
    return render(request, "prioritisation/initiative_detail.html", context)


def _amended(document: Document, entry: Entry) -> dict[str, Any]:
    """What was recommended before an amendment changed it, in a word, and the amendment."""
    if not entry.get("recommended"):
        return {}
    label, _tone = DECISIONS[entry["recommended"]["outcome"]]
    found = {one["number"]: one for one in plan_documents.amendments(document)}
    return {"recommended": label, "amended": found[entry["amendment"]]}


def _bars(document: Document, entry: Entry) -> list[dict[str, Any]]:
    """The score split by criterion: each bar is filled as far as its criterion's points were reached.

    A criterion that nobody scored, or too few to be told, has no value, which is not zero.
    """
    if entry["score"] is None:
        return []
    found = entry["score"]["criteria"]
    return [
        {
            "label": localized(one["label"]),
            "value": _("%(points)s of %(most)s")
            % {"points": points(found.get(one["key"], 0)), "most": points(one["points"])},
            "share": share(found[one["key"]], one["points"]) if one["key"] in found else None,
        }
        for one in _criteria(document)
        if one["points"] is not None
    ]
