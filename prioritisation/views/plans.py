"""Published plans, their initiatives, and what became of each idea. All from the frozen document."""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.localized import in_languages, localized
from prioritisation import ballot_rows, ballots, exports, plan_documents, services
from prioritisation.bar_picture import share
from prioritisation.forms.plans import InitiativeFilters
from prioritisation.models import Draw, Initiative, PlanVersion, Programme, Result
from prioritisation.plan_documents import Document, Entry
from prioritisation.rankings import LEAST_SCORES
from prioritisation.views import delivery
from prioritisation.views.checking import beside_last_chosen, unranked, without_agreement
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
from prioritisation.workflow import RoundState


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
    """Programmes with a draw by lot that is announced, or was called off in a round not published yet: the
    public may look on before there is a plan, and after it the plan leads to them."""
    announced = Draw.objects.filter(drawn_at__isnull=True, cancelled_at__isnull=True)
    called_off = Draw.objects.filter(cancelled_at__isnull=False).exclude(round__state=RoundState.DECIDED)
    waiting = Exists(announced.filter(round__programme=OuterRef("pk")))
    shown = Programme.objects.annotate(waiting=waiting).filter(rounds__draws__in=announced | called_off)
    return list(shown.distinct())


@require_safe
def plan_detail(request: HttpRequest, slug: str) -> HttpResponse:
    version = newest_version(slug)
    document = version.document
    filters = InitiativeFilters(request.GET, document=document)
    wanted = filters.wanted()
    funnel = document["funnel"]
    live = services.followed(version.plan.programme_id, timezone.localdate())
    chosen = plan_documents.chosen(document)
    context = {
        "version": version,
        "document": document,
        "funnel": picture(funnel),
        "outcomes": idea_outcome_rows(funnel["ideas_by_outcome"]),
        "after_cutoff": funnel["after_cutoff"],
        # The picture counts as waiting what no initiative took up; the table also what is in one held over.
        "held_ideas": funnel["ideas_by_outcome"]["waiting"]
        - sum(stage["waiting"] for stage in funnel["stages"] if stage["unit"] == "ideas"),
        "filters": filters,
        "filtered": bool(wanted),
        "chosen": _group(document, chosen, wanted, live),
        "others": _group(document, plan_documents.not_chosen(document), wanted, live),
        "delivery": delivery.counted(live, [one["reference"] for one in chosen]),
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
    document = version.document
    # The document names a ranking by its fingerprint; the command that makes it again, by its number.
    made = Result.objects.filter(kind=Result.Kind.RANKING, round__programme__plan=version.plan)
    frozen = made.filter(inputs_sha256=(document.get("result") or {}).get("sha256")).order_by("-pk").first()
    context = {
        "version": version,
        "document": document,
        "how": document["method"],
        "result": frozen,
        "unranked": unranked(document),
        "without_agreement": without_agreement(document),
    }
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


def _group(
    document: Document, entries: list[Entry], wanted: plan_documents.Wanted, live: delivery.Live
) -> dict[str, Any]:
    called = {reference: one.called for reference, one in live.items()}
    shown = [entry for entry in entries if wanted.fits(document, entry, called)]
    return {
        "rows": [
            {**_row(entry), "delivery": delivery.in_words(live.get(entry["reference"]))} for entry in shown
        ],
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
    followed = delivery.of_initiative(version.plan.programme_id, reference)
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
        "beside": beside_last_chosen(document, entry),
        "withheld": _withheld(document, entry),
        "ideas": idea_rows(entry["ideas"]),
        "into": into,
        "sitting": plan_documents.sittings(document).get(entry.get("sitting") or 0),
        "override_reason": in_languages(entry["override_reason"]),
        **_amended(document, entry),
        "merged_from": merged_from,
        **followed,
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


def _withheld(document: Document, entry: Entry) -> dict[str, list[str]]:
    """Criteria whose figures are not shown: judged by too `few`, or held back `with` those."""
    figures = (document.get("figures") or {}).get("initiatives", [])
    row = next((one for one in figures if one["reference"] == entry["reference"]), None)
    held: dict[str, list[str]] = {"few": [], "with": []}
    for one in document["policy"]["criteria"]:
        told = (row or {}).get("criteria", {}).get(one["key"])
        if told and told["number"] and told["value"] is None:
            name = "few" if told["number"] < LEAST_SCORES else "with"
            held[name].append(localized(one["label"]))
    return held


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
