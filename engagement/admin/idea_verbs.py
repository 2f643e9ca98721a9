"""What staff do with ideas: publish, decline, ask for a correction, pass on, join and undo, reopen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
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
SHARED = 8
"""How many words that both texts have are shown."""


def originals_for(ideas: list[Idea]) -> IdeaQuerySet:
    """Ideas that these may be joined with: of the same invitation or public, and not themselves joined."""
    calls = {idea.call_id for idea in ideas}
    choosable = Idea.objects.exclude(state__in=NEVER_ORIGINAL)
    if len(calls) > 1:
        return choosable.exclude(pk__in=[idea.pk for idea in ideas]).public()
    public = Q(pk__in=Idea.objects.public().values("pk"))
    return choosable.exclude(pk__in=[idea.pk for idea in ideas]).filter(Q(call__in=calls) | public)


@dataclass(frozen=True)
class Likeness:
    """An idea that asks for much the same, and what its score is made of, all in whole per cent.

    `words` and what the meaning adds (`more`, None where it was not looked at) are together the score.
    """

    idea: Idea
    score: int
    words: int
    more: int | None
    same: bool
    shared: tuple[str, ...]


def alike(idea: Idea, among: IdeaQuerySet, limit: int = CANDIDATES) -> list[Idea]:
    """Ideas that say much the same, the closest first."""
    return [one.idea for one in _like(idea, among, limit)]


def likenesses(idea: Idea, among: IdeaQuerySet, limit: int) -> list[Likeness]:
    """The same with the reasons, for a page that shows few."""
    found = []
    for other, score in _like(idea, among, limit):
        parts = services.why_similar(text=services.words_of(idea), idea=other, language=idea.language)
        total, words = round(100 * score), round(100 * (parts.by_words if parts else score))
        found.append(
            Likeness(
                other,
                total,
                min(words, total),
                None if parts is None or parts.meaning is None else max(total - words, 0),
                parts is not None and parts.same_text,
                parts.shared_words[:SHARED] if parts else (),
            )
        )
    return found


def _like(idea: Idea, among: IdeaQuerySet, limit: int) -> list[services.Alike]:
    text = services.words_of(idea)
    return services.similar_ideas(
        text=text, among=among.readable().select_related("call"), limit=limit, language=idea.language
    )


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
        for name in ("find", "original"):
            # A number or a choice: neither alone may be left out as "optional" would say.
            self.fields[name].one_of_several = True  # type: ignore[attr-defined]
        self.among = originals_for(list(self.records))
        words = self.data.get(self.add_prefix("find"), "").strip()
        if words:
            self.found = found_by(words, self.among)
        else:
            self.found = alike(self.records[0], self.among) if self.records else []
        picked = self.data.get(self.add_prefix("original"), "") or str(self.initial.get("original", ""))
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


def _joined_with(form: VerbForm) -> str:
    """With which: a number that was typed without a look at the idea is seen now, while it can be undone."""
    original: Idea = form.cleaned_data["chosen"]
    return _("joined with %(original)s") % {
        "original": f"{original.reference} {original.public_title}".strip()
    }


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
        said=_joined_with,
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
