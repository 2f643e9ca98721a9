"""The form that sends an idea, the one that corrects it, and the filters of the list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import SeveralField
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

    themes: Any = SeveralField(
        label=_("What is it about?"),
        help_text=_("Tick all that fit."),
        queryset=Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, asks_phone=call.asks_phone, questions=call.questions, **kwargs)
        offered = call.themes.filter(active=True)
        field = self.fields["themes"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = offered if offered.exists() else Theme.objects.filter(active=True)
        if not field.queryset.exists():
            del self.fields["themes"]
        self.in_order("problem", "proposal", "answers", "themes", "where", "address", "email")

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
            themes=self.cleaned_data.get("themes") or (),
            answers=answers,
            sender=self.sender(),
        )


class CorrectionForm(WordsFields):
    """The sender's own words again, to be put right. `version` tells if somebody else was faster."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def draft(self, idea: Idea) -> IdeaDraft:
        said = self.cleaned_data
        return IdeaDraft(problem=said["problem"], proposal=said["proposal"], language=idea.language)


class IdeaFilters(forms.Form):
    """The filters of the public list. A value that does not exist is passed over, not an error."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    call = forms.ChoiceField(label=_("Invitation"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    district = forms.ChoiceField(label=_("Part of the city"), required=False)
    state = forms.ChoiceField(label=_("What became of it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {*PUBLIC_IDEA_STATES, IdeaState.WITHDRAWN}
        states = [(value, label.capitalize()) for value, label in Idea.State.choices if value in shown]
        outcomes = [(value, label.capitalize()) for value, label in Idea.Outcome.choices]
        themes, districts = Theme.objects.filter(active=True), District.objects.filter(active=True)
        calls = Call.objects.public().values_list("slug", "title")
        self._choose("call", [(slug, localized(title) or slug) for slug, title in calls])
        self._choose("theme", [(theme.key, str(theme)) for theme in themes])
        self._choose("district", [(district.code, str(district)) for district in districts.defer("boundary")])
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
