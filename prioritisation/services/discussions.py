"""What a panel does about initiatives that it reads apart: a further opinion, or talking about them.

While the round is open the manager learns which they are and nothing else, and may ask one person more.
After closing scores are talked about: they stand, are given again by the same people, or the initiative is
merged. Scores given again make a new ranking beside the old one.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from engagement.models import User
from engagement.services import Refused, queue_notice
from prioritisation import readings
from prioritisation.models import (
    Assessment,
    Assignment,
    Discussion,
    Entry,
    Event,
    PanelMember,
    Result,
    Round,
)
from prioritisation.policies import schema
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.assigning import replacement, tell_added
from prioritisation.services.results import latest_result, make_result
from prioritisation.workflow import Role, RoundState


def may_see_apart(round: Round, user: User) -> bool:
    """Managers, but not who is on the panel: with the own scores in mind the list would tell of others'."""
    return not round.panel.filter(user=user).exists()


def events_for(events: QuerySet[Event], user: User) -> QuerySet[Event]:
    """Without what would tell somebody on the panel, before closing, that others read an initiative apart."""
    before_closing = (RoundState.PREPARING, RoundState.OPEN)
    mine = PanelMember.objects.filter(user=user, round__state__in=before_closing).values("round")
    return events.exclude(verb="ask_opinion", round__in=mine)


def read_apart(round: Round) -> list[Entry]:
    """Initiatives whose handed-in scores lie three levels of five or more apart, by reference. No figures."""
    policy = schema.parse(round.policy_version.document)
    keys = [one.key for one in policy.assessed_criteria()]
    given: dict[int, dict[str, list[float]]] = {}
    rows = Assessment.objects.counted().filter(assignment__entry__round=round)
    for entry, scores in rows.values_list("assignment__entry", "scores"):
        found = given.setdefault(entry, {key: [] for key in keys})
        for key, score in zip(keys, scores, strict=True):
            if score is not None:
                found[key].append(float(score))
    span = policy.scale.maximum - policy.scale.minimum
    apart = [entry for entry, scores in given.items() if readings.read_apart(scores, span)]
    entries = round.entries.filter(pk__in=apart).select_related("initiative")
    return list(entries.order_by("initiative__reference"))


def opinions_asked(round: Round) -> dict[int, list[datetime]]:
    """By entry, when a further opinion was asked for."""
    found: dict[int, list[datetime]] = {}
    asked = Assignment.objects.filter(entry__round=round, origin=Assignment.Origin.OPINION)
    for entry, at in asked.order_by("asked_at").values_list("entry", "asked_at"):
        if at is not None:
            found.setdefault(entry, []).append(at)
    return found


@transaction.atomic
def ask_opinion(*, entry: Entry, by: User, at: datetime) -> User:
    """Asks one person more about an initiative: of the panel the one with the least to do.

    That person gets the same mail as for any other addition to a list: nobody scores freely who knows that
    others disagree.
    """
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.OPEN:
        raise Refused(_("A further opinion is asked for while the round is open."), code="wrong_state")
    asked = replacement(entry)
    if asked is None:
        raise Refused(_("Nobody of the panel is left who could be asked about it."), code="nobody")
    last = asked.assignments.filter(entry__round=round).aggregate(last=Max("position"))["last"] or 0
    made = Assignment.objects.create(
        entry=entry, assessor=asked, position=last + 1, origin=Assignment.Origin.OPINION, asked_at=at
    )
    tell_added(round, [made], at=at)
    record(round.programme, "ask_opinion", at=at, by=by, round=round, initiative=entry.initiative)
    return asked


@transaction.atomic
def discuss(*, entry: Entry, verdict: str, reason: str, by: User, at: datetime) -> Discussion:
    """Notes what the panel agreed on after talking about one initiative of a closed round.

    "To be scored again" asks everybody who scored it: until then what they gave stands.
    """
    round = entry.round
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(_("Scores are talked about between closing and deciding."), code="wrong_state")
    if verdict not in set(Discussion.Verdict.values):
        raise Refused(_("Choose what was agreed."), field="verdict")
    if not reason.strip():
        raise Refused(_("Say in a few words why."), field="reason")
    if verdict == Discussion.Verdict.RESCORE:
        _ask_again(entry, at=at)
    made = Discussion.objects.create(entry=entry, verdict=verdict, reason=reason.strip()[:1000], by=by, at=at)
    record(
        round.programme,
        "discuss",
        at=at,
        by=by,
        round=round,
        initiative=entry.initiative,
        reason=verdict,
        note=reason.strip(),
        public=True,
    )
    return made


def _ask_again(entry: Entry, *, at: datetime) -> None:
    round = entry.round
    if round.decisions.exists():
        raise Refused(_("Decisions are drafted already; scores no longer change."), field="verdict")
    asked = entry.assignments.filter(conflict_at__isnull=True, assessment__submitted_at__isnull=False)
    people = [one.assessor for one in asked.select_related("assessor").order_by("pk")]
    if not people:
        raise Refused(_("Nobody scored it: there is nothing to give again."), field="verdict")
    asked.update(asked_at=at)
    for person in people:
        context = {"round": round.pk, "reference": entry.initiative.reference}
        queue_notice(kind="prioritisation.asked_again", at=at, user=person, context=context)


def asked_again(round: Round) -> Q:
    """Which assignments take scores after closing: those asked again since the newest ranking was made."""
    newest = round.results.filter(kind=Result.Kind.RANKING).order_by("-pk").values_list("made_at", flat=True)
    made_at = newest.first()
    if round.state != RoundState.CLOSED or made_at is None or round.decisions.exists():
        return Q(pk__in=())
    again = Discussion.objects.filter(
        entry__round=round, verdict=Discussion.Verdict.RESCORE, at__gte=made_at
    ).values("entry")
    asked = Q(entry__round=round, asked_at__gte=made_at, conflict_at__isnull=True)
    return asked & (Q(entry__in=again) | Q(origin=Assignment.Origin.OPINION))


def may_score(assignment: Assignment) -> bool:
    """Does it take scores now: while the round is open, and after closing where it was asked again?"""
    round = assignment.entry.round
    if round.state == RoundState.OPEN:
        return True
    return Assignment.objects.filter(asked_again(round), pk=assignment.pk).exists()


def asked_again_of(round: Round, user: User) -> set[int]:
    """This person's assignments of a closed round that take scores again."""
    if round.state != RoundState.CLOSED:
        return set()
    return set(Assignment.objects.of(user).filter(asked_again(round)).values_list("pk", flat=True))


@transaction.atomic
def rank_again(*, round: Round, reason: str, by: User, at: datetime) -> Result:
    """A new ranking from the scores as they now stand; the old one is kept, as its parent."""
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED or round.decisions.exists():
        raise Refused(_("A ranking is made again between closing and deciding."), code="wrong_state")
    if not reason.strip():
        raise Refused(_("Say in a few words why."), field="reason")
    parent = latest_result(round)
    made = make_result(round=round, by=by, at=at, parent=parent, reason=reason.strip())
    record(round.programme, "rank_again", at=at, by=by, round=round, note=reason.strip(), public=True)
    return made


def asked_again_open(round: Round) -> dict[str, int]:
    """After closing: how many were asked to score again, and how many of them have."""
    asked = Assignment.objects.filter(asked_again(round)).select_related("assessment")
    done = sum(one.asked_at is not None and one.assessment.saved_at > one.asked_at for one in asked)
    return {"asked": len(asked), "done": done}
