"""Questions that a city adds, as form fields.

One question is `{"key": "size", "label": {"en": "…"}, "datatype": "text", "required": false,
"confidential": false, "help": {"en": "…"}, "values": [{"key": "s", "label": {"en": "…"}}]}`. Report
services name the key `code`, as Open311 does. Datatypes are Open311's: string, text, number, datetime,
singlevaluelist, multivaluelist.
"""

import math
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _

from engagement.forms.words import WordsField
from engagement.localized import localized

Question = dict[str, Any]
PREFIX = "answer_"


def question_key(question: Question) -> str:
    return str(question.get("key") or question["code"])


def is_shown_only(question: Question) -> bool:
    """Open311's `variable: false`: a text to read before one answers, not a question."""
    return question.get("variable") is False


def _order(question: Question) -> float:
    """By Open311's `order` where it is given; without one a question stays where it was written."""
    order = question.get("order")
    return float(order) if isinstance(order, int | float) else math.inf


def in_their_order(questions: list[Question]) -> list[Question]:
    """As they are asked, with the texts that are only shown."""
    return sorted(questions, key=_order)


def question_label(question: Question) -> str:
    return localized(question.get("label") or question.get("text")) or question_key(question)


def value_labels(question: Question) -> dict[str, str]:
    """The choices of a list question: key -> words."""
    return {
        str(value["key"]): localized(value.get("label") or value.get("name")) or str(value["key"])
        for value in question.get("values") or []
    }


def _one_of(question: Question, **common: Any) -> forms.Field:
    choices = list(value_labels(question).items())
    if len(choices) > 7:
        return forms.ChoiceField(choices=[("", _("Choose from the list")), *choices], **common)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def _several_of(question: Question, **common: Any) -> forms.Field:
    choices = list(value_labels(question).items())
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)


def _number(question: Question, **common: Any) -> forms.Field:
    return forms.DecimalField(localize=False, **common)


def _moment(question: Question, **common: Any) -> forms.Field:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, **common)


def _line(question: Question, **common: Any) -> forms.Field:
    return forms.CharField(max_length=300, **common)


def _lines(question: Question, **common: Any) -> forms.Field:
    return WordsField(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **common)


_KINDS: dict[str, Callable[..., forms.Field]] = {
    "string": _line,
    "text": _lines,
    "number": _number,
    "datetime": _moment,
    "singlevaluelist": _one_of,
    "multivaluelist": _several_of,
}


def _field(question: Question) -> forms.Field:
    help_text = localized(question.get("help"))
    if question.get("confidential"):
        sentence = _("Confidential: only the staff who assess the answers read this.")
        help_text = f"{sentence} {help_text}".strip()
    make: Callable[..., forms.Field] = _KINDS.get(str(question.get("datatype") or "text"), _lines)
    field = make(
        question,
        label=question_label(question),
        required=bool(question.get("required")),
        help_text=escape(help_text),  # forms show help as markup; this one is data
    )
    field.error_messages["required"] = _("Answer this question.")
    return field


class QuestionFields(forms.Form):
    """A form with the extra questions it is given."""

    def __init__(self, *args: Any, questions: list[Question] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = in_their_order(questions or [])
        self.questions = [question for question in asked if not is_shown_only(question)]
        self.shown_texts = [question_label(question) for question in asked if is_shown_only(question)]
        for question in self.questions:
            self.fields[PREFIX + question_key(question)] = _field(question)

    def in_order(self, *names: str) -> None:
        """Puts the fields in the order of the page, so that the summary of errors reads downwards.

        `answers` stands for all extra questions.
        """
        answers = [PREFIX + question_key(question) for question in self.questions]
        self.order_fields([one for name in names for one in (answers if name == "answers" else [name])])

    def question_fields(self) -> list[forms.BoundField]:
        return [self[PREFIX + question_key(question)] for question in self.questions]

    def answers(self) -> dict[str, Any]:
        """What was answered, by key, ready for JSON: text, or a list of keys."""
        given: dict[str, Any] = {}
        for question in self.questions:
            value = self.cleaned_data.get(PREFIX + question_key(question))
            if value in (None, "", []):
                continue
            if hasattr(value, "isoformat"):
                value = value.isoformat()
            given[question_key(question)] = value if isinstance(value, list) else str(value)
        return given


def answers_in_words(questions: list[Question], answers: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer as a reader sees them, in the order of the questions."""
    shown = []
    for question in questions:
        answer = answers.get(question_key(question))
        if not answer:
            continue
        labels = value_labels(question)
        keys = answer if isinstance(answer, list) else str(answer).split("\n") if labels else [answer]
        shown.append((question_label(question), ", ".join(labels.get(str(key), str(key)) for key in keys)))
    return shown
