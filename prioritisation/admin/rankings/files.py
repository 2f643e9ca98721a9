"""The list as a file with every figure, for staff."""

import tempfile
from collections.abc import Iterator

from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from engagement.tables.writing import Column, Row, write_csv, write_xlsx
from engagement.text import choose
from prioritisation import exports
from prioritisation.admin.finding import find_round
from prioritisation.admin.rankings import listing, reading
from prioritisation.ranking_index import RankingIndex

WRITERS = ("csv", "xlsx")


@require_safe
def file(request: HttpRequest, pk: int, kind: str) -> FileResponse:
    """All rows that the filters of the page leave, in the page's order. No assessor is in it."""
    round = find_round(request, pk, readable=True)
    if kind not in WRITERS:
        raise Http404
    result = reading.result_of(round, request.GET.get("result"))
    index = reading.index_of(round, result)
    wanted = listing.read_wanted(request)
    order = listing.read_order(request, index)
    places = index.find(wanted, order, reading.from_source(round, wanted.source))
    written = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    if kind == "csv":
        write_csv(written, _columns(index), _rows(index, places), keys=True)
    else:
        write_xlsx(written, _columns(index), _rows(index, places))
    written.seek(0)
    return FileResponse(
        written,
        as_attachment=True,
        filename=f"{round.programme.slug}-{round.number}-{result.inputs_sha256[:8]}.{kind}",
        content_type=exports.CONTENT_TYPES[kind],
    )


def _columns(index: RankingIndex) -> list[Column]:
    language = get_language() or "en"
    shown = [
        Column("rank", _("Rank"), _("Empty: not ranked.")),
        Column("reference", _("Number")),
        Column("title", _("Initiative")),
        Column("comes_to", _("Comes to"), _("safe, close or out; else why it is not ranked.")),
        Column("points", _("Points"), _("0 to 100, from what is known.")),
        Column("lower", _("Lowest points"), _("Were all that is missing worst.")),
        Column("upper", _("Highest points"), _("Were all that is missing best.")),
        Column("known", _("Known"), _("Share of the weight that is known, in hundredths.")),
        Column("reviews", _("Reviews")),
        Column("raw", _("Points as given"), _("From the scores as they were given.")),
        Column("adjusted", _("Evened out"), _("Points if strict and lenient assessors are evened out")),
        Column("adjusted_rank", _("Rank evened out")),
        Column("rank_low", _("Rank from"), _("In 90 of 100 cases, had another panel scored")),
        Column("rank_high", _("Rank to"), _("In 90 of 100 cases, had another panel scored")),
        Column("p_noise", _("In, other panel"), _("Of 100 cases, had another panel scored")),
        Column("p_weights", _("In, other weights"), _("Of 100 cases, with other weights")),
        Column("median", _("Median"), _("Of the points that each assessor gives it")),
        Column("spread", _("Spread"), _("How far assessors’ points lie apart (standard deviation)")),
    ]
    for one in index.policy.scored_criteria():
        label = choose(one.label, language)
        shown += [
            Column(f"mean_{one.key}", _("%(criterion)s: mean") % {"criterion": label}),
            Column(f"points_{one.key}", _("%(criterion)s: points") % {"criterion": label}),
        ]
    return shown


def _rows(index: RankingIndex, places: list[int]) -> Iterator[Row]:
    language, words = get_language() or "en", listing.group_words()
    for place in places:
        row = index.row(place)
        more = row.more
        figures = row.figures["criteria"]
        yield {
            "rank": row.rank,
            "reference": row.reference,
            "title": choose(row.content["title"], language),
            "comes_to": words.get(row.word, ""),
            "points": _one(row.points),
            "lower": _one(row.lower),
            "upper": _one(row.upper),
            "known": _one(row.known_percent),
            "reviews": row.reviews,
            "raw": _one(more.raw),
            "adjusted": _one(more.adjusted),
            "adjusted_rank": more.adjusted_rank,
            "rank_low": more.low,
            "rank_high": more.high,
            "p_noise": _one(more.p_noise),
            "p_weights": _one(more.p_weights),
            "median": _one(more.median),
            "spread": _one(more.spread),
            **{
                name: value
                for one in index.policy.scored_criteria()
                for name, value in (
                    (f"mean_{one.key}", figures[one.key]["mean"]),
                    (f"points_{one.key}", _one(_hundred(figures[one.key]["share"]))),
                )
            },
        }


def _one(number: float | None) -> float | None:
    """One decimal of 100: more would look exact and is not (METHOD P18)."""
    return None if number is None else round(number, 1)


def _hundred(number: float | None) -> float | None:
    return None if number is None else 100 * number


add_page("prioritisation/round/<int:pk>/ranking-file/<str:kind>/", file, name="prioritisation_ranking_file")
