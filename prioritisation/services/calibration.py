"""Calibration: how the panel reads the scale on initiatives that all of it scores, and anchors put in clearer
words while the round is open.

Nobody sees another's scores before having handed in all of the own ones on these initiatives, nor before two
others did: with one other there would be no letter, but a name.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import (
    Assessment,
    Assignment,
    Clarification,
    Entry,
    PanelMember,
    PolicyVersion,
    Round,
)
from prioritisation.policies import schema
from prioritisation.services.access import hold_programme, hold_round, record, require_role
from prioritisation.workflow import Role, RoundState

OTHERS = 2
"""So many others must have handed theirs in before anything is shown."""


@dataclass(frozen=True)
class Column:
    """One person's scores on one initiative. Nobody's name: `own` is the reader's, `letter` is drawn."""

    letter: str
    own: bool
    scores: dict[str, float | None]
    first: dict[str, float | None]
    notes: dict[str, str]


def calibration_entries(round: Round) -> list[Entry]:
    """The initiatives for everyone, by reference."""
    entries = round.entries.filter(calibration=True).select_related("initiative", "revision")
    return list(entries.order_by("initiative__reference"))


def seat_of(round: Round, user: User) -> PanelMember | None:
    """The person's seat on the panel, unless the person left it or is no assessor here any more."""
    seat = round.panel.filter(user=user, left_at__isnull=True).first()
    if seat is None or not round.programme.memberships.filter(user=user, role=Role.ASSESSOR).exists():
        return None
    return seat


def still_to_hand_in(round: Round, user: User) -> list[Assignment]:
    """The person's own assignments for everyone that are not handed in, in the order of the queue."""
    mine = Assignment.objects.of(user).filter(entry__round=round, entry__calibration=True)
    return list(mine.to_do().select_related("entry__initiative", "entry__revision"))


def left_to_calibrate(round: Round) -> Counter[int]:
    """By person, how many of the initiatives for everyone are not handed in; of the whole panel at once."""
    everyones = Assignment.objects.filter(entry__round=round, entry__calibration=True)
    return Counter(everyones.to_do().order_by().values_list("assessor", flat=True))


def may_compare(round: Round, user: User) -> bool:
    """Has the person handed in all of the own ones? Without any there is nothing to compare."""
    mine = Assignment.objects.of(user).filter(entry__round=round, entry__calibration=True)
    return mine.without_conflict().exists() and not mine.to_do().exists()


def own_assignment(entry: Entry, user: User) -> Assignment | None:
    return entry.assignments.filter(assessor=user, conflict_at__isnull=True).first()


def own_entries(round: Round, user: User) -> set[int]:
    """Keys of the entries that this person is asked about, conflicts of interest apart."""
    mine = Assignment.objects.of(user).filter(entry__round=round).without_conflict()
    return set(mine.values_list("entry", flat=True))


def columns(round: Round, entry: Entry, *, reader: User | None, policy: schema.Policy) -> list[Column] | None:
    """The scores on one initiative: the reader's own first, then the others in the order of their letters.

    None where the reader may not compare: not handed in, a conflict of interest, or too few others yet. Only
    those asked the same criteria as the reader are shown, so that a gap does not tell a team. Without a
    reader (staff, after closing) everybody is there.
    """
    rows = list(
        Assessment.objects.counted()
        .filter(assignment__entry=entry)
        .select_related("assignment")
        .order_by("pk")
    )
    seats = {seat.user_id: seat for seat in round.panel.all()}
    if reader is not None:
        mine = next((row for row in rows if row.assignment.assessor_id == reader.pk), None)
        if mine is None:
            return None
        asked = _asked(policy, seats.get(reader.pk))
        rows = [row for row in rows if _asked(policy, seats.get(row.assignment.assessor_id)) == asked]
        if len(rows) <= OTHERS:
            return None
    people = [row.assignment.assessor_id for row in rows]
    letters = letters_for(round, entry.pk, [seat.user_id for seat in seats.values()] + people)
    found = [
        Column(
            letter=letters[row.assignment.assessor_id],
            own=reader is not None and row.assignment.assessor_id == reader.pk,
            scores=_by_key(policy, row.scores),
            first=_by_key(policy, row.first_scores or row.scores),
            notes=dict(row.notes),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.own, len(one.letter), one.letter))


def _asked(policy: schema.Policy, seat: PanelMember | None) -> list[str]:
    return [one.key for one in policy.asked_of(seat.team if seat else "")]


def _by_key(policy: schema.Policy, scores: list[float | None]) -> dict[str, float | None]:
    return dict(zip((one.key for one in policy.assessed_criteria()), scores, strict=True))


def letters_for(round: Round, page: int, people: list[int]) -> dict[int, str]:
    """A letter for each person, other ones on each page, from the server's own key.

    Not from the round's seed, which is public, and not those of publication: whoever knows one page's letters
    knows nothing of another's. Everybody on the panel has one, so that letters don't shift as people hand in.
    """

    def drawn(person: int) -> str:
        text = f"{round.pk}/{page}/{person}"
        return str(salted_hmac("prioritisation.calibration", text, algorithm="sha256").hexdigest())

    return {person: _letter(place) for place, person in enumerate(sorted(set(people), key=drawn))}


def _letter(place: int) -> str:
    rest, last = divmod(place, 26)
    return (_letter(rest - 1) if rest else "") + chr(ord("A") + last)


# Clearer words ------------------------------------------------------------------------------------------


def clarified(round: Round) -> dict[str, dict[float, Clarification]]:
    """The newest clarification of each anchor: by criterion, then by level."""
    found: dict[str, dict[float, Clarification]] = {}
    for one in round.clarifications.order_by("at", "pk"):
        found.setdefault(one.criterion, {})[one.level] = one
    return found


@dataclass(frozen=True)
class Use:
    """A round that goes by a version of the rules, or went by it until clearer words took over."""

    round: Round
    until: datetime | None = None
    """When a version that differs in words alone took over."""
    after: int | None = None
    """The number of that version."""


def rounds_of_rules(version: PolicyVersion) -> list[Use]:
    """Every round that goes or went by this version, by number."""
    found = [Use(one) for one in version.round_set.order_by("number")]
    clearer = Clarification.objects.filter(round__programme=version.programme_id)
    by_round: dict[int, list[Clarification]] = {}
    for one in clearer.select_related("round", "policy_version").order_by("at", "pk"):
        by_round.setdefault(one.round_id, []).append(one)
    for steps in by_round.values():
        before = [_rules_before(steps[0]), *(one.policy_version.sha256 for one in steps)]
        for sha256, step in zip(before, steps, strict=False):
            if sha256 == version.sha256 and version.number < step.policy_version.number:
                found.append(Use(step.round, step.at, step.policy_version.number))
    return sorted(found, key=lambda one: one.round.number)


def _rules_before(first: Clarification) -> str:
    """The fingerprint of the rules a round opened with: those of its first clarification, words undone."""
    document = first.policy_version.document
    return schema.digest(_reworded(document, first.criterion, first.level, dict(first.before)))


@transaction.atomic
def clarify_anchor(
    *,
    round: Round,
    criterion: str,
    level: float,
    text: dict[str, str],
    reason: str,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Clarification:
    """Puts one anchor in clearer words for a round that is open: a new approved version of the rules, the
    same but for these words, takes over. Scores stay; the ranking will name the version in force.
    """
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.OPEN:
        raise Refused(_("Anchors are put in clearer words while the round is open."), code="wrong_state")
    round.refresh_from_db()
    if version is not None and round.version != version:
        raise Stale(_("Somebody else changed this round. Look again before you save."))
    before = schema.parse(round.policy_version.document)
    words = said(text)
    old = _anchor(before, criterion, level)
    if set(words) != set(before.languages):
        raise Refused(_("Write the level in every language of the rules."), field="text")
    if not reason.strip():
        raise Refused(_("Say in a few words what was read differently."), field="reason")
    if words == old:
        raise Refused(_("These are the words that stand there already."), field="text")
    document = _reworded(round.policy_version.document, criterion, level, words)
    made = _approved_version(round, document, by=by, at=at)
    Round.objects.filter(pk=round.pk).update(policy_version=made, version=F("version") + 1)
    round.refresh_from_db()
    kept = Clarification.objects.create(
        round=round,
        criterion=criterion,
        level=level,
        before=old,
        after=words,
        reason=reason.strip()[:500],
        policy_version=made,
        at=at,
        by=by,
    )
    note = f"{criterion} {level:g}: {reason.strip()}"
    record(round.programme, "clarify_anchor", at=at, by=by, round=round, note=note, public=True)
    return kept


def _anchor(policy: schema.Policy, criterion: str, level: float) -> dict[str, str]:
    known = {one.key: one for one in policy.assessed_criteria()}
    found = known[criterion].level(level) if criterion in known else None
    if found is None:
        raise Refused(_("These scoring rules have no such level."), code="level")
    return dict(found.text)


def _reworded(
    document: dict[str, Any], criterion: str, level: float, words: dict[str, str]
) -> dict[str, Any]:
    changed = deepcopy(document)
    block = next(one for one in changed["criteria"] if one["key"] == criterion)
    name = next(one for one in block["anchors"] if float(one) == level)
    block["anchors"][name] = words
    return changed


def _approved_version(round: Round, document: dict[str, Any], *, by: User, at: datetime) -> PolicyVersion:
    """The rules with other words, approved by who clarifies. Refuses whatever would change a score."""
    try:
        after = schema.parse(document)
    except schema.PolicyError as error:
        raise Refused(str(error), field="text") from error
    if not schema.same_meaning(schema.parse(round.policy_version.document), after):
        raise Refused(_("Only words may change while the round is open."), code="meaning")
    hold_programme(round.programme)
    last = round.programme.policy_versions.aggregate(last=Max("number"))["last"] or 0
    return PolicyVersion.objects.create(
        programme=round.programme,
        number=last + 1,
        document=document,
        sha256=schema.digest(document),
        source=_("version %(n)d, a level in clearer words") % {"n": round.policy_version.number},
        created_at=at,
        created_by=by,
        approved_at=at,
        approved_by=by,
    )
