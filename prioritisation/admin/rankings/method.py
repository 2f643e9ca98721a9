"""How the list was made, in the words that the public reads, and whether it comes out the same again."""

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from prioritisation import rankings, services
from prioritisation.admin.finding import find_round, roles_in, show
from prioritisation.admin.rankings import reading
from prioritisation.models import Result
from prioritisation.policies import schema

AT_ONCE = 1_000
"""Initiatives up to which the page makes the list again itself; above, the command line does."""


@require_safe
def method(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    result = reading.result_of(round, request.GET.get("result"))
    policy = schema.parse(result.policy_version.document)
    initiatives = result.inputs["initiatives"]
    severity = result.output.get("severity") or {}
    return show(
        request,
        "ranking_method",
        _("How this list was made"),
        round=round,
        result=result,
        how=services.how_it_was_made(policy, round, result),
        same=_same(result) if len(initiatives) <= AT_ONCE else None,
        # who is strict or lenient is nobody's business but the manager's
        judged=[one.label for one in policy.assessed_criteria()],
        assessors=_effects(policy, severity) if roles_in(request, round)["manager"] else [],
    )


def _same(result: Result) -> bool:
    """Under another numpy random draws may differ a little; all else is the same to the last digit."""
    again = services.recompute(result)
    if again is None or rankings.fingerprint(result.inputs) != result.inputs_sha256:
        return False
    same_numpy = result.numpy_version in ("", np.__version__)
    return not rankings.compare(result.output, again, same_numpy=same_numpy).different


def _effects(policy: schema.Policy, severity: dict[str, object]) -> list[dict[str, object]]:
    """For each letter how far above colleagues on the same initiatives, criterion by criterion.

    None where too few scores tell.
    """
    lettered = severity.get("assessors") or []
    assert isinstance(lettered, list)
    return [
        {
            "letter": one["letter"],
            "reviews": one["reviews"],
            "effects": [
                (criterion.label, _tenth(one["effect"].get(criterion.key)))
                for criterion in policy.assessed_criteria()
            ],
        }
        for one in lettered
    ]


def _tenth(effect: float | None) -> float | None:
    """To one decimal, as it is shown: 0.04 is neither lower nor higher."""
    return None if effect is None else round(effect, 1) + 0.0


add_page("prioritisation/round/<int:pk>/method/", method, name="prioritisation_method")
