"""A ranking's rows as readers see them: points of 100, bars, words of gates. Pure: no Django.

The figures come from `Result.output` (see rankings.rank), the texts from the wordings frozen at opening.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prioritisation import rankings
from prioritisation.bar_picture import TONES, Piece, stacked
from prioritisation.policies.schema import Criterion, Level, LocalizedText, Policy

Content = Mapping[str, Any]
"""The wording of an initiative: `InitiativeRevision.content`."""


@dataclass(frozen=True)
class Part:
    """One tone of the bars: a criterion, or the lightest ones together where there are more than five."""

    label: LocalizedText | None
    """None: "other criteria"."""
    keys: tuple[str, ...]


def parts(policy: Policy) -> list[Part]:
    """The parts of the bars in the policy's order; at most five can be told apart."""
    scored = policy.scored_criteria()
    weights = dict(zip((one.key for one in scored), policy.weights(), strict=True))
    if len(scored) <= TONES:
        return [Part(one.label, (one.key,)) for one in scored]
    heaviest = sorted(weights, key=lambda key: -weights[key])[: TONES - 1]
    alone = [Part(one.label, (one.key,)) for one in scored if one.key in heaviest]
    return [*alone, Part(None, tuple(one.key for one in scored if one.key not in heaviest))]


@dataclass(frozen=True)
class GateFinding:
    label: LocalizedText
    public_text: LocalizedText
    verdict: str


@dataclass(frozen=True)
class RankedRow:
    reference: str
    content: Content
    status: str
    rank: int | None
    tied: bool
    points: float | None
    lower: float | None
    upper: float | None
    coverage: float
    reviews: int
    part_points: list[tuple[Part, float | None]]
    pieces: tuple[Piece, ...]
    gates: list[GateFinding]
    """Those that are not simply passed."""
    figures: Mapping[str, Any]
    """The row of `Result.output`."""

    @property
    def known_percent(self) -> float:
        return 100 * self.coverage

    @property
    def complete(self) -> bool:
        return round(self.coverage, rankings.DIGITS) >= 1


def _hundred(number: float | None) -> float | None:
    return None if number is None else 100 * number


def ranked_row(policy: Policy, row: Mapping[str, Any], content: Content) -> RankedRow:
    shown = parts(policy)
    values = [_part(row, part) for part in shown]
    bar = stacked(
        row["reference"],
        [str(index) for index in range(len(shown))],
        [value or 0.0 for value in values],
        [""] * len(shown),
        whole=100.0,
    )
    labels = {gate.key: gate for gate in policy.gates}
    return RankedRow(
        reference=row["reference"],
        content=content,
        status=row["status"],
        rank=row["rank"],
        tied=row["tied"],
        points=_hundred(row["utility"]),
        lower=_hundred(row["lower"]),
        upper=_hundred(row["upper"]),
        coverage=row["coverage"] or 0.0,
        reviews=row["reviews"],
        part_points=list(zip(shown, values, strict=True)),
        pieces=bar.pieces,
        gates=[
            GateFinding(labels[one["key"]].label, labels[one["key"]].public_text, one["verdict"])
            for one in row["gates"]
            if one["verdict"] != "pass" and one["key"] in labels
        ],
        figures=row,
    )


def _part(row: Mapping[str, Any], part: Part) -> float | None:
    shares = [row["criteria"][key]["share"] for key in part.keys]
    known = [share for share in shares if share is not None]
    return 100 * sum(known) if known else None


@dataclass(frozen=True)
class Wanted:
    """Filters; an empty word asks for nothing."""

    theme: str = ""
    district: str = ""
    owner: str = ""

    def __bool__(self) -> bool:
        return bool(self.theme or self.district or self.owner)

    def fits(self, content: Content) -> bool:
        districts = {one["code"] for one in content["districts"]}
        owner = content["owner"]["code"] if content["owner"] else ""
        return (
            self.theme in {"", *(one["key"] for one in content["themes"])}
            and (self.district in {"", *districts} or bool(content["whole_city"]))
            and self.owner in {"", owner}
        )


def choices(contents: Iterable[Content]) -> dict[str, list[tuple[str, LocalizedText]]]:
    """What can be asked for, by field of `Wanted`: only what some initiative has, in order of the key."""
    themes: dict[str, LocalizedText] = {}
    districts: dict[str, LocalizedText] = {}
    owners: dict[str, LocalizedText] = {}
    for content in contents:
        themes |= {one["key"]: one["label"] for one in content["themes"]}
        districts |= {one["code"]: one["name"] for one in content["districts"]}
        if content["owner"]:
            owners[content["owner"]["code"]] = content["owner"]["name"]
    found = {"theme": themes, "district": districts, "owner": owners}
    return {name: sorted(texts.items()) for name, texts in found.items()}


@dataclass(frozen=True)
class CriterionFigures:
    """One criterion of one initiative, as its page shows it."""

    criterion: Criterion
    weight: float | None
    mean: float | None
    lowest: float | None
    highest: float | None
    given: int
    value: float | None
    points: float | None
    nearest: Level | None


def criterion_figures(
    policy: Policy, row: Mapping[str, Any], reviews: Sequence[Mapping[str, Any]]
) -> list[CriterionFigures]:
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    assessed = [one.key for one in policy.assessed_criteria()]
    found = []
    for criterion in policy.criteria:
        figures = row["criteria"][criterion.key]
        scores = (
            [review["scores"][assessed.index(criterion.key)] for review in reviews]
            if criterion.key in assessed
            else []
        )
        known = [score for score in scores if score is not None]
        mean = figures["mean"]
        found.append(
            CriterionFigures(
                criterion=criterion,
                weight=_hundred(weights.get(criterion.key)),
                mean=mean,
                lowest=min(known, default=None),
                highest=max(known, default=None),
                given=figures["reviews"],
                value=_hundred(figures["value"]),
                points=_hundred(figures["share"]),
                nearest=None
                if mean is None
                else min(criterion.levels, key=lambda level: abs(level.value - mean), default=None),
            )
        )
    return found
