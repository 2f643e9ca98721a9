"""Closing, previewing and publishing a large round, and amending a large plan, as jobs: seconds of work that
no page should wait for.

Up to `AT_ONCE` initiatives the page does it itself (docs/adr/0011).
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Job, User
from engagement.services import JobKind, Refused, Stale, Tell, Told, add_kind, finish_job, queue_job
from prioritisation import plan_documents
from prioritisation.models import Amendment, Decision, Plan, Round
from prioritisation.services.access import require_move, require_role
from prioritisation.services.amendments import adopt_amendment, changed_meanwhile, check_adoptable
from prioritisation.services.decisions import undecided
from prioritisation.services.limits import require_within_limits
from prioritisation.services.plans import check_publishable, publish_round, rehearse_publication
from prioritisation.services.rounds import close_round
from prioritisation.services.sittings import require_held
from prioritisation.workflow import ROUND_MOVES, Role

AT_ONCE = 60
"""Initiatives. A round of so many is closed or published in about a second; one of 140 takes several."""

CLOSE = "prioritisation.close_round"
PUBLISH = "prioritisation.publish_round"
REHEARSE = "prioritisation.rehearse_publication"
AMEND = "prioritisation.adopt_amendment"


def takes_long(round: Round) -> bool:
    return round.entries.count() > AT_ONCE


def amending_takes_long(amendment: Amendment) -> bool:
    """The whole plan is written anew, however little of it changes."""
    return len(plan_documents.entries(amendment.base.document)) > AT_ONCE


def job_at_work(round: Round, *kinds: str) -> Job | None:
    """The job of one of these kinds that waits or runs for the round, if any: nobody needs a second."""
    return _unfinished(kinds).filter(parameters__round=round.pk).first()


def _unfinished(kinds: Iterable[str]) -> QuerySet[Job]:
    over = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    return Job.objects.filter(kind__in=kinds).exclude(state__in=over)


def queue_close(*, round: Round, by: User, at: datetime, version: int) -> Job:
    """Has the round closed by the worker. Refuses at once what would be refused then."""
    require_move(ROUND_MOVES["close"], state=round.state, by=by, programme=round.programme)
    return _queue(CLOSE, round, by=by, at=at, version=version)


def queue_publication(*, round: Round, by: User, at: datetime, version: int, over_reason: str = "") -> Job:
    check_publishable(round=round, by=by)
    require_within_limits(round, over_reason)
    return _queue(PUBLISH, round, by=by, at=at, version=version, over_reason=over_reason)


def queue_rehearsal(*, round: Round, by: User, at: datetime, version: int) -> Job:
    """Has the worker find out what publishing now would do; `rehearsed` gives it once it is there."""
    require_role(by, round.programme, Role.MANAGER, Role.PUBLISHER)
    if undecided(round).exists():
        raise Refused(_("Decide every initiative of the closed round first."), code="undecided")
    return _queue(REHEARSE, round, by=by, at=at, version=version, state=_state(round))


def _queue(kind: str, round: Round, *, by: User, at: datetime, version: int, **more: Any) -> Job:
    if round.version != version:
        raise Stale(_("Somebody else moved this round on. Look again before you decide."))
    if (job := job_at_work(round, kind)) is not None:
        return job
    parameters = {"round": round.pk, "name": str(round), "version": version, **more}
    return queue_job(kind=kind, parameters=parameters, at=at, by=by)


def queue_amendment(*, amendment: Amendment, by: User, at: datetime, version: int) -> Job:
    """Has the worker adopt it. Refuses at once what would be refused then."""
    check_adoptable(amendment=amendment, by=by)
    assert amendment.meeting is not None  # check_adoptable refuses otherwise
    require_held([amendment.meeting], at=at)
    if amendment.version != version:
        raise changed_meanwhile()
    if (job := adoption_at_work(amendment)) is not None:
        return job
    plan = amendment.plan
    given = {"amendment": amendment.pk, "plan": plan.pk, "name": str(plan), "version": version}
    return queue_job(kind=AMEND, parameters=given, at=at, by=by)


def adoption_at_work(amendment: Amendment) -> Job | None:
    """The job that waits or runs to adopt it, if any."""
    return _unfinished([AMEND]).filter(parameters__amendment=amendment.pk).first()


def rehearsed(round: Round) -> dict[str, Any] | None:
    """What a rehearsal found that still holds: no decision and no name of the plan was changed since."""
    jobs = Job.objects.filter(kind=REHEARSE, parameters__round=round.pk, state=Job.State.DONE)
    job = jobs.filter(parameters__state=_state(round)).order_by("-pk").first()
    return None if job is None else {**job.result, "at": job.finished_at}


def _state(round: Round) -> str:
    """A fingerprint of what a publication of this round is made from."""
    decisions = Decision.objects.pending().filter(initiative__programme=round.programme_id)
    parts = [
        (round.pk, round.version),
        *Plan.objects.filter(programme=round.programme_id).values_list("pk", "version"),
        *decisions.order_by("pk").values_list("pk", "version"),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


# What the worker does -----------------------------------------------------------------------------------


def _moved(move: Callable[..., Any], *given_on: str) -> Callable[[Job, Tell], dict[str, Any]]:
    """A job that makes one move of a round, in one transaction with being done.

    `given_on`: parameters that are passed on to the move; a job queued by an older release may lack them.
    """

    def run(job: Job, tell: Tell) -> dict[str, Any]:
        given, result = job.parameters, {"round": job.parameters["round"]}
        with transaction.atomic():
            round = Round.objects.select_related("programme").get(pk=given["round"])
            more = {name: given[name] for name in given_on if name in given}
            move(round=round, by=job.by, at=timezone.now(), version=given["version"], **more)
            finish_job(job=job, result=result, at=timezone.now())
        return result

    return run


def _rehearse(job: Job, tell: Tell) -> dict[str, Any]:
    round = Round.objects.select_related("programme").get(pk=job.parameters["round"])
    assert job.by is not None
    if job.parameters["state"] != _state(round):
        raise Stale(_("The decisions changed meanwhile. Have the preview worked out again."))
    found = rehearse_publication(round=round, by=job.by, at=timezone.now())
    del found["examples"]  # a job's row outlives what its sender may have erased by then
    return found


def _amend(job: Job, tell: Tell) -> dict[str, Any]:
    given, result = job.parameters, {"plan": job.parameters["plan"]}
    with transaction.atomic():
        amendment = Amendment.objects.select_related("plan__programme").filter(pk=given["amendment"]).first()
        if amendment is None or job.by is None:
            raise changed_meanwhile()
        adopt_amendment(amendment=amendment, by=job.by, at=timezone.now(), version=given["version"])
        finish_job(job=job, result=result, at=timezone.now())
    return result


def _leads_to(page: str, label: Any, of: str = "round") -> Callable[[Job], Told]:
    def told(job: Job) -> Told:
        return Told(links=[(label, reverse(f"admin:prioritisation_{page}", args=[job.parameters[of]]))])

    return told


KINDS = (
    add_kind(
        JobKind(
            name=CLOSE,
            title=gettext_lazy("Closing a round"),
            run=_moved(close_round),
            listed_for="prioritisation.manage_programme",
            tell=_leads_to("ranking", gettext_lazy("See the ranking")),
            nothing_done=gettext_lazy("The round is as it was."),
        )
    ),
    add_kind(
        JobKind(
            name=PUBLISH,
            title=gettext_lazy("Publication of a plan"),
            run=_moved(publish_round, "over_reason"),
            listed_for="prioritisation.publish_decision",
            tell=_leads_to("published", gettext_lazy("See what was published")),
            nothing_done=gettext_lazy("Nothing was published."),
        )
    ),
    add_kind(
        JobKind(
            name=REHEARSE,
            title=gettext_lazy("Preview of a publication"),
            run=_rehearse,
            listed_for="prioritisation.publish_decision",
            tell=_leads_to("publish", gettext_lazy("See the preview, and publish")),
            nothing_done=gettext_lazy("There is no preview."),
        )
    ),
    add_kind(
        JobKind(
            name=AMEND,
            title=gettext_lazy("Adoption of an amendment"),
            run=_amend,
            listed_for="prioritisation.publish_decision",
            tell=_leads_to("amendment", gettext_lazy("See the amended plan"), of="plan"),
            nothing_done=gettext_lazy("The plan is as it was."),
        )
    ),
)

DEMONSTRATION = add_kind(
    JobKind(
        name="prioritisation.demonstration",
        title=gettext_lazy("Making the demonstration city"),
        run=None,
        nothing_done=gettext_lazy("The city is half made: remove its database and start anew."),
    )
)
