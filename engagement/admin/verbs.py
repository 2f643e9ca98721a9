"""Verbs: what staff do with records, the same in the list and on a record's page.

A verb is a line of the state table with a label, a form and the service that does it. Its page shows what
was chosen, asks what must be said, and calls the service for each record with the version that was seen.
What a service refuses is told beside the form, with everything typed kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.admin import previews
from engagement.admin.base import FILTERS, ReadOnlyAdmin
from engagement.admin.refusals import tell
from engagement.admin.returning import safe_next, with_kept
from engagement.localized import LocalizedFormField, said
from engagement.models import Reason
from engagement.services import Refused, may_make
from engagement.tasks import nudge_mail
from engagement.workflow import Move, allowed

AT_MOST = 500
"""Records that one press of a button may change: each is a transaction with its event and its mail."""

Chosen = list[tuple[Any, int]]
"""Records with the version of each that the person saw."""


def _about(what: Any, words: Any) -> str:
    """French sets a space before the colon."""
    return _("%(what)s: %(words)s") % {"what": what, "words": words}


class VerbForm(forms.Form):
    """What a verb asks. Subclasses add fields; `records` are what it is about."""

    note = forms.CharField(
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("Only staff read it."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, verb: "Verb", records: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb
        self.records = records
        self.order_fields([name for name in self.fields if name != "note"])

    @property
    def asks_again(self) -> bool:
        """Was a button pressed that only changes the page, such as a search?"""
        return False


class OfferedReason(Protocol):
    """A reason with its standard text in each language; its name is its `str()`."""

    @property
    def code(self) -> str: ...

    @property
    def text(self) -> Any: ...


class ReasonRadios(forms.RadioSelect):
    """Each reason carries its standard texts, so that a script can fill them in at once."""

    reasons: Mapping[str, OfferedReason] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        reason = self.reasons.get(str(value))
        for language, words in (reason.text if reason else {}).items():
            option["attrs"][f"data-text-{language}"] = words
        return option


class ReasonForm(VerbForm):
    """A reason from the city's list and the text that the sender and the public read.

    The reason's standard text is filled in, to be read and changed. Without script that takes one more
    press of the button: nothing is ever sent that the person did not see.
    """

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), error_messages={"required": gettext_lazy("Choose a reason.")}
    )
    text = LocalizedFormField(
        label=gettext_lazy("What the sender and the public will read"),
        help_text=gettext_lazy("Choosing a reason fills in its standard text. Change it where it helps."),
        rows=4,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = self.reasons_offered()
        self.reasons = {reason.code: reason for reason in found}
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.widget = widget = ReasonRadios(attrs={"data-fills": "text"})
        widget.reasons = self.reasons
        field.choices = numbered([(reason.code, str(reason)) for reason in found])
        given = self.reasons.get(str(self.initial.get("reason", "")))
        if given is not None:
            self.initial["text"] = given.text

    def reasons_offered(self) -> Sequence[OfferedReason]:
        """The city's own for this verb; a subclass may have others."""
        return list(Reason.objects.filter(action=self.verb.name, active=True))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        reason = self.reasons.get(cleaned.get("reason", ""))
        text = said(cleaned.get("text"))
        others = [other.text for other in self.reasons.values() if other is not reason]
        self.errors.pop("text", None)
        if reason is not None and (not text or any(_is_standard(text, other) for other in others)):
            self._fill_in(reason)
            self.add_error(
                "text",
                _("This is the standard text of that reason. Read it, change it if you like, then go on.")
                if reason.text
                else _("Write what the sender and the public will read."),
            )
        elif not text and reason is None:
            self.add_error("text", _("Write what the sender and the public will read."))
        return cleaned

    def _fill_in(self, reason: OfferedReason) -> None:
        field = self.fields["text"]
        assert isinstance(field, LocalizedFormField)
        data = QueryDict(mutable=True)
        data.update(self.data)
        for code in field.codes:
            data[f"{self.add_prefix('text')}_{code}"] = reason.text.get(code, "")
        self.data = data


def _is_standard(text: dict[str, str], standard: dict[str, str]) -> bool:
    """Is what was sent the untouched text of that reason? Browsers write line ends their own way."""
    return all(
        words.replace("\r\n", "\n").strip() == standard.get(language, "").replace("\r\n", "\n").strip()
        for language, words in text.items()
    )


def numbered(choices: Iterable[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Choices that a digit picks: the first nine show theirs."""
    return [
        (value, format_html('<kbd class="w-key" aria-hidden="true">{}</kbd> {}', place, label))
        if place < 10
        else (value, label)
        for place, (value, label) in enumerate(choices, 1)
    ]


@dataclass(frozen=True)
class Verb:
    """One verb. `name` is its key in the table of moves; `done` says how many it was done to."""

    name: str
    label: Any
    done: Callable[[int], str]
    run: Callable[..., object]
    """`run(record, form, by=, at=, version=)`: calls the one service."""
    form: type[VerbForm] = VerbForm
    tone: str = "secondary"
    at_once: bool = False
    """Nothing must be said: a record's page does it with one press."""
    in_bulk: bool = True
    leads_on: bool = True
    """False where the one who did it wants to see what came of it, before the next record."""
    said: Callable[["VerbForm"], str] | None = None
    """What was done to one record, in place of `done`, where the form's answer belongs into the sentence."""


class VerbAdmin(ReadOnlyAdmin):
    """A read-only admin with verbs out of a table of moves."""

    moves: dict[str, Move]
    verbs: tuple[Verb, ...]
    verb_template = "admin/engagement/verb.html"

    class Media:
        js = [forms.Script("js/desk.js", defer=True)]

    def may(self, request: HttpRequest, verb: Verb, record: Any = None) -> bool:
        """May this person use the verb with this record, or without one at all? The service asks again."""
        user: Any = request.user
        move = self.moves[verb.name]
        if record is not None:
            return may_make(move, user, record)
        return user.has_perm(move.who) or bool(move.who_own and user.has_perm(move.who_own))

    def verbs_for(self, request: HttpRequest, record: Any) -> list[Verb]:
        """The verbs that the record's state and this person's permissions allow."""
        now = {move.verb for move in allowed(self.moves, record.state)}
        return [verb for verb in self.verbs if verb.name in now and self.may(request, verb, record)]

    def flows_on(self, record: Any) -> bool:
        """Is the next one opened after a verb on this one, where that is asked for?"""
        return True

    # In the list --------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        for verb in self.verbs:
            if verb.in_bulk and self.may(request, verb):
                actions[verb.name] = (partial(_from_list, verb=verb), verb.name, str(verb.label))
        return actions

    def open_verb(self, request: HttpRequest, verb: Verb, records: Iterable[Any]) -> HttpResponse:
        """The verb's page for the rows that were ticked in the list."""
        chosen = [(record, record.version) for record in records]
        address = request.get_full_path()
        if len(chosen) > AT_MOST:
            self.message_user(
                request,
                _("You chose %(chosen)d. At most %(limit)d can be changed at a time: nothing was changed.")
                % {"chosen": len(chosen), "limit": AT_MOST},
                messages.ERROR,
            )
            return HttpResponseRedirect(address)
        back = with_kept(address, (record.pk for record, _version in chosen))
        form = verb.form(verb=verb, records=[record for record, _version in chosen])
        return self._verb_page(request, verb, form, chosen, back)

    # The verb's own page ------------------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        page = self.admin_site.admin_view(self.verb_view)
        return [path("do/<slug:name>/", page, name=name), *super().get_urls()]

    def verb_view(self, request: HttpRequest, name: str) -> HttpResponse:
        verb = next((verb for verb in self.verbs if verb.name == name), None)
        if verb is None:
            raise Http404
        if not self.may(request, verb) or not self.has_view_permission(request):
            raise PermissionDenied
        chosen = self._chosen(request)
        if not chosen:
            messages.warning(request, _("Nothing is selected."))
            return HttpResponseRedirect(safe_next(request, self.url("changelist")))
        back = safe_next(request, self.detail_url(chosen[0][0].pk))
        records = [record for record, _version in chosen]
        if request.method != "POST":
            given = {name: request.GET.get(name, "") for name in ("reason", "original")}
            form = verb.form(verb=verb, records=records, initial=given)
            return self._verb_page(request, verb, form, chosen, back)
        form = verb.form(request.POST, verb=verb, records=records)
        if previews.asked(request):
            return self._preview(request, verb, form, chosen, back)
        if not form.is_valid() or form.asks_again:
            return self._verb_page(request, verb, form, chosen, back)
        return self._do(request, verb, form, chosen, back)

    def _chosen(self, request: HttpRequest) -> Chosen:
        """`selected=12:3,14:1`: keys with the versions that were seen. What is not ours is left out."""
        wanted: dict[int, int] = {}
        for pair in (request.POST.get("selected") or request.GET.get("selected") or "").split(","):
            key, _colon, version = pair.partition(":")
            if key.isdecimal() and version.isdecimal() and len(key) < 19 and len(version) < 10:
                wanted[int(key)] = int(version)
        found = self.get_queryset(request).in_bulk(list(wanted)[:AT_MOST])
        return [(found[key], version) for key, version in wanted.items() if key in found]

    def _preview(
        self, request: HttpRequest, verb: Verb, form: VerbForm, chosen: Chosen, back: str
    ) -> HttpResponse:
        """The mails that the button would have sent, beside the form as it was typed."""
        if not form.is_valid():
            # A chosen reason's standard text was filled in: that is what the mail would say.
            form = verb.form(form.data, verb=verb, records=form.records)
        complete = form.is_valid()
        preview = self._rehearsed(request, verb, form, chosen) if complete else None
        if previews.part_asked(request):
            return previews.part(request, preview)
        if complete and preview is None:
            # Refused: the page shows the records as they are now, and who goes on from it has seen that.
            chosen = [(record, record.version) for record, _version in chosen]
        return self._verb_page(request, verb, form, chosen, back, preview)

    def _rehearsed(
        self, request: HttpRequest, verb: Verb, form: VerbForm, chosen: Chosen
    ) -> dict[str, Any] | None:
        """What the verb would mail; nothing where every one is refused: the form then says why."""
        done: list[Any] = []
        refused: list[tuple[Any, Refused]] = []

        def act(at: datetime) -> None:
            copies = [(copy(record), version) for record, version in chosen]
            one, other = perform(verb, form, copies, by=request.user, at=at)
            done.extend(one)
            refused.extend(other)

        found = previews.shown(act)
        if not done:
            self._tell_refused(form, verb, len(chosen), done, refused)
            return None
        return found | {"refused": [_about(record, refusal.message) for record, refusal in refused]}

    def _do(
        self, request: HttpRequest, verb: Verb, form: VerbForm, chosen: Chosen, back: str
    ) -> HttpResponse:
        opens_next = "_next" in request.POST and len(chosen) == 1
        following = (
            self._following(request, chosen[0][0], request.POST.get("filters", "")) if opens_next else None
        )
        done, refused = perform(verb, form, chosen, by=request.user, at=timezone.now())
        nudge_mail()
        if refused:
            self._tell_refused(form, verb, len(chosen), done, refused)
            # What is still to do stays on the page, as it is now: who sends again has seen that.
            fresh = self.get_queryset(request).in_bulk([record.pk for record, _refusal in refused])
            left = [(record, record.version) for record in fresh.values()]
            return self._verb_page(request, verb, form, left, back)
        messages.success(request, self._told(verb, form, done))
        if following is not None:
            return HttpResponseRedirect(following())
        if self.url("changelist") == back.partition("?")[0]:
            back = with_kept(back, (record.pk for record in done))
        return HttpResponseRedirect(back)

    def _told(self, verb: Verb, form: VerbForm, done: list[Any]) -> str:
        if len(done) == 1:
            return _about(done[0], verb.said(form) if verb.said else verb.done(1))
        return verb.done(len(done))

    def _tell_refused(
        self,
        form: VerbForm,
        verb: Verb,
        asked: int,
        done: list[Any],
        refused: list[tuple[Any, Refused]],
    ) -> None:
        if asked == 1:
            refusal = refused[0][1]
            tell(form, refusal)
            return
        counts = {"done": len(done), "not_done": len(refused)}
        form.add_error(None, _("%(done)d done, %(not_done)d not:") % counts)
        for record, refusal in refused:
            form.add_error(None, _about(record, refusal.message))

    def _following(self, request: HttpRequest, record: Any, filters: str) -> Callable[[], str]:
        """Where "and open the next" leads, found before the verb takes the record out of the list."""
        pk = self.neighbours(self.listed(request, filters), record.pk)["next"]
        if pk is None or pk == record.pk:
            return lambda: self.filtered_url(filters)
        return lambda: self.detail_url(pk, filters)

    def _verb_page(
        self,
        request: HttpRequest,
        verb: Verb,
        form: VerbForm,
        chosen: Chosen,
        back: str,
        preview: dict[str, Any] | None = None,
    ) -> HttpResponse:
        filters = request.POST.get("filters") or request.GET.get(FILTERS, "")
        records = [record for record, _version in chosen]
        context = {
            **self.page_context(request, self._verb_title(verb, records)),
            "verb": verb,
            "form": form,
            "records": records,
            "selected": ",".join(f"{record.pk}:{version}" for record, version in chosen),
            "next": back,
            "filters": filters,
            "digits": "reason" in form.fields or "original" in form.fields,
            "address": self.url("do", verb.name),
            "open_next": len(records) == 1
            and bool(request.POST.get("from_detail") or "from" in request.GET)
            and verb.leads_on
            and self.flows_on(records[0]),
            "media": self.media + form.media,
            "preview": preview,
            "rows": [
                {**self.verb_row(record, filters), "warning": self.verb_warning(request, record)}
                for record in records
            ],
            "words": self.verb_words(request, records[0]) if len(records) == 1 else "",
        }
        return TemplateResponse(request, self.verb_template, context)

    def _verb_title(self, verb: Verb, records: list[Any]) -> str:
        if len(records) == 1:
            return _about(verb.label, records[0])
        selected = ngettext("%(n)d selected", "%(n)d selected", len(records)) % {"n": len(records)}
        return _about(verb.label, selected)

    def verb_words(self, request: HttpRequest, record: Any) -> str:
        """What a single record says, to be read beside the form."""
        return ""

    def verb_warning(self, request: HttpRequest, record: Any) -> str:
        """What should be known before anything is done to this record."""
        return ""

    def verb_row(self, record: Any, filters: str) -> dict[str, Any]:
        """One line of the list of what was chosen."""
        return {"record": record, "url": self.detail_url(record.pk, filters), "title": "", "about": ""}


def perform(
    verb: Verb, form: VerbForm, chosen: Chosen, *, by: Any, at: datetime
) -> tuple[list[Any], list[tuple[Any, Refused]]]:
    """Does the verb to each record in turn: those it was done to, and those refused with the reason."""
    done: list[Any] = []
    refused: list[tuple[Any, Refused]] = []
    for record, version in chosen:
        try:
            verb.run(record, form, by=by, at=at, version=version)
        except Refused as refusal:
            refused.append((record, refusal))
        else:
            done.append(record)
    return done, refused


def _from_list(admin: VerbAdmin, request: HttpRequest, queryset: Any, *, verb: Verb) -> HttpResponse:
    return admin.open_verb(request, verb, queryset)
