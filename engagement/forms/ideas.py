"""The form that sends an idea, and the one that corrects it."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.hygiene import HygieneFields
from engagement.forms.photo import PHOTO_FIELDS, PhotoFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.forms.words import WordsField
from engagement.models import Call, Idea, Theme
from engagement.privacy import find_personal
from engagement.services import IdeaDraft

WORDS_LIMIT = 8000


class WordsFields(forms.Form):
    """The two questions that everything else serves."""

    problem = WordsField(
        label=_("What is the problem, and for whom?"),
        help_text=_("A few sentences are enough. You do not need a solution."),
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us what the problem is, in your own words.")},
    )
    proposal = WordsField(
        label=_("What could help?"),
        help_text=_("Only if you have something in mind."),
        required=False,
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PersonalFound(NamedTuple):
    """Something personal that the sender typed: where, of what kind, and as they typed it."""

    question: str
    kind: str
    text: str


class IdeaForm(HygieneFields, SenderFields, QuestionFields, PlaceFields, PhotoFields, WordsFields):
    """One page: the problem, what could help, where, and who (optional)."""

    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("If you leave it empty, we take your first line."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    themes = forms.MultipleChoiceField(
        label=_("What is it about?"),
        help_text=_("Tick all that fit."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, asks_phone=call.asks_phone, questions=call.questions, **kwargs)
        self._offer(list(call.themes.filter(active=True)) or list(Theme.objects.filter(active=True)))
        first = ("problem", "title", "proposal", "answers", "themes", "where", "address")
        self.in_order(*first, *PHOTO_FIELDS, "email")

    def _offer(self, themes: list[Theme]) -> None:
        """The themes to tick: read once, for the page, the check and the answer."""
        self._themes = {str(theme.pk): theme for theme in themes}
        field = self.fields["themes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, str(theme)) for key, theme in self._themes.items()]
        if not themes:
            del self.fields["themes"]

    def offered_themes(self) -> list[Theme]:
        return list(self._themes.values())

    def personal(self) -> list[PersonalFound]:
        """What stands in the texts that become public and is hidden there, by the question it stands in."""
        shown = ("problem", "title", "proposal", "address", "photo_caption")
        return [
            PersonalFound(str(self.fields[name].label), finding.kind, text[finding.start : finding.end])
            for name in shown
            if (text := self.cleaned_data.get(name, ""))
            for finding in find_personal(text)
        ]

    def draft(self, language: str) -> IdeaDraft:
        answers = {
            key: "\n".join(value) if isinstance(value, list) else value
            for key, value in self.answers().items()
        }
        return IdeaDraft(
            problem=self.cleaned_data["problem"],
            proposal=self.cleaned_data["proposal"],
            title=self.cleaned_data["title"],
            language=language,
            place=self.place(),
            themes=[self._themes[key] for key in self.cleaned_data.get("themes", ())],
            answers=answers,
            sender=self.sender(),
        )


class CorrectionForm(WordsFields):
    """The sender's own words again, to be put right. `version` tells if somebody else was faster."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def draft(self, idea: Idea) -> IdeaDraft:
        said = self.cleaned_data
        return IdeaDraft(problem=said["problem"], proposal=said["proposal"], language=idea.language)
