"""Typing in ideas that came by paper, by phone, at a counter or in a meeting, one after another."""

import hashlib
import uuid
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from engagement import desk_pages, links, services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.refusals import tell
from engagement.forms.choices import SeveralField
from engagement.forms.ideas import WordsFields
from engagement.forms.place import PlaceFields
from engagement.forms.questions import QuestionFields
from engagement.forms.sender import SenderFields
from engagement.models import Call, Idea, Meeting, Theme
from engagement.tasks import nudge_mail

MAY = "engagement.type_in_idea"
CHANNELS = (Idea.Channel.MEETING, Idea.Channel.PAPER, Idea.Channel.PHONE, Idea.Channel.IN_PERSON)
KEPT_FIELDS = ("call", "channel", "meeting", "language", "where")
"""What the next idea of a pile has in common with the last one."""
NEW = "new_"
ORDER = ("call", "channel", "language", "received", "meeting", "new_title", "new_kind", "new_date", "problem")
"""As on the page, so that errors are told in that order."""


class TypeInForm(SenderFields, QuestionFields, PlaceFields, WordsFields):
    """One idea as it lies on the clerk's table, with how it came."""

    form_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    call: Any = forms.ModelChoiceField(label=gettext_lazy("Invitation"), queryset=Call.objects.all())
    channel = forms.ChoiceField(
        label=gettext_lazy("How it came"), choices=[(one.value, one.label) for one in CHANNELS]
    )
    meeting: Any = forms.ModelChoiceField(
        label=gettext_lazy("Meeting"), queryset=Meeting.objects.select_related("call"), required=False
    )
    new_title = forms.CharField(label=gettext_lazy("Its title"), required=False, max_length=200)
    new_kind = forms.ChoiceField(label=gettext_lazy("Its kind"), choices=Meeting.Kind.choices, required=False)
    new_date = forms.DateField(
        label=gettext_lazy("Its date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    new_place = forms.CharField(label=gettext_lazy("Its place"), required=False, max_length=200)
    new_attendance = forms.IntegerField(
        label=gettext_lazy("People who came"), required=False, min_value=0, max_value=1_000_000
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the text"), choices=settings.LANGUAGES)
    received = forms.DateField(
        label=gettext_lazy("Date received"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    themes: Any = SeveralField(
        label=gettext_lazy("Themes"),
        queryset=Theme.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, call: Call | None, **kwargs: Any) -> None:
        asked = [{**one, "required": False} for one in call.questions] if call else []
        phone = call.asks_phone if call else False
        super().__init__(*args, questions=asked, asks_phone=phone, **kwargs)
        self.fields["form_key"].initial = lambda: uuid.uuid4().hex
        self.fields["received"].initial = timezone.localdate
        self.fields["problem"].error_messages["required"] = _("Type in what the problem is.")
        self.fields["problem"].help_text = _("In the sender’s own words.")
        self.fields["proposal"].help_text = ""
        self.order_fields(ORDER)
        for name, label in (
            ("wants_updates", _("Wants to be told by e-mail what becomes of it")),
            ("may_be_asked", _("May be asked questions about it")),
            ("name", _("Name")),
            ("email", _("E-mail address")),
            ("phone", _("Phone number, for a call back")),
        ):
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].help_text = ""
        self.fields["email"].help_text = _("Only if the sender agreed. It is never made public.")

    def rows(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    def how(self) -> list[forms.BoundField]:
        return self.rows("call", "channel", "language", "received", "meeting")

    def new_meeting(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(NEW)]

    @property
    def opens_new_meeting(self) -> bool:
        return any(self[name].errors or self[name].value() for name in ("new_title", "new_date"))

    def what(self) -> list[forms.BoundField]:
        return [*self.rows("problem", "proposal", "where", "address", "themes"), *self.question_fields()]

    def who(self) -> list[forms.BoundField]:
        return self.rows("name", "email", "phone", "wants_updates", "may_be_asked")

    def clean_received(self) -> Any:
        received = self.cleaned_data["received"]
        if received > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future."))
        return received

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        meeting, call = said.get("meeting"), said.get("call")
        if meeting and call and meeting.call_id != call.pk:
            self.add_error("meeting", _("This meeting belongs to another invitation."))
        if said.get("new_title") and not said.get("new_date") and "new_date" not in self.errors:
            self.add_error("new_date", _("Write the date of the new meeting."))
        if said.get("new_date") and not said.get("new_title"):
            self.add_error("new_title", _("Write the title of the new meeting."))
        if meeting and said.get("new_title"):
            self.add_error("meeting", _("Choose a meeting or describe a new one, not both."))
        wants_meeting = said.get("channel") == Idea.Channel.MEETING and "meeting" not in self.errors
        if wants_meeting and not meeting and not said.get("new_title"):
            self.add_error("meeting", _("Choose the meeting, or describe a new one below."))
        return cleaned

    def meeting_values(self) -> dict[str, Any] | None:
        """A new meeting as its service takes it, when one is described."""
        said = self.cleaned_data
        if not said.get("new_title"):
            return None
        return {
            "call": said["call"],
            "kind": said["new_kind"] or Meeting.Kind.OPEN,
            "title": {get_language() or settings.LANGUAGE_CODE: said["new_title"]},
            "date": said["new_date"],
            "place": said["new_place"],
            "attendance": said["new_attendance"],
        }

    def draft(self) -> services.IdeaDraft:
        said = self.cleaned_data
        answers = {
            key: "\n".join(value) if isinstance(value, list) else value
            for key, value in self.answers().items()
        }
        return services.IdeaDraft(
            problem=said["problem"],
            proposal=said["proposal"],
            language=said["language"],
            place=self.place(),
            themes=said["themes"],
            answers=answers,
            sender=self.sender(),
        )

    def received_at(self, now: datetime) -> datetime:
        """Today is now; another day is its noon."""
        received = self.cleaned_data["received"]
        if received == timezone.localdate(now):
            return now
        return timezone.make_aware(datetime.combine(received, time(12)))

    def key(self) -> str | None:
        """Two posts of the same words from one opened form are one idea."""
        given = self.cleaned_data.get("form_key")
        words = f"{given}\x1f{self.cleaned_data['problem']}"
        return hashlib.sha256(words.encode()).hexdigest() if given else None


@transaction.atomic
def type_in(form: TypeInForm, *, by: Any, at: datetime) -> Idea:
    """The new meeting, if one is described, and the idea: both or neither."""
    meeting = form.cleaned_data["meeting"]
    values = form.meeting_values()
    if values is not None:
        meeting = services.record_meeting(by=by, at=at, values=values)
        form.cleaned_data["meeting"] = meeting
    return services.submit_idea(
        call=form.cleaned_data["call"],
        draft=form.draft(),
        at=at,
        by=by,
        channel=form.cleaned_data["channel"],
        meeting=meeting,
        form_key=form.key(),
        received_at=form.received_at(at),
    )


def _may(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY)


desk_pages.links.append(
    desk_pages.DeskLink("engagement", gettext_lazy("Type in an idea"), "engagement_idea_type_in", _may)
)


class TypeInPages(ReadOnlyAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_type_in"
        page = self.admin_site.admin_view(self.type_in_view)
        return [path("type-in/", page, name=name), *super().get_urls()]

    def type_in_links(self, request: HttpRequest) -> list[tuple[Any, str]]:
        return [(_("Type in an idea"), self.url("type_in"))] if request.user.has_perm(MAY) else []

    def type_in_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        call = _call(request.POST.get("call") or request.GET.get("call") or "")
        if request.method != "POST":
            form = TypeInForm(call=call, initial=_initial(request, call))
            focus = "problem" if "call" in request.GET else "call"
            form.fields[focus].widget.attrs["autofocus"] = True
            return self._type_in_page(request, form)
        form = TypeInForm(request.POST, call=call)
        if not form.is_valid():
            return self._type_in_page(request, form)
        try:
            idea = type_in(form, by=request.user, at=timezone.now())
        except services.Refused as refusal:
            tell(form, refusal)
            return self._type_in_page(request, form)
        nudge_mail()
        request.session["typed_in"] = idea.pk
        return HttpResponseRedirect(f"{self.url('type_in')}?{urlencode(_kept(form))}")

    def _type_in_page(self, request: HttpRequest, form: TypeInForm) -> HttpResponse:
        saved = None
        if request.method != "POST" and "saved" in request.GET:
            saved = Idea.objects.filter(pk=request.session.get("typed_in", 0)).first()
        context = {
            **self.page_context(request, _("Type in an idea")),
            "form": form,
            "media": self.media + form.media,
            "saved": saved,
            "code": links.tracking_code(saved) if saved else "",
            "saved_url": self.detail_url(saved.pk) if saved and self.has_view_permission(request) else "",
        }
        response = TemplateResponse(request, "admin/engagement/type_in.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _call(key: str) -> Call | None:
    return Call.objects.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def _initial(request: HttpRequest, call: Call | None) -> dict[str, Any]:
    kept: dict[str, Any] = {name: request.GET[name] for name in KEPT_FIELDS if request.GET.get(name)}
    if call is None:
        first = Call.objects.open(timezone.now()).first()
        kept["call"] = first.pk if first else ""
    # On paper asks for nothing more; a meeting must be named.
    return {"language": get_language(), "channel": Idea.Channel.PAPER, **kept}


def _kept(form: TypeInForm) -> dict[str, Any]:
    said = form.cleaned_data
    kept = {
        "call": said["call"].pk,
        "channel": said["channel"],
        "meeting": said["meeting"].pk if said["meeting"] else "",
        "language": said["language"],
        "where": said["where"],
    }
    return {**{name: value for name, value in kept.items() if value}, "saved": "1"}
