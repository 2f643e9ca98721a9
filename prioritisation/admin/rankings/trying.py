"""What if: other weights, criteria, assessors, places, money. Nothing is stored until it is adopted."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.localized import localized, percent
from engagement.services import Refused
from prioritisation import how_made, rankings, services, what_if
from prioritisation.admin.finding import find_round, me, roles_in, show
from prioritisation.admin.rankings import reading
from prioritisation.forms.what_if import AdoptForm, WhatIfForm
from prioritisation.models import Result, Round
from prioritisation.policies import schema
from prioritisation.workflow import Role, RoundState

MOST_ROWS = 300
"""Rows of the table before and after; where more moved, only those that moved furthest are shown."""


@require_safe
def trying(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    manager = roles_in(request, round)["manager"]
    if "leave" in request.GET and not manager:
        raise PermissionDenied
    result = reading.result_of(round)
    form = _form(request.GET, result, manager)
    asked = bool(request.GET) and form.is_valid()
    changes = form.changes() if asked else {}
    outcome = _outcome(form.policy, result, changes, form) if changes else None
    context: dict[str, Any] = {
        "round": round,
        "result": result,
        "form": form,
        "weights": _weights(form, asked),
        "leave": _ticks(form, "leave"),
        "asked": asked,
        "changes": changes,
        "outcome": outcome,
        "budget": form.cleaned_data.get("budget") if asked else None,
        "cost": _cost(result) if asked and outcome is None else None,
        # Asked only where it can be adopted.
        "changeable": manager and outcome is not None and _changeable(round),
        "adopt": f"{reverse('admin:prioritisation_adopt', args=(round.pk,))}?{request.GET.urlencode()}",
    }
    if outcome is not None:
        context |= _rows(round, result, outcome)
    elif not asked:
        context |= _line(round, result)
    status = 422 if request.GET and form.errors else 200
    return show(request, "what_if", _("What if"), status=status, **context)


def _form(asked: QueryDict, result: Result, manager: bool) -> WhatIfForm:
    policy = schema.parse(result.policy_version.document)
    result.refresh_from_db(fields=["inputs", "output"])  # both at once
    output, inputs = result.output, result.inputs
    reviews = (review for one in inputs["initiatives"] for review in one["reviews"])
    letters = sorted({str(one["assessor"]) for one in reviews if one.get("assessor")}) if manager else []
    return WhatIfForm(
        asked or None,
        policy=policy,
        stated={key: 100 * weight for key, weight in zip(output["criteria"], output["weights"], strict=True)},
        places=output["places"],
        letters=letters,
        initial={"places": output["places"]},
    )


def _changeable(round: Round) -> bool:
    """Between closing and publishing a list is made again, not before and not after."""
    return round.state == RoundState.CLOSED and not round.decisions.published().exists()


def _line(round: Round, result: Result) -> dict[str, Any]:
    """What to try first: the weight that changes the list before any other."""
    index = reading.index_of(round, result)
    return {
        "stability": how_made.stability(index.policy, index.head),
        "places": index.head["places"],
        "tied": "tie" in index.statuses,
        "as_it_is": _cost(result) if "tie" in index.statuses else None,
        "try_it": reading.trying_address(round, index),
    }


def _outcome(
    policy: schema.Policy, result: Result, changes: dict[str, Any], form: WhatIfForm
) -> what_if.Outcome | None:
    try:
        after = rankings.preview(policy, result.inputs, changes)
    except ValueError:  # all that would be left weighs nothing
        form.add_error(None, _("At least one criterion must weigh something."))
        return None
    return what_if.compare(result.output, after, result.inputs)


def _cost(result: Result) -> what_if.Outcome:
    """What those cost that are in as the list stands."""
    return what_if.compare(result.output, result.output, result.inputs)


def _weights(form: WhatIfForm, asked: bool) -> list[dict[str, Any]]:
    """A line for each criterion: what to show in its field, and what it was when it was shown."""
    without = form["without"].value() or []
    tried = what_if.tenths(form.cleaned_data["weights"]) if asked else {}
    lines = []
    for key in form.keys:
        field = form[f"w_{key}"]
        shown = tried[key] if asked else _or_as_it_is(field.value(), form.shown[key])
        lines.append(
            {
                "key": key,
                "field": field,
                "shown": shown,
                "was": shown if asked or not form.data else form.data.get(f"was_{key}", ""),
                "stated": form.stated[key],
                "without": key in without,
            }
        )
    return lines


def _or_as_it_is(typed: Any, shown: float) -> Any:
    """What was typed comes back with its error; what the address leaves out is as it stands."""
    return shown if typed is None else typed


def _ticks(form: WhatIfForm, name: str) -> list[tuple[str, bool]]:
    if name not in form.fields:
        return []
    ticked = form[name].value() or []
    return [(value, value in ticked) for value, _label in form.fields[name].choices]  # type: ignore[attr-defined]


def _rows(round: Round, result: Result, outcome: what_if.Outcome) -> dict[str, Any]:
    """Titles for the lists, and no more of the table than somebody reads."""
    contents = reading.index_of(round, result)
    titles = {one: contents.contents[place]["title"] for one, place in contents.references.items()}
    rows = outcome.rows
    if len(rows) > MOST_ROWS:
        moved = [one for one in rows if one.was_in != one.is_in or one.change]
        furthest = sorted(moved, key=lambda one: (one.was_in == one.is_in, -abs(one.change or 0)))
        kept = {one.reference for one in furthest[:MOST_ROWS]}
        rows = [one for one in rows if one.reference in kept]

    def named(some: list[what_if.Moved]) -> list[tuple[what_if.Moved, Any]]:
        return [(one, titles[one.reference]) for one in some]

    return {
        "enter": named(outcome.enter[:MOST_ROWS]),
        "leave_list": named(outcome.leave[:MOST_ROWS]),
        "rows": named(rows),
        "left_out": len(outcome.rows) - len(rows),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes what the address describes the round's ranking, with a reason. The one before stays readable."""
    round = find_round(request, pk, Role.MANAGER, readable=True)
    result = reading.result_of(round)
    tried = _form(request.GET, result, manager=True)
    changes = tried.changes() if tried.is_bound and tried.is_valid() else {}
    back = f"{reverse('admin:prioritisation_what_if', args=(round.pk,))}?{request.GET.urlencode()}"
    if not changes or (request.method != "POST" and not _changeable(round)):
        return HttpResponseRedirect(back)
    form = AdoptForm(request.POST or None, initial={"result": result.pk})
    if request.method == "POST" and form.is_valid():
        try:
            services.adopt_result(
                round=round,
                changes=changes,
                reason=form.cleaned_data["reason"],
                by=me(request),
                at=timezone.now(),
                seen=form.cleaned_data["result"],
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("The list is made again."))
            return HttpResponseRedirect(reverse("admin:prioritisation_ranking", args=(round.pk,)))
    outcome = _outcome(tried.policy, result, changes, tried)
    if outcome is None:
        return HttpResponseRedirect(back)
    return show(
        request,
        "what_if_adopt",
        _("Make the list again"),
        status=422 if form.errors else 200,
        round=round,
        form=form,
        outcome=outcome,
        budget=tried.cleaned_data.get("budget"),
        told=told_changes(tried.policy, changes),
        back=back,
        drafted=round.decisions.count(),
        query=request.GET.urlencode(),
        **_rows(round, result, outcome),
    )


def told_changes(policy: schema.Policy, changes: dict[str, Any]) -> list[str]:
    """What was changed, one sentence each: for the page to confirm, and on the list that was made again."""
    said = []
    for key, share in what_if.tenths(changes.get("weights") or {}).items():
        label = localized(dict(policy.criterion(key).label))
        said.append(
            _("“%(criterion)s” weighs %(share)s.") % {"criterion": label, "share": percent(share, -1)}
        )
    for key in changes.get("dropped_criteria", ()):
        label = localized(dict(policy.criterion(key).label))
        said.append(_("“%(criterion)s” is left out.") % {"criterion": label})
    if changes.get("dropped_assessors"):
        letters = ", ".join(changes["dropped_assessors"])
        said.append(_("Without the scores of: %(letters)s.") % {"letters": letters})
    if "places" in changes:
        said.append(_("Places: %(places)s.") % {"places": changes["places"]})
    return said


add_page("prioritisation/round/<int:pk>/what-if/", trying, name="prioritisation_what_if")
add_page("prioritisation/round/<int:pk>/what-if/adopt/", adopt, name="prioritisation_adopt")
