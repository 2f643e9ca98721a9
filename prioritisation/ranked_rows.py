"""A ranking's rows as readers see them: points of 100, bars, words of gates. Pure: no Django.

The figures come from `Result.output` (see rankings.rank), the texts from the wordings frozen at opening.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from statistics import stdev
from typing import Any

from prioritisation import rankings
from prioritisation.bar_picture import TONES, Piece, stacked
from prioritisation.policies.schema import Criterion, Level, LocalizedText, Policy
from prioritisation.shares import whole_parts

Content = Mapping[str, Any]
"""The wording of an initiative: `InitiativeRevision.content`."""


@dataclass(frozen=True)
class Part:
    """One tone of the bars: a criterion, or the lightest ones together where there are more than five."""

    label: LocalizedText | None
    """None: "other criteria"."""
    keys: tuple[str, ...]
    labels: tuple[LocalizedText, ...] = ()
    """Of "other criteria": which they are."""


def parts(policy: Policy) -> list[Part]:
    """The parts of the bars in the policy's order; at most five can be told apart."""
    scored = policy.scored_criteria()
    weights = dict(zip((one.key for one in scored), policy.weights(), strict=True))
    if len(scored) <= TONES:
        return [Part(one.label, (one.key,)) for one in scored]
    heaviest = sorted(weights, key=lambda key: -weights[key])[: TONES - 1]
    alone = [Part(one.label, (one.key,)) for one in scored if one.key in heaviest]
    others = [one for one in scored if one.key not in heaviest]
    return [*alone, Part(None, tuple(one.key for one in others), tuple(one.label for one in others))]


def telling(upper: float | None, lower: float | None) -> int:
    """To how many decimals two different points of 100 are shown so that they read as different; 1 where one
    decimal does it, and where they are equal to nine digits."""
    if upper is None or lower is None or round(upper, rankings.DIGITS) == round(lower, rankings.DIGITS):
        return 1
    return next((n for n in range(1, rankings.DIGITS) if rounded(upper, n) != rounded(lower, n)), 1)


def rounded(utility: float, digits: int) -> str:
    """Points of 100 as pages write them: half goes up."""
    return str(Decimal(repr(100 * utility)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


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
    digits: int = 1
    """Decimals to which its points are shown: more than one where the line would part equal-looking ones."""

    @property
    def word(self) -> str:
        return word(self.figures)

    @property
    def more(self) -> "More":
        return more_figures(self.figures)

    @property
    def known_percent(self) -> float:
        return 100 * self.coverage

    @property
    def complete(self) -> bool:
        return round(self.coverage, rankings.DIGITS) >= 1


def word(row: Mapping[str, Any]) -> str:
    """What a row comes to: safe | close | out; in | tie | out where nothing was drawn; else its status.

    Empty where the round has no line, so that nothing can be said.
    """
    if row["rank"] is None:
        return str(row["status"])
    group = row.get("group")
    if group:
        return GROUP_WORDS[group]
    return str(row["status"]) if row.get("has_line", True) else ""


GROUP_WORDS = {"core": "safe", "borderline": "close", "out": "out"}


@dataclass(frozen=True)
class More:
    """What stands behind the word, for who asks. Shares and points in hundredths; None is not known.

    `change` is how many ranks the initiative would gain were strict and lenient assessors evened out.
    """

    raw: float | None
    adjusted: float | None
    adjusted_rank: int | None
    change: int | None
    low: int | None
    high: int | None
    p_noise: float | None
    p_weights: float | None
    median: float | None
    spread: float | None


def more_figures(row: Mapping[str, Any]) -> More:
    raw_rank = row.get("raw_rank", row["rank"])
    adjusted_rank = row.get("adjusted_rank")
    known = raw_rank is not None and adjusted_rank is not None
    return More(
        raw=_hundred(row.get("raw_utility", row["utility"])),
        adjusted=_hundred(row.get("adjusted")),
        adjusted_rank=adjusted_rank,
        change=raw_rank - adjusted_rank if known else None,
        low=row.get("rank_low"),
        high=row.get("rank_high"),
        p_noise=_hundred(row.get("p_noise")),
        p_weights=_hundred(row.get("p_weights")),
        median=_hundred(row.get("median")),
        spread=_hundred(row.get("spread")),
    )


def _hundred(number: float | None) -> float | None:
    return None if number is None else 100 * number


def ranked_row(policy: Policy, row: Mapping[str, Any], content: Content) -> RankedRow:
    shown = parts(policy)
    values = [part_points(row, part) for part in shown]
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


def part_points(row: Mapping[str, Any], part: Part) -> float | None:
    """What a part of the bar brings, in points of 100; None where nothing of it is known."""
    shares = [row["criteria"][key]["share"] for key in part.keys]
    known = [share for share in shares if share is not None]
    return 100 * sum(known) if known else None


@dataclass(frozen=True)
class Wanted:
    """Filters; an empty word asks for nothing. `band` is a time frame of the policy, `group` a row's word."""

    theme: str = ""
    district: str = ""
    owner: str = ""
    band: str = ""
    group: str = ""
    source: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def fits(self, content: Content) -> bool:
        """By what the initiative is; `band`, `group` and `source` are asked where they are known."""
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
    spread: float | None
    """Standard deviation of the scores; None under two of them."""
    adjusted: float | None
    value: float | None
    points: float | None
    nearest: Level | None


def criterion_figures(
    policy: Policy,
    row: Mapping[str, Any],
    reviews: Sequence[Mapping[str, Any]],
    weights: Mapping[str, float],
) -> list[CriterionFigures]:
    """`weights` are those of the list that is shown: an adopted one has its own. Shown, they come to 100."""
    whole = dict(zip(weights, whole_parts(list(weights.values())), strict=True))
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
                weight=whole.get(criterion.key),
                mean=mean,
                lowest=min(known, default=None),
                highest=max(known, default=None),
                given=figures["reviews"],
                spread=stdev(known) if len(known) > 1 else None,
                adjusted=figures.get("adjusted"),
                value=_hundred(figures["value"]),
                points=_hundred(figures["share"]),
                nearest=None
                if mean is None
                else min(criterion.levels, key=lambda level: abs(level.value - mean), default=None),
            )
        )
    return found
