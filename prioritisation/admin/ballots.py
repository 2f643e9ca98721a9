"""Residents' ballots of a closed round: read a file, see what was refused, count, see what they would buy."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused
from prioritisation import ballot_rows, rankings, services
from prioritisation.admin.finding import find_round, job_page, me, show
from prioritisation.forms.ballots import BallotFileForm, CountForm
from prioritisation.models import BallotFile, Result, Round
from prioritisation.workflow import Role, RoundState

SHOWN = 100  # refused lines on the page


def _find(request: HttpRequest, pk: int) -> Round:
    round = find_round(request, pk, readable=True)
    if request.method == "POST" and not services.has_role(me(request), round.programme, Role.MANAGER):
        raise PermissionDenied
    return round


def _url(name: str, round: Round, *more: int) -> str:
    return reverse(f"admin:prioritisation_{name}", args=(round.pk, *more))


def reason_words() -> dict[str, str]:
    """Why a line is refused, for each code of `ballots.REFUSALS`."""
    return {
        "unknown": _("is not on the shortlist"),
        "missing_cost": _("has no cost"),
        "bad_cost": _("has a cost that is no amount"),
        "double": _("a second line with this number"),
        "too_many_choices": _("too many initiatives on one ballot"),
        "too_few_choices": _("too few initiatives on one ballot"),
        "no_voter": _("no voter’s number, where the others have one"),
        "broken": _("the line cannot be read"),
        "too_long": _("the line is too long"),
    }


def _lines(refusals: Iterable[Any]) -> list[dict[str, Any]]:
    words = reason_words()
    return [{"line": line, "reason": words[code], "what": what} for line, code, what in refusals]


@require_http_methods(["GET", "POST"])
def ballots(request: HttpRequest, pk: int) -> HttpResponse:
    """Files that were read and counts that were made; the manager adds a file."""
    round = _find(request, pk)
    form = BallotFileForm(request.POST, request.FILES) if request.method == "POST" else BallotFileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = services.read_ballots(
                round=round,
                name=file.name,
                content=file.read(),
                most=form.cleaned_data["most"],
                by=me(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            return HttpResponseRedirect(_url("ballot_file", round, kept.pk))
    return show(
        request,
        "ballots",
        _("Residents’ ballots"),
        status=422 if form.is_bound else 200,
        round=round,
        form=form,
        open=round.state == RoundState.CLOSED,
        files=round.ballot_files.defer("content"),
        results=round.results.filter(kind=Result.Kind.BALLOTS).defer("inputs", "output").order_by("-pk"),
        twice=services.votes_are_scored_too(round),
        uncosted=[key for key, cost in services.shortlist(round).items() if cost is None],
    )


@require_http_methods(["GET", "POST"])
def ballot_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """What a file held: kept, refused by line; and the budget to count it by."""
    round = _find(request, pk)
    kept = get_object_or_404(BallotFile.objects.select_related("round__programme"), pk=file, round=round)
    content = kept.content
    form = CountForm(
        request.POST if request.method == "POST" else None, initial={"budget": content["budget"]}
    )
    if request.method == "POST" and form.is_valid():
        given = {"file": kept, "budget": form.cleaned_data["budget"], "by": me(request), "at": timezone.now()}
        try:
            if services.counting_takes_long(kept):
                return job_page(services.queue_count(**given))
            result = services.count_ballots(**given)
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("Counted, and kept."))
            return HttpResponseRedirect(_url("ballots_result", round, result.pk))
    words = reason_words()
    return show(
        request,
        "ballot_file",
        _("A file of ballots"),
        status=422 if form.is_bound else 200,
        round=round,
        file=kept,
        form=form,
        open=round.state == RoundState.CLOSED,
        rows=content["rows"],
        projects=len(content["projects"]),
        differs=content["declared"] is not None and content["declared"] != content["rows"],
        declared=content["declared"],
        by_reason=[(words[code], number) for code, number in content["refused_by_reason"].items()],
        refused=_lines(content["refused"][:SHOWN]),
        hidden=max(kept.refused - SHOWN, 0),
        unfit=_lines(content["unfit"][:SHOWN]),
    )


@require_safe
def ballots_result(request: HttpRequest, pk: int, result: int) -> HttpResponse:
    """What the ballots would buy by each rule, and whether it comes out the same again."""
    round = _find(request, pk)
    kept = get_object_or_404(round.results, pk=result, kind=Result.Kind.BALLOTS)
    titles: Mapping[str, Any] = dict(
        round.entries.values_list("initiative__reference", "revision__content__title")
    )
    if not kept.output:
        raise Http404
    same = None
    if "check" in request.GET:
        same = services.recompute(kept) == kept.output and (
            rankings.fingerprint(kept.inputs) == kept.inputs_sha256
        )
    return show(
        request,
        "ballots_result",
        _("How residents voted"),
        round=round,
        result=kept,
        same=same,
        votes=ballot_rows.shown({**kept.output, **_amounts(kept)}, titles),
        twice=services.votes_are_scored_too(round),
    )


def _amounts(result: Result) -> dict[str, Any]:
    return {key: result.inputs[key] for key in ("budget", "unit")}


add_page("prioritisation/round/<int:pk>/ballots/", ballots, name="prioritisation_ballots")
add_page("prioritisation/round/<int:pk>/ballots/<int:file>/", ballot_file, name="prioritisation_ballot_file")
add_page(
    "prioritisation/round/<int:pk>/ballots/result/<int:result>/",
    ballots_result,
    name="prioritisation_ballots_result",
)
