"""From a document to a Policy, or to the whole list of its faults."""

from __future__ import annotations

from itertools import pairwise
from typing import cast, get_args

from prioritisation.policies.schema import policy as shape
from prioritisation.policies.schema.faults import Fault, PolicyError, gettext_noop
from prioritisation.policies.schema.mixing import read_mix
from prioritisation.policies.schema.policy import Criterion, Level, Policy, Scale
from prioritisation.policies.schema.reading import LANGUAGE, Table, plain

FORMAT = 1
LANGUAGES = ("en", "fr")
MOST_LEVELS = 21


def parse(document: object) -> Policy:
    """Read a document (JSON or TOML, as Python values).

    Raises PolicyError with every fault found, each with the path of the field. The document is not changed.
    """
    faults: list[Fault] = []
    root = Table(document, "", faults, LANGUAGES)
    root.languages = _languages(root)
    policy = _policy(root)
    root.finish()
    if faults:
        raise PolicyError(faults)
    return policy


def _policy(root: Table) -> Policy:
    format_ = root.whole("format", low=FORMAT, high=FORMAT)
    key = root.key()
    title = root.localized("title")
    source = _source(root.table("source"))
    scale = _scale(root.table("scale"))
    teams = tuple(_team(table) for table in root.tables("teams"))
    criteria = tuple(_criterion(table, scale, teams) for table in root.tables("criteria", required=True))
    _check_points(root, criteria)
    bands = _bands(root)
    reasons = _reasons(root)
    themes = tuple(_theme(table) for table in root.tables("themes"))
    gates = tuple(_gate(table, scale, criteria, reasons) for table in root.tables("gates"))
    mix = tuple(read_mix(table, criteria, bands, themes, scale) for table in root.tables("mix"))
    scored = [criterion.key for criterion in criteria if criterion.use == "score"]
    return Policy(
        format=format_,
        key=key,
        title=title,
        languages=root.languages,
        source=source,
        scale=scale,
        criteria=criteria,
        gates=gates,
        stages=_stages(root),
        mix=mix,
        bands=bands,
        reasons=reasons,
        themes=themes,
        tie_break=root.reference("tie_break", scored, required=False),
        rankable=_rankable(root.table("rankable", required=False)),
        assessors_per_initiative=root.whole("assessors_per_initiative", 3, low=1, high=50),
        teams=teams,
        groups=tuple(_group(table, scored) for table in root.tables("groups")),
    )


def _languages(root: Table) -> tuple[str, ...]:
    if not root.has("languages"):
        return LANGUAGES
    found = [item for item in root.items("languages") if isinstance(item, str) and LANGUAGE.fullmatch(item)]
    if not found or len(found) != len(root.items("languages")) or len(set(found)) != len(found):
        root.fault("languages", gettext_noop('must be a list of language codes, such as ["en", "fr"]'))
        return LANGUAGES
    return tuple(found)


def _source(table: Table) -> shape.Source:
    source = shape.Source(
        title=table.text("title"),
        where=table.text("where"),
        published=table.localized("published"),
        ours=table.localized("ours"),
    )
    table.finish()
    return source


def _scale(table: Table) -> Scale:
    before = len(table.faults)
    scale = Scale(
        minimum=table.number("minimum", low=0, high=1000),
        maximum=table.number("maximum", low=0, high=1000),
        step=table.number("step", 1, low=0.001, high=1000),
    )
    table.finish()
    if len(table.faults) > before or table.path == "":
        return Scale(0, 5, 1)  # already refused; the anchors are checked against the usual scale
    steps = (scale.maximum - scale.minimum) / scale.step
    if steps <= 0:
        table.fault("maximum", gettext_noop("must be above the minimum"))
    elif abs(steps - round(steps)) > 1e-6:
        table.fault("step", gettext_noop("does not lead from the minimum to the maximum in whole steps"))
    elif steps + 1 > MOST_LEVELS:
        table.fault("step", gettext_noop("makes more than %(most)s levels"), most=MOST_LEVELS)
    else:
        return scale
    return Scale(0, 5, 1)


def _criterion(table: Table, scale: Scale, teams: tuple[shape.Team, ...]) -> Criterion:
    use = table.choice("use", get_args(shape.Use), "score")
    source = table.choice("source", get_args(shape.CriterionSource), "assessor")
    direction = _direction(table)
    value_points = () if source == "assessor" else _value_points(table, direction)
    worst, best = _ends(scale, direction, value_points)
    swing = table.table("swing", required=False)
    criterion = Criterion(
        key=table.key(),
        label=table.localized("label"),
        question=table.localized("question"),
        kind=cast(shape.Kind, table.choice("kind", get_args(shape.Kind))),
        use=cast(shape.Use, use),
        source=cast(shape.CriterionSource, source),
        direction=direction,
        published=table.boolean("published", False),
        anchors_by=cast(shape.AnchorsBy, table.choice("anchors_by", get_args(shape.AnchorsBy), "winnow")),
        levels=_levels(table.table("anchors", required=False), scale) if source == "assessor" else (),
        swing_worst=swing.optional_localized("worst"),
        swing_best=swing.optional_localized("best"),
        points=table.number("points", low=0, high=1e6) if use == "score" else 0.0,
        unit=table.optional_localized("unit"),
        figure=None if source == "assessor" else _figure(table, source),
        value_points=value_points,
        worst=worst,
        best=best,
        team=_team_of(table, teams) if source == "assessor" else None,
    )
    if (criterion.kind == "gate") != (criterion.use == "gate"):
        table.fault("use", gettext_noop("must be “gate” for a criterion of kind “gate”, and for no other"))
    swing.finish()
    table.finish()
    return criterion


def _team_of(table: Table, teams: tuple[shape.Team, ...]) -> str | None:
    return table.reference("team", [team.key for team in teams], required=False)


def _direction(table: Table) -> shape.Direction:
    direction = table.number("direction", 1)
    if direction not in (1, -1):
        table.fault("direction", gettext_noop("must be 1 (more is better) or -1 (less is better)"))
    return -1 if direction == -1 else 1


FIGURES: dict[str, tuple[str, ...]] = {
    "staff_figure": ("timeframe_months", "cost_total"),
    "measured": ("supports", "reports"),
}
"""Which figures each source has."""


def _figure(table: Table, source: str) -> shape.Figure:
    return cast(shape.Figure, table.choice("figure", FIGURES.get(source, get_args(shape.Figure))))


def _levels(anchors: Table, scale: Scale) -> tuple[Level, ...]:
    """The levels in words, lowest first. `warnings` asks for the levels without words."""
    names = {plain(level): level for level in scale.levels()}
    levels = []
    for name in anchors.names():
        if name in names:
            levels.append(Level(names[name], anchors.localized(name)))
        else:
            anchors.has(name)
            message = gettext_noop("is not a level of the scale (%(levels)s)")
            anchors.fault(name, message, levels=", ".join(names))
    return tuple(sorted(levels, key=lambda level: level.value))


def _value_points(table: Table, direction: int) -> tuple[tuple[float, float], ...]:
    """Pairs (figure, value): figures rise, values run from 0 to 1 or from 1 to 0 as the direction says."""
    name = "value_points"
    items = table.items(name, required=True)
    points = [point for index, item in enumerate(items) if (point := _pair(table, index, item)) is not None]
    if len(points) < len(items) or not table.has(name):
        return ()
    values = [value for _, value in points]
    rising = all(a[0] < b[0] for a, b in pairwise(points))
    if len(points) < 2 or not rising:
        table.fault(name, gettext_noop("needs at least two points, in rising order of the figure"))
    elif values != sorted(values, reverse=direction == -1):
        table.fault(name, gettext_noop("must rise when more is better, and fall when less is better"))
    elif min(values) != 0 or max(values) != 1:
        table.fault(name, gettext_noop("must reach the values 0 (worst) and 1 (best)"))
    else:
        return tuple(points)
    return ()


def _pair(table: Table, index: int, item: object) -> tuple[float, float] | None:
    name = f"value_points[{index}]"
    numbers = [one for one in item if _is_number(one)] if isinstance(item, list | tuple) else []
    if not isinstance(item, list | tuple) or len(item) != 2 or len(numbers) != 2:
        table.fault(name, gettext_noop("must be a pair of numbers: the figure and its value from 0 to 1"))
    elif not 0 <= numbers[1] <= 1:
        table.fault(name, gettext_noop("has a value that is not between 0 and 1"))
    else:
        return float(numbers[0]), float(numbers[1])
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _ends(scale: Scale, direction: int, value_points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    if value_points:
        # The table may be flat at its ends: the swing is between the nearest figures worth 0 and 1.
        zeros = [x for x, value in value_points if value == 0]
        ones = [x for x, value in value_points if value == 1]
        return (max(zeros), min(ones)) if direction == 1 else (min(zeros), max(ones))
    return (scale.minimum, scale.maximum) if direction == 1 else (scale.maximum, scale.minimum)


def _check_points(root: Table, criteria: tuple[Criterion, ...]) -> None:
    if criteria and not any(criterion.points > 0 for criterion in criteria):
        root.fault("criteria", gettext_noop("need at least one scored criterion with more than 0 points"))


def _gate(
    table: Table, scale: Scale, criteria: tuple[Criterion, ...], reasons: tuple[shape.Reason, ...]
) -> shape.Gate:
    kind = cast(shape.GateKind, table.choice("kind", get_args(shape.GateKind)))
    limits = {
        "criterion_minimum": (scale.minimum, scale.maximum),
        "total_minimum": (0.0, 1.0),
        "reviews_minimum": (1.0, 50.0),
        "coverage_minimum": (0.0, 1.0),
    }
    minimum = None
    if kind in limits:
        low, high = limits[kind]
        minimum = table.number("minimum", low=low, high=high)
    judged = [criterion.key for criterion in criteria if criterion.source == "assessor"]
    gate = shape.Gate(
        key=table.key(),
        label=table.localized("label"),
        kind=kind,
        criterion=table.reference("criterion", judged) if kind == "criterion_minimum" else None,
        minimum=minimum,
        reason=table.reference("reason", [reason.code for reason in reasons], required=False),
        published=table.boolean("published", False),
        public_text=table.localized("public_text"),
    )
    table.finish()
    return gate


def _stages(root: Table) -> tuple[shape.Stage, ...]:
    """Ideas first, then initiatives: an idea becomes part of an initiative, never the other way round."""
    stages: list[shape.Stage] = []
    for table in root.tables("stages", required=True):
        stage = shape.Stage(
            key=table.key(),
            unit=cast(shape.Unit, table.choice("unit", get_args(shape.Unit))),
            label=table.localized("label"),
            keep=table.optional_whole("keep", low=1, high=1_000_000),
        )
        table.finish()
        if stage.unit == "ideas" and stages and stages[-1].unit == "initiatives":
            table.fault("unit", gettext_noop("cannot be ideas after a stage of initiatives"))
        stages.append(stage)
    if stages and stages[-1].unit != "initiatives":
        root.fault("stages", gettext_noop("must end with a stage of initiatives"))
    return tuple(stages)


def _bands(root: Table) -> tuple[shape.Band, ...]:
    tables = root.tables("bands")
    bands: list[shape.Band] = []
    for index, table in enumerate(tables):
        last = index == len(tables) - 1
        band = shape.Band(
            key=table.key(),
            label=table.localized("label"),
            from_months=table.whole("from_months", low=0, high=1200),
            to_months=None if last else table.whole("to_months", low=0, high=1200),
        )
        if last and table.has("to_months"):
            table.fault(
                "to_months", gettext_noop("must be left out in the last time frame, which has no end")
            )
        table.finish()
        _check_band(table, band, bands)
        bands.append(band)
    return tuple(bands)


def _check_band(table: Table, band: shape.Band, before: list[shape.Band]) -> None:
    expected = (before[-1].to_months or 0) + 1 if before else 0
    if band.from_months != expected:
        message = gettext_noop("must be %(expected)s, so that every number of months has one time frame")
        table.fault("from_months", message, expected=expected)
    if band.to_months is not None and band.to_months < band.from_months:
        table.fault("to_months", gettext_noop("must not be below from_months"))


def _reasons(root: Table) -> tuple[shape.Reason, ...]:
    reasons = []
    for table in root.tables("reasons", required=True, identity="code"):
        reason = shape.Reason(
            code=table.key("code"),
            outcome=cast(shape.Outcome, table.choice("outcome", get_args(shape.Outcome))),
            label=table.localized("label"),
            public_text=table.localized("public_text"),
        )
        table.finish()
        reasons.append(reason)
    return tuple(reasons)


def _theme(table: Table) -> shape.Theme:
    theme = shape.Theme(
        key=table.key(),
        kind=cast(shape.ThemeKind, table.choice("kind", get_args(shape.ThemeKind))),
        label=table.localized("label"),
    )
    table.finish()
    return theme


def _team(table: Table) -> shape.Team:
    team = shape.Team(key=table.key(), label=table.localized("label"))
    table.finish()
    return team


def _group(table: Table, scored: list[str]) -> shape.Group:
    """A group weighs the scored criteria; one that it does not name has no points."""
    points = table.table("points")
    given = {key: points.number(key, 0.0, low=0, high=1e6) for key in scored}
    points.finish()
    group = shape.Group(key=table.key(), label=table.localized("label"), points=given)
    if sum(given.values()) <= 0 and table.has("points"):
        table.fault("points", gettext_noop("need at least one criterion with more than 0 points"))
    table.finish()
    return group


def _rankable(table: Table) -> shape.Rankable:
    rankable = shape.Rankable(
        coverage=table.number("coverage", 0.8, low=0, high=1),
        weight=table.number("weight", 0.2, low=0, high=1),
    )
    table.finish()
    return rankable
