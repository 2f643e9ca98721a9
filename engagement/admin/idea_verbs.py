"""What staff do with ideas: publish, decline, ask for a correction, pass on, join and undo, reopen."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.onward_verbs import AS_REPORT, IDEA_BACK, PASS_ON, SCHEDULE, SPLIT, UNSCHEDULE
from engagement.admin.verbs import ReasonForm, Verb, VerbForm
from engagement.forms.choices import is_key
from engagement.models import Idea, User
from engagement.querysets import IdeaQuerySet
from engagement.text import fold
from engagement.workflow import NEVER_ORIGINAL

CANDIDATES = 10


def originals_for(ideas: list[Idea]) -> IdeaQuerySet:
    """Ideas that these may be joined with: of the same invitation or public, and not themselves joined."""
    calls = {idea.call_id for idea in ideas}
    choosable = Idea.objects.exclude(state__in=NEVER_ORIGINAL)
    if len(calls) > 1:
        return choosable.exclude(pk__in=[idea.pk for idea in ideas]).public()
    public = Q(pk__in=Idea.objects.public().values("pk"))
    return choosable.exclude(pk__in=[idea.pk for idea in ideas]).filter(Q(call__in=calls) | public)


def alike(idea: Idea, among: IdeaQuerySet, limit: int = CANDIDATES) -> list[Idea]:
    """Ideas that share long words with the title of `idea`, those that share most first."""
    words = sorted(
        {word for word in fold(idea.title or idea.problem[:200]).split() if len(word) > 3}, key=len
    )
    words = words[-6:]
    if not words:
        return []
    shared: Any = Value(0)
    for word in words:
        shared = shared + Case(
            When(search__contains=f" {word[:12]}", then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    found = among.annotate(shared=shared).filter(shared__gte=min(2, len(words)))
    return list(found.select_related("call").order_by(F("shared").desc(), "-published_at", "-pk")[:limit])


def found_by(words: str, among: IdeaQuerySet) -> list[Idea]:
    """Ideas by reference or words."""
    return list(among.matching(words).select_related("call").order_by("-received_at", "-pk")[:CANDIDATES])


class LinkForm(VerbForm):
    """Which idea is the original: found by reference or words, chosen from what was found."""

    find = forms.CharField(
        label=gettext_lazy("Find the original by its reference or by words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    original = forms.ChoiceField(
        label=gettext_lazy("The original"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the ideas that were found.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.among = originals_for(list(self.records))
        words = self.data.get(self.add_prefix("find"), "").strip()
        if words:
            self.found = found_by(words, self.among)
        else:
            self.found = alike(self.records[0], self.among) if self.records else []
        picked = self.data.get(self.add_prefix("original"), "")
        if is_key(picked) and picked not in {str(idea.pk) for idea in self.found}:
            self.found += list(self.among.filter(pk=picked))
        field = self.fields["original"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(idea.pk), _line(idea)) for idea in self.found]
        if not self.found:
            field.help_text = _("No idea was found. Try other words, or fewer.")

    @property
    def asks_again(self) -> bool:
        return "_search" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.asks_again or "original" in self.errors:
            return cleaned
        wanted = fold(cleaned.get("find", ""))
        by_key = {str(idea.pk): idea for idea in self.found}
        chosen = by_key.get(cleaned.get("original", "")) or next(
            (idea for idea in self.found if wanted and fold(idea.reference) == wanted), None
        )
        if chosen is None:
            self.add_error("original", _("Choose the idea that asked for the same."))
        cleaned["chosen"] = chosen
        return cleaned


def _line(idea: Idea) -> str:
    return f"{idea.reference} · {idea.title or _('(no text)')} · {idea.get_state_display()} · {idea.call}"


def _publish(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.publish_idea(idea=idea, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _reopen(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.reopen_idea(idea=idea, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _unlink(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.unlink_duplicate(idea=idea, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _link(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.link_duplicate(
        idea=idea, original=said["chosen"], by=by, at=at, version=version, note=said["note"]
    )


def _with_reason(service: Any) -> Any:
    def run(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
        said = form.cleaned_data
        service(
            idea=idea,
            by=by,
            at=at,
            version=version,
            reason=said["reason"],
            text=said["text"],
            note=said["note"],
        )

    return run


IDEA_VERBS = (
    Verb(
        "publish",
        gettext_lazy("Publish"),
        lambda n: ngettext("published", "%(n)d ideas published", n) % {"n": n},
        _publish,
        tone="",
        at_once=True,
    ),
    SCHEDULE,
    UNSCHEDULE,
    Verb(
        "decline",
        gettext_lazy("Decline"),
        lambda n: ngettext("declined", "%(n)d ideas declined", n) % {"n": n},
        _with_reason(services.decline_idea),
        form=ReasonForm,
        tone="danger",
    ),
    Verb(
        "ask_correction",
        gettext_lazy("Ask for a correction"),
        lambda n: ngettext("the sender is asked", "the senders of %(n)d ideas are asked", n) % {"n": n},
        _with_reason(services.ask_correction),
        form=ReasonForm,
    ),
    PASS_ON,
    Verb(
        "link_duplicate",
        gettext_lazy("Join with a similar idea"),
        lambda n: ngettext("joined", "%(n)d ideas joined", n) % {"n": n},
        _link,
        form=LinkForm,
    ),
    Verb(
        "unlink_duplicate",
        gettext_lazy("Undo the joining"),
        lambda n: ngettext("no longer joined", "%(n)d ideas no longer joined", n) % {"n": n},
        _unlink,
    ),
    SPLIT,
    AS_REPORT,
    IDEA_BACK,
    Verb(
        "reopen",
        gettext_lazy("Open again"),
        lambda n: ngettext("open again", "%(n)d ideas open again", n) % {"n": n},
        _reopen,
    ),
)
