"""The ranking of a closed round, one initiative of it, and how it was made. Nothing before closing."""

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.desk_pages import add_page
from prioritisation import ranked_rows, rankings, services
from prioritisation.admin.finding import find_round, show
from prioritisation.models import Assessment, Result, Round
from prioritisation.policies import schema


def read(round: Round) -> tuple[schema.Policy, Result, list[ranked_rows.RankedRow]]:
    """The newest result of a closed round with its rows, in published order."""
    policy = schema.parse(round.policy_version.document)
    result = services.latest_result(round)
    wordings = dict(round.entries.values_list("initiative__reference", "revision__content"))
    rows = [ranked_rows.ranked_row(policy, row, wordings[row["reference"]]) for row in result.output["rows"]]
    return policy, result, rows


@require_safe
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    policy, result, rows = read(round)
    names = ("theme", "district", "owner")
    wanted = ranked_rows.Wanted(**{name: request.GET.get(name, "") for name in names})
    shown = [row for row in rows if wanted.fits(row.content)]
    ranked = [row for row in shown if row.rank is not None]
    return show(
        request,
        "ranking",
        _("Ranking"),
        round=round,
        result=result,
        policy=policy,
        parts=ranked_rows.parts(policy),
        groups=[(name, [row for row in ranked if row.status == name]) for name in ("in", "tie", "out")],
        ranked_count=len(ranked),
        needs_assessment=[row for row in shown if row.status == "needs_assessment"],
        gated=[row for row in shown if row.status == "gate"],
        places=result.output["places"],
        total=len(rows),
        hidden=len(rows) - len(shown),
        wanted=wanted,
        filters=[
            {"name": name, "label": label, "choices": options, "chosen": getattr(wanted, name)}
            for name, label, options in _filters(rows)
        ],
        columns=len(ranked_rows.parts(policy)) + 5,
    )


def _filters(rows: list[ranked_rows.RankedRow]) -> Any:
    found = ranked_rows.choices(row.content for row in rows)
    labels = {"theme": _("Theme"), "district": _("Part of the city"), "owner": _("Department")}
    return [(name, labels[name], options) for name, options in found.items()]


@require_safe
def initiative(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """One initiative of a closed round: its figures, and the assessors' notes by letter, not by name."""
    round = find_round(request, pk, readable=True)
    policy, result, rows = read(round)
    row = next((one for one in rows if one.reference == reference), None)
    if row is None:
        raise Http404
    frozen = next(one for one in result.inputs["initiatives"] if one["reference"] == reference)
    return show(
        request,
        "ranking_initiative",
        _("One initiative"),
        round=round,
        row=row,
        counted=services.counted_facts(
            round.entries.values_list("figures", flat=True).get(initiative__reference=reference)
        ),
        figures=ranked_rows.criterion_figures(policy, row.figures, frozen["reviews"]),
        notes=_notes(round, policy, reference),
        costliest=[policy.criterion(key) for key, _lost in rankings.costliest(policy, dict(row.figures))],
        decision=round.decisions.filter(initiative__reference=reference).first(),
    )


def _notes(round: Round, policy: schema.Policy, reference: str) -> list[dict[str, Any]]:
    """Notes by criterion. Letters are drawn anew for each initiative, so that no writer can be followed."""
    assessments = Assessment.objects.counted().filter(
        assignment__entry__round=round, assignment__entry__initiative__reference=reference
    )
    drawn = sorted(
        assessments.values_list("pk", "notes"),
        key=lambda pair: hashlib.sha256(f"{round.seed}:{reference}:{pair[0]}".encode()).hexdigest(),
    )
    lettered = [(chr(ord("A") + place % 26), notes) for place, (_key, notes) in enumerate(drawn)]
    found = []
    for criterion in policy.assessed_criteria():
        written = [(letter, notes[criterion.key]) for letter, notes in lettered if criterion.key in notes]
        if written:
            found.append({"label": criterion.label, "notes": written})
    return found


@require_safe
def method(request: HttpRequest, pk: int) -> HttpResponse:
    """How the list was made, in plain words, and whether it comes out the same again."""
    round = find_round(request, pk, readable=True)
    policy = schema.parse(round.policy_version.document)
    result = services.latest_result(round)
    same = services.recompute(result) == result.output and (
        rankings.fingerprint(result.inputs) == result.inputs_sha256
    )
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    return show(
        request,
        "ranking_method",
        _("How this list was made"),
        round=round,
        policy=policy,
        result=result,
        same=same,
        criteria=[(one, 100 * weights[one.key]) for one in policy.scored_criteria()],
        balanced=[one for one in policy.criteria if one.use == "balance"],
        tie_break=policy.criterion(policy.tie_break) if policy.tie_break else None,
        reviews=sum(len(one["reviews"]) for one in result.inputs["initiatives"]),
        initiatives=len(result.inputs["initiatives"]),
        coverage=100 * policy.rankable.coverage,
        heavy=100 * policy.rankable.weight,
    )


add_page("prioritisation/round/<int:pk>/ranking/", ranking, name="prioritisation_ranking")
add_page("prioritisation/round/<int:pk>/ranking/<str:reference>/", initiative, name="prioritisation_ranked")
add_page("prioritisation/round/<int:pk>/method/", method, name="prioritisation_method")
