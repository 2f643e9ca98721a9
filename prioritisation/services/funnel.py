"""How many came in, went on, left and wait, at every stage. Read only; computed from history.

Inside a unit `in = out + waiting`, and `out = onward + sum of reasons`. Where ideas become initiatives
(the seam) both counts are given, since one idea may go into several initiatives and one initiative may hold
several ideas. Every idea counts once, by the best that became of it.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy, pgettext_lazy

from engagement.models import Event as IdeaEvent
from engagement.models import Idea, Reason
from prioritisation.models import Amendment, Decision, IdeaLink, Initiative, PolicyVersion, Programme
from prioritisation.policies import schema
from prioritisation.services.wording import in_each_language
from prioritisation.workflow import InitiativeState, Outcome

OUTCOMES = ("in_plan", "set_aside", "duplicate", "passed_on", "declined", "withdrawn", "waiting")
"""What can have become of an idea, best first."""

_STATE_LABELS = {
    "duplicate": pgettext_lazy("why some left", "joined with a similar idea"),
    "passed_on": pgettext_lazy("why some left", "passed on"),
    "withdrawn": pgettext_lazy("why some left", "withdrawn by the sender"),
    "declined": pgettext_lazy("why some left", "declined"),
    "merged": pgettext_lazy("why some left", "merged into another"),
    "council": pgettext_lazy("why some left", "taken out by an amendment"),
    "as_report": pgettext_lazy("why some left", "problem reports, not ideas"),
    "split": pgettext_lazy("why some left", "letters that were split into several ideas"),
}

COUNCIL = "council"
"""The reason under which the funnel counts what an amendment took out; its words are the amendment's own."""

_WENT_ON = ("as_report", "split")
"""What was sent in goes on, but not as an idea, or not as one idea."""

_UNDER_WAY = (InitiativeState.DRAFT, InitiativeState.READY)
"""What stands so now was opened again, whatever was published of it before."""


def _label(message: Any) -> dict[str, str]:
    return in_each_language(lambda _language: str(message))


def counted_ideas(programme: Programme) -> Any:
    """The ideas that a programme answers for: of its invitations, not junk, sent before the cut-off."""
    return Idea.objects.counted().filter(call__programmes=programme, after_cutoff=False)


def amended(programme: Programme) -> dict[int, tuple[Amendment, dict[str, Any]]]:
    """By initiative the last amendment that changed it, and what it changed; not if decided again since."""
    found: dict[str, tuple[Amendment, dict[str, Any]]] = {}
    adopted = Amendment.objects.filter(plan__programme=programme, adopted_at__isnull=False)
    for amendment in adopted.select_related("meeting").order_by("adopted_at", "pk"):
        for change in amendment.changes:
            found[change["reference"]] = (amendment, change)
    if not found:
        return {}
    keys = dict(Initiative.objects.filter(reference__in=found).values_list("reference", "pk"))
    decided = dict(
        Decision.objects.published()
        .filter(initiative__in=keys.values())
        .order_by("published_at", "pk")
        .values_list("initiative_id", "published_at")
    )
    return {
        keys[reference]: one
        for reference, one in found.items()
        if reference in keys and not _later(decided.get(keys[reference]), one[0].adopted_at)
    }


def _later(decided: datetime | None, adopted: datetime | None) -> bool:
    return decided is not None and adopted is not None and decided > adopted


def initiative_states(programme: Programme) -> dict[int, str]:
    """What became of each initiative as far as published: chosen, set_aside, merged, or under way."""
    states: dict[int, str] = {}
    final = _final_stage(programme)
    decisions = (
        Decision.objects.published()
        .filter(initiative__programme=programme)
        .order_by("published_at", "pk")
        .values_list("initiative_id", "outcome", "round__stage", "initiative__state")
    )
    now_of: dict[int, str] = {}
    for key, outcome, stage, now in decisions:
        now_of[key] = now
        if outcome == Outcome.ADVANCE and stage == final:
            states[key] = "chosen"
        elif outcome in (Outcome.SET_ASIDE, Outcome.MERGE) and now not in _UNDER_WAY:
            states[key] = outcome
        else:
            states[key] = "under_way"
    for key, (_amendment, change) in amended(programme).items():
        put_in = change["outcome"] == Outcome.ADVANCE
        reopened = now_of.get(key) in _UNDER_WAY
        states[key] = "chosen" if put_in else "under_way" if reopened else Outcome.SET_ASIDE
    return states


def policy_of(programme: Programme) -> schema.Policy | None:
    """The rules in force: those of the newest round, else the newest approved ones."""
    newest = programme.rounds.order_by("-number").select_related("policy_version").first()
    version = (
        newest.policy_version
        if newest
        else PolicyVersion.objects.approved().filter(programme=programme).order_by("-number").first()
    )
    return schema.parse(version.document) if version else None


def _final_stage(programme: Programme) -> str | None:
    policy = policy_of(programme)
    stages = [stage.key for stage in policy.stages if stage.unit == "initiatives"] if policy else []
    return stages[-1] if stages else None


def idea_outcomes(programme: Programme) -> dict[int, str]:
    """For every counted idea the best that became of it, one of `OUTCOMES`."""
    became = initiative_states(programme)
    best: dict[int, str] = {}
    links = IdeaLink.objects.filter(initiative__programme=programme).values_list("idea_id", "initiative_id")
    for idea, initiative in links:
        found = {"chosen": "in_plan", "set_aside": "set_aside"}.get(became.get(initiative, ""), "waiting")
        if found == "waiting" and became.get(initiative) == "merge":
            continue  # its ideas went along into the other initiative, which has links of its own
        if idea not in best or OUTCOMES.index(found) < OUTCOMES.index(best[idea]):
            best[idea] = found
    outcomes = {}
    for key, state in counted_ideas(programme).values_list("pk", "state"):
        by_state = state if state in OUTCOMES else "waiting"
        linked = best.get(key)
        # An idea taken up keeps that outcome, even if it was later joined with another or withdrawn.
        outcomes[key] = linked if linked in ("in_plan", "set_aside") else by_state
    return outcomes


def references_by_outcome(programme: Programme) -> dict[str, list[str]]:
    """Every counted idea by what became of it: `{outcome: [reference, ...]}`, so that each is found again."""
    outcomes = idea_outcomes(programme)
    found: dict[str, list[str]] = {key: [] for key in OUTCOMES}
    ideas = counted_ideas(programme).order_by("received_at", "pk").values_list("pk", "reference")
    for key, reference in ideas:
        found[outcomes[key]].append(reference)
    return found


def count_funnel(programme: Programme) -> dict[str, Any]:
    """The funnel of a programme: `received`, `not_eligible`, `stages`, `seams`, `ideas_by_outcome`.

    A stage: key, unit, label, in, out, onward, waiting, reasons `[{"code", "label", "count"}]`.
    """
    policy = policy_of(programme)
    ideas = _ideas_stage(programme, policy)
    stages = [ideas]
    onward = Initiative.objects.filter(programme=programme).worked_up().count()
    seam = {
        "from_unit": "ideas",
        "out": ideas["onward"],
        "to_unit": "initiatives",
        "in": onward,
    }
    rounds = [stage for stage in policy.stages if stage.unit == "initiatives"] if policy else []
    for number, stage in enumerate(rounds):
        counted = _initiative_stage(programme, policy, stage, entering=onward, first=number == 0)
        stages.append(counted)
        onward = counted["onward"]
    outcomes = Counter(idea_outcomes(programme).values())
    return {
        "received": Idea.objects.filter(call__programmes=programme, after_cutoff=False).count(),
        "not_eligible": _not_eligible(programme),
        "after_cutoff": Idea.objects.counted().filter(call__programmes=programme, after_cutoff=True).count(),
        "stages": stages,
        "seams": [seam] if rounds else [],
        "ideas_by_outcome": {key: outcomes.get(key, 0) for key in OUTCOMES},
    }


def _ideas_stage(programme: Programme, policy: schema.Policy | None) -> dict[str, Any]:
    taken_up = set(
        IdeaLink.objects.filter(initiative__programme=programme)
        .exclude(initiative__state=InitiativeState.DRAFT)
        .values_list("idea_id", flat=True)
    )
    left: Counter[str] = Counter()
    total = onward = waiting = 0
    declined = []
    for key, state in counted_ideas(programme).values_list("pk", "state"):
        total += 1
        if key in taken_up:
            onward += 1
        elif state == "declined":
            declined.append(key)
        elif state in ("duplicate", "passed_on", "withdrawn"):
            left[state] += 1
        else:
            waiting += 1
    reasons = [
        {"code": code, "label": _label(_STATE_LABELS[code]), "count": left[code]}
        for code in ("duplicate", "passed_on", "withdrawn")
        if left[code]
    ]
    stage = next((one for one in policy.stages if one.unit == "ideas"), None) if policy else None
    return {
        "key": stage.key if stage else "ideas",
        "unit": "ideas",
        "label": dict(stage.label) if stage else _label(gettext_lazy("Ideas")),
        "in": total,
        "out": total - waiting,
        "onward": onward,
        "waiting": waiting,
        "reasons": [*_decline_reasons(declined), *reasons],
    }


def _decline_reasons(ideas: list[int]) -> list[dict[str, Any]]:
    """Declined ideas by the reason given last."""
    wanted = set(ideas)
    given: dict[int, str] = {}
    lines = (
        IdeaEvent.objects.standing()
        .filter(verb="decline", idea__state="declined")
        .order_by("at", "pk")
        .values_list("idea_id", "reason")
    )
    for idea, reason in lines:
        if idea in wanted:
            given[idea] = reason
    labels = {reason.code: reason.label for reason in Reason.objects.filter(action="decline")}
    counts = Counter(given.get(idea, "declined") for idea in ideas)
    return [
        {"code": code, "label": labels.get(code) or _label(_STATE_LABELS["declined"]), "count": count}
        for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _not_eligible(programme: Programme) -> dict[str, Any]:
    """Received, but not counted as ideas: tests, advertising, texts sent twice, what went on otherwise."""
    found = Idea.objects.filter(call__programmes=programme, eligible=False, after_cutoff=False)
    states = dict(found.values_list("pk", "state"))
    went_on = Counter(state for state in states.values() if state in _WENT_ON)
    reasons = [
        {"code": state, "label": _label(_STATE_LABELS[state]), "count": went_on[state]}
        for state in _WENT_ON
        if went_on[state]
    ]
    turned_away = [key for key, state in states.items() if state not in _WENT_ON]
    return {"count": len(states), "reasons": [*_decline_reasons(turned_away), *reasons]}


def _initiative_stage(
    programme: Programme, policy: schema.Policy | None, stage: schema.Stage, *, entering: int, first: bool
) -> dict[str, Any]:
    """One stage of initiatives. What staff merged or set aside before any round leaves in the first."""
    here = Q(round__stage=stage.key) | (Q(round__isnull=True) if first else Q(pk__in=[]))
    latest: dict[int, tuple[str, str]] = {}
    rows = (
        Decision.objects.published()
        .filter(here, initiative__programme=programme)
        .exclude(initiative__state=InitiativeState.DRAFT)
        .order_by("published_at", "pk")
        .values_list("initiative_id", "outcome", "reason", "initiative__state")
    )
    for key, outcome, reason, now in rows:
        opened_again = outcome in (Outcome.SET_ASIDE, Outcome.MERGE) and now in _UNDER_WAY
        latest[key] = (Outcome.HOLD, "") if opened_again else (outcome, reason)
    latest |= _amended_stage(programme, final=stage.key == _final_stage(programme))
    onward = sum(1 for outcome, _reason in latest.values() if outcome == Outcome.ADVANCE)
    losses = Counter(
        reason for outcome, reason in latest.values() if outcome in (Outcome.SET_ASIDE, Outcome.MERGE)
    )
    left = onward + sum(losses.values())
    return {
        "key": stage.key,
        "unit": "initiatives",
        "label": dict(stage.label),
        "in": entering,
        "out": left,
        "onward": onward,
        "waiting": entering - left,
        "reasons": [
            {"code": code, "label": reason_label(policy, code), "count": count}
            for code, count in sorted(losses.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
    }


def _amended_stage(programme: Programme, *, final: bool) -> dict[int, tuple[str, str]]:
    """What amendments made of a stage: what was put in passed every one, what was taken out left the last."""
    changed = amended(programme)
    states = dict(Initiative.objects.filter(pk__in=changed).values_list("pk", "state"))
    found: dict[int, tuple[str, str]] = {}
    for key, (_amendment, change) in changed.items():
        if states[key] == InitiativeState.DRAFT:
            continue
        if change["outcome"] == Outcome.ADVANCE:
            found[key] = (Outcome.ADVANCE, "")
        elif final:
            reopened = states[key] in _UNDER_WAY
            found[key] = (Outcome.HOLD, "") if reopened else (Outcome.SET_ASIDE, COUNCIL)
    return found


def reason_label(policy: schema.Policy | None, code: str) -> dict[str, str]:
    """What a reason for leaving is called, in each language."""
    try:
        return dict(policy.reason(code).label) if policy else {}
    except KeyError:
        return _label(_STATE_LABELS.get(code, code))
