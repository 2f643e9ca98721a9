"""One initiative of a ranking: its figures, and the assessors' notes by letter, not by name."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from prioritisation import ranked_rows, rankings, services
from prioritisation.admin.finding import find_round, show
from prioritisation.admin.rankings import reading
from prioritisation.models import Assessment, Round
from prioritisation.policies import schema


@require_safe
def initiative(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """With `?result=` as an earlier list has it."""
    round = find_round(request, pk, readable=True)
    result = reading.result_of(round, request.GET.get("result"))
    index = reading.index_of(round, result)
    if reference not in index.references:
        raise Http404
    row = index.row(index.references[reference])
    frozen = next(one for one in result.inputs["initiatives"] if one["reference"] == reference)
    left = set(result.inputs.get("changes", {}).get("dropped_assessors", ()))
    reviews = [one for one in frozen["reviews"] if one.get("assessor") not in left or not left]
    content, counted = round.entries.values_list("revision__content", "figures").get(
        initiative__reference=reference
    )
    return show(
        request,
        "ranking_initiative",
        _("One initiative"),
        round=round,
        result=result,
        row=row,
        content=content,
        counted=services.counted_facts(counted),
        places=index.head["places"],
        groups=(index.head.get("draws") or {}).get("kind") == "groups",
        parts=ranked_rows.parts(index.policy),
        figures=ranked_rows.criterion_figures(
            index.policy,
            row.figures,
            reviews,
            dict(zip(index.head["criteria"], index.head["weights"], strict=True)),
        ),
        notes=_notes(round, index.policy, reference),
        costliest=[
            index.policy.criterion(key) for key, _lost in rankings.costliest(index.policy, dict(row.figures))
        ],
        nearest=services.what_would_have_changed(result, reference),
        decision=round.decisions.filter(initiative__reference=reference).first(),
    )


def _notes(round: Round, policy: schema.Policy, reference: str) -> list[dict[str, Any]]:
    """Notes by criterion. Letters are drawn anew for each initiative, so that no writer can be followed, and
    from the server's own key: the round's seed stands on the page of the method."""
    assessments = Assessment.objects.counted().filter(
        assignment__entry__round=round, assignment__entry__initiative__reference=reference
    )
    drawn = sorted(
        assessments.values_list("pk", "notes"),
        key=lambda pair: salted_hmac("prioritisation.notes", f"{reference}/{pair[0]}").hexdigest(),
    )
    lettered = [(chr(ord("A") + place % 26), notes) for place, (_key, notes) in enumerate(drawn)]
    found = []
    for criterion in policy.assessed_criteria():
        written = [(letter, notes[criterion.key]) for letter, notes in lettered if criterion.key in notes]
        if written:
            found.append({"label": criterion.label, "notes": written})
    return found


add_page("prioritisation/round/<int:pk>/ranking/<str:reference>/", initiative, name="prioritisation_ranked")
