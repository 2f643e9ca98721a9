"""A programme's checklist: standard steps proposed from its dates, own steps, and ticking off.

Nothing is ticked by itself. What Winnow can tell about a standard step is told beside it by who shows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from engagement.localized import localized
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation.models import ChecklistItem, Programme
from prioritisation.services.access import record, require_role
from prioritisation.services.wording import in_each_language
from prioritisation.workflow import Role


@dataclass(frozen=True)
class StepDraft:
    """A step as proposed, or as typed: `key` of a standard one, or empty."""

    label: dict[str, str]
    due_on: date | None
    key: str = ""


STANDARD_STEPS: tuple[tuple[str, str, str, int], ...] = (
    ("rules", gettext_noop("Approve the scoring rules"), "closes", -14),
    ("triage", gettext_noop("Decide on every idea that came in"), "closes", 14),
    ("referrals", gettext_noop("Get answers to the ideas that were passed on"), "closes", 28),
    ("work_up", gettext_noop("Work the ideas up into initiatives"), "closes", 42),
    ("agreement", gettext_noop("Get the owner departments to agree"), "closes", 49),
    ("open_round", gettext_noop("Name the panel and open the round"), "opens_round", 0),
    ("assess", gettext_noop("Have every assessment handed in"), "due", 0),
    ("decide", gettext_noop("Prepare the decisions and their reasons"), "due", 14),
    ("publish", gettext_noop("Publish the plan and tell the senders"), "publishes", 0),
    ("report", gettext_noop("Tell in public how the plan is going"), "publishes", 182),
)
"""Key, words, the date of the programme that it follows, and how many days after it."""


def propose_steps(programme: Programme) -> list[StepDraft]:
    """The standard steps that the programme does not have yet, in every language, dated where that is known.

    The dates: when its last invitation closes (or its cut-off), when its newest round opens and is due, and
    when the programme ends. A round that is not prepared yet is reckoned from the closing, eight weeks after
    it and three more to be scored; publishing without an end of the programme, four weeks after that.
    """
    dates = _dates(programme)
    there = set(programme.checklist.values_list("key", flat=True))
    return [
        StepDraft(
            label=in_each_language(lambda _language, words=words: _(words)),
            due_on=dates[anchor] + timedelta(days=days) if dates[anchor] else None,
            key=key,
        )
        for key, words, anchor, days in STANDARD_STEPS
        if key not in there
    ]


def _dates(programme: Programme) -> dict[str, Any]:
    ends = [call.cutoff_at or call.closes_at for call in programme.calls.all()]
    known = [timezone.localdate(one) for one in ends if one]
    closes = max(known) if known else None
    round = programme.rounds.order_by("-number").first()
    opens = timezone.localdate(round.opened_at) if round and round.opened_at else _after(closes, weeks=8)
    due = timezone.localdate(round.due_at) if round and round.due_at else _after(opens, weeks=3)
    publishes = programme.ends_on or _after(due, weeks=4)
    return {"closes": closes, "opens_round": opens, "due": due, "publishes": publishes}


def _after(day: date | None, *, weeks: int) -> date | None:
    return day + timedelta(weeks=weeks) if day else None


@transaction.atomic
def add_steps(
    *, programme: Programme, steps: Iterable[StepDraft], by: User, at: datetime
) -> list[ChecklistItem]:
    """Adds steps to the checklist. A standard step that is there already is passed over."""
    require_role(by, programme, Role.MANAGER)
    there = set(programme.checklist.exclude(key="").values_list("key", flat=True))
    fresh = [one for one in steps if one.key not in there]
    for one in fresh:
        _require_words(one.label)
    last = programme.checklist.aggregate(last=Max("order"))["last"] or 0
    made = [
        ChecklistItem.objects.create(
            programme=programme, key=one.key, label=one.label, due_on=one.due_on, order=order
        )
        for order, one in enumerate(fresh, start=last + 1)
    ]
    if made:
        record(programme, "add_steps", at=at, by=by, note="; ".join(localized(one.label) for one in made))
    return made


def _require_words(label: dict[str, str]) -> None:
    if not any(words.strip() for words in label.values()):
        raise Refused(_("Say what is to be done."), field="label")


def _write(item: ChecklistItem, version: int | None, **values: Any) -> ChecklistItem:
    seen = item.version if version is None else version
    changed = ChecklistItem.objects.filter(pk=item.pk, version=seen).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise Stale(_("Somebody else changed this step. Look again before you save."))
    item.refresh_from_db()
    return item


@transaction.atomic
def change_step(
    *,
    item: ChecklistItem,
    label: dict[str, str],
    due_on: date | None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> ChecklistItem:
    """Changes the words or the date of a step."""
    require_role(by, item.programme, Role.MANAGER)
    _require_words(label)
    changed = _write(item, version, label=label, due_on=due_on)
    note = f"{localized(label)}: {due_on or '–'}"
    record(item.programme, "change_step", at=at, by=by, note=note)
    return changed


@transaction.atomic
def tick_step(*, item: ChecklistItem, by: User, at: datetime, version: int | None = None) -> ChecklistItem:
    """Ticks a step off: it is done, and `by` says so."""
    require_role(by, item.programme, Role.MANAGER)
    if item.done_at is not None:
        raise Refused(_("This step is done already."), code="wrong_state")
    ticked = _write(item, version, done_at=at, done_by=by)
    record(item.programme, "tick_step", at=at, by=by, note=localized(item.label))
    return ticked


@transaction.atomic
def untick_step(*, item: ChecklistItem, by: User, at: datetime, version: int | None = None) -> ChecklistItem:
    """Takes a tick back."""
    require_role(by, item.programme, Role.MANAGER)
    if item.done_at is None:
        raise Refused(_("This step is not done."), code="wrong_state")
    opened = _write(item, version, done_at=None, done_by=None)
    record(item.programme, "untick_step", at=at, by=by, note=localized(item.label))
    return opened


@transaction.atomic
def remove_step(*, item: ChecklistItem, by: User, at: datetime, version: int | None = None) -> None:
    """Takes a step off the checklist; the timeline keeps that it was there."""
    require_role(by, item.programme, Role.MANAGER)
    seen = item.version if version is None else version
    gone, _by_model = ChecklistItem.objects.filter(pk=item.pk, version=seen).delete()
    if not gone:
        raise Stale(_("Somebody else changed this step. Look again before you save."))
    record(item.programme, "remove_step", at=at, by=by, note=localized(item.label))
