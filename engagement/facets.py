"""How many ideas each value of a filter would show, and what the filters hide.

One query counts by invitation, district, state and outcome together: few rows, from which the number beside
each value is added up with the other filters on. Themes are asked apart, as an idea may have several.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count

from engagement.models import Idea
from engagement.paging import remembered
from engagement.querysets import IdeaQuerySet

Numbers = dict[str, Counter[str]]
COUNTED = ("call", "district", "state", "theme")
_Row = tuple[str, str | None, str, str, int]


def facets(
    apply: Callable[[IdeaQuerySet, frozenset[str]], IdeaQuerySet], chosen: Mapping[str, Any]
) -> Numbers:
    """By filter and value. `apply(ideas, without)` narrows ideas by all filters but those in `without`."""
    everything = Idea.objects.public()
    inside = apply(everything, frozenset({"call", "district", "state"}))
    by_theme = apply(everything, frozenset({"theme"}))
    rows: list[_Row] = remembered("facets", inside, lambda: _cube(inside), _sum)
    themes: list[tuple[str, int]] = remembered("themes", by_theme, lambda: _themes(by_theme), _sum)
    found: Numbers = {name: Counter() for name in COUNTED}
    found["theme"].update(dict(themes))
    for call, district, state, outcome, number in rows:
        # What a plan made of an idea counts before its state, as in the filter.
        values = {"call": call, "district": district or "", "state": outcome or state}
        for name in values:
            others = ((other, value) for other, value in values.items() if other != name)
            if all(chosen.get(other) in (None, "", value) for other, value in others):
                found[name][values[name]] += number
    return found


def _cube(ideas: IdeaQuerySet) -> list[_Row]:
    columns = ("call__slug", "district__code", "state", "outcome")
    return list(ideas.order_by().values_list(*columns).annotate(number=Count("pk")))


def _themes(ideas: IdeaQuerySet) -> list[tuple[str, int]]:
    rows = ideas.filter(themes__isnull=False).order_by().values_list("themes__key")
    return list(rows.annotate(number=Count("pk")))


def _sum(rows: list[Any]) -> int:
    return sum(row[-1] for row in rows)
