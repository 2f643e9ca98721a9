"""The form that sends an idea, the one that corrects it, and the filters of the list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import PlainSelect
from engagement.forms.hygiene import HygieneFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.localized import localized
from engagement.models import Call, District, Idea, Theme
from engagement.querysets import IdeaQuerySet
from engagement.services import IdeaDraft
from engagement.workflow import PUBLIC_IDEA_STATES, IdeaState

WORDS_LIMIT = 8000


class WordsFields(forms.Form):
    """The two questions that everything else serves."""

    problem = forms.CharField(
        label=_("What is the problem, and for whom?"),
        help_text=_("A few sentences are enough. You do not need a solution."),
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us what the problem is, in your own words.")},
    )
    proposal = forms.CharField(
        label=_("What could help?"),
        help_text=_("Only if you have something in mind."),
        required=False,
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class IdeaForm(HygieneFields, SenderFields, QuestionFields, PlaceFields, WordsFields):
    """One page: the problem, what could help, where, and who (optional)."""

    themes = forms.MultipleChoiceField(
        label=_("What is it about?"),
        help_text=_("Tick all that fit."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, asks_phone=call.asks_phone, questions=call.questions, **kwargs)
        self._offer(list(call.themes.filter(active=True)) or list(Theme.objects.filter(active=True)))
        self.in_order("problem", "proposal", "answers", "themes", "where", "address", "email")

    def _offer(self, themes: list[Theme]) -> None:
        """The themes to tick: read once, for the page, the check and the answer."""
        self._themes = {str(theme.pk): theme for theme in themes}
        field = self.fields["themes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, str(theme)) for key, theme in self._themes.items()]
        if not themes:
            del self.fields["themes"]

    def draft(self, language: str) -> IdeaDraft:
        answers = {
            key: "\n".join(value) if isinstance(value, list) else value
            for key, value in self.answers().items()
        }
        return IdeaDraft(
            problem=self.cleaned_data["problem"],
            proposal=self.cleaned_data["proposal"],
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


def _named(rows: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, str]]:
    """Short names and texts as choices in the page's language."""
    return [(key, localized(texts) or key) for key, texts in rows]


class IdeaFilters(forms.Form):
    """The filters of the public list. A value that does not exist is passed over, not an error."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    call = forms.ChoiceField(label=_("Invitation"), required=False, widget=PlainSelect)
    theme = forms.ChoiceField(label=_("Theme"), required=False, widget=PlainSelect)
    district = forms.ChoiceField(label=_("Part of the city"), required=False, widget=PlainSelect)
    state = forms.ChoiceField(label=_("What became of it"), required=False, widget=PlainSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {*PUBLIC_IDEA_STATES, IdeaState.WITHDRAWN}
        states = [(value, label.capitalize()) for value, label in Idea.State.choices if value in shown]
        outcomes = [(value, label.capitalize()) for value, label in Idea.Outcome.choices]
        self._choose("call", _named(Call.objects.public().values_list("slug", "title")))
        self._choose("theme", _named(Theme.objects.filter(active=True).values_list("key", "label")))
        self._choose("district", _named(District.objects.filter(active=True).values_list("code", "name")))
        self._choose("state", [*outcomes, *states])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *choices]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, ideas: IdeaQuerySet) -> IdeaQuerySet:
        chosen = self.chosen()
        if call := chosen.get("call"):
            ideas = ideas.filter(call__slug=call)
        if theme := chosen.get("theme"):
            ideas = ideas.filter(themes__key=theme)
        if district := chosen.get("district"):
            ideas = ideas.filter(district__code=district)
        if state := chosen.get("state"):
            # What a plan made of an idea counts before its state in intake, as on the idea's page.
            in_plans = state in Idea.Outcome.values
            ideas = ideas.filter(outcome=state) if in_plans else ideas.filter(state=state, outcome="")
        words = chosen.get("q", "")
        return ideas.readable().matching(words) if words else ideas
