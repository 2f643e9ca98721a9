"""The editor of scoring rules: one form over the whole document, a fieldset for each of its parts.

The document travels with the form, so that adding, removing and moving work without script and without
saving: each press sends everything, and gets everything back.
"""

import copy
import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext as _

from prioritisation.forms import policy_slots as slots
from prioritisation.forms.policy_changes import PARTS, condition_of, renamed
from prioritisation.forms.policy_fields import Fields, set_at_its_criterion
from prioritisation.forms.policy_parts import label_of, named
from prioritisation.forms.policy_slots import Path
from prioritisation.policies import schema
from prioritisation.policies.schema import Fault
from prioritisation.shares import whole_parts

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


class BrokenDocument(Exception):  # noqa: N818 - what it is
    """The document that came with the form is none: the page was changed on its way."""


class PolicyForm(forms.Form):
    """All fields of `document`. `typed()` is the document with what was typed, sound or not."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, document: dict[str, Any], version: int, **kwargs: Any) -> None:
        self.document = document
        languages = document.get("languages")
        self.languages = languages if isinstance(languages, list) else list(schema.LANGUAGES)
        self.slots = {_name(slot.path): slot for slot in Fields(document, self.languages).every()}
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
            if part == "gates" and set_at_its_criterion(self.document, (part, index)):
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
        if place is not None and set_at_its_criterion(self.document, ("gates", place)):
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
        names = named(scored)
        shares = [
            _shares(
                _countable(slots.get(self.document, ("groups", place, "points", key)))
                for key, _label in names
            )
            for place in range(len(self.document.get("groups", [])))
        ]
        return [
            {
                "label": label,
                "cells": [
                    {
                        "field": self[_name(("groups", place, "points", key))],
                        "share": of_group[row] if of_group else None,
                        "group": place,
                    }
                    for place, of_group in enumerate(shares)
                ],
            }
            for row, (key, label) in enumerate(names)
        ]

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
        return dict(zip(points, _shares(points.values()), strict=False))


def _name(path: Path) -> str:
    return "-".join(str(part) for part in path)


def _shares(points: Iterable[float]) -> list[int]:
    """In hundredths that add up to 100; empty while no points are given."""
    given = list(points)
    return whole_parts(given) if any(given) else []


def _countable(value: Any) -> float:
    """Points as they can be added up: what is no number, below zero or beyond all bounds counts nothing."""
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if sound and 0 <= value <= 1e6 else 0.0


def _is_list_of_tables(document: dict[str, Any], part: str) -> bool:
    rows = document.get(part, [])
    return (
        isinstance(rows, list)
        and len(rows) <= 200
        and all(isinstance(row, dict) for row in rows)
        and (part != "mix" or all(_is_list_of_tables(row, "groups") for row in rows))
    )
