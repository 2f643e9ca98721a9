"""What a policy is, once read: frozen, complete, and without Django.

A policy ("scoring rules" on screen) is data: criteria with their scale, anchors and weights, gates, the
stages of the funnel, rules for the mix of a plan, and the standard reasons of decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LocalizedText = Mapping[str, str]
"""``{"en": "...", "fr": "..."}``: one text in every language of the policy."""

Kind = Literal["benefit", "cost", "time", "risk", "gate"]
Direction = Literal[1, -1]
Use = Literal["score", "balance", "gate"]
CriterionSource = Literal["assessor", "staff_figure", "measured"]
Figure = Literal["timeframe_months", "cost_total", "supports", "reports"]
AnchorsBy = Literal["city", "winnow"]
GateKind = Literal["check", "criterion_minimum", "total_minimum", "reviews_minimum", "coverage_minimum"]
Unit = Literal["ideas", "initiatives"]
MixKind = Literal["band_shares", "criterion_shares", "theme_minimum", "kind_minimum", "deprivation_minimum"]
MixOf = Literal["any", "quick_win", "longer_play"]
InitiativeKind = Literal["service", "pilot", "rule", "project"]
Outcome = Literal["set_aside", "hold", "merge"]
ThemeKind = Literal["focus_area", "pillar", "enabler", "value"]


@dataclass(frozen=True)
class Source:
    """Where the rules come from. `published`: what the city made public; `ours`: what was added here."""

    title: str
    where: str
    published: LocalizedText
    ours: LocalizedText


@dataclass(frozen=True)
class Scale:
    minimum: float
    maximum: float
    step: float

    def levels(self) -> tuple[float, ...]:
        """Every level an assessor can choose, lowest first."""
        count = round((self.maximum - self.minimum) / self.step)
        return tuple(round(self.minimum + index * self.step, 9) for index in range(count + 1))


@dataclass(frozen=True)
class Level:
    """One level of the scale in words: the anchor an assessor compares with."""

    value: float
    text: LocalizedText


@dataclass(frozen=True)
class Criterion:
    """One thing an initiative is judged by.

    `worst` and `best` are the fixed ends in the criterion's own unit: for an assessor's score the ends of the
    scale, turned round when `direction` is -1; for a figure the x of `value_points` worth 0 and 1.
    `points` are swing points (0 and unused when `use` is not "score"). With `value_points` the value is read
    from that table, which already contains the direction.
    A figure is stated by staff (`staff_figure`: months, cost) or counted (`measured`: residents who support
    its ideas, problem reports in its area); as it stood when the round opened.
    A criterion of kind "gate" is judged for a minimum alone (`use` "gate"): it has no weight.
    `team` names who is asked; without one everybody on the panel is.
    """

    key: str
    label: LocalizedText
    question: LocalizedText
    kind: Kind
    use: Use
    source: CriterionSource
    direction: Direction
    published: bool
    anchors_by: AnchorsBy
    levels: tuple[Level, ...]
    swing_worst: LocalizedText | None
    swing_best: LocalizedText | None
    points: float
    unit: LocalizedText | None
    figure: Figure | None
    value_points: tuple[tuple[float, float], ...]
    worst: float
    best: float
    team: str | None = None

    def level(self, value: float) -> Level | None:
        """The anchor at a level, if the policy describes it."""
        return next((level for level in self.levels if level.value == value), None)


@dataclass(frozen=True)
class Gate:
    """A must-have before ranking, never a weight.

    `minimum` is a score (criterion_minimum), a utility of 0 to 1 (total_minimum), a number of submitted
    reviews (reviews_minimum) or a share of the weight (coverage_minimum). `reason` is the code proposed on
    failure.
    """

    key: str
    label: LocalizedText
    kind: GateKind
    criterion: str | None
    minimum: float | None
    reason: str | None
    published: bool
    public_text: LocalizedText


@dataclass(frozen=True)
class Stage:
    """A step of the funnel, counted in one unit. `keep`: how many the rules' city kept, as a proposal."""

    key: str
    unit: Unit
    label: LocalizedText
    keep: int | None


@dataclass(frozen=True)
class MixGroup:
    """A part of a criterion's scale, both ends included."""

    key: str
    label: LocalizedText
    low: float
    high: float


@dataclass(frozen=True)
class MixRule:
    """A rule on the whole plan, not on one initiative. Which fields are set depends on `rule`:

    band_shares          `shares` by band of time frame, `tolerance`
    criterion_shares     `criterion`, `groups`, `shares` by group, `tolerance`
    theme_minimum        at least `minimum` initiatives of `of` in every theme of `theme_kind`
    kind_minimum         at least `minimum` initiatives of `initiative_kind`
    deprivation_minimum  at least `minimum` initiatives in districts of quintile 1 (most deprived) up
                         to `quintile`

    `shares` sum to 1; `tolerance` is how far a share may lie from the stated one (0.05 = five points).
    """

    key: str
    label: LocalizedText
    rule: MixKind
    published: bool
    shares: Mapping[str, float]
    tolerance: float
    criterion: str | None
    groups: tuple[MixGroup, ...]
    theme_kind: ThemeKind | None
    of: MixOf
    initiative_kind: InitiativeKind | None
    quintile: int | None
    minimum: int | None


@dataclass(frozen=True)
class Band:
    """A time frame in whole months, both ends included; the last band has no `to_months`."""

    key: str
    label: LocalizedText
    from_months: int
    to_months: int | None


@dataclass(frozen=True)
class Reason:
    """A standard reason for a decision, with the text that the authors of the ideas read."""

    code: str
    outcome: Outcome
    label: LocalizedText
    public_text: LocalizedText


@dataclass(frozen=True)
class Theme:
    key: str
    kind: ThemeKind
    label: LocalizedText


@dataclass(frozen=True)
class Team:
    """Those on a panel who are asked about criteria of their own: cost by finance, value by departments."""

    key: str
    label: LocalizedText


@dataclass(frozen=True)
class Group:
    """A group of stakeholders with swing points of its own, by scored criterion (METHOD 5.6 d)."""

    key: str
    label: LocalizedText
    points: Mapping[str, float]


@dataclass(frozen=True)
class Rankable:
    """Below this an initiative "needs assessment" and is not ranked: least share of the weight that is known,
    and the weight from which a criterion must be known whatever the share."""

    coverage: float
    weight: float


@dataclass(frozen=True)
class Policy:
    format: int
    key: str
    title: LocalizedText
    languages: tuple[str, ...]
    source: Source
    scale: Scale
    criteria: tuple[Criterion, ...]
    gates: tuple[Gate, ...]
    stages: tuple[Stage, ...]
    mix: tuple[MixRule, ...]
    bands: tuple[Band, ...]
    reasons: tuple[Reason, ...]
    themes: tuple[Theme, ...]
    tie_break: str | None
    rankable: Rankable
    assessors_per_initiative: int
    teams: tuple[Team, ...] = ()
    groups: tuple[Group, ...] = ()

    def scored_criteria(self) -> tuple[Criterion, ...]:
        """The criteria that make up the score, in the policy's order."""
        return tuple(criterion for criterion in self.criteria if criterion.use == "score")

    def assessed_criteria(self) -> tuple[Criterion, ...]:
        """The criteria that assessors judge, scored or balanced: the order of an assessment's vector."""
        return tuple(criterion for criterion in self.criteria if criterion.source == "assessor")

    def asked_of(self, team: str) -> tuple[Criterion, ...]:
        """The criteria that a member of this team judges: its own; all that no team has, where it has none.

        `team` is empty for whoever belongs to no team.
        """
        own = tuple(one for one in self.assessed_criteria() if one.team == team)
        return own or tuple(one for one in self.assessed_criteria() if one.team is None)

    def group_weights(self) -> list[list[float]]:
        """The weights of each stakeholder group, in the order of the scored criteria; each list sums to 1."""
        keys = [one.key for one in self.scored_criteria()]
        rows = [[group.points.get(key, 0.0) for key in keys] for group in self.groups]
        return [[point / sum(row) for point in row] for row in rows]

    def weights(self) -> list[float]:
        """Swing weights of the scored criteria, in their order; they sum to 1."""
        points = [criterion.points for criterion in self.scored_criteria()]
        total = sum(points)
        return [point / total for point in points]

    def matrix(self) -> tuple[list[float], list[float], list[float]]:
        """(worst, best, weights) of the scored criteria, ready for the scoring core.

        A criterion with `value_points` goes through its table instead of the line from worst to best.
        """
        scored = self.scored_criteria()
        return [one.worst for one in scored], [one.best for one in scored], self.weights()

    def criterion(self, key: str) -> Criterion:
        """The criterion of this key; KeyError if there is none."""
        return {criterion.key: criterion for criterion in self.criteria}[key]

    def reason(self, code: str) -> Reason:
        """The standard reason of this code; KeyError if there is none."""
        return {reason.code: reason for reason in self.reasons}[code]

    def band(self, months: int) -> Band | None:
        """The time frame that a number of whole months falls in; None if the policy names none."""
        within = (band for band in self.bands if months >= band.from_months)
        return next((band for band in within if band.to_months is None or months <= band.to_months), None)
