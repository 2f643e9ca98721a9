"""What became of a plan's initiatives since it was published: started, delivered, dropped, news in between.

It is live and stands beside the plan, whose document never changes (docs/adr/0023). Each step is a row; its
ideas' senders are told once each, their followers by a line on the ideas' timelines. As long as the mail
waits the step can be undone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement import services as engagement
from engagement.localized import localized, said
from engagement.models import Idea, Notice, SimilarLink, User
from engagement.privacy import mask
from engagement.services import UNDO_WINDOW, Carrying, Refused, Stale, add_carrying, cancel_waiting
from engagement.workflow import ANSWER, IdeaState
from prioritisation import delivery_words, plan_documents
from prioritisation.models import DeliveryStep, IdeaLink, Initiative, PlanVersion, Programme
from prioritisation.querysets import InitiativeQuerySet
from prioritisation.services.access import has_role, hold_initiatives, record
from prioritisation.services.facts import is_of_owner
from prioritisation.services.wording import in_each_language
from prioritisation.workflow import DELIVERY_MOVES, DeliveryState, InitiativeState, Role

TOLD = "prioritisation.delivery"
LATE = "late"
"""What a filter asks for beside the states."""
MOST = 1000
"""Characters of a step's words, in each language."""
SILENCE = timedelta(days=90)
"""So long without a word of what is under way, and the desk asks for one."""
_LINES = {
    "start_delivery": engagement.STARTED,
    "take_up_again": engagement.STARTED,
    "report_progress": engagement.NEWS,
    "deliver": engagement.DELIVERED,
    "drop": engagement.DROPPED,
}
"""By verb what the line on an idea's timeline tells."""


# --- Who, and what ----------------------------------------------------------------------------------


def may_follow(user: User, initiative: Initiative) -> bool:
    """A manager of the programme, or who answers in public for the department that carries it out."""
    if has_role(user, initiative.programme, Role.MANAGER):
        return True
    return is_of_owner(user, initiative) and user.has_perm(ANSWER)


def followed_by(user: User) -> InitiativeQuerySet:
    """Initiatives of published plans that `user` may tell the public about."""
    managed = Programme.objects.seen_by(user, Role.MANAGER).values("pk")
    mine = Q(programme__in=managed)
    if user.department_id is not None and user.is_staff and user.has_perm(ANSWER):
        mine |= Q(owner=user.department_id)
    return Initiative.objects.followed().filter(mine).select_related("programme__plan", "owner")


def moves_for(user: User, initiative: Initiative) -> list[str]:
    """The verbs that its state and this person's roles allow now."""
    if not may_follow(user, initiative):
        return []
    return [move.verb for move in DELIVERY_MOVES.values() if initiative.delivery_state in move.sources]


# --- The verbs --------------------------------------------------------------------------------------


def start_delivery(
    *,
    initiative: Initiative,
    by: User,
    at: datetime,
    text: dict[str, str] | None = None,
    expected_on: date | None = None,
    version: int | None = None,
) -> DeliveryStep:
    """Work starts; `expected_on` is the day by which it is to be done."""
    return _step(initiative, "start_delivery", DeliveryState.STARTED, text, expected_on, by, at, version)


def report_progress(
    *,
    initiative: Initiative,
    by: User,
    at: datetime,
    text: dict[str, str] | None = None,
    expected_on: date | None = None,
    version: int | None = None,
) -> DeliveryStep:
    """News, or another date for the next step; None takes the date away. It stays in its state."""
    return _step(initiative, "report_progress", initiative.delivery_state, text, expected_on, by, at, version)


def deliver_initiative(
    *,
    initiative: Initiative,
    by: User,
    at: datetime,
    text: dict[str, str] | None = None,
    version: int | None = None,
) -> DeliveryStep:
    """What the plan held is there."""
    return _step(initiative, "deliver", DeliveryState.DELIVERED, text, None, by, at, version)


def drop_initiative(
    *, initiative: Initiative, by: User, at: datetime, text: dict[str, str], version: int | None = None
) -> DeliveryStep:
    """It is not carried out after all; `text` says why, in public."""
    return _step(initiative, "drop", DeliveryState.DROPPED, text, None, by, at, version)


def take_up_again(
    *,
    initiative: Initiative,
    by: User,
    at: datetime,
    text: dict[str, str],
    expected_on: date | None = None,
    version: int | None = None,
) -> DeliveryStep:
    """What was dropped, or was called delivered and is not, goes on; `text` says why, in public."""
    return _step(initiative, "take_up_again", DeliveryState.STARTED, text, expected_on, by, at, version)


@transaction.atomic
def _step(
    initiative: Initiative,
    verb: str,
    to: DeliveryState,
    text: dict[str, str] | None,
    expected_on: date | None,
    by: User,
    at: datetime,
    version: int | None,
) -> DeliveryStep:
    before = initiative.delivery_state
    _require(initiative, verb, by=by)
    words = _words(text)
    _require_something_said(initiative, verb, words, expected_on)
    _require_coming(initiative, expected_on, timezone.localdate(at))
    hold_initiatives([initiative.pk])
    was_late = initiative.is_late(timezone.localdate(at))
    missed_on = initiative.expected_on if was_late else None
    _write(initiative, to, expected_on, at=at, version=version)
    step = DeliveryStep.objects.create(
        initiative=initiative,
        verb=verb,
        state=to,
        text=words,
        expected_on=expected_on,
        missed_on=missed_on,
        at=at,
        by=by,
    )
    record(
        initiative.programme,
        verb,
        at=at,
        by=by,
        initiative=initiative,
        from_state=before,
        to_state=to,
        text=words,
        public=True,
    )
    _tell(step, by=by, at=at)
    return step


def _require(initiative: Initiative, verb: str, *, by: User) -> None:
    move = DELIVERY_MOVES[verb]
    if not may_follow(by, initiative):
        raise Refused(
            _("Only a manager of the programme, or the department that carries it out, tells this."),
            code="forbidden",
        )
    if not _in_newest_plan(initiative):
        raise Refused(_("It is not among what the published plan holds."), code="not_in_plan")
    if initiative.delivery_state not in move.sources:
        label, _tone = delivery_words.STATES[initiative.delivery_state]
        raise Refused(_("This can't be done while it is “%(state)s”.") % {"state": label}, code="wrong_state")


def _in_newest_plan(initiative: Initiative) -> bool:
    """Does the newest published version list it as chosen, and did no later move take it out?"""
    newest = PlanVersion.objects.filter(plan__programme=initiative.programme_id).order_by("-number").first()
    if newest is None or not Initiative.objects.followed().filter(pk=initiative.pk).exists():
        return False
    return any(one["reference"] == initiative.reference for one in plan_documents.chosen(newest.document))


def _words(text: dict[str, str] | None) -> dict[str, str]:
    """Masked like all public words, without the languages left empty.

    Their length is asked first: to look through millions of characters takes longer than anybody may wait.
    """
    written = said(text)
    for one in written.values():
        if len(one) > MOST:
            raise Refused(
                _("At most %(most)s characters; this has %(count)s.") % {"most": MOST, "count": len(one)},
                field="text",
            )
    return said({language: mask(one) for language, one in written.items()})


def _require_something_said(
    initiative: Initiative, verb: str, words: dict[str, str], expected_on: date | None
) -> None:
    if words:
        return
    if verb in ("drop", "take_up_again"):
        raise Refused(_("Say why: senders and the public will read it."), code="text", field="text")
    if verb == "report_progress" and expected_on == initiative.expected_on:
        raise Refused(_("Write what is new, or change the date."), code="text", field="text")


def _require_coming(initiative: Initiative, expected_on: date | None, today: date) -> None:
    """A new promise is for a day to come. One that was missed may stand while there is no better one."""
    if expected_on is not None and expected_on < today and expected_on != initiative.expected_on:
        raise Refused(_("Choose a day that is still to come."), field="expected_on")


def _write(
    initiative: Initiative,
    to: str,
    expected_on: date | None,
    *,
    at: datetime,
    version: int | None,
) -> None:
    """The state as lists read it; `Stale` where it is no longer as the asker saw it."""
    seen = initiative.version if version is None else version
    as_seen = Initiative.objects.filter(
        pk=initiative.pk, state=initiative.state, delivery=initiative.delivery, version=seen
    )
    changed = as_seen.update(
        delivery="" if to == DeliveryState.PLANNED else to,
        expected_on=expected_on,
        changed_at=at,
        version=F("version") + 1,
    )
    if not changed:
        raise Stale(
            _("%(reference)s was changed by somebody else. Look again before you decide.")
            % {"reference": initiative.reference}
        )
    initiative.refresh_from_db()


# --- Whom it is told --------------------------------------------------------------------------------


def _about(step: DeliveryStep) -> str:
    return f"delivery:{step.pk}"


def _ideas_of(initiative: Initiative) -> list[Idea]:
    """Its ideas as far as they still stand, and those joined with them; held until the transaction ends."""
    own = IdeaLink.objects.filter(initiative=initiative).values("idea")
    joined = SimilarLink.objects.standing().filter(original__in=own).values("idea")
    wanted = Q(pk__in=own, state=IdeaState.PUBLISHED) | Q(pk__in=joined, state=IdeaState.DUPLICATE)
    ideas = Idea.objects.filter(wanted)
    engagement.lock_ideas(ideas.values_list("pk", flat=True))  # nobody erases their senders meanwhile
    return list(ideas.select_related("contact", "call").order_by("reference"))


def _tell(step: DeliveryStep, *, by: User, at: datetime) -> None:
    """A line on each idea's timeline; a mail to each sender who agreed to be told, one a person."""
    initiative = step.initiative
    ideas = _ideas_of(initiative)
    engagement.record_follow_up(
        ideas=ideas,
        what=_LINES[step.verb],
        text=in_each_language(lambda language: delivery_words.told(step, initiative.title, language)),
        link=f"/plans/{initiative.programme.plan.slug}/{initiative.reference}/",
        about=_about(step),
        by=by,
        at=at,
    )
    by_address: dict[str, list[Idea]] = {}
    for idea in ideas:
        if idea.contact is not None and not idea.contact.silent_because:
            by_address.setdefault(idea.contact.email.lower(), []).append(idea)
    for sent in by_address.values():
        engagement.queue_notice(
            kind=TOLD,
            at=at,
            contact=sent[0].contact,
            idea=sent[0],
            context={"step": step.pk, "ideas": [one.reference for one in sent]},
            wait=UNDO_WINDOW,
        )


# --- Taking a step back -----------------------------------------------------------------------------


def step_to_undo(*, initiative: Initiative, by: User, at: datetime) -> DeliveryStep | None:
    """The newest step where `by` may take it back now; else nothing."""
    try:
        return _undoable(initiative, by=by, at=at)
    except Refused:
        return None


def _undoable(initiative: Initiative, *, by: User, at: datetime) -> DeliveryStep:
    step = initiative.delivery_steps.standing().last()
    if step is None or not may_follow(by, initiative):
        raise Refused(_("The last step on this cannot be undone."), code="not_undoable")
    if step.by_id != by.pk and not has_role(by, initiative.programme, Role.MANAGER):
        raise Refused(_("Somebody else did this. Ask them to undo it."), code="forbidden")
    if at >= step.at + UNDO_WINDOW:
        raise Refused(_("It is too late to undo this: the time for it is over."), code="too_late")
    return step


@transaction.atomic
def undo_delivery(
    *, initiative: Initiative, by: User, at: datetime, version: int | None = None
) -> DeliveryStep:
    """Takes the newest step back while nobody was told: it is as it was, and no mail about it leaves."""
    hold_initiatives([initiative.pk])
    step = _undoable(initiative, by=by, at=at)
    mails = Notice.objects.filter(kind=TOLD, context__step=step.pk)
    if len(cancel_waiting(mails)) != mails.count():
        raise Refused(_("It is too late to undo this: the mail about it is on its way."), code="told")
    last = initiative.delivery_steps.standing().exclude(pk=step.pk).last()
    before = last.state if last else DeliveryState.PLANNED
    _write(initiative, before, last.expected_on if last else None, at=at, version=version)
    DeliveryStep.objects.filter(pk=step.pk).update(undone_at=at, undone_by=by)
    engagement.take_follow_up_back(about=_about(step), told_at=step.at, by=by, at=at)
    record(
        initiative.programme,
        "undo_delivery",
        at=at,
        by=by,
        initiative=initiative,
        from_state=step.state,
        to_state=before,
    )
    return step


# --- What pages, files and the API read -------------------------------------------------------------


@dataclass(frozen=True)
class Followed:
    """How far an initiative of a plan is on a day."""

    state: str
    expected_on: date | None
    late: bool

    @property
    def called(self) -> tuple[str, ...]:
        """The words that a filter finds it by."""
        return (self.state, LATE) if self.late else (self.state,)


def followed(programme: Programme | int, today: date) -> dict[str, Followed]:
    """By reference how far each initiative is that the programme's plan holds. One query."""
    rows = Initiative.objects.followed().filter(programme=programme)
    return {
        one.reference: Followed(one.delivery_state, one.expected_on, one.is_late(today))
        for one in rows.only("reference", "delivery", "expected_on")
    }


def delivery_counts(found: Iterable[Followed]) -> dict[str, int]:
    """How many are planned, started, delivered, dropped; `late` of those, and `all`."""
    counted: Counter[str] = Counter()
    for one in found:
        counted.update([one.state, "all", *([LATE] if one.late else [])])
    return {str(name): counted[name] for name in (*DeliveryState, LATE, "all")}


def steps_of(initiative: Initiative) -> list[DeliveryStep]:
    """What was told of it, the newest first. Nothing that was undone."""
    return list(initiative.delivery_steps.standing().reverse())


def settled_steps(programme: Programme | int, at: datetime, *, most: int) -> list[DeliveryStep]:
    """The newest steps that can no longer be undone, of what the plan holds, the newest first. One query."""
    told = DeliveryStep.objects.standing().filter(at__lte=at - UNDO_WINDOW)
    of_plan = told.filter(initiative__programme=programme, initiative__state=InitiativeState.CHOSEN)
    return list(of_plan.select_related("initiative").reverse()[:most])


def silent_since(at: datetime) -> datetime:
    return at - SILENCE


def _carrying(idea: Idea, today: date) -> list[Carrying]:
    """For the pages of an idea: how far the initiatives are that it, or what it was joined with, is in."""
    originals = SimilarLink.objects.standing().filter(idea=idea).values("original")
    links = IdeaLink.objects.filter(Q(idea=idea) | Q(idea__in=originals)).values("initiative")
    found = Initiative.objects.followed().filter(pk__in=links).select_related("programme__plan")
    language = get_language()
    return [_in_short(one, today, language) for one in found.order_by("reference")]


def _in_short(initiative: Initiative, today: date, language: str | None) -> Carrying:
    label, tone = delivery_words.STATES[initiative.delivery_state]
    late = initiative.is_late(today)
    return Carrying(
        title=localized(initiative.title, language),
        state=str(label),
        tone=tone,
        next_step=delivery_words.coming(initiative.delivery_state, initiative.expected_on, late=late),
        on=initiative.expected_on,
        late=late,
        link=f"/plans/{initiative.programme.plan.slug}/{initiative.reference}/",
    )


CARRYING = add_carrying(_carrying)
