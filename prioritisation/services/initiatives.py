"""Working initiatives up from ideas: n:m, with splitting and merging, every wording kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.localized import said
from engagement.models import Department, District, Idea, Theme, User
from engagement.services import Refused, Stale, next_reference
from engagement.text import fold
from engagement.workflow import IdeaState
from prioritisation.models import (
    CostLine,
    Decision,
    IdeaLink,
    Initiative,
    InitiativeRevision,
    Programme,
    ThemeImpact,
)
from prioritisation.services.access import hold_initiatives, record, require_move, require_role
from prioritisation.services.outcomes import take_outcomes_back
from prioritisation.services.understanding import answers_lost, ask_senders, take_question_back
from prioritisation.workflow import INITIATIVE_MOVES, InitiativeState, Outcome, Role, RoundState

FIELDS = (
    "title",
    "need",
    "need_of",
    "need_evidence",
    "summary",
    "who_gains",
    "kind",
    "whole_city",
    "owner",
    "champion",
    "timeframe_months",
    "effort",
    "risk",
    "quick_win",
    "foundational",
)
"""What `save_initiative` takes in `values`. Owner agreement and state have verbs of their own."""


def searchable(reference: str, values: dict[str, Any]) -> str:
    texts = [text for name in ("title", "need", "summary") for text in (values.get(name) or {}).values()]
    return " " + fold(" ".join([reference, *texts]))


def content(initiative: Initiative) -> dict[str, Any]:
    """Everything an assessor reads, as JSON: what a revision keeps and a plan publishes."""
    return {
        "reference": initiative.reference,
        **{name: getattr(initiative, name) for name in FIELDS if name not in ("owner", "champion")},
        "champion": initiative.champion,
        "owner": _department(initiative.owner),
        "owner_agreed": initiative.owner_agreed_at is not None,
        "districts": [
            {"code": one.code, "name": one.name}
            for one in sorted(initiative.districts.all(), key=lambda district: district.code)
        ],
        "themes": [
            {"key": one.theme.key, "kind": one.theme.kind, "label": one.theme.label, "impact": one.impact}
            for one in sorted(initiative.theme_impacts.select_related("theme"), key=order_of)
        ],
        "costs": [
            {
                "label": line.label,
                "amount": str(line.amount),
                "kind": line.kind,
                "year": line.year,
                "funding": line.funding,
            }
            for line in initiative.cost_lines.all()
        ],
        "ideas": sorted(initiative.ideas.values_list("reference", flat=True)),
    }


def order_of(impact: ThemeImpact) -> tuple[int, int, str]:
    """Where a theme stands among an initiative's own: the clearest effect first, on every database alike."""
    return -impact.impact, impact.theme.order, impact.theme.key


def _department(department: Department | None) -> dict[str, Any] | None:
    return {"code": department.code, "name": department.name} if department else None


def revise(initiative: Initiative, *, by: User | None, at: datetime) -> InitiativeRevision:
    """Keeps the wording as it now stands; the last one again where nothing changed."""
    now = content(initiative)
    last = initiative.revisions.order_by("-number").first()
    if last is not None and last.content == now:
        return last
    number = last.number + 1 if last else 1
    return InitiativeRevision.objects.create(
        initiative=initiative, number=number, content=now, made_at=at, made_by=by
    )


def _require_usable(programme: Programme, ideas: Iterable[Idea]) -> None:
    """Ideas are worked up once published, in a programme that their invitation belongs to."""
    calls = set(programme.calls.values_list("pk", flat=True))
    for idea in ideas:
        if idea.call_id not in calls:
            raise Refused(
                _("%(reference)s answers no invitation of this programme.") % {"reference": idea.reference},
                field="ideas",
            )
        if idea.state != IdeaState.PUBLISHED:
            raise Refused(
                _("%(reference)s is not published. Decide on it first.") % {"reference": idea.reference},
                field="ideas",
            )


@transaction.atomic
def work_up(
    *,
    programme: Programme,
    ideas: Iterable[Idea],
    by: User,
    at: datetime,
    values: dict[str, Any] | None = None,
    themes: dict[Theme, int] | None = None,
    districts: Iterable[District] = (),
    costs: Iterable[dict[str, Any]] = (),
) -> Initiative:
    """Starts an initiative from ideas: a draft under the first idea's title, with their themes and places.

    The need is for staff to say in their own words: a resident's words stay in the idea, where the sender
    can have them erased.
    """
    require_role(by, programme, Role.MANAGER)
    ideas = list(ideas)
    _require_usable(programme, ideas)
    return _start(
        programme, ideas, by=by, at=at, values=values, themes=themes, districts=districts, costs=costs
    )


def _start(
    programme: Programme,
    ideas: list[Idea],
    *,
    by: User,
    at: datetime,
    values: dict[str, Any] | None,
    themes: dict[Theme, int] | None = None,
    districts: Iterable[District] = (),
    costs: Iterable[dict[str, Any]] = (),
) -> Initiative:
    values = {**_from_ideas(ideas), **(values or {})}
    reference = next_reference(series="I", year=timezone.localtime(at).year)
    initiative = Initiative.objects.create(
        programme=programme,
        reference=reference,
        created_at=at,
        changed_at=at,
        search=searchable(reference, values),
        **values,
    )
    IdeaLink.objects.bulk_create(
        IdeaLink(idea=idea, initiative=initiative, linked_at=at, linked_by=by) for idea in ideas
    )
    districts = list(districts)
    if not districts and not initiative.whole_city:
        districts = _districts_of(ideas)
    if themes is None:
        themes = {theme: 2 for idea in ideas for theme in idea.themes.all()}
    _set_parts(initiative, themes=themes, districts=districts, costs=costs)
    revise(initiative, by=by, at=at)
    record(
        programme,
        "work_up",
        at=at,
        by=by,
        initiative=initiative,
        to_state=initiative.state,
        note=" ".join(idea.reference for idea in ideas),
    )
    return initiative


def _from_ideas(ideas: list[Idea]) -> dict[str, Any]:
    if not ideas:
        return {"title": {}}
    first = ideas[0]
    return {
        "title": {first.language: first.public_title},
        "whole_city": all(idea.whole_city for idea in ideas),
    }


def _districts_of(ideas: list[Idea]) -> list[District]:
    found = {idea.district_id: idea.district for idea in ideas if idea.district}
    return list(found.values())


def _set_parts(
    initiative: Initiative,
    *,
    themes: dict[Theme, int],
    districts: Iterable[District],
    costs: Iterable[dict[str, Any]],
) -> None:
    initiative.theme_impacts.all().delete()
    ThemeImpact.objects.bulk_create(
        ThemeImpact(initiative=initiative, theme=theme, impact=impact) for theme, impact in themes.items()
    )
    initiative.districts.set(districts)
    initiative.cost_lines.all().delete()
    CostLine.objects.bulk_create(CostLine(initiative=initiative, **line) for line in costs)


@transaction.atomic
def save_initiative(
    *,
    initiative: Initiative,
    values: dict[str, Any],
    themes: dict[Theme, int],
    districts: Iterable[District],
    costs: Iterable[dict[str, Any]],
    by: User,
    at: datetime,
    version: int | None = None,
) -> Initiative:
    """Changes text and figures. Scores given to an earlier wording are then marked stale, not lost."""
    require_role(by, initiative.programme, Role.MANAGER)
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise AssertionError(f"not a field of an initiative: {', '.join(sorted(unknown))}")
    seen = initiative.version if version is None else version
    changes = dict(values)
    if "owner" in values and values["owner"] != initiative.owner:
        # Agreement is given by one department; another one has not agreed to anything.
        changes |= {"owner_agreed_at": None, "owner_agreed_by": None, "owner_agreement": ""}
    merged = {name: values.get(name, getattr(initiative, name)) for name in ("title", "need", "summary")}
    changed = Initiative.objects.filter(pk=initiative.pk, version=seen).update(
        version=F("version") + 1, changed_at=at, search=searchable(initiative.reference, merged), **changes
    )
    if not changed:
        raise Stale(
            _("%(reference)s was changed by somebody else. Look again before you save.")
            % {"reference": initiative.reference}
        )
    initiative.refresh_from_db()
    _set_parts(initiative, themes=themes, districts=districts, costs=costs)
    revise(initiative, by=by, at=at)
    record(initiative.programme, "change_initiative", at=at, by=by, initiative=initiative)
    return initiative


def _hold_and_read(initiative: Initiative) -> None:
    """Its wording is about to be kept: as it is now, and not as it was when the page was read."""
    hold_initiatives([initiative.pk])
    initiative.refresh_from_db()


@transaction.atomic
def link_ideas(*, initiative: Initiative, ideas: Iterable[Idea], by: User, at: datetime) -> int:
    """Adds ideas to an initiative; those already in it are passed over. Gives how many were added."""
    require_role(by, initiative.programme, Role.MANAGER)
    _hold_and_read(initiative)
    if initiative.state not in (InitiativeState.DRAFT, InitiativeState.READY):
        raise Refused(_("Its ideas are fixed once it is decided."))
    ideas = list(ideas)
    _require_usable(initiative.programme, ideas)
    return _link(initiative, ideas, by=by, at=at)


def _link(initiative: Initiative, ideas: Iterable[Idea], *, by: User, at: datetime) -> int:
    there = set(initiative.idea_links.values_list("idea_id", flat=True))
    fresh = [idea for idea in ideas if idea.pk not in there]
    IdeaLink.objects.bulk_create(
        IdeaLink(idea=idea, initiative=initiative, linked_at=at, linked_by=by) for idea in fresh
    )
    if fresh:
        note = " ".join(idea.reference for idea in fresh)
        revise(initiative, by=by, at=at)
        record(initiative.programme, "link_ideas", at=at, by=by, initiative=initiative, note=note)
        if initiative.state == InitiativeState.READY:
            ask_senders(initiative, at=at)
    return len(fresh)


@transaction.atomic
def unlink_ideas(*, initiative: Initiative, ideas: Iterable[Idea], by: User, at: datetime) -> None:
    """Takes ideas out of an initiative that is not decided yet. They wait again, unless others hold them."""
    require_role(by, initiative.programme, Role.MANAGER)
    _hold_and_read(initiative)
    if initiative.state not in (InitiativeState.DRAFT, InitiativeState.READY):
        raise Refused(_("Its ideas are fixed once it is decided."))
    ideas = list(ideas)
    take_question_back(initiative, ideas)
    said = answers_lost(initiative, ideas)
    initiative.idea_links.filter(idea__in=ideas).delete()
    revise(initiative, by=by, at=at)
    note = " ".join(f"{idea.reference}{said.get(idea.pk, '')}" for idea in ideas)
    record(initiative.programme, "unlink_idea", at=at, by=by, initiative=initiative, note=note)


@transaction.atomic
def split_initiative(
    *, initiative: Initiative, ideas: Iterable[Idea], title: dict[str, str], by: User, at: datetime
) -> Initiative:
    """Moves some of an initiative's ideas into a new one of their own."""
    require_role(by, initiative.programme, Role.MANAGER)
    ideas = list(ideas)
    linked = set(initiative.idea_links.values_list("idea_id", flat=True))
    moving = [idea for idea in ideas if idea.pk in linked]
    if not moving or len(moving) == len(linked):
        raise Refused(_("Choose some of its ideas, but not all of them."), field="ideas")
    unlink_ideas(initiative=initiative, ideas=moving, by=by, at=at)
    values = {"title": title} if title else {}
    return _start(initiative.programme, moving, by=by, at=at, values=values)


def _require_not_in_a_round(initiative: Initiative) -> None:
    if initiative.entries.filter(round__state__in=(RoundState.OPEN, RoundState.CLOSED)).exists():
        raise Refused(_("It is being assessed. Wait until the round is decided."))


@transaction.atomic
def merge_initiative(
    *,
    initiative: Initiative,
    into: Initiative,
    text: dict[str, str],
    by: User,
    at: datetime,
    version: int | None = None,
    note: str = "",
) -> Initiative:
    """Joins one initiative with another of its programme: its ideas go along, the reason is written."""
    text = said(text)
    hold_initiatives([initiative.pk, into.pk])
    into.refresh_from_db()
    if into.pk == initiative.pk or into.programme_id != initiative.programme_id:
        raise Refused(_("Choose another initiative of the same programme."), field="into")
    if into.state in (InitiativeState.MERGED, InitiativeState.SET_ASIDE):
        raise Refused(_("Choose an initiative that is still standing."), field="into")
    _require_not_in_a_round(initiative)
    move_initiative(
        initiative=initiative,
        verb="merge",
        by=by,
        at=at,
        version=version,
        merged_into=into,
        reason="merged",
        text=text,
        note=note,
    )
    _link(into, list(initiative.ideas.all()), by=by, at=at)
    Decision.objects.create(
        initiative=initiative,
        outcome=Outcome.MERGE,
        reason="merged",
        text=text,
        merge_into=into,
        prepared_at=at,
        prepared_by=by,
    )
    return initiative


@transaction.atomic
def set_aside_initiative(
    *,
    initiative: Initiative,
    reason: str,
    text: dict[str, str],
    by: User,
    at: datetime,
    version: int | None = None,
    note: str = "",
) -> Initiative:
    """Sets an initiative aside before any round, with a reason that is published with the next decisions."""
    text = said(text)
    if not reason:
        raise Refused(_("Choose a reason."), code="reason", field="reason")
    if not text:
        raise Refused(_("Write what the public will read."), code="text", field="text")
    hold_initiatives([initiative.pk])  # no round takes it in meanwhile
    _require_not_in_a_round(initiative)
    move_initiative(
        initiative=initiative,
        verb="set_aside",
        by=by,
        at=at,
        version=version,
        reason=reason,
        text=text,
        note=note,
    )
    Decision.objects.create(
        initiative=initiative,
        outcome=Outcome.SET_ASIDE,
        reason=reason,
        text=text,
        prepared_at=at,
        prepared_by=by,
    )
    return initiative


def _missing(initiative: Initiative) -> list[str]:
    """What an initiative lacks to be ready for assessment, in words."""
    needed = {_("a title"): initiative.title, _("a need"): initiative.need}
    needed[_("an owner department")] = initiative.owner_id
    return [words for words, there in needed.items() if not there]


@transaction.atomic
def move_initiative(
    *,
    initiative: Initiative,
    verb: str,
    by: User,
    at: datetime,
    version: int | None = None,
    to: str | None = None,
    merged_into: Initiative | None = None,
    reason: str = "",
    text: dict[str, str] | None = None,
    note: str = "",
) -> Initiative:
    """One move of the table that needs no more than who and when: mark_ready, back_to_draft, reopen."""
    move = INITIATIVE_MOVES[verb]
    require_move(move, state=initiative.state, by=by, programme=initiative.programme)
    hold_initiatives([initiative.pk])
    if verb == "mark_ready" and (missing := _missing(initiative)):
        raise Refused(_("Before it is ready it needs: %(missing)s.") % {"missing": ", ".join(missing)})
    if verb == "back_to_draft":
        _require_not_in_a_round(initiative)
    target = to or next(iter(move.targets))
    seen = initiative.version if version is None else version
    moved = Initiative.objects.filter(pk=initiative.pk, state=initiative.state, version=seen).update(
        state=target, merged_into=merged_into, changed_at=at, version=F("version") + 1
    )
    if not moved:
        raise Stale(
            _("%(reference)s was changed by somebody else. Look again before you decide.")
            % {"reference": initiative.reference}
        )
    if verb == "reopen":
        # What nobody has read yet is taken back; what was published stays as history.
        initiative.decisions.pending().filter(round__isnull=True).delete()
    before = initiative.state
    initiative.refresh_from_db()
    if verb == "reopen":
        take_outcomes_back(initiative, by=by, at=at)
    if verb == "mark_ready":
        ask_senders(initiative, at=at)
    elif verb == "back_to_draft":
        take_question_back(initiative)
    record(
        initiative.programme,
        verb,
        at=at,
        by=by,
        initiative=initiative,
        from_state=before,
        to_state=target,
        reason=reason,
        text=text or {},
        note=note,
    )
    return initiative


@transaction.atomic
def record_agreement(
    *, initiative: Initiative, how: str, by: User, at: datetime, version: int | None = None
) -> Initiative:
    """Writes down that the owner department agreed to carry it out: who said so, when, where."""
    require_role(by, initiative.programme, Role.MANAGER)
    if initiative.owner is None:
        raise Refused(_("Name the owner department first."), field="owner")
    if not how.strip():
        raise Refused(_("Say how the department agreed."), field="how")
    seen = initiative.version if version is None else version
    changed = Initiative.objects.filter(pk=initiative.pk, version=seen).update(
        owner_agreed_at=at, owner_agreed_by=by, owner_agreement=how, version=F("version") + 1
    )
    if not changed:
        raise Stale(
            _("%(reference)s was changed by somebody else. Look again before you decide.")
            % {"reference": initiative.reference}
        )
    initiative.refresh_from_db()
    record(initiative.programme, "record_agreement", at=at, by=by, initiative=initiative, note=how)
    return initiative
