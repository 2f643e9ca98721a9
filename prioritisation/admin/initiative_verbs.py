"""What staff do with initiatives besides writing them: states, agreement, ideas, splitting and merging."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from engagement.admin.verbs import OfferedReason, ReasonForm, Verb, VerbForm
from engagement.localized import LocalizedFormField, localized
from engagement.models import Idea, User
from engagement.text import fold
from prioritisation import services
from prioritisation.admin.evidence import LINK_EVIDENCE
from prioritisation.models import Initiative, Programme
from prioritisation.policies import catalogue, schema
from prioritisation.services.funnel import policy_of

CANDIDATES = 20
"""Most results of a search that a page offers: more are found with better words."""


# Setting aside ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyReason:
    """A reason of the programme's scoring rules, as the form of reasons offers it."""

    code: str
    label: Any
    text: Any

    def __str__(self) -> str:
        return localized(dict(self.label)) or self.code


def reasons_of(programme: Programme) -> list[schema.Reason]:
    """The reasons of the rules in force; of the newest draft, or the shipped blank ones, before that."""
    policy = policy_of(programme)
    if policy is None:
        newest = programme.policy_versions.order_by("-number").first()
        policy = schema.parse(newest.document if newest else catalogue.load("blank"))
    return list(policy.reasons)


class SetAsideForm(ReasonForm):
    """The reason comes from the programme's scoring rules."""

    def reasons_offered(self) -> Sequence[OfferedReason]:
        if not self.records:
            return []
        found = reasons_of(self.records[0].programme)
        return [
            PolicyReason(one.code, one.label, dict(one.public_text))
            for one in found
            if one.outcome == "set_aside"
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if len({initiative.programme_id for initiative in self.records}) > 1:
            self.add_error(None, _("Choose initiatives of one programme: each has reasons of its own."))
        return cleaned


# Agreement ----------------------------------------------------------------------------------------


class AgreementForm(VerbForm):
    how = forms.CharField(
        label=gettext_lazy("How the department agreed"),
        help_text=gettext_lazy("Who said so, when, in which letter or meeting."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]


# Ideas --------------------------------------------------------------------------------------------


def idea_line(idea: Idea) -> str:
    return f"{idea.reference} · {idea.title or _('(no text)')} · {idea.call}"


class SearchForm(VerbForm):
    """Something is found by words first, then chosen among what was found. "Search" only asks again."""

    find = forms.CharField(
        label=gettext_lazy("Find by reference or by words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    chooses = ""
    """The name of the field of choices."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = str(self.data.get(self.add_prefix("find"), "")).strip()
        picked = self._picked()
        found = {one.pk: one for one in self.candidates(words)[:CANDIDATES]}
        self.found = {one.pk: one for one in self.candidates("").filter(pk__in=picked)} | found
        field = self.fields[self.chooses]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(pk), self.line(one)) for pk, one in self.found.items()]
        if not self.found:
            field.help_text = _("Nothing was found. Try other words, or fewer.")

    def _picked(self) -> list[int]:
        data, name = self.data, self.add_prefix(self.chooses)
        values = data.getlist(name) if hasattr(data, "getlist") else []
        return [int(value) for value in values if value.isdecimal() and len(value) < 19]

    def candidates(self, words: str) -> Any:
        raise NotImplementedError

    def line(self, one: Any) -> str:
        return str(one)

    @property
    def asks_again(self) -> bool:
        return "_search" in self.data


class LinkIdeasForm(SearchForm):
    """Published ideas of the programme's invitations that the initiative does not hold yet."""

    chooses = "ideas"
    ideas = forms.MultipleChoiceField(
        label=gettext_lazy("Ideas to add"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def candidates(self, words: str) -> Any:
        initiative = self.records[0]
        published = Idea.objects.published().filter(call__programmes=initiative.programme_id)
        others = published.exclude(initiative_links__initiative=initiative)
        return others.matching(words).select_related("call").order_by("-received_at", "-pk")

    def line(self, one: Any) -> str:
        return idea_line(one)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.asks_again and "ideas" not in self.errors and not cleaned.get("ideas"):
            self.add_error("ideas", _("Choose at least one idea."))
        cleaned["chosen"] = [self.found[int(key)] for key in cleaned.get("ideas") or []]
        return cleaned


class OwnIdeasForm(VerbForm):
    """Some of the initiative's own ideas."""

    ideas = forms.MultipleChoiceField(
        label=gettext_lazy("Its ideas"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one idea.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = self.records[0].ideas.select_related("call").order_by("reference")
        self.found = {idea.pk: idea for idea in found}
        field = self.fields["ideas"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(pk), idea_line(idea)) for pk, idea in self.found.items()]
        del self.fields["note"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["chosen"] = [self.found[int(key)] for key in cleaned.get("ideas") or []]
        return cleaned


class SplitForm(OwnIdeasForm):
    title = LocalizedFormField(
        label=gettext_lazy("Title of the new initiative"),
        help_text=gettext_lazy("Left empty, the first idea gives it."),
        rows=1,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ideas"].label = _("Ideas that leave for the new initiative")


class MergeForm(SearchForm):
    """Into which initiative, and what the senders of its ideas and the public will read."""

    chooses = "into"
    into = forms.ChoiceField(
        label=gettext_lazy("The initiative that goes on"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the initiatives that were found.")},
    )
    text = LocalizedFormField(
        label=gettext_lazy("What the public will read"),
        help_text=gettext_lazy("The standard text stands here. Change it where it helps."),
        rows=4,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.records:
            found = reasons_of(self.records[0].programme)
            text = next((dict(one.public_text) for one in found if one.outcome == "merge"), {})
            self.fields["text"].initial = text

    def candidates(self, words: str) -> Any:
        first = self.records[0]
        standing = Initiative.objects.standing().filter(programme=first.programme_id)
        others = standing.exclude(pk__in=[one.pk for one in self.records])
        if not words and (like := _same_ideas(self.records)):
            shared = others.filter(idea_links__idea__in=like).distinct()
            if shared.exists():
                return shared.order_by("reference")
        return others.matching(words).order_by("reference")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.asks_again:
            self.errors.pop("text", None)
            return cleaned
        wanted = fold(cleaned.get("find", ""))
        chosen = self.found.get(int(cleaned.get("into") or 0)) or next(
            (one for one in self.found.values() if wanted and fold(one.reference) == wanted), None
        )
        if chosen is None and "into" not in self.errors:
            self.add_error("into", _("Choose the initiative that goes on."))
        cleaned["chosen"] = chosen
        return cleaned


def _same_ideas(initiatives: Iterable[Initiative]) -> list[int]:
    return list(
        Idea.objects.filter(initiatives__in=[one.pk for one in initiatives]).values_list("pk", flat=True)
    )


# The verbs ----------------------------------------------------------------------------------------


def _move(name: str) -> Callable[..., object]:
    def run(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
        note = form.cleaned_data.get("note", "")
        return services.move_initiative(
            initiative=initiative, verb=name, by=by, at=at, version=version, note=note
        )

    return run


def _agree(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    how = form.cleaned_data["how"]
    return services.record_agreement(initiative=initiative, how=how, by=by, at=at, version=version)


def _link(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    return services.link_ideas(initiative=initiative, ideas=form.cleaned_data["chosen"], by=by, at=at)


def _unlink(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    return services.unlink_ideas(initiative=initiative, ideas=form.cleaned_data["chosen"], by=by, at=at)


def _split(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    said = form.cleaned_data
    return services.split_initiative(
        initiative=initiative, ideas=said["chosen"], title=said["title"], by=by, at=at
    )


def _merge(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    said = form.cleaned_data
    return services.merge_initiative(
        initiative=initiative,
        into=said["chosen"],
        text=said["text"],
        by=by,
        at=at,
        version=version,
        note=said["note"],
    )


def _set_aside(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    said = form.cleaned_data
    return services.set_aside_initiative(
        initiative=initiative,
        reason=said["reason"],
        text=said["text"],
        by=by,
        at=at,
        version=version,
        note=said["note"],
    )


INITIATIVE_VERBS = (
    Verb(
        "mark_ready",
        gettext_lazy("Mark as ready"),
        lambda n: ngettext("ready for assessment", "%(n)d initiatives are ready", n) % {"n": n},
        _move("mark_ready"),
        tone="",
        at_once=True,
    ),
    Verb(
        "back_to_draft",
        gettext_lazy("Back to draft"),
        lambda n: ngettext("a draft again", "%(n)d initiatives are drafts again", n) % {"n": n},
        _move("back_to_draft"),
        at_once=True,
    ),
    Verb(
        "record_agreement",
        gettext_lazy("Record the owner's agreement"),
        lambda n: ngettext("agreement recorded", "agreement recorded for %(n)d initiatives", n) % {"n": n},
        _agree,
        form=AgreementForm,
    ),
    Verb(
        "link_ideas",
        gettext_lazy("Add ideas"),
        lambda n: _("ideas added"),
        _link,
        form=LinkIdeasForm,
        in_bulk=False,
        leads_on=False,
    ),
    Verb(
        "unlink_idea",
        gettext_lazy("Take ideas out"),
        lambda n: _("ideas taken out"),
        _unlink,
        form=OwnIdeasForm,
        in_bulk=False,
        leads_on=False,
    ),
    LINK_EVIDENCE,
    Verb(
        "split",
        gettext_lazy("Split"),
        lambda n: _("split: the new initiative is in the list as a draft"),
        _split,
        form=SplitForm,
        in_bulk=False,
    ),
    Verb(
        "merge",
        gettext_lazy("Merge into another"),
        lambda n: ngettext("merged", "%(n)d initiatives merged", n) % {"n": n},
        _merge,
        form=MergeForm,
    ),
    Verb(
        "set_aside",
        pgettext_lazy("what staff do", "Set aside"),
        lambda n: ngettext("set aside", "%(n)d initiatives set aside", n) % {"n": n},
        _set_aside,
        form=SetAsideForm,
        tone="danger",
    ),
    Verb(
        "reopen",
        gettext_lazy("Open again"),
        lambda n: ngettext("a draft again", "%(n)d initiatives are drafts again", n) % {"n": n},
        _move("reopen"),
        at_once=True,
    ),
)
