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

from engagement.localized import localized as in_my_language
from prioritisation.forms import policy_slots as slots
from prioritisation.forms.policy_slots import Path, Slot
from prioritisation.policies import schema
from prioritisation.policies.schema import Fault

KINDS = [
    ("benefit", __("benefit")),
    ("cost", __("cost")),
    ("time", __("time")),
    ("risk", __("risk")),
]
USES = [("score", __("counts in the score")), ("balance", __("only balances the plan"))]
SOURCES = [("assessor", __("assessors judge it")), ("staff_figure", __("staff measured it"))]
DIRECTIONS = [("1", __("more is better")), ("-1", __("less is better"))]
FIGURES = [
    ("", __("choose a figure")),
    ("timeframe_months", __("months to carry out")),
    ("cost_total", __("sum of the cost lines")),
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
PARTS = ("criteria", "gates", "stages", "reasons")
"""Lists of the document that the editor adds to, takes from and puts in order."""
OPTIONAL = {"tie_break", "unit", "minimum", "criterion", "reason", "keep", "assessors_per_initiative"}
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
        for part, made in zip(PARTS, (self._criterion, self._gate, self._stage, self._reason), strict=True):
            for index in range(len(self.document.get(part, []))):
                yield from made((part, index))

    def _criterion(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "key"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield self._texts((*at, "question"), __("Question in plain words"))
        yield slots.choice((*at, "kind"), __("Kind"), KINDS)
        yield slots.choice((*at, "use"), __("Use"), USES, "score")
        yield slots.choice((*at, "source"), __("Where the score comes from"), SOURCES, "assessor")
        yield slots.choice((*at, "direction"), __("Direction"), DIRECTIONS, "1")
        yield slots.number(
            (*at, "points"),
            __("Points"),
            help_text=__("100 for the step from worst to best that matters most."),
        )
        yield self._texts((*at, "swing", "worst"), __("Its worst level, as a step"), rows=1)
        yield self._texts((*at, "swing", "best"), __("Its best level, as a step"), rows=1)
        if slots.get(self.document, (*at, "source")) == "staff_figure":
            yield slots.choice((*at, "figure"), __("Which figure"), FIGURES)
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
            yield slots.choice((*at, "anchors_by"), __("Whose words the levels are"), ANCHORS_BY, "winnow")
        yield slots.boolean((*at, "published"), __("The city published this criterion"))

    def _gate(self, at: Path) -> Iterator[Slot]:
        yield self._key((*at, "key"))
        yield self._texts((*at, "label"), __("Label"), rows=1)
        yield slots.choice((*at, "kind"), __("Kind"), GATE_KINDS)
        yield slots.choice((*at, "criterion"), __("Criterion"), [("", "–"), *self._names("criteria")])
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
        found = {str(row[key]): in_my_language(_texts_of(row.get("label"))) or str(row[key]) for row in rows}
        return list(found.items())

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
        return document

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
        row = self.document[part][index]
        found = in_my_language(_texts_of(row.get("label")))
        return found or _("%(n)d, without a label") % {"n": index + 1}

    # As fieldsets -------------------------------------------------------------------------------

    def general(self) -> list[forms.BoundField]:
        return [self[name] for name, slot in self.slots.items() if slot.path[0] not in PARTS]

    def parts(self, part: str) -> list[dict[str, Any]]:
        """The entries of a list, each with its fields by name and its levels in order."""
        blocks = []
        for index in range(len(self.document.get(part, []))):
            fields = {
                str(slot.path[-1]): self[name]
                for name, slot in self.slots.items()
                if slot.path[:2] == (part, index) and slot.path[2] != "anchors"
            }
            anchors = [
                self[name] for name, slot in self.slots.items() if slot.path[:3] == (part, index, "anchors")
            ]
            blocks.append(
                {
                    "id": f"{part}-{index}",
                    "name": self.entry_name(part, index),
                    "first": index == 0,
                    "last": index == len(self.document[part]) - 1,
                    "fields": fields,
                    "anchors": anchors,
                    "share": self.shares().get(index) if part == "criteria" else None,
                    "bad": any(field.errors for field in [*fields.values(), *anchors]),
                }
            )
        return blocks

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
            index: row["points"]
            for index, row in enumerate(self.document.get("criteria", []))
            if row.get("use", "score") == "score" and isinstance(row.get("points"), int | float)
        }
        total = sum(points.values())
        return {index: round(100 * value / total) for index, value in points.items()} if total > 0 else {}


def _name(path: Path) -> str:
    return "-".join(str(part) for part in path)


def _texts_of(value: Any) -> dict[str, str]:
    return value if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()) else {}


def _is_list_of_tables(document: dict[str, Any], part: str) -> bool:
    rows = document.get(part, [])
    return isinstance(rows, list) and len(rows) <= 200 and all(isinstance(row, dict) for row in rows)


# Adding, taking out, moving -------------------------------------------------------------------------

_NEW: dict[str, dict[str, Any]] = {
    "criteria": {"kind": "benefit", "use": "score", "source": "assessor", "points": 0},
    "gates": {"kind": "check"},
    "stages": {"unit": "initiatives"},
    "reasons": {"outcome": "set_aside"},
}


def rearranged(document: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The document after one press: `criteria-add`, `criteria-1-up`, `-down` or `-remove`."""
    part, _dash, rest = wanted.partition("-")
    if part not in PARTS:
        return document
    document = copy.deepcopy(document)
    rows = document.setdefault(part, [])
    if rest == "add":
        key = "code" if part == "reasons" else "key"
        rows.append({key: _fresh({str(row.get(key)) for row in rows}, part), **_NEW[part]})
        return document
    number, _dash, verb = rest.partition("-")
    index = int(number) if number.isdecimal() else len(rows)
    other = index + {"up": -1, "down": 1}.get(verb, 0)
    if not (0 <= index < len(rows) and 0 <= other < len(rows)):
        return document
    if verb == "remove":
        del rows[index]
    else:
        rows[index], rows[other] = rows[other], rows[index]
    return document


def _fresh(taken: set[str], part: str) -> str:
    stem = {"criteria": "criterion", "gates": "condition", "stages": "stage", "reasons": "reason"}[part]
    number = len(taken) + 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def pruned(document: dict[str, Any]) -> dict[str, Any]:
    """Without what has no place for the choices made: no anchors on a measured criterion, for example."""
    document = copy.deepcopy(document)
    for row in document.get("criteria", []):
        idle = ["anchors"] if row.get("source") == "staff_figure" else ["figure", "value_points"]
        if row.get("use") == "balance":
            idle.append("points")
        _drop(row, idle)
    for row in document.get("gates", []):
        if row.get("kind") == "check":
            _drop(row, ["minimum", "criterion"])
        elif row.get("kind") != "criterion_minimum":
            _drop(row, ["criterion"])
    return document


def _drop(row: dict[str, Any], names: list[str]) -> None:
    for name in names:
        row.pop(name, None)
