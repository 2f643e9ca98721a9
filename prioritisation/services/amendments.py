"""What the council changes in a published plan: in, out, each with its reason, adopted by a resolution."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement import services as engagement
from engagement.localized import said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import plan_documents
from prioritisation.models import Amendment, DecisionMeeting, Entry, Initiative, Plan, PlanVersion
from prioritisation.services.access import hold_initiatives, hold_plan, record, require_role
from prioritisation.services.outcomes import tell_authors
from prioritisation.services.plans import publish_version
from prioritisation.services.sittings import require_held
from prioritisation.services.writers import keep_writer, wrote
from prioritisation.workflow import INITIATIVE_MOVES, InitiativeState, Outcome, Role, RoundState


def draft_of(plan: Plan) -> Amendment | None:
    """The amendment that is being written, if any; a plan has one at a time."""
    return plan.amendments.filter(adopted_at__isnull=True).select_related("base", "meeting").first()


@transaction.atomic
def start_amendment(*, plan: Plan, by: User, at: datetime) -> Amendment:
    """A draft on the newest version of a published plan, or the one that is there."""
    require_role(by, plan.programme, Role.MANAGER)
    hold_plan(plan.programme)
    if (draft := draft_of(plan)) is not None:
        return draft
    base = plan.versions.order_by("-number").first()
    if base is None:
        raise Refused(_("Only a published plan is amended."), code="unpublished")
    made = Amendment.objects.create(plan=plan, base=base, made_at=at, made_by=by)
    record(plan.programme, "start_amendment", at=at, by=by, plan=plan, note=str(base.number))
    return made


@transaction.atomic
def save_amendment(
    *,
    amendment: Amendment,
    changes: Iterable[dict[str, Any]],
    by: User,
    at: datetime,
    meeting: DecisionMeeting | None = None,
    vote: str = "",
    version: int | None = None,
) -> Amendment:
    """Keeps a draft as it stands: `changes` are `{"reference", "outcome", "reason": text by language}`.

    A reason may still be missing; adopting asks for it.
    """
    require_role(by, amendment.plan.programme, Role.MANAGER)
    if meeting is not None and meeting.programme_id != amendment.plan.programme_id:
        raise Refused(_("The sitting is of another programme."), field="meeting")
    hold_plan(amendment.plan.programme)  # what is being adopted is not changed under it
    kept = [_clean(amendment, one) for one in changes]
    if len({one["reference"] for one in kept}) < len(kept):
        raise Refused(_("An initiative is changed once."), code="twice")
    seen = amendment.version if version is None else version
    before = amendment.made_by_id
    as_seen = Amendment.objects.filter(
        pk=amendment.pk, version=seen, made_by_id=before, adopted_at__isnull=True
    )
    if not as_seen.update(
        changes=kept, meeting=meeting, vote=vote.strip(), made_by=by, version=F("version") + 1
    ):
        raise changed_meanwhile()
    keep_writer(amendment, before, by=by)
    amendment.refresh_from_db()
    record(amendment.plan.programme, "save_amendment", at=at, by=by, plan=amendment.plan)
    return amendment


def _clean(amendment: Amendment, change: dict[str, Any]) -> dict[str, Any]:
    entry = plan_documents.find(amendment.base.document, change["reference"])
    fits = {
        Outcome.ADVANCE: entry is not None and entry["outcome"] in (Outcome.HOLD, Outcome.SET_ASIDE),
        Outcome.SET_ASIDE: entry is not None and entry["outcome"] == Outcome.ADVANCE,
    }
    if not fits.get(change["outcome"]):
        raise Refused(
            _("%(reference)s can't be changed so: it is not in this plan, or is there already.")
            % {"reference": change["reference"]},
            code="unknown",
        )
    reason = said(change["reason"])
    return {"reference": change["reference"], "outcome": str(change["outcome"]), "reason": reason}


@transaction.atomic
def drop_amendment(*, amendment: Amendment, by: User, at: datetime, version: int | None = None) -> None:
    """Throws a draft away; nobody outside has seen it."""
    require_role(by, amendment.plan.programme, Role.MANAGER)
    hold_plan(amendment.plan.programme)
    seen = amendment.version if version is None else version
    gone, _rows = Amendment.objects.filter(pk=amendment.pk, version=seen, adopted_at__isnull=True).delete()
    if not gone:
        raise changed_meanwhile()
    record(amendment.plan.programme, "drop_amendment", at=at, by=by, plan=amendment.plan)


def changed_meanwhile() -> Stale:
    return Stale(_("Somebody else changed or adopted this amendment. Look again before you save."))


def check_adoptable(*, amendment: Amendment, by: User) -> None:
    """Refuses, with the reason, what is not fit to be adopted."""
    programme = amendment.plan.programme
    require_role(by, programme, Role.PUBLISHER)
    if amendment.adopted_at is not None:
        raise Stale(_("It is adopted already."))
    if amendment.plan.versions.filter(number__gt=amendment.base.number).exists():
        raise Stale(_("The plan was published anew since. Throw this draft away and start again."))
    if not amendment.changes:
        raise Refused(_("Nothing is put in or taken out yet."), code="empty")
    without = [one["reference"] for one in amendment.changes if not one["reason"]]
    if without:
        raise Refused(
            _("Give each change a reason in words for the public: %(references)s.")
            % {"references": ", ".join(without)},
            code="reason",
        )
    meeting = amendment.meeting
    if meeting is None or not meeting.resolution:
        raise Refused(_("Name the sitting, with its resolution."), field="meeting")
    if not amendment.vote:
        raise Refused(_("Write how the vote went."), field="vote")
    if programme.second_person and wrote(amendment, by):
        raise Refused(
            _("You prepared this amendment. Another person has to publish it."), code="second_person"
        )
    if programme.second_person and wrote(meeting, by):
        raise Refused(
            _("You wrote down the sitting of this amendment. Another person has to publish it."),
            code="second_person",
        )


def adopt_amendment(
    *, amendment: Amendment, by: User, at: datetime, version: int | None = None
) -> PlanVersion:
    """The amended plan becomes its next version: initiatives move, authors are told."""
    return _adopt(amendment, by=by, at=at, version=version)


def amendment_mails(
    *, amendment: Amendment, by: User, at: datetime, version: int | None = None
) -> engagement.Rehearsal:
    """What adopting it now would mail; all of it is taken back. Refuses where it cannot be adopted.

    The plan itself is not written for it: no mail reads it, and of a large plan that takes seconds.
    """
    return engagement.rehearse(lambda: _adopt(amendment, by=by, at=at, version=version, written=False), at=at)


@transaction.atomic
def _adopt(
    amendment: Amendment, *, by: User, at: datetime, version: int | None, written: bool = True
) -> PlanVersion:
    plan = hold_plan(amendment.plan.programme)
    seen = amendment.version if version is None else version
    amendment = Amendment.objects.select_related("plan__programme", "base", "meeting").get(pk=amendment.pk)
    check_adoptable(amendment=amendment, by=by)
    if amendment.version != seen:
        raise changed_meanwhile()
    assert amendment.meeting is not None  # check_adoptable refuses otherwise
    require_held([amendment.meeting], at=at)
    for change in amendment.changes:
        _carry_out(amendment, change, by=by, at=at)
    round = plan.programme.rounds.filter(state=RoundState.DECIDED).order_by("-decided_at", "-pk").first()
    assert round is not None  # a published plan has a decided round
    published = publish_version(
        plan.programme,
        round,
        by=by,
        at=at,
        second_person=not (wrote(amendment, by) or wrote(amendment.meeting, by)),
        amendment=amendment,
        written=written,
    )
    record(
        plan.programme,
        "adopt_amendment",
        at=at,
        by=by,
        plan=plan,
        note=amendment.meeting.resolution,
        public=True,
    )
    tell_authors(plan.programme, plan, by=by, at=at)
    return published


def _carry_out(amendment: Amendment, change: dict[str, Any], *, by: User, at: datetime) -> None:
    verb = "put_in" if change["outcome"] == Outcome.ADVANCE else "take_out"
    move = INITIATIVE_MOVES[verb]
    named = Initiative.objects.filter(programme=amendment.plan.programme, reference=change["reference"])
    hold_initiatives(named.values_list("pk", flat=True))  # no round takes it in meanwhile
    initiative = named.get()
    busy = (RoundState.OPEN, RoundState.CLOSED)
    if Entry.objects.filter(initiative=initiative, round__state__in=busy).exists():
        raise Refused(
            _("%(reference)s is being assessed in a round.") % {"reference": initiative.reference},
            code="busy",
        )
    before = initiative.state
    (to,) = move.targets
    moved = before in move.sources and Initiative.objects.filter(
        pk=initiative.pk, state=before, version=initiative.version
    ).update(state=to, changed_at=at, version=F("version") + 1)
    if not moved:
        raise Refused(
            _("%(reference)s is “%(state)s” by now and can't be changed so.")
            % {"reference": initiative.reference, "state": InitiativeState(before).value},
            code="wrong_state",
        )
    record(
        amendment.plan.programme,
        verb,
        at=at,
        by=by,
        initiative=initiative,
        plan=amendment.plan,
        from_state=before,
        to_state=to,
        text=change["reason"],
        public=True,
    )
