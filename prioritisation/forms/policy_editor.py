"""The editor of scoring rules: one form over the whole document, a fieldset for each of its parts.

The document travels with the form, so that adding, removing and moving work without script and without
saving: each press sends everything, and gets everything back.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from prioritisation.forms import policy_slots as slots
from prioritisation.forms.policy_changes import PARTS, condition_of, renamed
from prioritisation.forms.policy_parts import Parts, label_of, named
from prioritisation.forms.policy_slots import Path, Slot
from prioritisation.policies import schema
from prioritisation.policies.schema import Fault

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
OPTIONAL = {
    "to_months",
    "team",
    "tie_break",
    "unit",
    "minimum",
    "criterion",
    "reason",
    "keep",
    "assessors_per_initiative",
}
"""Fields beside which "(optional)" stands: the rules can do without."""

FALLBACK_SCALE = schema.Scale(0, 5, 1)


class BrokenDocument(Exception):  # noqa: N818 - what it is
    """The document that came with the form is none: the page was changed on its way."""


class PolicyForm(forms.Form):
    """All fields of `document`. `typed()` is the document with what was typed, sound or not."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, document: dict[str, Any], version: int, **kwargs: Any) -> None:
        self.document = document
        languages = document.get("languages")
        self.languages = languages if isinstance(languages, list) else list(schema.LANGUAGES)
        self.slots = {_name(slot.path): slot for slot in self._slots()}
        initial = {name: slot.shown(slots.get(document, slot.path)) for name, slot in self.slots.items()} | {
            "version": version
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for name, slot in self.slots.items():
            self.fields[name] = slot.field
            if slot.path[-1] not in OPTIONAL:
                slot.field.one_of_several = True  # type: ignore[attr-defined]

    @classmethod
    def sent(cls, data: Any) -> "PolicyForm":
        """The form as it came back, over the document that it carried."""
        try:
            document = copy.deepcopy(json.loads(data.get("document", "")))
            sound = isinstance(document, dict) and all(_is_list_of_tables(document, part) for part in PARTS)
        except (ValueError, RecursionError):
            sound = False
        if not sound:
            raise BrokenDocument
        return cls(data, document=document, version=0)

    @property
    def carried(self) -> str:
        """The document, for the hidden field."""
        return json.dumps(self.document, ensure_ascii=False)

    # What stands where --------------------------------------------------------------------------

    def _slots(self) -> Iterator[Slot]:
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
        if not self._set_at_its_criterion(at):
            yield slots.number((*at, "minimum"), __("At least"))
        yield slots.choice(
            (*at, "reason"),
            __("Reason given on failure"),
            [("", "–"), *self._names("reasons", key="code")],
        )
        yield self._texts((*at, "public_text"), __("What the public reads"))
        yield slots.boolean((*at, "published"), __("The city published this condition"))

    def _set_at_its_criterion(self, at: Path) -> bool:
        """Is this the condition of a criterion that is judged for its minimum alone?"""
        key = slots.get(self.document, (*at, "criterion"))
        rows = [row for row in self.document.get("criteria", []) if row.get("key") == key]
        return any(row.get("kind") == "gate" for row in rows) and condition_of(self.document, key) == at[1]

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

    # What was typed -----------------------------------------------------------------------------

    def typed(self) -> dict[str, Any]:
        """The document with everything that was typed. The form is bound."""
        self.is_valid()  # only fields whose choice does not exist fail, and those stay as they were
        document = copy.deepcopy(self.document)
        for name, slot in self.slots.items():
            if name in self.cleaned_data:
                slot.put(document, self.cleaned_data[name])
        return renamed(document, self.document)

    def show(self, faults: Iterable[Fault]) -> list[dict[str, str]]:
        """Puts each fault beside its field; gives the list for the summary, with links. For an unbound form,
        which shows a document as it is: nothing else will ask what is wrong with it."""
        self._errors = ErrorDict()
        return [self._show(fault) for fault in faults]

    def _show(self, fault: Fault) -> dict[str, str]:
        message = _(fault.message) % fault.params
        name = self.field_of(fault.path)
        if name is None:
            return {"url": "", "where": fault.path, "message": message}
        language = fault.path.rpartition(".")[2]
        said = f"{language}: {message}" if language in self.languages else message
        self.errors.setdefault(name, ErrorList()).append(said)
        field = self[name]
        target = f"{field.auto_id}_group" if field.use_fieldset else field.id_for_label
        return {"url": f"#{target}", "where": self.place(name), "message": said}

    def field_of(self, path: str) -> str | None:
        """The field of a path, or of the nearest place around it that has one."""
        names = {slots.written(slot.path): name for name, slot in self.slots.items()}
        while path:
            if path in names:
                return names[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return None

    def place(self, name: str) -> str:
        """A field with what it belongs to: "Impact on residents: Question"."""
        path = self.slots[name].path
        label = str(self.fields[name].label)
        if path[0] not in PARTS:
            return label
        return f"{self.entry_name(str(path[0]), int(path[1]))}: {label}"

    def entry_name(self, part: str, index: int) -> str:
        return label_of(self.document[part][index]) or _("%(n)d, without a label") % {"n": index + 1}

    # As fieldsets -------------------------------------------------------------------------------

    def general(self) -> list[forms.BoundField]:
        return [self[name] for name, slot in self.slots.items() if slot.path[0] not in PARTS]

    def parts(self, part: str) -> list[dict[str, Any]]:
        """The entries of a list, each with its fields by name and its levels in order."""
        blocks = []
        for index in range(len(self.document.get(part, []))):
            fields = {
                ".".join(str(step) for step in slot.path[2:]): self[name]
                for name, slot in self.slots.items()
                if slot.path[:2] == (part, index) and slot.path[2] != "anchors"
            }
            if part == "criteria":
                fields = {name.rpartition(".")[2]: field for name, field in fields.items()}
                self._with_minimum(index, fields)
            if part == "gates" and self._set_at_its_criterion((part, index)):
                fields.pop("minimum", None)
            anchors = [
                self[name] for name, slot in self.slots.items() if slot.path[:3] == (part, index, "anchors")
            ]
            blocks.append(
                {
                    "id": f"{part}-{index}",
                    "part": part,
                    "before": f"{part}-{index - 1}",
                    "after": f"{part}-{index + 1}",
                    "name": self.entry_name(part, index),
                    "first": index == 0,
                    "last": index == len(self.document[part]) - 1,
                    "fields": fields,
                    "simple": [field for name, field in fields.items() if "points." not in name],
                    "inner": self._inner(part, index),
                    "anchors": anchors,
                    "share": self.shares().get(index) if part == "criteria" else None,
                    "bad": any(field.errors for field in [*fields.values(), *anchors]),
                }
            )
        return blocks

    def _with_minimum(self, index: int, fields: dict[str, forms.BoundField]) -> None:
        row = self.document["criteria"][index]
        place = condition_of(self.document, row.get("key")) if row.get("kind") == "gate" else None
        if place is not None and self._set_at_its_criterion(("gates", place)):
            fields["minimum"] = self[_name(("gates", place, "minimum"))]

    def _inner(self, part: str, index: int) -> list[str]:
        """Presses that take out a part of the scale inside a rule of the mix."""
        groups = self.document[part][index].get("groups") if part == "mix" else None
        rule = self.document[part][index].get("rule")
        if part != "mix" or rule != "criterion_shares":
            return []
        return [f"mix-{index}-groups-{place}-remove" for place in range(len(groups or []))]

    def others(self) -> list[dict[str, Any]]:
        """Parts whose entries are plain rows of fields: heading, the word for one more, entries."""
        words = {
            "teams": (_("Teams of assessors"), _("Add a team")),
            "themes": (_("Themes"), _("Add a theme")),
            "bands": (_("Time frames"), _("Add a time frame")),
            "mix": (_("Rules for the mix of the plan"), _("Add a rule")),
        }
        return [
            {"id": part, "title": title, "add": add, "blocks": self.parts(part)}
            for part, (title, add) in words.items()
        ]

    def groups(self) -> list[dict[str, Any]]:
        return self.parts("groups")

    def group_points(self) -> list[dict[str, Any]]:
        """The table of points: a row a scored criterion, a cell a group, with its share of that group's."""
        rows = self.document.get("criteria", [])
        scored = [row for row in rows if row.get("use", "score") == "score"]
        totals = [
            sum(_countable(value) for value in _table(group.get("points")).values())
            for group in self.document.get("groups", [])
        ]
        found = []
        for key, label in named(scored):
            cells = []
            for place, total in enumerate(totals):
                given = _countable(slots.get(self.document, ("groups", place, "points", key)))
                share = round(100 * given / total) if total > 0 else None
                cells.append(
                    {"field": self[_name(("groups", place, "points", key))], "share": share, "group": place}
                )
            found.append({"label": label, "cells": cells})
        return found

    def criteria(self) -> list[dict[str, Any]]:
        return self.parts("criteria")

    def gates(self) -> list[dict[str, Any]]:
        return self.parts("gates")

    def stages(self) -> list[dict[str, Any]]:
        return self.parts("stages")

    def reasons(self) -> list[dict[str, Any]]:
        return self.parts("reasons")

    def shares(self) -> dict[int, int]:
        """The weight of each scored criterion in hundredths, by its place."""
        points = {
            index: _countable(row["points"])
            for index, row in enumerate(self.document.get("criteria", []))
            if row.get("use", "score") == "score" and isinstance(row.get("points"), int | float)
        }
        total = sum(points.values())
        return {index: round(100 * value / total) for index, value in points.items()} if total > 0 else {}


def _name(path: Path) -> str:
    return "-".join(str(part) for part in path)


def _countable(value: Any) -> float:
    """Points as they can be added up: what is no number, below zero or beyond all bounds counts nothing."""
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if sound and 0 <= value <= 1e6 else 0.0


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_list_of_tables(document: dict[str, Any], part: str) -> bool:
    rows = document.get(part, [])
    return (
        isinstance(rows, list)
        and len(rows) <= 200
        and all(isinstance(row, dict) for row in rows)
        and (part != "mix" or all(_is_list_of_tables(row, "groups") for row in rows))
    )
