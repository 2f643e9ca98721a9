"""One criterion through all of an assessor's initiatives: a form for each, with the level, and why."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.localized import localized
from prioritisation.forms.assessments import Point, point
from prioritisation.models import Assessment, Assignment
from prioritisation.policies.schema import Criterion, Policy
from prioritisation.services.assessments import CANNOT_JUDGE, NOTE_LIMIT, is_complete


class ScoreForm(forms.Form):
    """The score of one initiative on one criterion.

    The page sends along what it showed, so that of many rows only those are saved that the person changed.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    score = forms.ChoiceField(required=False, widget=forms.RadioSelect, show_hidden_initial=True)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        show_hidden_initial=True,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        assignment: Assignment,
        assessment: Assessment | None,
        policy: Policy,
        criterion: Criterion,
        asked: tuple[Criterion, ...],
    ) -> None:
        self.asked = asked
        self.assignment, self.assessment = assignment, assessment
        self.stale = False
        self.policy, self.criterion = policy, criterion
        super().__init__(
            data,
            prefix=f"r{assignment.pk}",
            initial={
                "version": assessment.version if assessment else 0,
                "score": stored_score(assessment, policy, criterion),
                "note": assessment.notes.get(criterion.key, "") if assessment else "",
            },
        )
        score = self.fields["score"]
        assert isinstance(score, forms.ChoiceField)
        score.label = localized(dict(criterion.label))
        levels = [f"{level:g}" for level in policy.scale.levels()]
        score.choices = [(level, level) for level in levels] + [(CANNOT_JUDGE, _("I cannot judge this"))]

    @property
    def anchor(self) -> str:
        """The row's place on the page."""
        return str(self.prefix)

    @property
    def touched(self) -> bool:
        """Did the person change the level or the note, as the page showed them?"""
        return bool({"score", "note"} & set(self.changed_data))

    def given(self) -> float | None:
        value = self.cleaned_data["score"]
        return float(value) if value not in ("", CANNOT_JUDGE) else None

    def cannot_judge(self) -> bool:
        return bool(self.cleaned_data["score"] == CANNOT_JUDGE)

    def overwrite(self, version: int) -> None:
        """Who was told of another window, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(version)
        self.data = data

    # What the page shows ------------------------------------------------------------------------

    def points(self) -> list[Point]:
        field = self["score"]
        chosen = str(field.value() or "")
        found = [
            point(self.policy, self.criterion, field, level, chosen) for level in self.policy.scale.levels()
        ]
        cannot = Point(
            id=f"{field.auto_id}_{CANNOT_JUDGE}",
            value=CANNOT_JUDGE,
            text=_("I cannot judge this"),
            checked=chosen == CANNOT_JUDGE,
            key="c",
            end=True,
        )
        return [*found, cannot]

    def shown(self) -> dict[str, str]:
        """What the page showed when it was made: names and values of hidden fields."""
        return {
            self[name].html_initial_name: str(self[name].value() if not self.is_bound else self._seen(name))
            for name in ("score", "note")
        }

    def _seen(self, name: str) -> str:
        return str(self.data.get(self[name].html_initial_name, ""))

    def note_open(self) -> bool:
        ends = any(one.end and one.checked for one in self.points())
        return bool(self["note"].value() or self["note"].errors or ends)

    def state(self) -> str:
        """Of the whole initiative: done, complete, draft or to_do."""
        if self.assessment is None:
            return "to_do"
        if self.assessment.submitted_at is not None:
            return "done"
        return "complete" if is_complete(self.assessment, self.asked, self.policy) else "draft"

    def scored(self) -> int:
        """How many criteria have a score or "cannot judge"."""
        if self.assessment is None:
            return 0
        return sum(score is not None for score in self.assessment.scores) + len(self.assessment.missing)


def stored_score(assessment: Assessment | None, policy: Policy, criterion: Criterion) -> str:
    """What is saved for one criterion, as its radio button says it; empty where nothing is."""
    if assessment is None:
        return ""
    if criterion.key in assessment.missing:
        return CANNOT_JUDGE
    keys = [one.key for one in policy.assessed_criteria()]
    score = assessment.scores[keys.index(criterion.key)]
    return "" if score is None else f"{score:g}"
