"""Two initiatives side by side: what tells them apart, in the words of the levels."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from prioritisation import comparing
from prioritisation.admin.finding import find_round, show
from prioritisation.admin.rankings import reading


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """`?with=` one reference, twice. A third is not looked at; fewer than two ask for the other."""
    round = find_round(request, pk, readable=True)
    result = reading.result_of(round, request.GET.get("result"))
    index = reading.index_of(round, result)
    asked = [one.strip()[:40] for one in request.GET.getlist("with")][:2]
    unknown = [one for one in asked if one and one not in index.references]
    found = [one for one in dict.fromkeys(asked) if one in index.references]
    context: dict[str, Any] = {
        "round": round,
        "result": result,
        "asked": [*asked, "", ""][:2],
        "unknown": unknown,
        "same": len(asked) == 2 and len(found) == 1 and not unknown and asked[0] == asked[1],
        "references": list(index.references)[:2000],
    }
    if len(found) == 2:
        first, second = (index.figures(index.references[one]) for one in found)
        rows = [index.row(index.references[one]) for one in found]
        shares = comparing.winning_shares(index.policy, index.head, first, second, result.seed)
        context |= {
            "rows": rows,
            "differences": comparing.differences(index.policy, first, second),
            "groups": (index.head.get("draws") or {}).get("kind") == "groups",
            "wins": None if shares is None else [100 * share for share in shares],
        }
    status = 422 if unknown or context["same"] else 200
    return show(request, "ranking_compare", _("Compare two initiatives"), status=status, **context)


add_page("prioritisation/round/<int:pk>/compare/", compare, name="prioritisation_compare")
