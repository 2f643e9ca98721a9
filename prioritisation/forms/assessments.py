"""One assessor's scores for one initiative: a field a criterion, built from the round's rules."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.localized import localized
from prioritisation.models import Assessment
from prioritisation.policies.schema import Criterion, Policy
from prioritisation.services.assessments import CANNOT_JUDGE, NOTE_LIMIT


@dataclass(frozen=True)
class Point:
    """One button: a level of the scale in words, or "cannot judge"."""

    id: str
    value: str
    text: str
    checked: bool
    key: str
    """The digit that chooses it; empty where no single digit does."""
    end: bool
    """The lowest or the highest level, where a note is asked for."""
    since: datetime | None = None
    """When the anchor was put in clearer words, if it was while the round is open."""


@dataclass(frozen=True)
class Block:
    """One criterion as it stands on the page."""

    criterion: Criterion
    field: forms.BoundField
    note: forms.BoundField
    points: list[Point]
    cannot: Point
    note_open: bool


class AssessmentForm(forms.Form):
    """Scores and notes on what is asked. With `complete`, each needs a score or "cannot judge"."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: Any,
        policy: Policy,
        asked: tuple[Criterion, ...],
        assessment: Assessment | None,
        complete: bool = False,
        **kwargs: Any,
    ) -> None:
        self.policy, self.asked = policy, asked
        self.complete = complete
        self.clearer: dict[str, dict[float, datetime]] = {}
        """By criterion and level, when the anchor was put in clearer words."""
        kwargs.setdefault("initial", _initial(policy, assessment))
        super().__init__(*args, **kwargs)
        levels = [f"{level:g}" for level in policy.scale.levels()]
        choices = [(level, level) for level in levels] + [(CANNOT_JUDGE, _("I cannot judge this"))]
        for criterion in self.asked:
            self.fields[f"score_{criterion.key}"] = forms.ChoiceField(
                label=localized(dict(criterion.label)),
                choices=choices,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"note_{criterion.key}"] = forms.CharField(
                label=gettext_lazy("Note"),
                required=False,
                max_length=NOTE_LIMIT,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.complete:
            for criterion in self.asked:
                name = f"score_{criterion.key}"
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, _("Give a score, or say that you cannot judge."))
        return cleaned

    def scores(self) -> dict[str, float | None]:
        """By criterion: the score, or None where nothing was given."""
        given = {one.key: self.cleaned_data[f"score_{one.key}"] for one in self.asked}
        return {
            key: float(value) if value not in ("", CANNOT_JUDGE) else None for key, value in given.items()
        }

    def cannot_judge(self) -> set[str]:
        return {one.key for one in self.asked if self.cleaned_data[f"score_{one.key}"] == CANNOT_JUDGE}

    def notes(self) -> dict[str, str]:
        return {one.key: self.cleaned_data[f"note_{one.key}"] for one in self.asked}

    def overwrite(self, version: int) -> None:
        """The next save counts as one that has seen `version`."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data

    def anything_typed(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "version")

    def first_key(self) -> str:
        return self.asked[0].key

    def blocks(self) -> Iterator[Block]:
        for criterion in self.asked:
            field, note = self[f"score_{criterion.key}"], self[f"note_{criterion.key}"]
            chosen = str(field.value() or "")
            since = self.clearer.get(criterion.key, {})
            points = [
                replace(point(self.policy, criterion, field, level, chosen), since=since.get(level))
                for level in _levels(self.policy)
            ]
            cannot = Point(
                id=f"{field.auto_id}_{CANNOT_JUDGE}",
                value=CANNOT_JUDGE,
                text=_("I cannot judge this"),
                checked=chosen == CANNOT_JUDGE,
                key="c",
                end=False,
            )
            opened = bool(note.value()) or any(point.end and point.checked for point in points)
            yield Block(criterion, field, note, points, cannot, opened or bool(note.errors))


def _levels(policy: Policy) -> tuple[float, ...]:
    return policy.scale.levels()


def point(policy: Policy, criterion: Criterion, field: forms.BoundField, level: float, chosen: str) -> Point:
    """The button of one level of a criterion, with its anchor's words."""
    value = f"{level:g}"
    anchor = criterion.level(level)
    return Point(
        id=f"{field.auto_id}_{value.replace('.', '_')}",
        value=value,
        text=localized(dict(anchor.text)) if anchor else "",
        checked=chosen == value,
        key=value if len(value) == 1 else "",
        end=level in (policy.scale.minimum, policy.scale.maximum),
    )


def _initial(policy: Policy, assessment: Assessment | None) -> dict[str, Any]:
    if assessment is None:
        return {"version": 0}
    values: dict[str, Any] = {"version": assessment.version}
    for criterion, score in zip(policy.assessed_criteria(), assessment.scores, strict=True):
        key = criterion.key
        if key in assessment.missing:
            values[f"score_{key}"] = CANNOT_JUDGE
        elif score is not None:
            values[f"score_{key}"] = f"{score:g}"
        values[f"note_{key}"] = assessment.notes.get(key, "")
    return values


class ConflictForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What is the conflict?"),
        help_text=gettext_lazy("A few words. Only the programme’s managers read them."),
        max_length=300,
    )
