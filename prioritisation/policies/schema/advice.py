"""What is allowed but unwise: shown beside the editor, never a reason to refuse."""

from __future__ import annotations

from collections.abc import Iterator

from prioritisation.policies.schema.faults import Fault, gettext_noop
from prioritisation.policies.schema.policy import Criterion, Policy
from prioritisation.policies.schema.reading import plain

MANY_CRITERIA = 7

TOO_MANY = gettext_noop(
    "There are %(count)s scored criteria. With more than %(most)s, initiatives tend to score alike."
)
NO_SWING = gettext_noop(
    "“%(criterion)s” has points, but its worst and best level are not both described. "
    "Points only mean something as the step from worst to best."
)
NO_ANCHORS = gettext_noop("“%(criterion)s” has no words for these levels: %(levels)s.")
NO_POINTS = gettext_noop("“%(criterion)s” is scored but has 0 points, so it changes nothing.")
COST_TWICE = gettext_noop(
    "“%(criterion)s” scores cost, and the plan is also limited by a budget or a mix. Cost would count twice."
)
TIME_TWICE = gettext_noop(
    "“%(criterion)s” scores time, and the mix also sets shares by time frame. Time would count twice."
)
RISK_TWICE = gettext_noop("“%(criterion)s” scores risk, and risk is also balanced over the plan.")


def warnings(policy: Policy, *, budget_limited: bool = False, language: str = "") -> list[Fault]:
    """Warnings on a valid policy, as faults with a path. `budget_limited`: the programme has budget lines.

    `language`: in which criteria are named; the policy's first where it has no other.
    """
    found: list[Fault] = []
    scored = policy.scored_criteria()
    if len(scored) > MANY_CRITERIA:
        found.append(Fault("criteria", TOO_MANY, {"count": len(scored), "most": MANY_CRITERIA}))
    for index, criterion in enumerate(policy.criteria):
        params = {"criterion": criterion.label.get(language) or criterion.label[policy.languages[0]]}
        path = f"criteria[{index}]"
        found.extend(Fault(path, message, params) for message in _weighing(criterion))
        missing = _levels_without_words(policy, criterion)
        if missing:
            found.append(Fault(f"{path}.anchors", NO_ANCHORS, params | {"levels": ", ".join(missing)}))
        found.extend(
            Fault(path, message, params) for message in _counted_twice(policy, criterion, budget_limited)
        )
    return found


def _weighing(criterion: Criterion) -> Iterator[str]:
    if criterion.use != "score":
        return
    if criterion.points == 0:
        yield NO_POINTS
    elif not (criterion.swing_worst and criterion.swing_best):
        yield NO_SWING


def _levels_without_words(policy: Policy, criterion: Criterion) -> list[str]:
    """Levels without an anchor. Half points may stand between two described levels."""
    if criterion.source != "assessor":
        return []
    whole = [level for level in policy.scale.levels() if level.is_integer() or policy.scale.maximum < 1]
    return [plain(level) for level in whole if criterion.level(level) is None]


def _counted_twice(policy: Policy, criterion: Criterion, budget_limited: bool) -> Iterator[str]:
    if criterion.use != "score":
        return
    if criterion.kind == "cost" and (policy.mix or budget_limited):
        yield COST_TWICE
    if criterion.kind == "time" and any(rule.rule == "band_shares" for rule in policy.mix):
        yield TIME_TWICE
    if criterion.kind == "risk" and _risk_is_balanced(policy):
        yield RISK_TWICE


def _risk_is_balanced(policy: Policy) -> bool:
    risks = {criterion.key for criterion in policy.criteria if criterion.kind == "risk"}
    by_mix = any(rule.criterion in risks for rule in policy.mix)
    return by_mix or any(one.kind == "risk" and one.use == "balance" for one in policy.criteria)
