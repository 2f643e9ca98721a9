"""Find a round or refuse: what every page about rounds begins with."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from engagement.models import Job, User
from prioritisation.models import Round
from prioritisation.tasks import nudge_jobs
from prioritisation.workflow import Role, RoundState

READERS = (Role.MANAGER, Role.PUBLISHER, Role.ANALYST)
"""Who reads the pages of a round. Assessors have pages of their own."""


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def find_round(request: HttpRequest, pk: int, *roles: str, readable: bool = False) -> Round:
    """The round: 404 for whoever is not in its programme, 403 for whoever is, in another role.

    With `readable` also 404 before it is closed, for everybody: there are no figures to be seen yet.
    """
    rounds = Round.objects.seen_by(me(request)).select_related("programme", "policy_version")
    if readable:
        rounds = rounds.with_scores_readable()
    round = rounds.filter(pk=pk).first()
    if round is None:
        raise Http404
    if not me(request).is_superuser and not _held(request, round).intersection(roles or READERS):
        raise PermissionDenied
    return round


def _held(request: HttpRequest, round: Round) -> set[str]:
    """The person's roles in the round's programme, asked once a request."""
    known: dict[int, set[str]] = request.__dict__.setdefault("_winnow_roles", {})
    if round.programme_id not in known:
        memberships = round.programme.memberships.filter(user=me(request))
        known[round.programme_id] = set(memberships.values_list("role", flat=True))
    return known[round.programme_id]


def roles_in(request: HttpRequest, round: Round) -> dict[str, bool]:
    """For templates: `{"manager": ..., "publisher": ...}`."""
    user = me(request)
    if user.is_superuser:
        return {"manager": True, "publisher": True}
    held = _held(request, round)
    return {"manager": Role.MANAGER in held, "publisher": Role.PUBLISHER in held}


def job_page(job: Job) -> HttpResponseRedirect:
    """The worker is told, and the person sees how far it is."""
    nudge_jobs()
    return HttpResponseRedirect(reverse("admin:engagement_job_change", args=(job.pk,)))


def round_url(round: Round) -> str:
    return reverse("admin:prioritisation_round_change", args=(round.pk,))


def show(
    request: HttpRequest,
    name: str,
    title: str,
    *,
    status: int = 200,
    round: Round | None = None,
    **context: Any,
) -> HttpResponse:
    """One of our pages in the admin's frame: templates/admin/prioritisation/<name>.html."""
    frame = {
        **admin.site.each_context(request),
        "title": title,
        "round": round,
        # Asked only where a template asks: on pages that also departments see, and that are of no round.
        "reads_rounds": lambda: reads_rounds(request),
    }
    if round is not None:
        frame |= {
            "readable": round.state in (RoundState.CLOSED, RoundState.DECIDED),
            "may": roles_in(request, round),
        }
    template = f"admin/prioritisation/{name}.html"
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def reads_rounds(request: HttpRequest) -> bool:
    """May this person open the list of rounds? Asked once a request: the sidebar asks more than once."""
    user = me(request)
    known: dict[int, bool] = request.__dict__.setdefault("_winnow_reads_rounds", {})
    if user.pk not in known:
        known[user.pk] = user.is_superuser or user.memberships.filter(role__in=READERS).exists()
    return known[user.pk]
