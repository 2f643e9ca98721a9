"""Residents' ballots on a shortlist with costs: read from a file, counted, shown with the plan."""

import hashlib
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Job, User
from engagement.services import JobKind, Refused, Tell, Told, add_kind, finish_job, queue_job
from prioritisation import __version__, ballots, rankings
from prioritisation.models import BallotFile, Result, Round
from prioritisation.policies import schema
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.results import RECOMPUTED, latest_result
from prioritisation.workflow import Role, RoundState

COUNT = "prioritisation.count_ballots"
LARGEST_FILE = 20_000_000  # bytes
KEPT_LINES = 500  # refused lines that are kept word for word; all are counted
_AT_ONCE = 20_000  # different ballots x projects that a page counts itself, within a second or two


def shortlist(round: Round) -> dict[str, str | None]:
    """What residents can vote on: reference -> cost as decimal text, None where no cost is stated.

    The initiatives of the round's ranking that met the conditions, with the costs it was made from.
    """
    result = latest_result(round)
    out = {row["reference"] for row in result.output["rows"] if row["status"] == "gate"}
    found: dict[str, str | None] = {}
    for one in result.inputs["initiatives"]:
        if one["reference"] not in out:
            cost = one["figures"].get("cost_total")
            found[one["reference"]] = None if cost is None else format(Decimal(str(cost)), "f")
    return found


def votes_are_scored_too(round: Round) -> bool:
    """Do the scoring rules count residents' support already? Then ballots would count it twice."""
    policy = schema.parse(round.policy_version.document)
    return any(criterion.figure == "supports" for criterion in policy.criteria)


@transaction.atomic
def read_ballots(
    *, round: Round, name: str, content: bytes, by: User, at: datetime, most: int | None = None
) -> BallotFile:
    """Keeps what a file says, as counts of like ballots; no voter and nothing about one.

    Refuses the file where nothing of it can be read, and the same file twice.
    """
    require_role(by, round.programme, Role.MANAGER)
    _require_closed(round)
    if len(content) > LARGEST_FILE:
        raise Refused(_("This file is too large: at most 20 MB."), field="file")
    try:
        sheet = ballots.read(content, shortlist(round), most)
    except ballots.BallotsError as fault:
        raise Refused(fault_words(fault), field="file", code=fault.code) from fault
    digest = hashlib.sha256(content).hexdigest()
    if round.ballot_files.filter(sha256=digest).exists():
        raise Refused(_("This very file was read already."), field="file", code="again")
    kept = BallotFile.objects.create(
        round=round,
        name=name[:255],
        sha256=digest,
        content=_content(sheet),
        voters=sheet.voters,
        refused=len(sheet.refused),
        made_at=at,
        made_by=by,
    )
    record(round.programme, "read_ballots", at=at, by=by, round=round, note=f"{sheet.voters}")
    return kept


def _require_closed(round: Round) -> None:
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(
            _("Ballots are read and counted between the closing of a round and its publication."),
            code="wrong_state",
        )


def _content(sheet: ballots.Sheet) -> dict[str, Any]:
    refused = Counter(one.code for one in sheet.refused)
    return {
        "format": 1,
        "projects": list(sheet.costs.items()),
        "ballots": sorted([sorted(one), voters] for one, voters in sheet.ballots.items()),
        "rows": sheet.rows,
        "refused": [list(one) for one in sheet.refused[:KEPT_LINES]],
        "refused_by_reason": dict(sorted(refused.items())),
        "unfit": [list(one) for one in sheet.unfit[:KEPT_LINES]],
        "budget": sheet.budget,
        "declared": sheet.declared,
    }


def sheet_of(file: BallotFile) -> ballots.Sheet:
    """The counted ballots of a file, as they were read."""
    content = file.content
    return ballots.Sheet(
        costs=dict(content["projects"]),
        ballots=Counter({frozenset(one): voters for one, voters in content["ballots"]}),
        rows=content["rows"],
        refused=[ballots.Refusal(*one) for one in content["refused"]],
        unfit=[ballots.Refusal(*one) for one in content["unfit"]],
        budget=content["budget"],
        declared=content["declared"],
    )


def counting_takes_long(file: BallotFile) -> bool:
    return len(file.content["ballots"]) * len(file.content["projects"]) > _AT_ONCE


@transaction.atomic
def count_ballots(*, file: BallotFile, budget: Decimal, by: User, at: datetime) -> Result:
    """Counts the ballots of a file by both rules, and keeps the result with what it was made from."""
    _require_countable(file, budget, by)
    inputs = ballots.inputs_of(sheet_of(file), budget, file.sha256)
    round = file.round
    result = Result.objects.create(
        round=round,
        kind=Result.Kind.BALLOTS,
        policy_version=round.policy_version,
        inputs=inputs,
        inputs_sha256=rankings.fingerprint(inputs),
        seed=round.seed,
        code_version=__version__,
        output=ballots.count(inputs),
        made_at=at,
        made_by=by,
    )
    record(round.programme, "count_ballots", at=at, by=by, round=round, note=inputs["budget"])
    return result


def _require_countable(file: BallotFile, budget: Decimal, by: User) -> None:
    require_role(by, file.round.programme, Role.MANAGER)
    _require_closed(file.round)
    if not budget > 0:
        raise Refused(_("The budget must be above 0."), field="budget")
    if not file.voters:
        raise Refused(_("No ballot of this file could be kept; there is nothing to count."), field="budget")


@transaction.atomic
def queue_count(*, file: BallotFile, budget: Decimal, by: User, at: datetime) -> Job:
    """Has the worker count. Refuses at once what would be refused then."""
    _require_countable(file, budget, by)
    given = {"round": file.round_id, "file": file.pk, "name": file.name, "budget": format(budget, "f")}
    return queue_job(kind=COUNT, parameters=given, at=at, by=by)


def _run(job: Job, tell: Tell) -> dict[str, Any]:
    assert job.by is not None
    file = BallotFile.objects.select_related("round__programme").get(pk=job.parameters["file"])
    with transaction.atomic():
        budget = Decimal(job.parameters["budget"])
        result = count_ballots(file=file, budget=budget, by=job.by, at=timezone.now())
        found = {"round": file.round_id, "result": result.pk}
        finish_job(job=job, result=found, at=timezone.now())
    return found


def _tell(job: Job) -> Told:
    to = reverse("admin:prioritisation_ballots_result", args=[job.result["round"], job.result["result"]])
    return Told(links=[(gettext_lazy("See how residents voted"), to)])


COUNTING = add_kind(
    JobKind(
        name=COUNT,
        title=gettext_lazy("Counting residents’ ballots"),
        run=_run,
        listed_for="prioritisation.manage_programme",
        tell=_tell,
        nothing_done=gettext_lazy("Nothing was counted."),
    )
)


def _counted_again(result: Result) -> dict[str, Any]:
    return ballots.count(result.inputs)


RECOMPUTED[Result.Kind.BALLOTS] = _counted_again


def latest_count(round: Round) -> Result | None:
    """The newest count of residents' ballots of a round, if there is any."""
    return round.results.filter(kind=Result.Kind.BALLOTS).order_by("-pk").first()


def ballots_document(round: Round) -> dict[str, Any] | None:
    """What a published plan says of residents' ballots: sums for each initiative, no single ballot."""
    result = latest_count(round)
    if result is None:
        return None
    return {
        "result": result.pk,
        "sha256": result.inputs_sha256,
        "code_version": result.code_version,
        "budget": result.inputs["budget"],
        "unit": result.inputs["unit"],
        **result.output,
    }


def fault_words(fault: ballots.BallotsError) -> str:
    """Why a whole file is refused, with the line."""
    words = {
        "no_ballots": _("There is no ballot in this file."),
        "no_projects": _("None of the projects is an initiative of this round with a cost."),
        "vote_type": _("Line %(line)d: ballots must approve (vote_type approval), not “%(what)s”."),
        "columns": _("Line %(line)d: there is no column “%(what)s”."),
        "too_many": _("This file has too many lines: at most 500,000."),
        "section": _("There is no section %(what)s with lines in it."),
    }
    return words[fault.code] % {"line": fault.line, "what": fault.what}
