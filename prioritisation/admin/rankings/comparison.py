"""Two initiatives side by side: what tells them apart, in the words of the levels."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from prioritisation import comparing, ranked_rows
from prioritisation.admin.finding import find_round, show
from prioritisation.admin.rankings import reading
from prioritisation.forms.comparing import CompareForm


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """`?with=` one reference, twice. A third is told, and not looked at; fewer than two ask for the other."""
    round = find_round(request, pk, readable=True)
    result = reading.result_of(round, request.GET.get("result"))
    index = reading.index_of(round, result)
    form = CompareForm(request.GET, references=index.references)
    context: dict[str, Any] = {
        "round": round,
        "result": result,
        "form": form,
        "old": bool(request.GET.get("result")),
        "more": max(0, len(request.GET.getlist("with")) - 2),
        "references": [
            (one, index.contents[place]["title"]) for one, place in list(index.references.items())[:2000]
        ],
    }
    if form.is_valid():
        found = [form.cleaned_data["first"], form.cleaned_data["second"]]
        first, second = (index.figures(index.references[one]) for one in found)
        digits = ranked_rows.telling(first["utility"], second["utility"])
        rows = [index.row(index.references[one]) for one in found]
        rows = [replace(row, digits=max(digits, row.digits)) for row in rows]
        shares = comparing.winning_shares(index.policy, index.head, first, second, result.seed)
        context |= {
            "rows": rows,
            "parts": ranked_rows.parts(index.policy),
            "differences": comparing.differences(index.policy, first, second),
            "groups": (index.head.get("draws") or {}).get("kind") == "groups",
            "wins": None if shares is None else [100 * share for share in shares],
        }
    status = 422 if form.errors else 200
    return show(request, "ranking_compare", _("Compare two initiatives"), status=status, **context)


add_page("prioritisation/round/<int:pk>/compare/", compare, name="prioritisation_compare")
