"""What an assessor does: score, put off, declare a conflict, hand in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import Assessment, Assignment
from prioritisation.policies import schema
from prioritisation.services.access import hold_round, record
from prioritisation.services.assigning import asked_of, replacement, tell_added
from prioritisation.services.discussions import may_score
from prioritisation.workflow import RoundState

CANNOT_JUDGE = "cannot_judge"
NOTE_LIMIT = 2000


def _require_own(assignment: Assignment, by: User) -> None:
    if assignment.assessor_id != by.pk:
        raise Refused(_("This assessment is somebody else's."), code="forbidden")
    # Read again and held: a round that closes meanwhile must not rank without what is being saved.
    # After closing it takes those alone that were asked for again.
    assignment.entry.round.state = hold_round(assignment.entry.round)
    try:
        assignment.refresh_from_db(fields=["conflict_at", "asked_at"])
    except Assignment.DoesNotExist as gone:  # left the panel, or was taken off, since the page was read
        raise Stale(_("You are no longer asked about this initiative.")) from gone
    if not may_score(assignment):
        raise Refused(_("The round is closed; scores no longer change."), code="wrong_state")
    if assignment.conflict_at is not None:
        raise Refused(_("You declared a conflict of interest here."), code="conflict")


@transaction.atomic
def save_assessment(
    *,
    assignment: Assignment,
    scores: dict[str, float | None],
    by: User,
    at: datetime,
    cannot_judge: set[str] | None = None,
    notes: dict[str, str] | None = None,
    confidence: int | None = None,
    submit: bool = False,
    version: int | None = None,
) -> Assessment:
    """Saves an assessor's own scores, as a draft or handed in.

    `scores` by criterion key; None is "nothing given", which is never a zero. A criterion named in
    `cannot_judge` has no score either, and says so. Handing in asks for one or the other on each criterion
    that the assessor is asked about; those of other teams stay null.
    """
    _require_own(assignment, by)
    policy = schema.parse(assignment.entry.round.policy_version.document)
    known = {criterion.key for criterion in asked_of(assignment)}
    vector, missing = _vector(policy, known, scores, cannot_judge or set())
    if submit:
        for criterion, score in zip(policy.assessed_criteria(), vector, strict=True):
            if score is None and criterion.key in known - set(missing):
                raise Refused(
                    _("Give a score, or say that you cannot judge."), code="incomplete", field=criterion.key
                )
    kept = {
        key: text.strip()[:NOTE_LIMIT] for key, text in (notes or {}).items() if key in known and text.strip()
    }
    current = Assessment.objects.filter(assignment=assignment).first()
    values = {
        "scores": vector,
        "missing": missing,
        "notes": kept,
        "confidence": confidence,
        "saved_at": at,
        "revision": assignment.entry.revision,
    }
    if submit:
        again = current is not None and current.submitted_at is not None
        values["submitted_at"] = current.submitted_at if current and again else at
        if not again:
            values["first_scores"] = vector
    if current is None:
        try:
            with transaction.atomic():
                return Assessment.objects.create(assignment=assignment, started_at=at, **values)
        except IntegrityError as error:  # two windows, both the first to save
            raise _changed_elsewhere() from error
    seen = current.version if version is None else version
    if not Assessment.objects.filter(pk=current.pk, version=seen).update(version=F("version") + 1, **values):
        raise _changed_elsewhere()
    current.refresh_from_db()
    return current


@transaction.atomic
def save_score(
    *,
    assignment: Assignment,
    criterion: str,
    score: float | None,
    by: User,
    at: datetime,
    cannot_judge: bool = False,
    note: str = "",
    version: int | None = None,
) -> Assessment:
    """Saves one criterion of an assessor's own scores; the others stay as they are.

    It is the same stored assessment as `save_assessment` writes, with the same version. What is handed in
    stays handed in, and so it stays whole: taking a score away is refused then.
    """
    current = Assessment.objects.filter(assignment=assignment).first()
    policy = schema.parse(assignment.entry.round.policy_version.document)
    keys = [one.key for one in policy.assessed_criteria()]
    if criterion not in {one.key for one in asked_of(assignment)}:
        raise Refused(_("These scoring rules have no such criterion."), code="criterion")
    scores = dict(zip(keys, current.scores, strict=True)) if current else {}
    cannot = set(current.missing) if current else set()
    return save_assessment(
        assignment=assignment,
        scores={**scores, criterion: None if cannot_judge else score},
        cannot_judge=cannot | {criterion} if cannot_judge else cannot - {criterion},
        notes={**(current.notes if current else {}), criterion: note},
        confidence=current.confidence if current else None,
        by=by,
        at=at,
        submit=bool(current and current.submitted_at),
        version=current.version if current and version is None else version,
    )


@transaction.atomic
def hand_in(*, assignment: Assignment, by: User, at: datetime, version: int | None = None) -> Assessment:
    """Hands in what is saved, as it is. Every criterion needs a score or "cannot judge" by then."""
    current = Assessment.objects.filter(assignment=assignment).first()
    policy = schema.parse(assignment.entry.round.policy_version.document)
    keys = [one.key for one in policy.assessed_criteria()]
    return save_assessment(
        assignment=assignment,
        scores=dict(zip(keys, current.scores, strict=True)) if current else {},
        cannot_judge=set(current.missing) if current else set(),
        notes=current.notes if current else {},
        confidence=current.confidence if current else None,
        by=by,
        at=at,
        submit=True,
        version=current.version if current and version is None else version,
    )


def is_complete(assessment: Assessment, asked: Iterable[schema.Criterion], policy: schema.Policy) -> bool:
    """Has every criterion that is asked a score, or the word that it cannot be judged?"""
    scores = dict(zip((one.key for one in policy.assessed_criteria()), assessment.scores, strict=True))
    return all(scores[one.key] is not None or one.key in assessment.missing for one in asked)


def _changed_elsewhere() -> Stale:
    return Stale(_("You changed this in another window. Look again before you save."))


def _vector(
    policy: schema.Policy, known: set[str], scores: dict[str, float | None], cannot_judge: set[str]
) -> tuple[list[float | None], dict[str, str]]:
    """The scores in the order of the rules, and why some are missing. `known`: what is asked."""
    levels = set(policy.scale.levels())
    every = {criterion.key for criterion in policy.assessed_criteria()}
    given = {key for key, score in scores.items() if score is not None}
    if set(scores) - every or (given | cannot_judge) - known:
        raise Refused(_("These scoring rules have no such criterion."), code="criterion")
    vector: list[float | None] = []
    for criterion in policy.assessed_criteria():
        score = None if criterion.key in cannot_judge else scores.get(criterion.key)
        if score is not None and float(score) not in levels:
            raise Refused(_("Choose a level of the scale."), code="scale", field=criterion.key)
        vector.append(_plain(score))
    return vector, dict.fromkeys(sorted(cannot_judge), CANNOT_JUDGE)


def _plain(score: float | None) -> float | None:
    """Whole levels as integers, so that equal scores hash alike however they were typed."""
    return int(score) if score is not None and float(score).is_integer() else score


@transaction.atomic
def skip_assignment(*, assignment: Assignment, by: User, at: datetime) -> None:
    """Puts an initiative to the end of the assessor's own queue. What was typed stays."""
    _require_own(assignment, by)
    Assignment.objects.filter(pk=assignment.pk).update(skipped_at=at)


@transaction.atomic
def declare_conflict(*, assignment: Assignment, reason: str, by: User, at: datetime) -> User | None:
    """Takes the assessor off one initiative, scores included, and asks another one where there is one."""
    _require_own(assignment, by)
    if not reason.strip():
        raise Refused(_("Say in a few words what the conflict is."), field="reason")
    declared = Assignment.objects.filter(pk=assignment.pk, conflict_at__isnull=True).update(
        conflict_at=at, conflict_reason=reason.strip()[:300]
    )
    if not declared:  # pressed twice: a second one would ask a second assessor
        raise Refused(_("You declared a conflict of interest here."), code="conflict")
    entry = assignment.entry
    open_still = entry.round.state == RoundState.OPEN
    successor = replacement(entry, instead_of=by) if open_still else None
    if successor is not None:
        mine = successor.assignments.filter(entry__round=entry.round)
        last = mine.aggregate(last=Max("position"))["last"]
        made = Assignment.objects.create(
            entry=entry,
            assessor=successor,
            position=(last or 0) + 1,
            origin=Assignment.Origin.REPLACEMENT,
            asked_at=at,
        )
        tell_added(entry.round, [made], at=at)
    record(
        entry.round.programme,
        "declare_conflict",
        at=at,
        by=by,
        round=entry.round,
        initiative=entry.initiative,
        note=reason.strip(),
    )
    return successor


def progress(*, user: User, round_id: int) -> dict[str, Any]:
    """How far an assessor is: handed in, still to do, in all."""
    mine = Assignment.objects.of(user).filter(entry__round_id=round_id).without_conflict()
    total = mine.count()
    left = mine.to_do().count()
    return {"done": total - left, "left": left, "total": total}
