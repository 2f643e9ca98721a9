"""The editor's fields for teams, stakeholder groups, themes, time frames and the rules for the mix."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from engagement.localized import localized as in_my_language
from prioritisation.forms import policy_slots as slots
from prioritisation.forms.policy_slots import Path, Slot

THEME_KINDS = [
    ("focus_area", __("focus area")),
    ("pillar", __("pillar")),
    ("enabler", __("structural enabler")),
    ("value", __("value")),
]
MIX_KINDS = [
    ("band_shares", __("shares of the time frames")),
    ("criterion_shares", __("shares by the level on one criterion")),
    ("theme_minimum", __("a minimum in every theme of a kind")),
    ("kind_minimum", __("a minimum of one kind of initiative")),
    ("deprivation_minimum", __("a minimum in the most deprived districts")),
]
MIX_OF = [
    ("any", __("any initiative")),
    ("quick_win", __("quick wins")),
    ("longer_play", __("all that is no quick win")),
]
INITIATIVE_KINDS = [
    ("service", __("service")),
    ("pilot", __("pilot")),
    ("rule", __("policy or by-law")),
    ("project", __("project")),
]


def named(rows: Any, key: str = "key") -> list[tuple[str, str]]:
    """What a choice offers: entries by their short names, with their labels."""
    found = [row for row in rows or [] if isinstance(row, dict) and isinstance(row.get(key), str)]
    return list({row[key]: label_of(row) or row[key] for row in found}.items())


def label_of(row: dict[str, Any]) -> str:
    label = row.get("label")
    texts = label if isinstance(label, dict) and all(isinstance(one, str) for one in label.values()) else {}
    return in_my_language(texts)


class Parts:
    """Makes the slots of one document. `languages`: of the rules."""

    def __init__(self, document: dict[str, Any], languages: Sequence[str]) -> None:
        self.document = document
        self.languages = languages

    def entry(self, part: str, at: Path) -> Iterator[Slot]:
        makers = {"teams": self._team, "groups": self._group, "themes": self._theme}
        makers |= {"bands": self._band, "mix": self._mix}
        yield self._label(at)
        yield from makers[part](at)
        yield slots.text(
            (*at, "key"), __("Short name"), help_text=__("For files: small letters, digits, hyphens.")
        )

    def _label(self, at: Path) -> Slot:
        return slots.localized((*at, "label"), __("Label"), self.languages, rows=1)

    def _team(self, at: Path) -> Iterator[Slot]:
        return iter(())

    def _group(self, at: Path) -> Iterator[Slot]:
        rows = [row for row in self.document.get("criteria", []) if row.get("use", "score") == "score"]
        for key, label in named(rows):
            yield slots.number((*at, "points", key), label)

    def _theme(self, at: Path) -> Iterator[Slot]:
        yield slots.choice((*at, "kind"), __("Kind"), THEME_KINDS)

    def _band(self, at: Path) -> Iterator[Slot]:
        yield slots.number((*at, "from_months"), __("From, months"))
        yield slots.number(
            (*at, "to_months"), __("To, months"), help_text=__("Empty in the last one: it has no end.")
        )

    def _mix(self, at: Path) -> Iterator[Slot]:
        rule = slots.get(self.document, (*at, "rule"))
        yield slots.choice((*at, "rule"), __("Rule"), MIX_KINDS)
        if rule == "band_shares":
            yield from self._shares(at, named(self.document.get("bands")))
        elif rule == "criterion_shares":
            judged = [
                row
                for row in self.document.get("criteria", [])
                if row.get("source", "assessor") == "assessor"
            ]
            yield slots.choice((*at, "criterion"), __("Criterion"), [("", "–"), *named(judged)])
            parts = slots.get(self.document, (*at, "groups"))
            for place in range(len(parts) if isinstance(parts, list) else 0):
                yield from self._part((*at, "groups", place))
            yield from self._shares(at, named(parts if isinstance(parts, list) else []))
        elif rule == "theme_minimum":
            yield slots.choice((*at, "theme_kind"), __("Kind of theme"), [("", "–"), *THEME_KINDS])
            yield slots.choice((*at, "of"), __("Of what"), MIX_OF, "any")
        elif rule == "kind_minimum":
            yield slots.choice((*at, "initiative_kind"), __("Kind"), [("", "–"), *INITIATIVE_KINDS])
        elif rule == "deprivation_minimum":
            yield slots.number((*at, "quintile"), __("Up to which fifth (1 = most deprived)"))
        if str(rule).endswith("_minimum"):
            yield slots.number((*at, "minimum"), __("At least"))
        yield slots.boolean((*at, "published"), __("The city published this rule"))

    def _part(self, at: Path) -> Iterator[Slot]:
        yield slots.localized((*at, "label"), __("Part of the scale"), self.languages, rows=1)
        yield slots.number((*at, "low"), __("From level"))
        yield slots.number((*at, "high"), __("To level"))
        yield slots.text((*at, "key"), __("Short name"))

    def _shares(self, at: Path, names: Sequence[tuple[str, str]]) -> Iterator[Slot]:
        for key, label in names:
            yield slots.number((*at, "shares", key), _("Share: %(name)s") % {"name": label})
        yield slots.number(
            (*at, "tolerance"),
            __("How far off it may be"),
            help_text=__("0.05 is five points of a hundred."),
        )
