"""The list: one word and one bar a row; every figure behind it, for who asks. And all lists ever made."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from engagement.paging import Paginator
from prioritisation import how_made, ranked_rows
from prioritisation.admin.finding import find_round, show
from prioritisation.admin.rankings import reading
from prioritisation.ranked_rows import Wanted
from prioritisation.ranking_index import PART, Order, RankingIndex

ROWS, FEWER = 50, 25
"""Rows of a page, and of one whose rows have many figures: on a phone each figure is a line."""
VIEWS = ("short", "criteria", "figures")

FIGURES: tuple[tuple[str, Any, Any], ...] = (
    (
        "adjusted",
        gettext_lazy("Evened out"),
        gettext_lazy("Points if strict and lenient assessors are evened out"),
    ),
    ("change", gettext_lazy("Ranks gained"), gettext_lazy("Ranks gained or lost if evened out")),
    ("low", gettext_lazy("Rank between"), gettext_lazy("In 90 of 100 cases, had another panel scored")),
    ("p_noise", gettext_lazy("In, other panel"), gettext_lazy("Of 100 cases, had another panel scored")),
    ("p_weights", gettext_lazy("In, other weights"), gettext_lazy("Of 100 cases, with other weights")),
    ("coverage", gettext_lazy("Known"), gettext_lazy("Share of the weight that is known")),
    ("median", gettext_lazy("Median"), gettext_lazy("Of the points that each assessor gives it")),
    (
        "spread",
        gettext_lazy("Spread"),
        gettext_lazy("How far assessors’ points lie apart (standard deviation)"),
    ),
)


def read_wanted(request: HttpRequest) -> Wanted:
    names = ("theme", "district", "owner", "band", "group", "source")
    return Wanted(**{name: request.GET.get(name, "")[:100] for name in names})


def read_order(request: HttpRequest, index: RankingIndex) -> Order:
    """What the address asks for; what is no column is the published order."""
    sort = request.GET.get("sort", "rank")
    if sort != "rank" and sort not in index.columns:
        return Order()
    return Order(sort, request.GET.get("direction") == "desc")


@require_safe
def ranking(request: HttpRequest, pk: int, result: int | None = None) -> HttpResponse:
    """The newest list, or with `result` one that was made before it."""
    round = find_round(request, pk, readable=True)
    made = reading.results_of(round)
    chosen = reading.result_of(round, result, made)
    index = reading.index_of(round, chosen)
    wanted, order = read_wanted(request), read_order(request, index)
    places = index.find(wanted, order, reading.from_source(round, wanted.source))
    view = request.GET.get("show", "short")
    rows = min(ROWS, FEWER) if view in VIEWS[1:] else ROWS
    page = Paginator(places, rows).get_page(request.GET.get("page"))
    line = _line(index, places) if order.published and index.head["places"] else None
    ranked = sum(index.statuses[place] in ("in", "tie", "out") for place in places)
    parts = ranked_rows.parts(index.policy)
    return show(
        request,
        "ranking",
        _("Ranking"),
        round=round,
        result=chosen,
        old=chosen.pk != made[0].pk,
        made=made,
        policy=index.policy,
        head=index.head,
        parts=parts,
        view=view if view in VIEWS else "short",
        heads=_heads(parts, order, view),
        order=order,
        page_obj=page,
        sections=_sections(index, page, order, places, line),
        to_line=_to_line(request, page, places, line),
        ranked_count=ranked,
        places=index.head["places"],
        total=len(index),
        hidden=len(index) - len(places),
        wanted=wanted,
        filters=_filters(index, wanted),
        columns={"criteria": 6 + len(parts), "figures": 6 + len(FIGURES)}.get(view, 7),
        words=_counts(index),
        stability=how_made.stability(index.policy, index.head),
        tied="tie" in index.statuses,
        try_it=reading.trying_address(round, index) if chosen.pk == made[0].pk else "",
        severity=index.head.get("severity"),
    )


def _heads(parts: list[ranked_rows.Part], order: Order, view: str) -> list[dict[str, Any]]:
    """Columns with figures: their words, and the order that a click on them asks for."""
    columns: list[tuple[str, Any, Any]] = []
    if view == "criteria":
        columns = [(f"{PART}{number}", part.label, "") for number, part in enumerate(parts)]
    elif view == "figures":
        columns = list(FIGURES)
    columns = [("points", _("Points"), ""), *columns, ("reviews", _("Reviews"), "")]
    return [
        {
            "sort": sort,
            "label": label,
            "hint": hint,
            "part": sort.startswith(PART),
            "sorted": _sorted(order, sort),
            # the greatest first, and turned round by a second click
            "next": "asc" if order.sort == sort and order.descending else "desc",
        }
        for sort, label, hint in columns
    ]


def _sorted(order: Order, sort: str) -> str:
    if order.sort != sort:
        return ""
    return "descending" if order.descending else "ascending"


def _line(index: RankingIndex, places: list[int]) -> int | None:
    """The row before which the line is drawn: the first that is tied across it, else the first below it."""
    for status in ("tie", "out"):
        for place in places:
            if index.statuses[place] == status:
                return place
    return None


def _to_line(request: HttpRequest, page: Page[Any], places: list[int], line: int | None) -> str:
    """The address of the line in this list, also where it lies on another page; "" where there is none."""
    if line is None:
        return ""
    number = places.index(line) // page.paginator.per_page + 1
    if number == page.number:
        return "#line"
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}#line"


def _sections(
    index: RankingIndex, page: Page[Any], order: Order, places: list[int], line: int | None
) -> list[dict[str, Any]]:
    """The page's rows under what they have in common; sorted otherwise, ranked rows are one section.

    The one that begins with the row `line` is marked, so that an address can lead to it.
    """
    sections: list[dict[str, Any]] = []
    for place in page.object_list:
        status = index.statuses[place]
        name = status if order.published or status not in ("in", "tie", "out") else "ranked"
        if not sections or sections[-1]["name"] != name:
            sections.append({"name": name, "rows": [], "begins": False, "count": 0, "marks": place == line})
        sections[-1]["rows"].append(index.row(place))
    first: dict[str, int] = {}
    for place in places:
        first.setdefault(index.statuses[place], place)
    here = set(page.object_list)
    for section in sections:
        section["begins"] = first.get(section["name"]) in here
        section["count"] = sum(index.statuses[place] == section["name"] for place in places)
    return sections


def _counts(index: RankingIndex) -> dict[str, int]:
    """How many rows each word has, in the whole list."""
    return {word: index.counts.get(word, 0) for word in ("safe", "close", "out")}


def _filters(index: RankingIndex, wanted: Wanted) -> list[dict[str, Any]]:
    found: dict[str, Any] = dict(index.choices)
    labels = {
        "theme": _("Theme"),
        "district": _("Part of the city"),
        "owner": _("Department"),
        "band": _("Time frame"),
        "source": _("Comes from"),
        "group": _("Comes to"),
    }
    found["band"] = [(one.key, one.label) for one in index.policy.bands]
    found["source"] = reading.source_choices()
    found["group"] = [(key, text) for key, text in group_words().items() if key in index.counts]
    return [
        {
            "name": name,
            "label": label,
            "choices": found[name],
            "plain": name in ("source", "group"),
            "chosen": getattr(wanted, name),
        }
        for name, label in labels.items()
    ]


def group_words() -> dict[str, str]:
    return {
        "safe": _("safe"),
        "close": _("close"),
        "in": _("in"),
        "tie": _("tied"),
        "out": _("out"),
        "needs_assessment": _("needs assessment"),
        "gate": _("did not meet a condition"),
    }


@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Every list of the round that was made: when, by whom, why, and from which inputs."""
    round = find_round(request, pk, readable=True)
    return show(
        request, "ranking_results", _("All lists of this round"), round=round, made=reading.results_of(round)
    )


add_page("prioritisation/round/<int:pk>/ranking/", ranking, name="prioritisation_ranking")
add_page("prioritisation/round/<int:pk>/results/", results, name="prioritisation_results")
add_page("prioritisation/round/<int:pk>/results/<int:result>/", ranking, name="prioritisation_result")
