"""Forms of an invitation: its own fields, and rows for dates, judging questions and extra questions."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.admin.base import SHORT_NAME_HELP
from engagement.forms.choices import SeveralField
from engagement.localized import LocalizedFormField
from engagement.models import Call, Meeting, Theme

if TYPE_CHECKING:
    CallModelForm = forms.ModelForm[Call]
    MeetingModelForm = forms.ModelForm[Meeting]
else:
    CallModelForm = MeetingModelForm = forms.ModelForm

SPARE_ROWS = 5
LATEST = datetime(2999, 12, 31, tzinfo=UTC)
"""Far enough for any invitation, and inside the calendar in every time zone."""
MOST_ROWS = 40
DATATYPES = (
    ("text", gettext_lazy("several lines of text")),
    ("string", gettext_lazy("one line of text")),
    ("number", gettext_lazy("a number")),
    ("datetime", gettext_lazy("a date and time")),
    ("singlevaluelist", gettext_lazy("one choice of a list")),
    ("multivaluelist", gettext_lazy("several choices of a list")),
)
_LISTS = {"singlevaluelist", "multivaluelist"}


def _moment(**attributes: Any) -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", **attributes}, format="%Y-%m-%dT%H:%M")


class CallForm(CallModelForm):
    """Checks as Django's model forms do, and saves nothing: `services.save_call` takes the values."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = LocalizedFormField(label=gettext_lazy("Title"), rows=1)
    intro = LocalizedFormField(label=gettext_lazy("What is asked"), rows=6, required=False)
    consent = LocalizedFormField(
        label=gettext_lazy("Consent text"),
        help_text=gettext_lazy("How what people send will be used."),
        rows=4,
        required=False,
    )
    themes: Any = SeveralField(
        label=gettext_lazy("Themes"),
        queryset=Theme.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Call
        fields = (
            "kind",
            "slug",
            "title",
            "intro",
            "consent",
            "opens_at",
            "closes_at",
            "cutoff_at",
            "moderation",
            "word_list",
            "supports",
            "notes",
            "appeal_days",
            "asks_phone",
            "themes",
        )
        help_texts = {"slug": SHORT_NAME_HELP}
        widgets = {"opens_at": _moment(), "closes_at": _moment(), "cutoff_at": _moment()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("opens_at", "closes_at", "cutoff_at"):
            self.fields[name].validators.append(MaxValueValidator(LATEST))
        notes = self.fields["notes"]
        notes.required = False
        self.fields["word_list"].widget.attrs["rows"] = 4
        supports = self.fields["supports"]
        assert isinstance(supports, forms.ChoiceField)
        offered = {Call.Supports.NONE, Call.Supports.TOKEN, self.instance.supports}
        supports.required = False
        supports.choices = [choice for choice in Call.Supports.choices if choice[0] in offered]

    def clean_supports(self) -> str:
        return self.cleaned_data["supports"] or self.instance.supports

    def clean_notes(self) -> str:
        return self.cleaned_data["notes"] or self.instance.notes

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in {"themes", "version"}}


class DateRow(forms.Form):
    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    label = LocalizedFormField(label=gettext_lazy("What happens"), rows=1)

    def value(self) -> dict[str, Any]:
        return {"date": self.cleaned_data["date"].isoformat(), "label": self.cleaned_data["label"]}


class JudgingRow(forms.Form):
    text = LocalizedFormField(label=gettext_lazy("Question"), rows=2)

    def value(self) -> dict[str, str]:
        return dict(self.cleaned_data["text"])


class QuestionRow(forms.Form):
    key = forms.SlugField(required=False, widget=forms.HiddenInput)
    label = LocalizedFormField(label=gettext_lazy("Question"), rows=1)
    datatype = forms.ChoiceField(label=gettext_lazy("Answered with"), choices=DATATYPES, initial="text")
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)
    confidential = forms.BooleanField(
        label=gettext_lazy("Confidential"),
        help_text=gettext_lazy("Only staff who assess the answers read it."),
        required=False,
    )
    help = LocalizedFormField(label=gettext_lazy("Help"), rows=1, required=False)
    values = forms.CharField(
        label=gettext_lazy("Choices of a list"),
        help_text=gettext_lazy("One a line, in each language, parted by |: Small | Petit"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("datatype") in _LISTS and not (cleaned.get("values") or "").strip():
            self.add_error("values", _("Write the choices, one a line."))
        return cleaned

    def value(self) -> dict[str, Any]:
        said = self.cleaned_data
        words = next(iter(said["label"].values()))
        question = {
            "key": said["key"] or slugify(words)[:40].strip("-") or "question",
            "label": said["label"],
            "datatype": said["datatype"],
            "required": said["required"],
            "confidential": said["confidential"],
        }
        if said["help"]:
            question["help"] = said["help"]
        if said["datatype"] in _LISTS:
            question["values"] = [_choice(line) for line in said["values"].splitlines() if line.strip()]
        return question


def _choice(line: str) -> dict[str, Any]:
    """`key = One | Un`, or without the key, which is then made from the first words."""
    key, equals, words = line.partition("=")
    texts = [part.strip() for part in (words if equals else line).split("|")]
    codes = [code for code, _name in settings.LANGUAGES]
    label = {code: text for code, text in zip(codes, texts, strict=False) if text}
    return {"key": key.strip() if equals else slugify(texts[0])[:40] or texts[0][:40], "label": label}


def _line(value: dict[str, Any]) -> str:
    codes = [code for code, _name in settings.LANGUAGES]
    label = value.get("label") or value.get("name") or {}
    return f"{value['key']} = {' | '.join(label.get(code, '') for code in codes)}"


def _rows(form: type[forms.Form]) -> Any:
    """Rows as they are, with empty ones after them: more come when these are saved. Works without script."""
    return forms.formset_factory(
        form, extra=SPARE_ROWS, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS
    )


def _kept(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def question_rows(
    data: Any, questions: list[dict[str, Any]], row: type[QuestionRow], key: Callable[[dict[str, Any]], str]
) -> Any:
    """Rows for questions as a model keeps them; `key` reads a question's own."""
    initial = [
        {
            **_kept(one, ("label", "datatype", "required", "confidential", "help")),
            "key": key(one),
            "values": "\n".join(_line(value) for value in one.get("values") or []),
        }
        for one in questions
    ]
    return _rows(row)(data, prefix="questions", initial=initial)


def question_values(rows: Any, name: str = "key") -> list[dict[str, Any]]:
    """As the model keeps them; two questions with one key are told apart by a number."""
    questions = _unchanged_or_new(rows)
    seen: dict[str, int] = {}
    for question in questions:
        key = question[name]
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            question[name] = f"{key}-{seen[key]}"
    return questions


class CallRows:
    """The three sets of rows of one invitation, read and checked together."""

    def __init__(self, data: Any, call: Call | None) -> None:
        dates = [
            {"date": parse_date(row["date"]), "label": row.get("label")}
            for row in (call.planned_dates if call else [])
        ]
        judging = [{"text": row} for row in (call.judging_questions if call else [])]
        questions = [
            {
                **_kept(row, ("key", "label", "datatype", "required", "confidential", "help")),
                "values": "\n".join(_line(value) for value in row.get("values") or []),
            }
            for row in (call.questions if call else [])
        ]
        self.dates = _rows(DateRow)(data, prefix="dates", initial=dates)
        self.judging = _rows(JudgingRow)(data, prefix="judging", initial=judging)
        self.questions = _rows(QuestionRow)(data, prefix="questions", initial=questions)

    @property
    def all(self) -> list[Any]:
        return [self.dates, self.judging, self.questions]

    def is_valid(self) -> bool:
        checked = [rows.is_valid() for rows in self.all]  # all of them: each tells its errors
        return all(checked)

    def values(self) -> dict[str, Any]:
        """As the model keeps them; two questions with one key are told apart by a number."""
        questions = _unchanged_or_new(self.questions)
        seen: dict[str, int] = {}
        for question in questions:
            key = question["key"]
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1:
                question["key"] = f"{key}-{seen[key]}"
        return {
            "planned_dates": sorted(_unchanged_or_new(self.dates), key=lambda row: row["date"]),
            "judging_questions": _unchanged_or_new(self.judging),
            "questions": questions,
        }


def _unchanged_or_new(rows: Any) -> list[Any]:
    """Every row that was there and stays, and every new one that was filled in."""
    return [
        form.value()
        for place, form in enumerate(rows.forms)
        if form not in rows.deleted_forms and (place < rows.initial_form_count() or form.has_changed())
    ]


class MeetingForm(MeetingModelForm):
    """Checks a meeting; `services.record_meeting` writes it."""

    title = LocalizedFormField(label=gettext_lazy("Title"), rows=1)

    class Meta:
        model = Meeting
        fields = ("call", "kind", "title", "date", "place", "district", "attendance")
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class LinkForm(forms.Form):
    """Until when a meeting's kit is open: until the end of its day, unless somebody says otherwise."""

    ends_at = forms.DateTimeField(
        label=gettext_lazy("Open until"),
        help_text=gettext_lazy("The link opens nothing after that, and can be ended sooner."),
        widget=_moment(),
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = max(meeting.date, timezone.localdate())
        self.fields["ends_at"].initial = timezone.make_aware(datetime.combine(day, time(23, 59)))
