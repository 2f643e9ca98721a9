"""What a manager does to a panel: one small form for each press of a button."""

import csv
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.forms.choices import SeveralField
from engagement.localized import localized
from engagement.models import District, User
from engagement.tables.writing import Column, write_csv
from prioritisation.models import Entry, Initiative, PanelMember, Programme, Round
from prioritisation.policies import schema
from prioritisation.services import Line
from prioritisation.workflow import Role

ASKED_WITHIN = timedelta(days=7)
"""What departments have to check facts, unless the manager says otherwise."""

FILE_LIMIT = 2_000_000
COLUMNS = {"username", "initiative"}


def assessors(programme: Programme) -> Any:
    """Who may sit on a panel."""
    people = User.objects.filter(
        is_active=True, memberships__programme=programme, memberships__role=Role.ASSESSOR
    )
    return people.select_related("department").order_by("last_name", "username")


def named(user: User) -> str:
    """With the user name, so that two people of one name are told apart."""
    shown = user.get_full_name()
    label = f"{shown} ({user.username})" if shown else user.username
    return f"{label} · {user.department}" if user.department else label


GONE = gettext_lazy("Somebody else changed the panel meanwhile: this person is not to be chosen any more.")
"""What a form says whose page was read before."""


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    default_error_messages = {"invalid_choice": GONE}

    def label_from_instance(self, obj: Any) -> str:
        return named(obj.user if isinstance(obj, PanelMember) else obj)


class EntryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.initiative.reference} · {obj.initiative.shown_title}"


class PairForm(forms.Form):
    """One member of the panel and one initiative, with a reason where one is asked."""

    assessor = PersonField(User.objects.none(), label=gettext_lazy("Assessor"))
    entry = EntryField(Entry.objects.none(), label=gettext_lazy("Initiative"))
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = round.panel.filter(left_at__isnull=True).values("user")
        people = User.objects.filter(pk__in=seats).select_related("department")
        _choose(self, "assessor", people.order_by("last_name", "username"))
        _choose(self, "entry", round.entries.select_related("initiative", "round__programme"))


class JoinForm(forms.Form):
    user = PersonField(User.objects.none(), label=gettext_lazy("Who"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Initiatives at most"), min_value=1, max_value=100_000, required=False
    )
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sitting = round.panel.filter(left_at__isnull=True).values("user")
        _choose(self, "user", assessors(round.programme).exclude(pk__in=sitting))
        team = self.fields["team"]
        assert isinstance(team, forms.ChoiceField)
        team.choices = team_choices([schema.parse(round.policy_version.document)])
        if len(team.choices) == 1:
            del self.fields["team"]


class LeaveForm(forms.Form):
    member = PersonField(PanelMember.objects.none(), label=gettext_lazy("Who"))
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = round.panel.filter(left_at__isnull=True).select_related("user__department", "round")
        _choose(self, "member", seats)


class AskFactsForm(forms.Form):
    """Departments are asked by mail to check the facts of their initiatives."""

    until = forms.DateField(
        label=gettext_lazy("Answer by"),
        help_text=gettext_lazy("It stands in the mail."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MaxValueValidator(date(2999, 12, 31))],
        initial=lambda: timezone.localdate() + ASKED_WITHIN,
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class FileForm(forms.Form):
    """A CSV file with the columns `username` and `initiative`, and perhaps `reason`."""

    file = forms.FileField(label=gettext_lazy("CSV file"))

    def lines(self) -> list[Line]:
        """Its lines; raises ValidationError where it cannot be read at all."""
        content = self.cleaned_data["file"].read(FILE_LIMIT + 1)
        if len(content) > FILE_LIMIT:
            raise forms.ValidationError(_("The file is too large."))
        try:
            return _lines(content)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("This file is not text in UTF-8. Save it again as UTF-8.")
            ) from error
        except csv.Error as error:
            raise forms.ValidationError(_("The file can’t be read: %(why)s") % {"why": error}) from error


def _lines(content: bytes) -> list[Line]:
    text = content.decode("utf-8-sig")
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.split("\n")[0] else ",")
    if not set(reader.fieldnames or ()) >= COLUMNS:
        raise forms.ValidationError(_("The first line must name the columns username and initiative."))
    found = []
    for row in reader:
        # An apostrophe in front is what an export puts there against formulas.
        values = {key: (value or "").strip() for key, value in row.items() if key and isinstance(value, str)}
        found.append(
            Line(
                reader.line_num,
                values.get("username", "").removeprefix("'"),
                values.get("initiative", "").removeprefix("'"),
                values.get("reason", ""),
            )
        )
    return found


class EarlyForm(forms.Form):
    early = forms.BooleanField(
        label=gettext_lazy("Ask now, although not all first assessments are in"), required=False
    )


class FactsForm(forms.Form):
    """Months and place of an initiative; its cost lines are forms beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    timeframe_months = forms.IntegerField(
        label=gettext_lazy("Months to carry out"), min_value=0, max_value=600, required=False
    )
    whole_city = forms.BooleanField(label=gettext_lazy("The whole city"), required=False)
    districts = SeveralField(
        District.objects.order_by("code"),
        label=gettext_lazy("Districts"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What was wrong, in a few words. The programme’s managers read it."),
        max_length=1000,
        required=False,
    )

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "version": initiative.version,
                "timeframe_months": initiative.timeframe_months,
                "whole_city": initiative.whole_city,
                "districts": [one.pk for one in initiative.districts.all()],
            },
        )
        super().__init__(*args, **kwargs)


def team_choices(policies: list[schema.Policy]) -> list[tuple[str, str]]:
    found = {team.key: localized(dict(team.label)) for policy in policies for team in policy.teams}
    return [("", _("no team")), *found.items()]


def _choose(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def written_csv(rows: list[dict[str, str]]) -> bytes:
    """Who is asked about what, safe for spreadsheets."""
    file = BytesIO()
    heads = [Column(key, key) for key in ("username", "initiative", "team", "origin")]
    write_csv(file, heads, rows, keys=True)
    return file.getvalue()
