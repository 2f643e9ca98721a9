"""The editor's fields for the rules as a whole, criteria, conditions, stages and reasons."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from prioritisation.forms import policy_slots as slots
from prioritisation.forms.policy_changes import PARTS, condition_of
from prioritisation.forms.policy_parts import Parts, named
from prioritisation.forms.policy_slots import Path, Slot
from prioritisation.policies import schema

KINDS = [
    ("benefit", __("benefit")),
    ("cost", __("cost")),
    ("time", __("time")),
    ("risk", __("risk")),
    ("gate", __("a minimum to reach, no weight")),
]
USES = [("score", __("counts in the score")), ("balance", __("only balances the plan"))]
SOURCES = [
    ("assessor", __("assessors judge it")),
    ("staff_figure", __("staff measured it")),
    ("measured", __("Winnow counts it")),
]
DIRECTIONS = [("1", __("more is better")), ("-1", __("less is better"))]
FIGURES = [
    ("", __("choose a figure")),
    ("timeframe_months", __("months to carry out")),
    ("cost_total", __("sum of the cost lines")),
]
COUNTED = [
    ("", __("choose a figure")),
    ("supports", __("residents who support it (confirmed addresses)")),
    ("reports", __("problem reports in its evidence")),
]
ANCHORS_BY = [("winnow", __("ours")), ("city", __("the city’s"))]
GATE_KINDS = [
    ("check", __("yes or no, staff check it")),
    ("criterion_minimum", __("at least so much on one criterion")),
    ("total_minimum", __("at least so much of the whole score (0 to 1)")),
    ("reviews_minimum", __("at least so many assessments")),
    ("coverage_minimum", __("at least so much of the weight is known (0 to 1)")),
]
UNITS = [("ideas", __("ideas")), ("initiatives", __("initiatives"))]
OUTCOMES = [
    ("set_aside", __("set aside")),
    ("hold", __("held over")),
    ("merge", __("merged")),
]
FALLBACK_SCALE = schema.Scale(0, 5, 1)


def set_at_its_criterion(document: dict[str, Any], at: Path) -> bool:
    """Is this the condition of a criterion that is judged for its minimum alone?"""
    key = slots.get(document, (*at, "criterion"))
    rows = [row for row in document.get("criteria", []) if row.get("key") == key]
    return any(row.get("kind") == "gate" for row in rows) and condition_of(document, key) == at[1]


class Fields:
    """Makes the slots of one document. `languages`: of the rules."""

    def __init__(self, document: dict[str, Any], languages: Sequence[str]) -> None:
        self.document = document
        self.languages = languages

    def every(self) -> Iterator[Slot]:
        yield self._texts(("title",), __("Title of these rules"), rows=1)
        yield self._texts(
            ("source", "ours"),
            __("What is ours"),
            help_text=__("What you changed or added to what the city published, in a few words."),
        )
        yield slots.number(("assessors_per_initiative",), __("Assessors for each initiative"))
        yield slots.choice(
            ("tie_break",),
            __("What decides between equal scores"),
            [("", __("the largest weight")), *self._names("criteria", scored=True)],
        )
        for name, label in (("minimum", __("Lowest level")), ("maximum", __("Highest level"))):
            yield slots.number(("scale", name), label)
        yield slots.number(("scale", "step"), __("Step"))
        made = {"criteria": self._criterion, "gates": self._gate, "stages": self._stage}
        made["reasons"] = self._reason
        parts = Parts(self.document, self.languages)
        for part in PARTS:
            for index in range(len(self.document.get(part, []))):
                yield from made[part]((part, index)) if part in made else parts.entry(part, (part, index))

    def _criterion(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "key"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield self._texts((*at, "question"), __("Question in plain words"))
        yield slots.choice((*at, "kind"), __("Kind"), KINDS)
        row = slots.get(self.document, at)
        gate = row.get("kind") == "gate"
        if not gate:
            yield slots.choice((*at, "use"), __("Use"), USES, "score")
        yield slots.choice((*at, "source"), __("Where the score comes from"), SOURCES, "assessor")
        yield slots.choice((*at, "direction"), __("Direction"), DIRECTIONS, "1")
        place = condition_of(self.document, row.get("key")) if gate else None
        if place is not None:
            yield slots.number(("gates", place, "minimum"), __("At least"))
        if not gate:
            yield slots.number(
                (*at, "points"),
                __("Points"),
                help_text=__("100 for the step from worst to best that matters most."),
            )
        yield self._texts((*at, "swing", "worst"), __("Its worst level, as a step"), rows=1)
        yield self._texts((*at, "swing", "best"), __("Its best level, as a step"), rows=1)
        source = row.get("source", "assessor")
        if source != "assessor":
            figures = COUNTED if source == "measured" else FIGURES
            yield slots.choice((*at, "figure"), __("Which figure"), figures)
            yield self._texts((*at, "unit"), __("Unit"), rows=1)
            yield slots.pairs(
                (*at, "value_points"),
                __("What each figure is worth"),
                help_text=__("One pair on a line, the figure and its value from 0 to 1, such as 12: 0.75."),
            )
        else:
            for level in self.levels():
                label = _("Level %(level)s") % {"level": level}
                yield self._texts((*at, "anchors", level), label, rows=1)
            if self.document.get("teams"):
                everybody = ("", __("everybody without criteria of their own"))
                teams = [everybody, *named(self.document["teams"])]
                yield slots.choice((*at, "team"), __("Which team is asked"), teams)
            yield slots.choice((*at, "anchors_by"), __("Whose words the levels are"), ANCHORS_BY, "winnow")
        yield slots.boolean((*at, "published"), __("The city published this criterion"))

    def _gate(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "key"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield slots.choice((*at, "kind"), __("Kind"), GATE_KINDS)
        yield slots.choice((*at, "criterion"), __("Criterion"), [("", "–"), *self._names("criteria")])
        if not set_at_its_criterion(self.document, at):
            yield slots.number((*at, "minimum"), __("At least"))
        yield slots.choice(
            (*at, "reason"),
            __("Reason given on failure"),
            [("", "–"), *self._names("reasons", key="code")],
        )
        yield self._texts((*at, "public_text"), __("What the public reads"))
        yield slots.boolean((*at, "published"), __("The city published this condition"))

    def _stage(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "key"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield slots.choice((*at, "unit"), __("Counted in"), UNITS)
        yield slots.number((*at, "keep"), __("Places (how many go on)"))

    def _reason(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "code"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield slots.choice((*at, "outcome"), __("What follows"), OUTCOMES)
        yield self._texts((*at, "public_text"), __("What the authors and the public read"), rows=3)

    def _texts(self, path: Path, label: Any, **more: Any) -> Slot:
        return slots.localized(path, label, self.languages, **more)

    def _key(self, path: Path) -> Slot:
        return slots.text(path, __("Short name"), help_text=__("For files: small letters, digits, hyphens."))

    def _names(self, part: str, *, key: str = "key", scored: bool = False) -> list[tuple[str, str]]:
        """What a choice offers: entries of a part by their short names."""
        rows = [row for row in self.document.get(part, []) if row.get(key)]
        if scored:
            rows = [row for row in rows if row.get("use", "score") == "score"]
        return named(rows, key)

    def levels(self) -> list[str]:
        """The levels of the scale as the document writes them; 0 to 5 while the scale is unsound."""
        scale = FALLBACK_SCALE
        values = [slots.get(self.document, ("scale", name)) for name in ("minimum", "maximum", "step")]
        low, high, step = (value if isinstance(value, int | float) else None for value in values)
        step = 1 if values[2] is None else step
        if low is not None and high is not None and step and 0 < (high - low) / step <= 20:
            scale = schema.Scale(low, high, step)
        return [slots.plain(level) for level in scale.levels()]
