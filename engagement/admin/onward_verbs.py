"""What staff do so that an idea goes on elsewhere, in parts, or at an hour: and how that is asked."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.verbs import ReasonForm, Verb, VerbForm
from engagement.models import Call, Department, Idea, Report, ReportService, Transfer, User

PLAN, OUTSIDE = "plan", "outside"


class PassOnForm(ReasonForm):
    """To whom: a department, the plan that is being carried out, or somebody outside the city."""

    to = forms.ChoiceField(
        label=gettext_lazy("Pass it on to"),
        help_text=gettext_lazy(
            "A department gets a mail at its shared mailbox, without who sent the idea, and answers here."
        ),
        error_messages={"required": gettext_lazy("Choose to whom it is passed on.")},
    )
    field_order = ("to", "reason", "text", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(list(self.field_order))
        self.departments = {str(one.pk): one for one in Department.objects.filter(active=True)}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("Choose")),
            *((key, str(department)) for key, department in self.departments.items()),
            (PLAN, _("the plan that is being carried out")),
            (OUTSIDE, _("somebody outside the city: say whom in the text")),
        ]

    def receiver(self) -> dict[str, Any]:
        chosen = self.cleaned_data["to"]
        return {"department": self.departments.get(chosen), "running_plan": chosen == PLAN}


def _pass_on(idea: Idea, form: PassOnForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.pass_on_idea(
        idea=idea,
        by=by,
        at=at,
        version=version,
        reason=said["reason"],
        text=said["text"],
        note=said["note"],
        **form.receiver(),
    )


class AsReportForm(VerbForm):
    """Of which service; not asked where it is known from an earlier change."""

    service: Any = forms.ModelChoiceField(
        label=gettext_lazy("Report service"),
        queryset=ReportService.objects.filter(active=True),
        error_messages={"required": gettext_lazy("Choose a report service.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Transfer.objects.filter(idea__in=self.records).count()
        if known == len(self.records):
            del self.fields["service"]


class AsIdeaForm(VerbForm):
    """To which invitation; not asked where it is known from an earlier change."""

    call: Any = forms.ModelChoiceField(
        label=gettext_lazy("Invitation"),
        queryset=Call.objects.all(),
        error_messages={"required": gettext_lazy("Choose an invitation.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(report.service.private for report in self.records):
            field: Any = self.fields["call"]
            field.queryset = Call.objects.filter(kind=Call.Kind.IN_REACH)
            field.help_text = _("Reports of this kind are not shown in public: only invitations for staff.")
        known = Transfer.objects.filter(report__in=self.records).count()
        if known == len(self.records):
            del self.fields["call"]


def _take_as_report(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.take_as_report(
        idea=idea, service=said.get("service"), by=by, at=at, version=version, note=said["note"]
    )


def _take_back_idea(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.take_back_idea(idea=idea, by=by, at=at, version=version, note=form.cleaned_data["note"])


def _take_as_idea(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.take_as_idea(
        report=report, call=said.get("call"), by=by, at=at, version=version, note=said["note"]
    )


def _take_back_report(report: Report, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.take_back_report(report=report, by=by, at=at, version=version, note=form.cleaned_data["note"])


FIRST_PARTS, MORE_PARTS, MOST_PARTS = 4, 4, 20
SHORTEST_PART, MOST_BEGUN = 40, 8


class SplitForm(VerbForm):
    """One box a part, with words copied out of the letter, which stands beside the form."""

    boxes = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paragraphs = self._paragraphs()
        asked = self.data.get(self.add_prefix("boxes"), "")
        count = int(asked) if asked.isdecimal() and len(asked) < 4 else max(FIRST_PARTS, len(paragraphs))
        self.count = min(count + MORE_PARTS if self.asks_again else count, MOST_PARTS)
        self.fields["boxes"].initial = self.count
        if self.is_bound:
            self._move_up()
        for number in range(1, self.count + 1):
            self.fields[f"part_{number}"] = forms.CharField(
                label=_("Part %(n)d") % {"n": number},
                required=False,
                max_length=8000,
                initial=paragraphs[number - 1] if number <= len(paragraphs) else "",
                widget=forms.Textarea(attrs={"rows": 4, "lang": self.records[0].language}),
            )
        self.order_fields([*(f"part_{number}" for number in range(1, self.count + 1)), "note", "boxes"])

    def _move_up(self) -> None:
        """No empty box stands between others: the second part is what is in the second box, also when it
        is refused."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        names = [self.add_prefix(f"part_{number}") for number in range(1, self.count + 1)]
        written = [words for words in (data.get(name, "") for name in names) if words.strip()]
        for place, name in enumerate(names):
            data[name] = written[place] if place < len(written) else ""
        data[self.add_prefix("boxes")] = str(self.count)
        self.data = data

    @property
    def asks_again(self) -> bool:
        return "_more" in self.data

    @property
    def intro(self) -> str:
        return _(
            "Each part becomes an idea with its own number. Copy its words out of the letter, unchanged: an "
            "empty line may part what stands apart there. Empty boxes are left out. This cannot be undone."
        )

    @property
    def more(self) -> str:
        """The words of the button that gives more boxes."""
        return "" if self.count >= MOST_PARTS else _("More boxes")

    def _paragraphs(self) -> list[str]:
        """The letter's paragraphs, to begin with: not the greeting, nor the name below, which are short.

        None where they are too many to be ideas.
        """
        letter = self.records[0]
        texts = f"{letter.problem}\n\n{letter.proposal}".replace("\r\n", "\n").split("\n\n")
        found = [text.strip() for text in texts if len(text.strip()) >= SHORTEST_PART]
        return found if len(found) <= MOST_BEGUN else []

    def quotations(self) -> list[services.Quotation]:
        words = (self.cleaned_data[f"part_{number}"] for number in range(1, self.count + 1))
        return [services.Quotation(text) for text in words if text.strip()]


def _split(idea: Idea, form: SplitForm, *, by: User, at: datetime, version: int) -> None:
    services.split_idea(
        idea=idea,
        parts=form.quotations(),
        by=by,
        at=at,
        version=version,
        note=form.cleaned_data["note"],
    )


class ScheduleForm(VerbForm):
    """The day and the hour, where the city is."""

    hour = forms.DateTimeField(
        label=gettext_lazy("Publish on"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": gettext_lazy("Choose a day and an hour.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tomorrow = timezone.localdate() + timedelta(days=1)
        field = self.fields["hour"]
        field.initial = datetime.combine(tomorrow, time(9))
        field.help_text = _("Time of the city (%(zone)s). Until then it can be taken back.") % {
            "zone": settings.TIME_ZONE
        }
        field.validators.append(MaxValueValidator(timezone.now() + timedelta(days=366)))


def _schedule(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    said = form.cleaned_data
    services.schedule_idea(idea=idea, hour=said["hour"], by=by, at=at, version=version, note=said["note"])


def _unschedule(idea: Idea, form: VerbForm, *, by: User, at: datetime, version: int) -> None:
    services.unschedule_idea(idea=idea, by=by, at=at, version=version, note=form.cleaned_data["note"])


SCHEDULE = Verb(
    "schedule",
    gettext_lazy("Publish at a set hour"),
    lambda n: ngettext("will be published then", "%(n)d ideas will be published then", n) % {"n": n},
    _schedule,
    form=ScheduleForm,
    said=lambda form: (
        _("will be published on %(hour)s")
        % {"hour": date_format(timezone.localtime(form.cleaned_data["hour"]), "DATETIME_FORMAT")}
    ),
)
UNSCHEDULE = Verb(
    "unschedule",
    gettext_lazy("Take the hour back"),
    lambda n: ngettext("waits for a decision again", "%(n)d ideas wait for a decision again", n) % {"n": n},
    _unschedule,
)
PASS_ON = Verb(
    "pass_on",
    gettext_lazy("Pass on"),
    lambda n: ngettext("passed on", "%(n)d ideas passed on", n) % {"n": n},
    _pass_on,
    form=PassOnForm,
)
SPLIT = Verb(
    "split",
    gettext_lazy("Split up into ideas"),
    lambda n: _("split into several ideas"),
    _split,
    form=SplitForm,
    in_bulk=False,
)
AS_REPORT = Verb(
    "take_as_report",
    gettext_lazy("Change into a problem report"),
    lambda n: ngettext("now a problem report", "%(n)d ideas are now problem reports", n) % {"n": n},
    _take_as_report,
    form=AsReportForm,
)
IDEA_BACK = Verb(
    "take_back",
    gettext_lazy("Change back into an idea"),
    lambda n: ngettext("an idea again", "%(n)d are ideas again", n) % {"n": n},
    _take_back_idea,
)
AS_IDEA = Verb(
    "take_as_idea",
    gettext_lazy("Change into an idea"),
    lambda n: ngettext("now an idea", "%(n)d reports are now ideas", n) % {"n": n},
    _take_as_idea,
    form=AsIdeaForm,
)
REPORT_BACK = Verb(
    "take_back",
    gettext_lazy("Change back into a problem report"),
    lambda n: ngettext("a problem report again", "%(n)d are problem reports again", n) % {"n": n},
    _take_back_report,
)
