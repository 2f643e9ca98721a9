"""Reading the rules on the mix of a plan: each kind of rule has fields of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from prioritisation.policies.schema import policy as shape
from prioritisation.policies.schema.faults import gettext_noop
from prioritisation.policies.schema.policy import Band, Criterion, MixGroup, MixRule, Scale, Theme
from prioritisation.policies.schema.reading import Table


def read_mix(
    table: Table,
    criteria: tuple[Criterion, ...],
    bands: tuple[Band, ...],
    themes: tuple[Theme, ...],
    scale: Scale,
) -> MixRule:
    rule = cast(shape.MixKind, table.choice("rule", get_args(shape.MixKind)))
    groups: tuple[MixGroup, ...] = ()
    criterion = None
    shares: Mapping[str, float] = {}
    if rule == "criterion_shares":
        judged = [one.key for one in criteria if one.source == "assessor"]
        criterion = table.reference("criterion", judged)
        groups = _groups(table, scale)
        shares = _shares(table, [group.key for group in groups])
    elif rule == "band_shares":
        shares = _shares(table, [band.key for band in bands])
    mix = MixRule(
        key=table.key(),
        label=table.localized("label"),
        rule=rule,
        published=table.boolean("published", False),
        shares=shares,
        tolerance=table.number("tolerance", 0.05, low=0, high=1) if rule.endswith("_shares") else 0.0,
        criterion=criterion,
        groups=groups,
        theme_kind=_theme_kind(table, themes) if rule == "theme_minimum" else None,
        of=cast(
            shape.MixOf,
            table.choice("of", get_args(shape.MixOf), "any") if rule == "theme_minimum" else "any",
        ),
        initiative_kind=_initiative_kind(table) if rule == "kind_minimum" else None,
        quintile=table.whole("quintile", 1, low=1, high=5) if rule == "deprivation_minimum" else None,
        minimum=table.whole("minimum", low=1, high=10_000) if rule.endswith("_minimum") else None,
    )
    table.finish()
    return mix


def _theme_kind(table: Table, themes: tuple[Theme, ...]) -> shape.ThemeKind:
    kind = cast(shape.ThemeKind, table.choice("theme_kind", get_args(shape.ThemeKind)))
    if kind not in {theme.kind for theme in themes}:
        table.fault("theme_kind", gettext_noop("names a kind of theme that these rules do not define"))
    return kind


def _of(table: Table) -> shape.MixOf:
    return cast(shape.MixOf, table.choice("of", get_args(shape.MixOf), "any"))


def _initiative_kind(table: Table) -> shape.InitiativeKind:
    return cast(shape.InitiativeKind, table.choice("initiative_kind", get_args(shape.InitiativeKind)))


def _groups(table: Table, scale: Scale) -> tuple[MixGroup, ...]:
    """Parts of the scale in rising order, apart from one another."""
    groups: list[MixGroup] = []
    for one in table.tables("groups", required=True):
        group = MixGroup(
            key=one.key(),
            label=one.localized("label"),
            low=one.number("low", low=scale.minimum, high=scale.maximum),
            high=one.number("high", low=scale.minimum, high=scale.maximum),
        )
        one.finish()
        if group.high < group.low:
            one.fault("high", gettext_noop("must not be below “low”"))
        if groups and group.low <= groups[-1].high:
            one.fault("low", gettext_noop("must be above the group before it"))
        groups.append(group)
    return tuple(groups)


def _shares(table: Table, names: list[str]) -> Mapping[str, float]:
    """Shares by name, made to sum to 1. Counts are welcome: 26, 38 and 6 say what a city really chose."""
    inner = table.table("shares")
    shares = {name: inner.number(name, 0.0, low=0, high=1e6) for name in names}
    inner.finish()
    total = sum(shares.values())
    if total <= 0:
        if table.has("shares"):
            table.fault(
                "shares", gettext_noop("need at least one share above 0, named as the groups or time frames")
            )
        return shares
    return {name: share / total for name, share in shares.items()}
