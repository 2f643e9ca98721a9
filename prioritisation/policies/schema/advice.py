"""What is allowed but unwise: shown beside the editor, never a reason to refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import StatisticsError, correlation

from prioritisation.policies.schema.faults import Fault, gettext_noop
from prioritisation.policies.schema.policy import Criterion, MixRule, Policy
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
COST_AND_BUDGET = gettext_noop(
    "“%(criterion)s” scores cost, and the programme’s budget lines also limit the plan. "
    "Cost would count twice."
)
COST_AND_MIX = gettext_noop(
    "“%(criterion)s” scores cost, and these rules for the mix also limit the plan: %(rules)s. "
    "Cost would count twice."
)
TIME_TWICE = gettext_noop(
    "“%(criterion)s” scores time, and these rules for the mix also set shares by time frame: %(rules)s. "
    "Time would count twice."
)
RISK_AND_MIX = gettext_noop(
    "“%(criterion)s” scores risk, and these rules for the mix also balance risk over the plan: %(rules)s."
)
RISK_TWICE = gettext_noop("“%(criterion)s” scores risk, and “%(other)s” also balances risk over the plan.")


STALE = gettext_noop(
    "The worst or the best end of “%(criterion)s” changed, its points did not. Think them over: is the step "
    "from worst to best still worth as much?"
)
ALIKE = gettext_noop(
    "“%(first)s” and “%(second)s” got much the same scores for %(count)s initiatives in the last round "
    "(correlation %(figure)s). They may measure one thing, which then counts twice."
)
VERY_ALIKE = 0.8
FEWEST_INITIATIVES = 8
"""Below this number a correlation is mostly chance."""


@dataclass(frozen=True)
class Alike:
    """Two criteria that a round scored much the same: their sample correlation over so many initiatives."""

    first: str
    second: str
    correlation: float
    initiatives: int


def much_alike(scores: Mapping[str, Sequence[float | None]]) -> list[Alike]:
    """Pairs of criteria whose mean scores correlate above 0.8; each list has one entry an initiative."""
    found = []
    for first, second in combinations(scores, 2):
        pairs = [
            (a, b)
            for a, b in zip(scores[first], scores[second], strict=True)
            if a is not None and b is not None
        ]
        if len(pairs) < FEWEST_INITIATIVES:
            continue
        left, right = zip(*pairs, strict=True)
        try:
            figure = correlation(left, right)
        except StatisticsError:  # all scores of one are equal: nothing varies together
            continue
        if figure > VERY_ALIKE:
            found.append(Alike(first, second, figure, len(pairs)))
    return found


def warnings(
    policy: Policy,
    *,
    budget_limited: bool = False,
    language: str = "",
    before: Policy | None = None,
    alike: Sequence[Alike] = (),
) -> list[Fault]:
    """Warnings on a valid policy, as faults with a path. `budget_limited`: the programme has budget lines.

    `language`: in which criteria are named; the policy's first where it has no other. `before`: the rules in
    which the points were first set. `alike`: pairs of criteria that a closed round scored much the same.
    """
    found: list[Fault] = []
    names = {one.key: one.label.get(language) or one.label[policy.languages[0]] for one in policy.criteria}
    stale = {one.key for one in stale_weights(policy, before)} if before else set()
    scored = policy.scored_criteria()
    if len(scored) > MANY_CRITERIA:
        found.append(Fault("criteria", TOO_MANY, {"count": len(scored), "most": MANY_CRITERIA}))
    for index, criterion in enumerate(policy.criteria):
        params = {"criterion": names[criterion.key]}
        path = f"criteria[{index}]"
        found.extend(Fault(path, message, params) for message in _weighing(criterion))
        if criterion.key in stale:
            found.append(Fault(path, STALE, params))
        missing = _levels_without_words(policy, criterion)
        if missing:
            found.append(Fault(f"{path}.anchors", NO_ANCHORS, params | {"levels": ", ".join(missing)}))
        found.extend(
            Fault(path, message, params | more)
            for message, more in _counted_twice(policy, criterion, budget_limited, language, names)
        )
    found.extend(_overlaps(policy, alike, names))
    return found


def _overlaps(policy: Policy, alike: Sequence[Alike], names: dict[str, str]) -> Iterator[Fault]:
    """Said once for each pair; the path is that of the later criterion."""
    places = {one.key: place for place, one in enumerate(policy.criteria) if one.use == "score"}
    for pair in alike:
        if pair.first in places and pair.second in places:
            params = {
                "first": names[pair.first],
                "second": names[pair.second],
                "figure": f"{pair.correlation:.2f}",
                "count": pair.initiatives,
            }
            yield Fault(f"criteria[{places[pair.second]}]", ALIKE, params)


def without_range(policy: Policy) -> list[Criterion]:
    """Scored criteria that have points, but no words for their worst and best end (METHOD 5.2)."""
    return [one for one in policy.scored_criteria() if NO_SWING in _weighing(one)]


def stale_weights(policy: Policy, before: Policy) -> list[Criterion]:
    """Criteria whose worst or best end changed since `before`, while their points stayed (METHOD 8, P5)."""
    earlier = {one.key: one for one in before.scored_criteria()}
    return [
        one
        for one in policy.scored_criteria()
        if one.points and one.key in earlier and one.points == earlier[one.key].points
        if _range(one) != _range(earlier[one.key])
    ]


def _range(criterion: Criterion) -> tuple[object, ...]:
    """Both ends, as numbers and in the words of the step and of the levels at its ends."""
    ends = [criterion.level(end) for end in (criterion.worst, criterion.best)]
    words = [dict(end.text) if end else {} for end in ends]
    return criterion.worst, criterion.best, criterion.swing_worst, criterion.swing_best, words


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


def _counted_twice(
    policy: Policy, criterion: Criterion, budget_limited: bool, language: str, names: dict[str, str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """What the criterion scores and the plan is limited by as well: each cause by name, none in general."""
    if criterion.use != "score":
        return
    if criterion.kind == "cost":
        if budget_limited:
            yield COST_AND_BUDGET, {}
        if policy.mix:
            yield COST_AND_MIX, {"rules": _labels(policy, policy.mix, language)}
    if criterion.kind == "time":
        frames = [rule for rule in policy.mix if rule.rule == "band_shares"]
        if frames:
            yield TIME_TWICE, {"rules": _labels(policy, frames, language)}
    if criterion.kind == "risk":
        risks = {one.key for one in policy.criteria if one.kind == "risk"}
        balanced = [rule for rule in policy.mix if rule.criterion in risks]
        if balanced:
            yield RISK_AND_MIX, {"rules": _labels(policy, balanced, language)}
        for one in policy.criteria:
            if one.kind == "risk" and one.use == "balance":
                yield RISK_TWICE, {"other": names[one.key]}


def _labels(policy: Policy, rules: Sequence[MixRule], language: str) -> str:
    """Rules for the mix by their names."""
    found = [rule.label.get(language) or rule.label[policy.languages[0]] for rule in rules]
    return "; ".join(found)
