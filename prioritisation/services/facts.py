"""Facts that an owner department confirms or corrects before a round: cost, months, place."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import District, Notice, User
from engagement.services import Refused, Stale, queue_notice
from prioritisation.models import CostLine, Entry, FactCheck, Initiative, Round
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.initiatives import revise
from prioritisation.workflow import InitiativeState, Role

FACTS = ("timeframe_months", "whole_city", "districts", "costs", "owner")
"""Of a wording: what a check holds for. A change of any of them asks for it again."""
Verdict = FactCheck.Verdict
ASKED = "prioritisation.facts_asked"


def facts_of(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content.get(name) for name in FACTS}


def is_of_owner(user: User, initiative: Initiative) -> bool:
    """Does this person speak for the department that would carry it out? Any active member of staff may."""
    own = user.department_id is not None and user.department_id == initiative.owner_id
    return bool(own and user.is_active and user.is_staff)


def to_check(user: User) -> QuerySet[Initiative]:
    """Initiatives of one's own department that are not decided yet."""
    if user.department_id is None or not (user.is_active and user.is_staff):
        return Initiative.objects.none()
    return (
        Initiative.objects.filter(
            owner=user.department_id, state__in=(InitiativeState.DRAFT, InitiativeState.READY)
        )
        .select_related("programme", "owner")
        .prefetch_related("districts", "cost_lines", "revisions", "fact_checks__revision", "fact_checks__by")
        .order_by("programme", "reference")
    )


def check_of(initiative: Initiative) -> FactCheck | None:
    """The newest check, where it still holds for the facts as they are."""
    check = max(initiative.fact_checks.all(), key=lambda one: (one.at, one.pk), default=None)
    newest = max(initiative.revisions.all(), key=lambda one: one.number, default=None)
    if check is None or newest is None:
        return None
    return check if facts_of(check.revision.content) == facts_of(newest.content) else None


def unconfirmed(round: Round) -> list[Initiative]:
    """Initiatives of a round whose owner has not checked the facts as they now are."""
    return unconfirmed_in([round])[round.pk]


def unconfirmed_in(rounds: Iterable[Round]) -> dict[int, list[Initiative]]:
    """The same of several rounds, by round, in as many queries as for one."""
    found: dict[int, list[Initiative]] = {round.pk: [] for round in rounds}
    entries = (
        Entry.objects.filter(round__in=found)
        .select_related("initiative__owner")
        .prefetch_related("initiative__revisions", "initiative__fact_checks__revision")
        .order_by("initiative__reference")
    )
    for entry in entries:
        if check_of(entry.initiative) is None:
            found[entry.round_id].append(entry.initiative)
    return found


def waiting_for_check(user: User) -> int | None:
    """How many initiatives of one's own department lack a check; None where it owns none to be checked."""
    mine = to_check(user).prefetch_related(None).prefetch_related("revisions", "fact_checks__revision")
    rows = list(mine)
    return sum(check_of(one) is None for one in rows) if rows else None


def _require_owner(initiative: Initiative, by: User) -> None:
    if not is_of_owner(by, initiative):
        raise Refused(_("Only the department that would carry it out checks the facts."), code="forbidden")
    if initiative.state not in (InitiativeState.DRAFT, InitiativeState.READY):
        raise Refused(_("Its facts are fixed once it is decided."), code="wrong_state")


@transaction.atomic
def confirm_facts(
    *, initiative: Initiative, by: User, at: datetime, version: int, note: str = ""
) -> FactCheck:
    """The owner department read cost, months and place as they stand at `version`: they are right."""
    _require_owner(initiative, by)
    current = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if current.version != version:
        raise _changed(initiative)
    return _note(current, Verdict.CONFIRMED, by=by, at=at, note=note)


@transaction.atomic
def correct_facts(
    *,
    initiative: Initiative,
    timeframe_months: int | None,
    whole_city: bool,
    districts: Iterable[District],
    costs: Iterable[dict[str, Any]],
    note: str,
    by: User,
    at: datetime,
    version: int,
) -> FactCheck:
    """The owner department puts cost, months or place right. Nothing else of the initiative changes."""
    _require_owner(initiative, by)
    if not note.strip():
        raise Refused(_("Say in a few words what was wrong."), field="note")
    changed = Initiative.objects.filter(pk=initiative.pk, version=version).update(
        timeframe_months=timeframe_months, whole_city=whole_city, changed_at=at, version=F("version") + 1
    )
    if not changed:
        raise _changed(initiative)
    initiative.refresh_from_db()
    initiative.districts.set([] if whole_city else districts)
    initiative.cost_lines.all().delete()
    CostLine.objects.bulk_create(CostLine(initiative=initiative, **line) for line in costs)
    return _note(initiative, Verdict.CORRECTED, by=by, at=at, note=note)


def _note(initiative: Initiative, verdict: str, *, by: User, at: datetime, note: str) -> FactCheck:
    check = FactCheck.objects.create(
        initiative=initiative,
        revision=revise(initiative, by=by, at=at),
        verdict=verdict,
        note=note.strip()[:1000],
        at=at,
        by=by,
    )
    kept = {"at": at, "by": by, "initiative": initiative, "note": note.strip()}
    if verdict == Verdict.CONFIRMED:
        record(initiative.programme, "confirm_facts", **kept)
    else:
        record(initiative.programme, "correct_facts", **kept)
    return check


def _changed(initiative: Initiative) -> Stale:
    return Stale(
        _("%(reference)s was changed by somebody else. Look again before you save.")
        % {"reference": initiative.reference}
    )


@transaction.atomic
def ask_for_facts(*, round: Round, until: date, by: User, at: datetime) -> dict[str, int]:
    """One mail to each person of the departments whose initiatives lack a check: `{"sent", "spared"}`; spared
    were asked for this round lately, perhaps at this moment by somebody else. It says how many initiatives
    there are of theirs, and `until` which day they are to answer."""
    require_role(by, round.programme, Role.MANAGER)
    if until < timezone.localdate(at):
        raise Refused(_("Choose a day that is still to come."), field="until")
    hold_round(round)
    lately = Notice.objects.filter(
        kind=ASKED, context__round=round.pk, created_at__gt=at - timedelta(days=settings.WINNOW_REMINDER_DAYS)
    )
    told = set(lately.values_list("user_id", flat=True))
    owned = Counter(one.owner_id for one in unconfirmed(round) if one.owner_id)
    people = User.objects.filter(department__in=owned, is_active=True, is_staff=True)
    sent = spared = 0
    for user in people.order_by("username"):
        if user.pk in told:
            spared += 1
            continue
        context = {"round": round.pk, "until": until.isoformat(), "waiting": owned[user.department_id or 0]}
        sent += queue_notice(kind=ASKED, at=at, user=user, context=context) is not None
    record(round.programme, "ask_for_facts", at=at, by=by, round=round, note=str(sent))
    return {"sent": sent, "spared": spared}
